"""A number of one's own for each process that works on the same data, so that no two of them make the same id."""

import fcntl
import os
import secrets
from pathlib import Path

_held: int | None = None
"""The open lock of this process's number: it ends with the process, however that ends."""


def take_node(folder: Path, count: int) -> int:
    """A number below `count` that no other living process has taken in this folder.

    Who shares the database shares the folder of its data. If all numbers are taken the answer is a random one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    first = secrets.randbelow(count)
    for tried in range(count):
        node = (first + tried) % count
        if _lock(folder / f"{node}.lock"):
            return node
    return first


def _lock(path: Path) -> bool:
    global _held
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return False
    let_go()
    _held = lock
    return True


def let_go() -> None:
    """Close the lock; a forked child closes its copy of the parent's, which stays locked."""
    global _held
    if _held is not None:
        os.close(_held)
        _held = None
