"""Pages cut by key: a cursor holds the sort values of the last row that was shown."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import orjson

Row = TypeVar("Row")

COUNT_LIMIT = 1000
LARGEST_ID = (1 << 63) - 1


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


def decode_cursor(cursor: str | None, *readers: Callable[[Any], Any]) -> list[Any] | None:
    """The values of a cursor, each read by its reader; None when there is none or it is not one of ours."""
    if not cursor:
        return None
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(readers):
            return None
        return [read(value) for read, value in zip(readers, values, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError):
        return None


def record_id(value: Any) -> int:
    """An id from a cursor; ValueError for what no id can be."""
    number = int(value)
    if not 0 <= number <= LARGEST_ID:
        raise ValueError("no id")
    return number


def aware_moment(value: Any) -> datetime:
    """A moment from a cursor; ValueError without a zone."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment.astimezone(UTC)
