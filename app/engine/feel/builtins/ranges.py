"""Functions that place points and ranges to each other (DMN 1.5, 10.3.4.7, table 78)."""

from collections.abc import Callable

from app.engine.feel.builtins.standard import STANDARD
from app.engine.feel.comparison import ORDERED, compare
from app.engine.feel.environment import Run
from app.engine.feel.ranges import Range

Relation = Callable[[Range, Range], bool]

_POINT = "|".join(sorted(ORDERED))


class _Unordered(Exception):
    """Two endpoints have no order."""


def _less(left: object, right: object) -> bool:
    answer = compare("<", left, right)
    if answer is None:
        raise _Unordered
    return answer


def _starts_before(one: Range, other: Range, *, or_together: bool) -> bool:
    """Whether `one` begins before `other`, an open start lying behind a closed one at the same place."""
    if one.low is None or other.low is None:
        return one.low is None and (other.low is not None or or_together)
    if _less(one.low, other.low):
        return True
    if _less(other.low, one.low):
        return False
    return (one.low_closed or not other.low_closed) if or_together else one.low_closed and not other.low_closed


def _ends_before(one: Range, other: Range) -> bool:
    """Whether `one` ends before `other` or together with it, an open end lying before a closed one."""
    if one.high is None or other.high is None:
        return other.high is None
    if _less(one.high, other.high):
        return True
    if _less(other.high, one.high):
        return False
    return not one.high_closed or other.high_closed


def _same_start(one: Range, other: Range) -> bool:
    if one.low is None or other.low is None:
        return one.low is other.low
    return one.low_closed == other.low_closed and not _less(one.low, other.low) and not _less(other.low, one.low)


def _same_end(one: Range, other: Range) -> bool:
    if one.high is None or other.high is None:
        return one.high is other.high
    return one.high_closed == other.high_closed and not _less(one.high, other.high) and not _less(other.high, one.high)


def _before(one: Range, other: Range) -> bool:
    if one.high is None or other.low is None:
        return False
    if _less(one.high, other.low):
        return True
    return not _less(other.low, one.high) and not (one.high_closed and other.low_closed)


def _reaches(one: Range, other: Range) -> bool:
    """Whether `one` ends behind the start of `other`, or both hold that point."""
    return not _before(one, other)


def _meets(one: Range, other: Range) -> bool:
    if one.high is None or other.low is None:
        return False
    touch = not _less(one.high, other.low) and not _less(other.low, one.high)
    return touch and one.high_closed and other.low_closed


def _overlaps(one: Range, other: Range) -> bool:
    return _reaches(one, other) and _reaches(other, one)


def _overlaps_before(one: Range, other: Range) -> bool:
    return _starts_before(one, other, or_together=False) and _reaches(one, other) and _ends_before(one, other)


def _finishes(one: Range, other: Range) -> bool:
    return _same_end(one, other) and _starts_before(other, one, or_together=True)


def _includes(one: Range, other: Range) -> bool:
    return _starts_before(one, other, or_together=True) and _ends_before(other, one)


def _starts(one: Range, other: Range) -> bool:
    return _same_start(one, other) and _ends_before(one, other)


def _coincides(one: Range, other: Range) -> bool:
    return _same_start(one, other) and _same_end(one, other)


def _swapped(relation: Relation) -> Relation:
    return lambda one, other: relation(other, one)


def _as_range(value: object) -> Range:
    return value if isinstance(value, Range) else Range(value, value, True, True)


def _check_kinds(one: Range, other: Range) -> None:
    if not (one.is_known and other.is_known):
        raise _Unordered
    ends = [end for end in (one.low, one.high, other.low, other.high) if end is not None]
    for end in ends[1:]:
        _less(ends[0], end)


_SIGNATURES = {
    "points": (f"point1: {_POINT}", f"point2: {_POINT}"),
    "point range": (f"point: {_POINT}", "range: range"),
    "range point": ("range: range", f"point: {_POINT}"),
    "ranges": ("range1: range", "range2: range"),
}


def _register(name: str, relation: Relation, *signatures: str) -> None:
    def related(run: Run, left: object, right: object) -> bool | None:
        one, other = _as_range(left), _as_range(right)
        try:
            _check_kinds(one, other)
            return relation(one, other)
        except _Unordered:
            return None

    for signature in signatures:
        STANDARD.function(name, *_SIGNATURES[signature], pure=True)(related)


_register("before", _before, "points", "point range", "range point", "ranges")
_register("after", _swapped(_before), "points", "point range", "range point", "ranges")
_register("meets", _meets, "ranges")
_register("met by", _swapped(_meets), "ranges")
_register("overlaps", _overlaps, "ranges")
_register("overlaps before", _overlaps_before, "ranges")
_register("overlaps after", _swapped(_overlaps_before), "ranges")
_register("finishes", _finishes, "point range", "ranges")
_register("finished by", _swapped(_finishes), "range point", "ranges")
_register("includes", _includes, "range point", "ranges")
_register("during", _swapped(_includes), "point range", "ranges")
_register("starts", _starts, "point range", "ranges")
_register("started by", _swapped(_starts), "range point", "ranges")
_register("coincides", _coincides, "points", "ranges")
