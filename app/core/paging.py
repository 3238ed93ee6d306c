"""Pages cut by key: a cursor holds the sort values of the last row that was shown."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

Row = TypeVar("Row")

COUNT_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page and the cursor of the next, None on the last."""

    rows: Sequence[Row]
    next_cursor: str | None


def cut(rows: Sequence[Row], size: int, key: Callable[[Row], Sequence[Any]]) -> Page[Row]:
    """A page of `size` from `rows`, which were asked for with one more than that."""
    if len(rows) <= size:
        return Page(rows, None)
    return Page(rows[:size], encode_cursor(key(rows[size - 1])))


def encode_cursor(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


def decode_cursor(cursor: str | None, length: int) -> list[Any] | None:
    """The values of a cursor; None when there is none or it is not one of ours."""
    if not cursor:
        return None
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        return None
    return values if isinstance(values, list) and len(values) == length else None
