"""Equality, order and membership (DMN 1.5, 10.3.2.2 and 10.3.2.15, tables 52 to 55)."""

from collections.abc import Mapping
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from app.engine.feel.environment import Run
from app.engine.feel.ranges import Range
from app.engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from app.engine.feel.values import as_list, kind, native

ORDERED = frozenset(
    {
        "number",
        "string",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    }
)
OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge}
_SCALARS = frozenset({Decimal, str, bool, Date, Time, DateTime, DaysTimeDuration, YearsMonthsDuration})


def equal(left: object, right: object, run: Run) -> bool | None:
    """Whether two values are the same; null when their kinds cannot be compared."""
    kind_left = type(left)
    if kind_left is type(right) and kind_left in _SCALARS:
        return left == right
    if left is None or right is None:
        return left is right
    left, right = native(left), native(right)
    name = kind(left)
    if name != kind(right):
        return None
    match name:
        case "list":
            return _equal_lists(as_list(left), as_list(right), run)
        case "context":
            return _equal_contexts(left, right, run)
        case "range":
            return _equal_ranges(left, right, run)
        case "function":
            return left is right
    return left == right


def _equal_lists(left: list[object], right: list[object], run: Run) -> bool:
    run.charge(1)
    if len(left) != len(right):
        return False
    for one, other in zip(left, right, strict=True):
        run.charge(1)
        if equal(one, other, run) is not True:
            return False
    return True


def _equal_contexts(left: object, right: object, run: Run) -> bool:
    assert isinstance(left, Mapping)  # noqa: S101 - told by kind()
    assert isinstance(right, Mapping)  # noqa: S101 - told by kind()
    run.charge(1)
    if left.keys() != right.keys():
        return False
    for key in left:
        run.charge(1)
        if equal(left[key], right[key], run) is not True:
            return False
    return True


def _equal_ranges(left: object, right: object, run: Run) -> bool:
    assert isinstance(left, Range)  # noqa: S101 - told by kind()
    assert isinstance(right, Range)  # noqa: S101 - told by kind()
    return (
        left.operator == right.operator
        and left.low_closed == right.low_closed
        and left.high_closed == right.high_closed
        and equal(left.low, right.low, run) is True
        and equal(left.high, right.high, run) is True
    )


def compare(operator: str, left: Any, right: Any) -> bool | None:
    """`left operator right` for `<`, `<=`, `>`, `>=`; null when the two have no order."""
    if type(left) is not type(right):
        left, right = native(left), native(right)
        if type(left) is not type(right):
            return None
    if kind(left) not in ORDERED:
        return None
    answer: bool = OPERATORS[operator](left, right)
    return answer


def contains(range_: Range, value: object) -> bool | None:
    """Whether the range holds the value; null when they have no order or an end of the range is null."""
    if not range_.is_known:
        return None
    if range_.low is not None:
        above = compare(">=" if range_.low_closed else ">", value, range_.low)
        if above is not True:
            return above
    if range_.high is not None:
        return compare("<=" if range_.high_closed else "<", value, range_.high)
    return True


def matches(value: object, test: object, run: Run) -> bool | None:
    """`value in test` for a test that is a value already: a range holds it, a list contains it, else equality."""
    if type(test) is Range:
        if type(value) is Range:
            return equal(value, test, run)
        return contains(test, value)
    if kind(test) != "list":
        return equal(value, test, run) is True
    items = as_list(test)
    if kind(value) == "list" and equal(value, items, run) is True:
        return True
    for item in items:
        run.charge(1)
        if isinstance(item, Range) and not isinstance(value, Range):
            found = contains(item, value)
        else:
            found = equal(value, item, run)
        if found is True:
            return True
    return False
