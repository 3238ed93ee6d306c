"""The folder of bytes: each content once, under its SHA-256, in two levels of folders."""

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{64}")


class Store:
    """Files below `root`, written whole or not at all, never changed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        if not _HASH.fullmatch(digest):
            raise ValueError(f"{digest!r} is no SHA-256")
        return self.root / digest[:2] / digest[2:4] / digest

    def put(self, content: bytes, *, on_disk: bool = True) -> str:
        """Keep `content` and return its hash. What is there already is only touched, so that no sweep takes it.

        Without `on_disk` nobody waits for the disk: for very many at once, whose writer syncs them all at the end.
        """
        digest = hashlib.sha256(content).hexdigest()
        place = self.path(digest)
        with contextlib.suppress(FileNotFoundError):
            if place.stat().st_size == len(content):
                os.utime(place)
                return digest
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, unfinished = tempfile.mkstemp(dir=place.parent, prefix=".part-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                if on_disk:
                    os.fsync(file.fileno())
            Path(unfinished).replace(place)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        return digest

    def read(self, digest: str) -> bytes:
        """The bytes under `digest`. Raises FileNotFoundError."""
        return self.path(digest).read_bytes()

    def is_whole(self, digest: str) -> bool:
        """Whether the bytes are there and still have their hash."""
        try:
            with self.path(digest).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == digest
        except FileNotFoundError:
            return False

    def hashes(self) -> Iterator[str]:
        """Everything that is stored."""
        for path in self.root.glob("??/??/*"):
            if _HASH.fullmatch(path.name):
                yield path.name

    def remove_older(self, digest: str, before: datetime) -> bool:
        """Remove the bytes unless they were put, or put again, after `before`."""
        place = self.path(digest)
        with contextlib.suppress(FileNotFoundError):
            if place.stat().st_mtime < before.timestamp():
                place.unlink()
                return True
        return False
