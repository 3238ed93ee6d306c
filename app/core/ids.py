"""Time-ordered 64-bit ids, made without asking the database."""

import os
import secrets
import threading
from datetime import datetime
from pathlib import Path

from flask import Flask

from app.core import clock
from app.core.nodes import let_go, take_node

_EPOCH_MS = 1_704_067_200_000  # 2024-01-01 UTC
_NODE_BITS = 10
_SEQUENCE_BITS = 12
ID_BITS = _NODE_BITS + _SEQUENCE_BITS
"""The part of an id below its milliseconds."""
_SEQUENCE_MASK = (1 << _SEQUENCE_BITS) - 1


class IdMaker:
    """41 bits of milliseconds, 10 of the process's node, 12 of a sequence; strictly rising within a process."""

    def __init__(self, node: int) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._last_ms = 0
        self._sequence = 0

    def __call__(self) -> int:
        ms = int(clock.now().timestamp() * 1000) - _EPOCH_MS
        with self._lock:
            if ms > self._last_ms:
                self._last_ms = ms
                self._sequence = 0
            else:
                self._sequence = (self._sequence + 1) & _SEQUENCE_MASK
                if self._sequence == 0:
                    self._last_ms += 1
            ms = self._last_ms
            sequence = self._sequence
        return (ms << ID_BITS) | (self._node << _SEQUENCE_BITS) | sequence


def first_id(at: datetime) -> int:
    """The lowest id of a moment; whatever is made before it has a lower one."""
    return max(int(at.timestamp() * 1000) - _EPOCH_MS, 1) << ID_BITS


_folder: Path | None = None
"""Where the processes on the same data tell their nodes apart."""


def _new_node() -> int:
    return take_node(_folder, 1 << _NODE_BITS) if _folder else secrets.randbits(_NODE_BITS)


new_id = IdMaker(_new_node())


def init_app(app: Flask) -> None:
    """From here on this process makes ids under a node that no other process on the same data has."""
    global _folder
    folder = Path(app.config["VAR"]) / "nodes"
    if folder != _folder:
        _folder = folder
        new_id._node = _new_node()


def _after_fork() -> None:
    """A child counts under a node of its own; the lock may have been held by a thread that the child does not have."""
    let_go()
    new_id._node = _new_node()
    new_id._lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
