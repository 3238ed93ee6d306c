"""The check of one decision table by geometry: rows that overlap, contradict or never hit, and gaps.

Exact for cells that name constants. Cells that only evaluation can decide are taken as open, and what depends on
them is reported as not decided; so is what would need more boxes than the budget allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.engine.dmn.cells import ANYTHING, cell_set
from app.engine.dmn.decision_tables import Column, CompiledTable
from app.engine.dmn.description import Words
from app.engine.dmn.errors import numbers
from app.engine.dmn.geometry import Axis, Between, Budget, CellSet, Interval, OutOfBudget, RowsBySegment, Space, bits
from app.engine.dmn.metamodel import HitPolicy, Place
from app.engine.dmn.name_types import NameType, kind_of_type
from app.engine.dmn.table_outputs import Outputs
from app.engine.dmn.trace import InputTrace
from app.engine.feel import native
from app.engine.findings import Severity

MAX_BOXES = 20_000
MAX_WORK = 3_000_000
"""Segments that the cells of a table may cover in sum; a larger table is not laid out."""
MAX_EXAMPLES = 20

Remark = tuple[Severity, str, Place, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Dimension:
    """The columns that read the same expression: one axis."""

    columns: tuple[Column, ...]
    axis: Axis


class TableCheck:
    """One table laid out in space. `remarks` gives everything that can be said about its rows."""

    def __init__(self, table: CompiledTable, dictionary: Mapping[str, NameType] | None) -> None:
        self.table = table
        self.rows = len(table.table.rules)
        self.dictionary = dictionary or {}
        self.uncertain = table.broken_rows
        self.dimensions = self._dimensions()
        self.boxes: list[list[int | None]] = [[None] * len(self.dimensions) for _ in range(self.rows)]
        self.work = 0
        masks = [self._lay_out(number, dimension) for number, dimension in enumerate(self.dimensions)]
        self.too_large = self.work > MAX_WORK
        by_segment = (
            []
            if self.too_large
            else [
                RowsBySegment(dimension.axis, rows, free)
                for dimension, (rows, free) in zip(self.dimensions, masks, strict=True)
            ]
        )
        self.space = Space(by_segment, self.boxes)
        self.outputs = Outputs(table)

    # -- laying out

    def _dimensions(self) -> list[Dimension]:
        grouped: dict[str, list[Column]] = {}
        for column in self.table.columns:
            text = column.clause.expression.text
            if text:
                grouped.setdefault(text, []).append(column)
        return [Dimension(tuple(columns), self._axis(columns)) for columns in grouped.values()]

    def _axis(self, columns: Sequence[Column]) -> Axis:
        sets = [
            accepted
            for column in columns
            for cell in column.cells
            if (accepted := cell.accepted) is not None and accepted.kind
        ]
        kind = self.expected_kind(columns[0])
        if not kind and sets:
            kind = sets[0].kind
        allowed = self.allowed(columns[0])
        if allowed is not None and allowed.kind != kind:
            allowed = None
        nulls = [
            accepted
            for column in columns
            for cell in column.cells
            if (accepted := cell.accepted) is not None and accepted.null and not accepted.kind
        ]
        return Axis(kind, [*(accepted for accepted in sets if accepted.kind == kind), *nulls], allowed)

    def expected_kind(self, column: Column) -> str:
        """The kind of value that a column's input has, as far as it is declared; "" if not."""
        return kind_of_type(column.type) or (
            self.dictionary[column.name].kind if column.name in self.dictionary else ""
        )

    def allowed(self, column: Column) -> CellSet | None:
        """The declared values of an input: its own list, its type's, or the dictionary's."""
        if column.allowed is not None:
            found = cell_set(column.allowed)
            return None if found is ANYTHING else found
        declared = self.dictionary.get(column.name)
        if declared is None or not declared.allowed:
            return None
        return CellSet(declared.kind, tuple(Interval.point(native(value)) for value in declared.allowed))

    def _lay_out(self, number: int, dimension: Dimension) -> tuple[list[tuple[int, int]], int]:
        """Fill one axis of the boxes; returns pairs of segment mask and rows, and the rows without a condition."""
        axis, boxes = dimension.axis, self.boxes
        for column in dimension.columns:
            for cell in column.cells:
                accepted = cell.accepted
                if accepted is ANYTHING:
                    continue
                if accepted is None or (accepted.kind and accepted.kind != axis.kind):
                    self.uncertain |= cell.rows
                    continue
                mask = axis.mask(accepted)
                for row in bits(cell.rows):
                    known = boxes[row][number]
                    boxes[row][number] = mask if known is None else known & mask
        rows_by_mask: dict[int, int] = {}
        free = 0
        for row, box in enumerate(boxes):
            segments = box[number]
            if segments is None:
                free |= 1 << row
            else:
                rows_by_mask[segments] = rows_by_mask.get(segments, 0) | (1 << row)
        self.work += sum(segments.bit_count() for segments in rows_by_mask)
        return list(rows_by_mask.items()), free

    # -- remarks

    def remarks(self) -> Iterator[Remark]:
        never = 0
        for row in range(self.rows):
            for number, segments in enumerate(self.space.boxes[row]):
                dimension = self.dimensions[number]
                if segments is not None and not segments & dimension.axis.domain:
                    never |= 1 << row
                    yield self._row_remark(
                        Severity.ERROR, "table_row_never", row, input=self._label(dimension, "zh"),
                        input_en=self._label(dimension, "en"),
                    )  # fmt: skip
                    break
        if self.too_large:
            yield self._table_remark(Severity.WARNING, "table_check_limit", limit=MAX_WORK)
            return
        alive = ((1 << self.rows) - 1) & ~never
        certain = alive & ~self.uncertain
        policy = self.table.table.hit_policy
        if policy is HitPolicy.UNIQUE:
            yield from self._overlaps(alive, certain)
        elif policy is HitPolicy.ANY:
            yield from self._contradictions(alive, certain)
        elif policy in (HitPolicy.FIRST, HitPolicy.PRIORITY):
            yield from self._hidden(alive, certain)
        if policy in (HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.FIRST, HitPolicy.PRIORITY):
            yield from self._gaps(alive, certain)

    def _overlaps(self, alive: int, certain: int) -> Iterator[Remark]:
        told, more = 0, 0
        for row in bits(certain):
            others = self.space.overlapping(row) & certain & ~((2 << row) - 1)
            if not others:
                continue
            if told == MAX_EXAMPLES:
                more += others.bit_count()
                continue
            told += 1
            yield self._pair_remark(Severity.ERROR, "table_rows_overlap", row, list(bits(others)))
        if more:
            yield self._table_remark(Severity.ERROR, "table_overlap_more", count=more)
        yield from self._undecided_pairs("table_overlap_undecided", alive)

    def _contradictions(self, alive: int, certain: int) -> Iterator[Remark]:
        told, more = 0, 0
        unknown: set[int] = set()
        for row in bits(certain):
            others = self.space.overlapping(row) & certain & ~((2 << row) - 1)
            different = []
            for other in bits(others):
                same = self.outputs.same(row, other)
                if same is None:
                    unknown.update((row, other))
                elif not same:
                    different.append(other)
            if different and told < MAX_EXAMPLES:
                told += 1
                yield self._pair_remark(Severity.ERROR, "table_rows_contradict", row, different)
            elif different:
                more += len(different)
        if more:
            yield self._table_remark(Severity.ERROR, "table_contradict_more", count=more)
        if unknown:
            rows = numbers([row + 1 for row in sorted(unknown)])
            yield self._table_remark(Severity.WARNING, "table_contradict_undecided", rows=rows)
        yield from self._undecided_pairs("table_contradict_undecided", alive)

    def _undecided_pairs(self, code: str, alive: int) -> Iterator[Remark]:
        """Rows whose overlap depends on cells that only evaluation can decide."""
        rows = {
            row
            for row in bits(self.uncertain & alive)
            if self.space.overlapping(row) & alive and not self._told_apart(row, alive)
        }
        if rows:
            yield self._table_remark(Severity.WARNING, code, rows=numbers([row + 1 for row in sorted(rows)]))

    def _told_apart(self, row: int, alive: int) -> bool:
        """Under ANY, a row whose neighbours all have its own outputs cannot contradict them."""
        if self.table.table.hit_policy is not HitPolicy.ANY:
            return False
        return all(self.outputs.same(row, other) is True for other in bits(self.space.overlapping(row) & alive))

    def _hidden(self, alive: int, certain: int) -> Iterator[Remark]:
        budget = Budget(MAX_BOXES)
        undecided = []
        for row in bits(alive):
            before = self.space.overlapping(row) & certain & self.outputs.before(row)
            if not before:
                continue
            box = self._box_with_null(row)
            alone = next((other for other in bits(before) if self._inside(box, other)), None)
            if alone is not None:
                yield self._row_remark(Severity.ERROR, "table_row_hidden", row, rows=numbers([alone + 1]))
                continue
            try:
                covered = self.space.uncovered(before, budget, box) is None
            except OutOfBudget:
                undecided.append(row + 1)
                continue
            if covered:
                rows = numbers([other + 1 for other in bits(before)])
                yield self._row_remark(Severity.ERROR, "table_row_hidden", row, rows=rows)
        if undecided:
            yield self._table_remark(
                Severity.WARNING, "table_hidden_undecided", rows=numbers(undecided), limit=MAX_BOXES
            )

    def _box_with_null(self, row: int) -> list[int]:
        """The row's box where a missing input counts too: a row without a condition takes it, others do not."""
        return [
            dimension.axis.with_null if segments is None else dimension.axis.with_null & segments
            for dimension, segments in zip(self.dimensions, self.space.boxes[row], strict=True)
        ]

    def _inside(self, box: Sequence[int], other: int) -> bool:
        return not any(box[number] & ~outer for number, outer in self.space.conditions[other])

    def _gaps(self, alive: int, certain: int) -> Iterator[Remark]:
        if any(output.clause.default is not None for output in self.table.outputs) or not self.rows:
            return
        try:
            point = self.space.uncovered(alive, Budget(MAX_BOXES))
            if point is not None:
                yield self._table_remark(Severity.WARNING, "table_gap", **self._examples(point))
            elif alive != certain and self.space.uncovered(certain, Budget(MAX_BOXES)) is not None:
                rows = numbers([row + 1 for row in bits(alive & ~certain)])
                yield self._table_remark(Severity.WARNING, "table_gap_undecided", rows=rows)
        except OutOfBudget:
            yield self._table_remark(Severity.WARNING, "table_gap_limit", limit=MAX_BOXES)

    # -- wording

    def _row_remark(self, severity: Severity, code: str, row: int, **params: object) -> Remark:
        return severity, code, self.table.table.rules[row].place, {"row": row + 1, **params}

    def _table_remark(self, severity: Severity, code: str, **params: object) -> Remark:
        return severity, code, self.table.table.place, {"table": self.table.name, **params}

    def _pair_remark(self, severity: Severity, code: str, row: int, others: list[int]) -> Remark:
        point = self.space.common_point(row, others[0])
        rows = numbers([row + 1, *(other + 1 for other in others)])
        return self._row_remark(severity, code, row, rows=rows, **self._examples(point))

    def _examples(self, point: Mapping[int, int]) -> dict[str, object]:
        return {"example": self._example(point, "zh"), "example_en": self._example(point, "en")}

    def _example(self, point: Mapping[int, int], language: str) -> str:
        words = Words(language)
        parts = [
            self._told(self._label(self.dimensions[number], language), self.dimensions[number].axis, segment, words)
            for number, segment in sorted(point.items())
        ]
        return words.joined(iter(parts)) if parts else words.say("example_anything")

    @staticmethod
    def _told(label: str, axis: Axis, segment: int, words: Words) -> str:
        value = axis.example(segment)
        if not isinstance(value, Between):
            return f"{label} = {words.value(value)}"
        if axis.kind == "string" or (value.low is None and value.high is None):
            return words.say("example_other", label=label)
        if value.low is None:
            return f"{label} < {words.value(value.high)}"
        if value.high is None:
            return f"{label} > {words.value(value.low)}"
        return f"{words.value(value.low)} < {label} < {words.value(value.high)}"

    @staticmethod
    def _label(dimension: Dimension, language: str) -> str:
        clause = dimension.columns[0].clause
        return Words(language).label(InputTrace(clause.expression.text, clause.label, clause.label_en, None))
