"""A column of a decision table, indexed: from an input's value straight to the rows whose cells accept it.

Cells that name constants are looked up by the segment of the value (see `geometry`); cells that depend on other
names are evaluated one by one, and only for rows that all other columns left alive.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.engine.dmn.cells import ANYTHING, cell_set
from app.engine.dmn.evaluation import Evaluation
from app.engine.dmn.geometry import Axis, CellSet, RowsBySegment
from app.engine.feel import UnaryTests
from app.engine.feel.temporal import Date, DaysTimeDuration, YearsMonthsDuration

_INDEXED: dict[str, type] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": Date,
    "days and time duration": DaysTimeDuration,
    "years and months duration": YearsMonthsDuration,
}


MAX_ENTRIES = 400_000
"""Columns that would need a larger index are evaluated cell by cell."""


class Cell:
    """One distinct cell text of a column, and the rows (a bit mask) that have it."""

    __slots__ = ("accepted", "rows", "tests")

    def __init__(self, tests: UnaryTests, rows: int) -> None:
        self.tests = tests
        self.rows = rows
        self.accepted = cell_set(tests)


class ColumnIndex:
    """The rows that a value of one input leaves standing.

    :param cells: the distinct cells of the column; :param free: rows without a condition here.
    """

    def __init__(self, cells: Sequence[Cell], free: int) -> None:
        constant = [cell for cell in cells if cell.accepted is not None]
        self.depending = [cell for cell in cells if cell.accepted is None]
        for cell in self.depending:
            free |= cell.rows
        for cell in constant:
            if cell.accepted is ANYTHING:
                free |= cell.rows
        self.constant = [cell for cell in constant if cell.accepted is not ANYTHING]
        self.free = free
        self._null_rows: int | None = None
        self.kind = self._kind()
        self._type = _INDEXED.get(self.kind)
        self._at_cut: dict[object, int] = {}
        self._by_segment: RowsBySegment | None = None
        self._between: int | None = None
        if self._type is not None:
            self._build()

    def _kind(self) -> str:
        kinds = {cell.accepted.kind for cell in self.constant if cell.accepted is not None and cell.accepted.kind}
        return kinds.pop() if len(kinds) == 1 else ""

    def _build(self) -> None:
        sets: list[tuple[CellSet, int]] = [
            (cell.accepted, cell.rows) for cell in self.constant if cell.accepted is not None
        ]
        axis = Axis(self.kind, [accepted for accepted, _ in sets])
        masks = [(axis.mask(accepted), rows) for accepted, rows in sets]
        if sum(mask.bit_count() for mask, _ in masks) > MAX_ENTRIES:
            self._type = None
            return
        self._by_segment = RowsBySegment(axis, masks, self.free)
        rows = self._by_segment.rows
        self._at_cut = {cut: rows[2 * index + 1] for index, cut in enumerate(axis.cuts)}
        between = set(rows[0 : axis.null_segment : 2])
        self._between = between.pop() if len(between) == 1 else None

    def rows(self, value: object, evaluation: Evaluation) -> int:
        """The rows, as a bit mask, that `value` does not rule out; depending cells count as not ruled out."""
        if not self.constant:
            return self.free
        if type(value) is self._type:
            found = self._at_cut.get(value)
            if found is not None:
                return found
            if self._between is not None:
                return self._between
            assert self._by_segment is not None  # noqa: S101 - built with the type
            return self._by_segment.rows[self._by_segment.axis.segment(value)]
        if value is not None:
            return self._evaluated(value, evaluation)
        if self._null_rows is None:
            self._null_rows = self._evaluated(None, evaluation)
        return self._null_rows

    def _evaluated(self, value: object, evaluation: Evaluation) -> int:
        """The slow way, for null and for values of another kind than the cells."""
        rows = self.free
        for cell in self.constant:
            if cell.tests.matches_within(value, {}, evaluation.run):
                rows |= cell.rows
        return rows
