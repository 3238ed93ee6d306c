"""Cells of a table read as sets of values (DMN 1.5, 8.3.3 and rules 7 to 18 of FEEL), where they name constants."""

from __future__ import annotations

from app.engine.dmn.geometry import CellSet, Interval
from app.engine.feel import UnaryTests
from app.engine.feel.expression import Test
from app.engine.feel.ranges import Range
from app.engine.feel.syntax import Comparison, Literal, Name, Node
from app.engine.feel.values import kind

ANYTHING = CellSet("", (), negated=True)
"""What an empty cell or `-` accepts."""

ORDERED_KINDS = frozenset(
    {"number", "string", "date", "time", "date and time", "days and time duration", "years and months duration"}
)
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class NotConstantError(Exception):
    """The cell depends on more than its own text."""


def cell_set(tests: UnaryTests) -> CellSet | None:
    """The set that a cell accepts, or None when only evaluation can tell."""
    if tests.is_any:
        return ANYTHING
    try:
        parts = [_part(test, node) for test, node in zip(tests.tests, tests.tree.tests, strict=True)]
        if len(parts) == 1 and parts[0].negated:
            return None if tests.negated else parts[0]
        together = _union(parts)
    except NotConstantError:
        return None
    return CellSet(together.kind, together.intervals, together.null, tests.negated)


def _part(test: Test, node: Node) -> CellSet:
    if test.operator == "in":
        return _within(test.value)
    if test.operator:
        return _compared(test.operator, test.value)
    if isinstance(node, Comparison):
        if _is_input(node.left) and isinstance(node.right, Literal):
            return _compared(node.operator, node.right.value)
        if _is_input(node.right) and isinstance(node.left, Literal):
            return _compared(_MIRRORED[node.operator], node.left.value)
    raise NotConstantError


def _is_input(node: Node) -> bool:
    return isinstance(node, Name) and node.name == "?"


def _within(value: object) -> CellSet:
    if isinstance(value, Range):
        if not value.is_known:
            raise NotConstantError
        kinds = {kind(end) for end in (value.low, value.high) if end is not None}
        if len(kinds) != 1 or not kinds <= ORDERED_KINDS:
            raise NotConstantError
        return CellSet(kinds.pop(), (Interval(value.low, value.low_closed, value.high, value.high_closed),))
    if isinstance(value, list):
        return _union([_within(item) if isinstance(item, Range) else _compared("=", item) for item in value])
    raise NotConstantError


def _union(parts: list[CellSet]) -> CellSet:
    kinds = {part.kind for part in parts if part.kind}
    if not parts or len(kinds) > 1 or any(part.negated for part in parts):
        raise NotConstantError
    intervals = tuple(interval for part in parts for interval in part.intervals)
    return CellSet(next(iter(kinds), ""), intervals, any(part.null for part in parts))


def _compared(operator: str, value: object) -> CellSet:
    if value is None:
        if operator in ("=", "!="):
            return CellSet("", (), null=True, negated=operator == "!=")
        raise NotConstantError
    name = kind(value)
    if operator in ("=", "!=") and (name in ORDERED_KINDS or name == "boolean"):
        return CellSet(name, (Interval.point(value),), negated=operator == "!=")
    if name not in ORDERED_KINDS:
        raise NotConstantError
    match operator:
        case "<" | "<=":
            return CellSet(name, (Interval(high=value, high_closed=operator == "<="),))
        case ">" | ">=":
            return CellSet(name, (Interval(low=value, low_closed=operator == ">="),))
    raise NotConstantError
