"""Events inside one transaction: a lower room tells, an upper room listens; the list stands in `app.factory`."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

Event = TypeVar("Event")

_handlers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event_type: type[Event], handler: Callable[[Event], None]) -> None:
    """Call `handler` for each event of exactly this type, in order of subscription; once per handler."""
    if handler not in _handlers[event_type]:
        _handlers[event_type].append(handler)


def publish(event: object) -> None:
    """Run every handler now, in the caller's transaction. A failing handler fails the whole."""
    for handler in _handlers[type(event)]:
        handler(event)
