"""Whether the worker that does this work was asked to stop: work of many pieces looks between two of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_asked: ContextVar[Callable[[], bool] | None] = ContextVar("asked_to_stop", default=None)


@contextmanager
def stopped_by(asked: Callable[[], bool]) -> Iterator[None]:
    """While this lasts `asked_to_stop` asks `asked`."""
    token = _asked.set(asked)
    try:
        yield
    finally:
        _asked.reset(token)


def asked_to_stop() -> bool:
    """Whether no new piece should be begun; what was claimed for it is given back."""
    asked = _asked.get()
    return asked is not None and asked()
