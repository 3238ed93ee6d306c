"""Decision tables as geometry: an input is an axis, a cell a set on it, a row a box, a table a set of boxes.

An axis is cut at every value that its cells name. Between two cuts all values behave alike, so a cell becomes a
bit mask over the segments of its axis: exact, and quick to intersect. The same masks index a table when it is
evaluated and find its overlaps and gaps when it is checked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from app.engine.feel.temporal import Date


@dataclass(frozen=True, slots=True)
class Interval:
    """The values between `low` and `high`; None is no bound."""

    low: object = None
    low_closed: bool = False
    high: object = None
    high_closed: bool = False

    @classmethod
    def point(cls, value: object) -> Interval:
        return cls(value, True, value, True)


@dataclass(frozen=True, slots=True)
class CellSet:
    """What a cell accepts: intervals of one kind of value, perhaps null, perhaps all of that negated.

    `kind` is "number", "string", "boolean", "date", "time", "date and time" or a duration; "" when the cell names
    no value at all.
    """

    kind: str
    intervals: tuple[Interval, ...]
    null: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """An example value that has no name of its own: anything strictly between two others (None is no bound)."""

    low: object
    high: object


class Axis:
    """The values of one input, cut into segments.

    With n cuts there are 2n+1 segments (before the first cut, the first cut itself, between …) and a last one for
    null. Masks have one bit for each. `domain` is the part that can occur, null only where a cell speaks of it;
    `with_null` adds null.
    """

    def __init__(self, kind: str, cells: Iterable[CellSet], allowed: CellSet | None = None) -> None:
        self.kind = kind
        cuts: set[object] = {False, True} if kind == "boolean" else set()
        mentions_null = False
        for cell in [*cells, *([allowed] if allowed is not None else [])]:
            mentions_null = mentions_null or cell.null
            for interval in cell.intervals:
                if interval.low is not None:
                    cuts.add(interval.low)
                if interval.high is not None:
                    cuts.add(interval.high)
        self.cuts: list[Any] = sorted(cast("set[Any]", cuts))
        self.null_segment = 2 * len(self.cuts) + 1
        self.everything = (1 << (self.null_segment + 1)) - 1
        self.domain = self._domain(mentions_null)
        if allowed is not None:
            self.domain &= self.mask(allowed) | ((1 << self.null_segment) if mentions_null else 0)
        self.with_null = self.domain | (1 << self.null_segment)

    def _domain(self, mentions_null: bool) -> int:
        domain = self.everything & ~(1 << self.null_segment)
        if self.kind == "boolean":
            domain = (1 << 1) | (1 << 3)
        elif self.kind == "date":
            for index, (low, high) in enumerate(zip(self.cuts, self.cuts[1:], strict=False)):
                if isinstance(low, Date) and isinstance(high, Date) and low.days + 1 == high.days:
                    domain &= ~(1 << (2 * index + 2))
        if mentions_null:
            domain |= 1 << self.null_segment
        return domain

    def segment(self, value: object) -> int:
        """The segment that `value`, of this axis' kind, lies in."""
        if value is None:
            return self.null_segment
        cuts = self.cuts
        index: int = bisect_left(cuts, cast("Any", value))
        return 2 * index + (index < len(cuts) and cuts[index] == value)

    def mask(self, cell: CellSet) -> int:
        """The segments that `cell` accepts; its bounds must be among the cuts."""
        accepted = 0
        for interval in cell.intervals:
            low, high = 0, self.null_segment - 1
            if interval.low is not None:
                low = self.segment(interval.low) + (0 if interval.low_closed else 1)
            if interval.high is not None:
                high = self.segment(interval.high) - (0 if interval.high_closed else 1)
            if low <= high:
                accepted |= (1 << (high + 1)) - (1 << low)
        if cell.null:
            accepted |= 1 << self.null_segment
        return self.everything & ~accepted if cell.negated else accepted

    def example(self, segment: int) -> object:
        """A value of the segment; None for null; a Between where no plain value is known."""
        if segment == self.null_segment:
            return None
        index, at_cut = divmod(segment, 2)
        if at_cut:
            return self.cuts[index]
        low = self.cuts[index - 1] if index > 0 else None
        high = self.cuts[index] if index < len(self.cuts) else None
        if isinstance(low, (int, Decimal)) or isinstance(high, (int, Decimal)):
            return _number_between(low, high)
        if isinstance(low, Date):
            return low.plus_days(1)
        if isinstance(high, Date):
            return high.plus_days(-1)
        return Between(low, high)


def _number_between(low: object, high: object) -> object:
    if isinstance(low, (int, Decimal)) and isinstance(high, (int, Decimal)):
        whole = int(Decimal(low).to_integral_value(rounding="ROUND_FLOOR")) + 1
        return Decimal(whole) if whole < high else (Decimal(low) + Decimal(high)) / 2
    if isinstance(low, (int, Decimal)):
        return Decimal(low) + 1
    if isinstance(high, (int, Decimal)):
        return Decimal(high) - 1
    return Decimal(0)


def bits(mask: int) -> Iterable[int]:
    """The positions of the bits that are set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class RowsBySegment:
    """For each segment of an axis, the rows (as a bit mask) whose cell accepts it."""

    def __init__(self, axis: Axis, masks: Sequence[tuple[int, int]], everywhere: int) -> None:
        """`masks` are pairs of segment mask and row mask; `everywhere` are rows without a condition here."""
        self.axis = axis
        self.rows = [everywhere] * (axis.null_segment + 1)
        for segments, rows in masks:
            for segment in bits(segments):
                self.rows[segment] |= rows
        self.everywhere = everywhere
        self._touching: dict[int, int] = {}
        self._kinds: dict[int, list[tuple[int, int]]] = {}

    def kinds(self, limits: int | None) -> list[tuple[int, int]]:
        """The different sets of rows that accept some segment (within `limits`), each with its plainest segment."""
        segments = self.axis.domain if limits is None else self.axis.with_null & limits
        known = self._kinds.get(segments)
        if known is None:
            plainest: dict[int, int] = {}
            for segment in _nicest(segments):
                plainest.setdefault(self.rows[segment], segment)
            known = self._kinds[segments] = list(reversed(plainest.items()))
            if plainest.get(self.everywhere) is not None:
                known = self._kinds[segments] = [(self.everywhere, plainest[self.everywhere])]
        return known

    def touching(self, segments: int) -> int:
        """The rows that accept at least one of `segments`."""
        known = self._touching.get(segments)
        if known is None:
            known = 0
            for segment in bits(segments & self.axis.domain):
                known |= self.rows[segment]
            self._touching[segments] = known
        return known

    @cached_property
    def covering(self) -> int:
        """The rows that accept every value that can occur."""
        found = -1
        for segment in bits(self.axis.domain):
            found &= self.rows[segment]
        return found


class OutOfBudget(Exception):
    """More boxes would have to be looked at than were allowed."""


class Budget:
    """How many boxes may still be looked at."""

    def __init__(self, boxes: int) -> None:
        self.left = boxes

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OutOfBudget


@dataclass(frozen=True)
class Space:
    """A table's boxes: its axes with their rows; `boxes[row][axis]` is a segment mask, None for no condition."""

    axes: Sequence[RowsBySegment]
    boxes: Sequence[Sequence[int | None]]

    @cached_property
    def order(self) -> list[int]:
        """The axes with the most conditions first: they tell rows apart soonest."""
        weight = [sum(1 for box in self.boxes if box[axis] is not None) for axis in range(len(self.axes))]
        return sorted((axis for axis, count in enumerate(weight) if count), key=lambda axis: -weight[axis])

    @cached_property
    def conditions(self) -> list[list[tuple[int, int]]]:
        """Each row's axes with a condition, and the segments there."""
        return [[(axis, segments) for axis, segments in enumerate(box) if segments is not None] for box in self.boxes]

    def overlapping(self, row: int) -> int:
        """The rows, as a mask without `row` itself, that share a point with it."""
        found = (1 << len(self.boxes)) - 1
        for axis, segments in self.conditions[row]:
            found &= self.axes[axis].touching(segments)
            if not found:
                return 0
        return found & ~(1 << row)

    def common_point(self, one: int, other: int) -> dict[int, int]:
        """A point (axis: segment) of two overlapping rows, on the axes where either has a condition."""
        point = {}
        for axis, (first, second) in enumerate(zip(self.boxes[one], self.boxes[other], strict=True)):
            if first is None and second is None:
                continue
            domain = self.axes[axis].axis.domain
            both = domain & (domain if first is None else first) & (domain if second is None else second)
            point[axis] = next(iter(_nicest(both)))
        return point

    def uncovered(self, rows: int, budget: Budget, within: Sequence[int | None] | None = None) -> dict[int, int] | None:
        """A point (axis: segment) that none of `rows` accepts, inside the box `within`; None when all is covered.

        :raises OutOfBudget: not decided within the budget.
        """
        order = self.order
        free_after = self._free_after(order, within)
        covered: set[tuple[int, int]] = set()

        def search(level: int, alive: int, point: dict[int, int]) -> dict[int, int] | None:
            if not alive:
                return dict(point)
            if level == len(order) or alive & free_after[level] or (level, alive) in covered:
                return None
            axis = order[level]
            by_segment = self.axes[axis]
            if not alive & ~by_segment.everywhere:
                return search(level + 1, alive, point)
            limits = within[axis] if within is not None else None
            tried = {rows & alive: segment for rows, segment in by_segment.kinds(limits)}
            for left in sorted(tried, key=int.bit_count):
                budget.spend()
                point[axis] = tried[left]
                found = search(level + 1, left, point)
                if found is not None:
                    return found
                del point[axis]
            covered.add((level, alive))
            return None

        return search(0, rows, {})

    def _free_after(self, order: list[int], within: Sequence[int | None] | None) -> list[int]:
        """For each level, rows that accept everything on all axes from there on: a branch with one is covered."""
        free = [0] * (len(order) + 1)
        free[len(order)] = (1 << len(self.boxes)) - 1
        for level in range(len(order) - 1, -1, -1):
            axis = order[level]
            by_segment = self.axes[axis]
            limited = within is not None and within[axis] is not None
            free[level] = free[level + 1] & (by_segment.everywhere if limited else by_segment.covering)
        return free


def _nicest(segments: int) -> list[int]:
    """The segments with those first that make the plainest example: a named value before a span."""
    return sorted(bits(segments), key=lambda segment: (segment % 2 == 0, segment))
