"""The order of output values, which PRIORITY and OUTPUT ORDER rank by (DMN 1.5, 8.2.10 and 8.3.3)."""

from __future__ import annotations

from collections.abc import Mapping

from app.engine.dmn.compiler import Compiler
from app.engine.dmn.metamodel import DecisionTable, OutputClause, Text
from app.engine.feel.values import kind
from app.engine.findings import Severity


class Ranking:
    """For each output with a list of values: where a value stands in it."""

    def __init__(self, lists: Mapping[str, list[object]]) -> None:
        self._lists = lists

    @property
    def is_empty(self) -> bool:
        return not self._lists

    def rank(self, outputs: object) -> tuple[int, ...]:
        """The places of a row's outputs, from 0 for the best; a value that is not listed comes last."""
        if not isinstance(outputs, Mapping):
            return ()
        return tuple(_place(outputs.get(name), values) for name, values in self._lists.items())


def _place(value: object, values: list[object]) -> int:
    name = kind(value)
    for index, listed in enumerate(values):
        if kind(listed) == name and listed == value:
            return index
    return len(values)


def ranking_of(table: DecisionTable, compiler: Compiler) -> Ranking:
    """The ranking of a PRIORITY or OUTPUT ORDER table; a finding when no output lists its values."""
    lists = {}
    for clause in table.outputs:
        values = _listed(values_text(clause, table, compiler), compiler)
        if values:
            lists[clause.name or clause.label or f"output {clause.number}"] = values
    if not lists:
        compiler.finding(Severity.ERROR, "table_no_order", table.place, policy=table.hit_policy.value)
    return Ranking(lists)


def values_text(clause: OutputClause, table: DecisionTable, compiler: Compiler) -> Text | None:
    """The allowed values of an output: its own, or those of its type, or of the table's type."""
    if clause.allowed_values is not None:
        return clause.allowed_values
    types = compiler.types
    own = types.allowed_text(clause.type_ref)
    if own is not None:
        return own
    if len(table.outputs) == 1:
        return types.allowed_text(table.type_ref)
    for definition in types:
        if definition.name == table.type_ref:
            for part in definition.components:
                if part.name == clause.name:
                    return part.allowed_values or types.allowed_text(part.type_ref)
    return None


def _listed(text: Text | None, compiler: Compiler) -> list[object]:
    if text is None:
        return []
    tests = compiler.tests(text, frozenset())
    if tests is None:
        return []
    if tests.negated or any(test.operator != "=" for test in tests.tests):
        return []
    return [test.value for test in tests.tests]
