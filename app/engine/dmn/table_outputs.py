"""The output cells of a table, as far as they are constants: which rows agree, and which come first."""

from __future__ import annotations

from functools import cached_property

from app.engine.dmn.decision_tables import CompiledTable
from app.engine.dmn.metamodel import HitPolicy
from app.engine.feel import Expression, FeelError, compile_unary_tests
from app.engine.feel.syntax import Literal
from app.engine.feel.values import kind


class Unknown:
    """Stands for a value that only evaluation can tell."""


UNKNOWN = Unknown()


class Outputs:
    """What is known of a table's outputs before it runs."""

    def __init__(self, table: CompiledTable) -> None:
        self._table = table

    @cached_property
    def values(self) -> list[tuple[object, ...]]:
        """For each row its output values; UNKNOWN where they depend on more than the cell."""
        known: dict[str, object] = {"": None}
        rows = []
        for rule, expressions in zip(self._table.table.rules, self._table.results, strict=True):
            row = []
            for text, expression in zip(rule.outputs, expressions, strict=True):
                if text.text not in known:
                    known[text.text] = constant_of(expression)
                row.append(known[text.text])
            rows.append(tuple(row))
        return rows

    def same(self, row: int, other: int) -> bool | None:
        """Whether two rows have the same outputs; None when only evaluation can tell."""
        answer: bool | None = True
        texts = self._table.table.rules
        for number, (one, two) in enumerate(zip(self.values[row], self.values[other], strict=True)):
            if texts[row].outputs[number].text == texts[other].outputs[number].text:
                continue
            if one is UNKNOWN or two is UNKNOWN:
                answer = None
            elif kind(one) != kind(two) or one != two:
                return False
        return answer

    def before(self, row: int) -> int:
        """The rows, as a mask, that are preferred to `row` when both hold: under FIRST or PRIORITY."""
        earlier = (1 << row) - 1
        if self._table.table.hit_policy is not HitPolicy.PRIORITY:
            return earlier
        ranks = self._ranks
        own = ranks[row]
        if own is None:
            return 0
        return sum(
            1 << other
            for other, rank in enumerate(ranks)
            if rank is not None and (rank < own or (rank == own and other < row))
        )

    @cached_property
    def _ranks(self) -> list[tuple[int, ...] | None]:
        ranking = self._table.ranking
        names = [output.name for output in self._table.outputs]
        return [
            None if ranking is None or UNKNOWN in row else ranking.rank(dict(zip(names, row, strict=True)))
            for row in self.values
        ]


def constant_of(expression: Expression | None) -> object:
    """The value of an output cell that is a constant; else UNKNOWN."""
    if expression is None:
        return UNKNOWN
    if isinstance(expression.tree, Literal):
        return expression.tree.value
    if expression.names:
        return UNKNOWN
    try:
        tests = compile_unary_tests(expression.text)
    except FeelError:
        return UNKNOWN
    if tests.negated or len(tests.tests) != 1 or tests.tests[0].operator not in ("=", "in"):
        return UNKNOWN
    return tests.tests[0].value
