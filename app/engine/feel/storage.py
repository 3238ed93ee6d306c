"""Values of FEEL as JSON: plain for the outside, tagged for storage so that types come back exactly."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.engine.feel.errors import FeelError
from app.engine.feel.ranges import Range
from app.engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from app.engine.feel.temporal_text import format_temporal, parse_temporal
from app.engine.feel.values import as_list, kind, native, parse_number

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_TEMPORAL = (Date, Time, DateTime, DaysTimeDuration, YearsMonthsDuration)
_MAX_DEPTH = 100
_MAX_VALUES = 200_000
_SAFE_INTEGER = 2**53


def to_json(value: object) -> Json:
    """The value as plain JSON for people and other systems.

    Numbers become int or float, or text where neither is exact; dates, times and durations ISO text; ranges their
    FEEL text's parts; a function null. Raises FeelError for a value too deep or too large.
    """
    return _Writer(_plain).write(value, 0)


def dump(value: object) -> Json:
    """The value as JSON that `load` turns back into the same value: number, date, time and duration types are kept.

    Numbers and temporal values are `{"$n": text}`, `{"$t": text}`, except whole numbers that JSON keeps exactly.
    Raises FeelError for a function, and for a value too deep or too large.
    """
    return _Writer(_tagged).write(value, 0)


def from_json(value: object) -> object:
    """JSON from the outside as FEEL values: numbers become decimals, text stays text."""
    if isinstance(value, Mapping):
        return {str(key): from_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [from_json(item) for item in value]
    return native(value)


def load(value: object) -> object:
    """The value that `dump` wrote."""
    if isinstance(value, dict):
        if len(value) == 1:
            ((key, content),) = value.items()
            match key:
                case "$n":
                    return parse_number(content)
                case "$t":
                    return parse_temporal(content)
                case "$r":
                    low, high, low_closed, high_closed, operator = content
                    return Range(load(low), load(high), low_closed, high_closed, operator)
                case "$c":
                    return {name: load(item) for name, item in content.items()}
        return {name: load(item) for name, item in value.items()}
    if isinstance(value, list):
        return [load(item) for item in value]
    return native(value)


class _Writer:
    """Walks a value, counting what it writes, so that shared parts cannot blow up."""

    def __init__(self, scalar: Any) -> None:
        self._scalar = scalar
        self._tags = scalar is _tagged
        self._left = _MAX_VALUES

    def write(self, value: object, depth: int) -> Json:
        self._left -= 1
        if depth > _MAX_DEPTH or self._left < 0:
            raise FeelError("feel_value_too_large")
        value = native(value)
        match kind(value):
            case "list":
                return [self.write(item, depth + 1) for item in as_list(value)]
            case "context":
                assert isinstance(value, Mapping)  # noqa: S101 - told by kind()
                content = {str(name): self.write(item, depth + 1) for name, item in value.items()}
                looks_tagged = self._tags and len(content) == 1 and next(iter(content)).startswith("$")
                return {"$c": content} if looks_tagged else content
            case "range":
                assert isinstance(value, Range)  # noqa: S101 - told by kind()
                low, high = self.write(value.low, depth + 1), self.write(value.high, depth + 1)
                if self._tags:
                    return {"$r": [low, high, value.low_closed, value.high_closed, value.operator]}
                return {
                    "start": low,
                    "end": high,
                    "start included": value.low_closed,
                    "end included": value.high_closed,
                }
        written: Json = self._scalar(value)
        return written


def _plain(value: object) -> Json:
    if isinstance(value, _TEMPORAL):
        return format_temporal(value)
    if isinstance(value, Decimal):
        whole = _exact_integer(value)
        if whole is not None:
            return whole
        approximate = float(value)
        return approximate if Decimal(repr(approximate)) == value else str(value)
    if value is None or isinstance(value, bool | str):
        return value
    return None


def _tagged(value: object) -> Json:
    if isinstance(value, _TEMPORAL):
        return {"$t": format_temporal(value)}
    if isinstance(value, Decimal):
        whole = _exact_integer(value)
        return whole if whole is not None and value.as_tuple().exponent == 0 else {"$n": str(value)}
    if value is None or isinstance(value, bool | str):
        return value
    raise FeelError("feel_value_not_storable", kind=kind(value))


def _exact_integer(value: Decimal) -> int | None:
    if value.adjusted() > 15 or value != value.to_integral_value():
        return None
    whole = int(value)
    return whole if abs(whole) <= _SAFE_INTEGER else None
