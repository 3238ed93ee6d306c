"""Guarded children: processes that read what strangers send, with little memory, little time, no file and no socket."""

import contextlib
import json
import os
import queue
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

START_SECONDS = 60.0
_ROOT = Path(__file__).parents[2]
# Each thread reserves address space, which the child may not have much of, however many cores there are.
_FEW_THREADS = {"RAYON_NUM_THREADS": "2", "MALLOC_ARENA_MAX": "2"}


class NoAnswer(Exception):
    """A child took too long, or asked for more than it may have."""


class Children:
    """At most `size` children, started when needed; one that takes too long or dies is replaced.

    `fonts` is the folder that a child reads before its doors are shut.
    """

    def __init__(self, size: int, *, seconds: float, fonts: Callable[[], Path]) -> None:
        self._seconds = seconds
        self._fonts = fonts
        self._slots: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _slot in range(size):
            self._slots.put(None)

    def ask(self, head: Mapping[str, str], body: bytes) -> tuple[dict[str, object], bytes]:
        """What a child answers. Raises NoAnswer; an answer with `error` is the child's own word."""
        child = self._slots.get()
        try:
            if child is None or not child.is_alive():
                child = _Child(self._fonts())
            return child.ask(head, body, self._seconds)
        except NoAnswer:
            if child is not None:
                child.kill()
            child = None
            raise
        finally:
            self._slots.put(child)

    def close(self) -> None:
        """Stop the children; they are started again when they are needed."""
        children = []
        with contextlib.suppress(queue.Empty):
            while True:
                children.append(self._slots.get_nowait())
        for child in children:
            if child is not None:
                child.kill()
            self._slots.put(None)


class _Child:
    def __init__(self, fonts: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module, fixed arguments
            [sys.executable, "-m", "app.files.guarded_child", str(fonts)],
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
        except NoAnswer as error:
            self.kill()
            raise NoAnswer("the press did not start") from error

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
                    raise NoAnswer("it took too long and was stopped")
                chunk = os.read(self._in, min(count - len(parts), 1 << 20))
                if not chunk:
                    raise NoAnswer("it asked for more memory or time than a document may have")
                parts += chunk
        return bytes(parts)
