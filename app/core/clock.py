"""The only place that reads the clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_shift = timedelta(0)
_frozen: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    if _frozen is not None:
        return _frozen
    return datetime.now(UTC) + _shift


@contextmanager
def freeze(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` (aware). For tests and simulations."""
    global _frozen
    before = _frozen
    _frozen = at.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before


def advance(delta: timedelta) -> None:
    """Move a frozen clock, or shift the running one, by `delta`."""
    global _frozen, _shift
    if _frozen is not None:
        _frozen += delta
    else:
        _shift += delta
