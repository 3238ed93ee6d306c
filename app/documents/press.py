"""Prints documents in guarded children that live on from one document to the next."""

import contextlib
import json
import os
import queue
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from app.documents.errors import DocumentBroken, FontsMissing

FONTS = Path(__file__).parent / "fonts"
SECONDS = 5.0
START_SECONDS = 60.0
MOST_BYTES = 20 * 1024 * 1024
MOST_PAGES = 500
MOST_SOURCE = 1_000_000
MAIN = "main.typ"
_ROOT = Path(__file__).parents[2]
# Each thread reserves address space, which the child may not have much of, however many cores there are.
_FEW_THREADS = {"RAYON_NUM_THREADS": "2", "MALLOC_ARENA_MAX": "2"}


class Printed(NamedTuple):
    pdf: bytes
    pages: int


class Press:
    """At most `size` children, started when needed; one that takes too long or dies is replaced."""

    def __init__(self, size: int = 1, *, seconds: float = SECONDS, fonts: Path = FONTS) -> None:
        self._seconds = seconds
        self._fonts = fonts
        self._slots: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _slot in range(size):
            self._slots.put(None)

    def print(
        self, source: str, data: Mapping[str, Any], *, name: str = "", beside: Mapping[str, str] | None = None
    ) -> Printed:
        """The PDF/A-2b of a typst text, to which `data` is `sys.inputs.data`, as JSON.

        `beside` holds the texts that it may import by their file name. It sees no file, no package and no network.
        Raises DocumentBroken, which names the place of a slip, for whatever cannot be printed within the limits
        (5 s, 20 MB, 500 pages), and FontsMissing.
        """
        files = {**(beside or {}), MAIN: source}
        if sum(map(len, files.values())) > MOST_SOURCE:
            raise DocumentBroken(name=name, reason="the template is too long", where="")
        head = {"do": "print", "data": json.dumps(data, ensure_ascii=False)}
        answer, pdf = self._ask(head, json.dumps(files).encode(), name)
        pages = int(str(answer["pages"]))
        if len(pdf) > MOST_BYTES or pages > MOST_PAGES:
            raise DocumentBroken(name=name, reason=f"too large: {pages} pages, {len(pdf)} bytes", where="")
        return Printed(pdf, pages)

    def pages(self, pdf: bytes, *, name: str = "") -> int:
        """How many pages a PDF has that somebody sent. Raises DocumentBroken."""
        answer, _body = self._ask({"do": "pages"}, pdf, name)
        return int(str(answer["pages"]))

    def close(self) -> None:
        """Stop the children; the press may be used again."""
        children = []
        with contextlib.suppress(queue.Empty):
            while True:
                children.append(self._slots.get_nowait())
        for child in children:
            if child is not None:
                child.kill()
            self._slots.put(None)

    def _ask(self, head: Mapping[str, str], body: bytes, name: str) -> tuple[dict[str, object], bytes]:
        child = self._slots.get()
        try:
            if child is None or not child.is_alive():
                child = _Child(self._font_folder())
            answer, content = child.ask(head, body, self._seconds)
        except _NoAnswerError as error:
            if child is not None:
                child.kill()
            child = None
            raise DocumentBroken(name=name, reason=str(error), where="") from error
        finally:
            self._slots.put(child)
        if "error" in answer:
            raise DocumentBroken(name=name, reason=str(answer["error"]), where=str(answer.get("where", "")))
        return answer, content

    def _font_folder(self) -> Path:
        if not any(self._fonts.glob("*.ttf")):
            raise FontsMissing
        return self._fonts


class _NoAnswerError(Exception):
    pass


class _Child:
    def __init__(self, fonts: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module, fixed arguments
            [sys.executable, "-m", "app.documents.press_child", str(fonts)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env={"PATH": os.defpath, "PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8", **_FEW_THREADS},
            bufsize=0,
        )
        assert self._process.stdin is not None  # noqa: S101 - opened two lines above
        assert self._process.stdout is not None  # noqa: S101
        self._out, self._in = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        try:
            self._receive(time.monotonic() + START_SECONDS)
        except _NoAnswerError as error:
            self.kill()
            raise _NoAnswerError("the press did not start") from error

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def ask(self, head: Mapping[str, str], body: bytes, seconds: float) -> tuple[dict[str, object], bytes]:
        encoded = json.dumps(head).encode()
        message = len(encoded).to_bytes(4, "big") + len(body).to_bytes(4, "big") + encoded + body
        deadline = time.monotonic() + seconds
        writer = threading.Thread(target=self._send, args=(message,), daemon=True)
        writer.start()
        return self._receive(deadline)

    def _send(self, message: bytes) -> None:
        left = memoryview(message)
        with contextlib.suppress(OSError):
            while left:
                left = left[os.write(self._out, left) :]

    def _receive(self, deadline: float) -> tuple[dict[str, object], bytes]:
        sizes = self._exactly(8, deadline)
        head = self._exactly(int.from_bytes(sizes[:4], "big"), deadline)
        body = self._exactly(int.from_bytes(sizes[4:], "big"), deadline)
        return json.loads(head), body

    def _exactly(self, count: int, deadline: float) -> bytes:
        parts = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._in, selectors.EVENT_READ)
            while len(parts) < count:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise _NoAnswerError("it took too long and was stopped")
                chunk = os.read(self._in, min(count - len(parts), 1 << 20))
                if not chunk:
                    raise _NoAnswerError("it asked for more memory or time than a document may have")
                parts += chunk
        return bytes(parts)


_press: Press | None = None


def press() -> Press:
    """The press of this process."""
    global _press
    if _press is None:
        _press = Press()
    return _press


def _after_fork() -> None:
    global _press
    _press = None


os.register_at_fork(after_in_child=_after_fork)
