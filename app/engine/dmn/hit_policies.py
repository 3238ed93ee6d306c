"""Hit policies (DMN 1.5, 8.2.10 and 10.3.2.10): which of the rows that hold make the outcome, and how."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.engine.dmn.errors import DecisionError, TableContradictionError, TableOverlapError
from app.engine.dmn.metamodel import Aggregation, HitPolicy, Place
from app.engine.feel.comparison import compare, equal
from app.engine.feel.environment import Run
from app.engine.feel.values import NUMBERS, kind

Row = tuple[int, object]
"""A row's number and its outcome: a value, or a context when the table has several outputs."""


def outcome_of_one(
    policy: HitPolicy, rows: Sequence[Row], ranks: Sequence[tuple[int, ...]], run: Run, table: str, place: Place
) -> Row:
    """The row that decides under a policy with a single outcome; `rows` is not empty, in the order of the table.

    :param ranks: for PRIORITY, each row's place in the lists of output values, the best first.
    :raises TableOverlapError: UNIQUE with several rows. :raises TableContradictionError: ANY with different outcomes.
    """
    first = rows[0]
    if len(rows) == 1 or policy is HitPolicy.FIRST:
        return first
    if policy is HitPolicy.UNIQUE:
        raise TableOverlapError(table, tuple(number for number, _ in rows), place)
    if policy is HitPolicy.ANY:
        different = [number for number, value in rows if equal(value, first[1], run) is not True]
        if different:
            raise TableContradictionError(table, (first[0], *different), place)
        return first
    best = min(range(len(rows)), key=lambda index: (ranks[index], index))
    return rows[best]


def in_output_order(rows: Sequence[Row], ranks: Sequence[tuple[int, ...]]) -> list[Row]:
    """OUTPUT ORDER: the rows by the places of their outputs in the lists of output values, stable."""
    order = sorted(range(len(rows)), key=lambda index: (ranks[index], index))
    return [rows[index] for index in order]


def aggregate(how: Aggregation, values: Sequence[object], table: str, place: Place) -> object:
    """COLLECT with an aggregation over the outcomes of the rows that were hit, which are not empty.

    SUM adds numbers or durations of one kind; MIN and MAX compare values of one kind; COUNT counts the rows.

    :raises DecisionError: `table_aggregation_kind` for values that cannot be added or compared.
    """
    if how is Aggregation.COUNT:
        return Decimal(len(values))
    kinds = {kind(value) for value in values}
    if len(kinds) != 1:
        raise DecisionError("table_aggregation_kind", place=place, table=table, aggregation=how.value)
    if how is Aggregation.SUM:
        if kinds != {"number"}:
            raise DecisionError("table_aggregation_kind", place=place, table=table, aggregation=how.value)
        total = Decimal(0)
        for value in values:
            assert isinstance(value, Decimal)  # noqa: S101 - told by kind()
            total = NUMBERS.add(total, value)
        return total
    operator = "<" if how is Aggregation.MIN else ">"
    best = values[0]
    for value in values[1:]:
        better = compare(operator, value, best)
        if better is None:
            raise DecisionError("table_aggregation_kind", place=place, table=table, aggregation=how.value)
        if better:
            best = value
    return best
