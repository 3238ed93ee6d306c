"""Packages as ZIP: the folders of the repository, byte for byte the same for the same content; read with suspicion."""

import hashlib
import io
import stat
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.audit.services import Actor
from app.authoring import queries, services
from app.authoring.errors import ArchiveRefused, NameRefused, PathRefused
from app.authoring.rules import checked_import, checked_path, plain_name
from app.engine.words import sentence
from app.files.rules import has_a_short_directory

LIMIT = 20 * 1024 * 1024
UNPACKED_LIMIT = 60 * 1024 * 1024
MOST_FILES = 3_000
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_PARTS = ("processes", "forms", "documents")
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """What became drafts, and how many files of the package the archive does not name."""

    package: str
    drafted: Sequence[str]
    stay: int


def pack(package: str, files: Mapping[str, bytes]) -> bytes:
    """`processes/<package>/…`, `forms/<package>/…`, `documents/<package>/…` in order, without times."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in sorted(files.items()):
            part, _slash, rest = path.partition("/")
            entry = zipfile.ZipInfo(f"{part}/{package}/{rest}", _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, content, compresslevel=9)
    return out.getvalue()


def unpack(data: bytes, language: str = "zh") -> tuple[str, dict[str, bytes]]:
    """The package's name and its files under inner paths. Raises ArchiveRefused, PathRefused and file refusals."""
    if len(data) > LIMIT:
        raise _refused(language, "archive_too_large", limit_mb=LIMIT // (1024 * 1024))
    if not has_a_short_directory(data):
        raise _refused(language, "archive_broken")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise _refused(language, "archive_broken") from None
    with archive:
        entries = [one for one in archive.infolist() if one.filename and not one.is_dir()]
        if len(entries) > MOST_FILES:
            raise _refused(language, "archive_too_many", limit=MOST_FILES)
        files: dict[str, bytes] = {}
        names: set[str] = set()
        total = 0
        for entry in entries:
            place = _place(entry, language)
            if place is None:
                continue
            package, path = place
            content = _read(archive, entry, UNPACKED_LIMIT - total, language)
            total += len(content)
            if path in files:
                raise _refused(language, "archive_twice", file=path)
            names.add(package)
            files[path] = checked_import(path, content, language)
    if not files:
        raise _refused(language, "archive_empty")
    if len(names) > 1:
        raise _refused(language, "archive_several", packages=", ".join(sorted(names)))
    return names.pop(), files


def _place(entry: zipfile.ZipInfo, language: str) -> tuple[str, str] | None:
    """(package, inner path) of an entry; None for what is no part of a package, such as a README beside the folders."""
    name = entry.filename
    mode = entry.external_attr >> 16
    if entry.flag_bits & 0x1 or (mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode)):
        raise _refused(language, "archive_entry", file=name[:120])
    if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
        raise _refused(language, "archive_entry", file=name[:120])
    parts = name.split("/")
    at = next((position for position, part in enumerate(parts[:2]) if part in _PARTS), None)
    if at is None or len(parts) < at + 3:
        return None
    try:
        return plain_name(parts[at + 1]), checked_path("/".join([parts[at], *parts[at + 2 :]]))
    except (NameRefused, PathRefused):
        raise _refused(language, "archive_entry", file=name[:120]) from None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, language: str) -> bytes:
    """The bytes of an entry, never more than `left`: what the archive says of sizes is not believed."""
    content = bytearray()
    try:
        with archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                content += chunk
                if len(content) > left:
                    raise _refused(language, "archive_bomb", limit_mb=UNPACKED_LIMIT // (1024 * 1024))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise _refused(language, "archive_broken") from error
    return bytes(content)


def bring_in(
    county_id: int, package: str, files: Mapping[str, bytes], *, actor: Actor, now: datetime, exact: bool = False
) -> BroughtIn:
    """Make drafts of the files that differ from the package as it is drafted; nothing is overwritten for good.

    `exact` also drafts the removal of files that `files` does not name.
    """
    held = queries.draft_contents(county_id, package)
    absent = held.files.keys() - files.keys()
    drafted = []
    for path, content in sorted(files.items()):
        if held.hashes.get(path) != hashlib.sha256(content).hexdigest():
            services.add_file(county_id, package, path, content, actor=actor, now=now, replace=True)
            drafted.append(path)
    if exact:
        for path in sorted(absent):
            services.draft_removal(county_id, package, path, actor=actor, now=now)
            drafted.append(path)
    return BroughtIn(package, drafted, 0 if exact else len(absent))


def _refused(language: str, code: str, **params: object) -> ArchiveRefused:
    return ArchiveRefused(reason=sentence(code, params, language))
