"""Time-ordered 64-bit ids, made without asking the database."""

import os
import secrets
import threading

from app.core import clock

_EPOCH_MS = 1_704_067_200_000  # 2024-01-01 UTC
_NODE_BITS = 10
_SEQUENCE_BITS = 12
_SEQUENCE_MASK = (1 << _SEQUENCE_BITS) - 1


class IdMaker:
    """41 bits of milliseconds, 10 of a random node, 12 of a sequence; strictly rising within a process."""

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
        return (ms << (_NODE_BITS + _SEQUENCE_BITS)) | (self._node << _SEQUENCE_BITS) | sequence


def _random_node() -> int:
    return secrets.randbits(_NODE_BITS)


new_id = IdMaker(_random_node())


def _after_fork() -> None:
    """A child counts under a node of its own; the lock may have been held by a thread that the child does not have."""
    new_id._node = _random_node()
    new_id._lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
