"""The check of decisions before they are published: everything wrong in a file, each finding with its cell and row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from app.engine.dmn.cells import ANYTHING
from app.engine.dmn.compiler import Use, shortened
from app.engine.dmn.decision_tables import Column, CompiledTable, shown
from app.engine.dmn.lint_tables import TableCheck
from app.engine.dmn.metamodel import Aggregation, DecisionNode, GraphElement, InputData, Place
from app.engine.dmn.name_types import NameType, kind_of_type
from app.engine.dmn.requirement_graphs import DecisionModel
from app.engine.dmn.table_outputs import UNKNOWN, Outputs
from app.engine.feel.syntax import Literal
from app.engine.feel.values import kind
from app.engine.findings import Finding, Severity

MAX_OF_A_KIND = 50
"""Findings of one code; beyond it one more says how many were left out."""


def lint_decisions(
    model: DecisionModel, dictionary: Mapping[str, NameType] | None = None, file: str = ""
) -> list[Finding]:
    """Check a compiled file of decisions.

    :param dictionary: the declared names with their types; None for a file without one, whose names are then checked
        only where it declares requirements itself.
    :param file: the file's name in findings; by default what the model was parsed with.
    :returns: findings ordered by line: errors that must be mended, and warnings, among them whatever could not be
        decided within the limits (a gap, an overlap): never silence. The sentences are in `app.engine.words.dmn`.
    """
    findings = [*model.findings, *_Check(model, dictionary, file or model.file).findings()]
    return sorted(_limited(findings), key=lambda finding: (finding.line, finding.code))


class _Check:
    def __init__(self, model: DecisionModel, dictionary: Mapping[str, NameType] | None, file: str) -> None:
        self.model = model
        self.dictionary = dictionary
        self.file = file

    def finding(self, severity: Severity, code: str, place: Place, params: Mapping[str, object]) -> Finding:
        return Finding(severity, code, self.file, place.line, place.element_id, place.element_name, params)

    def error(self, code: str, place: Place, **params: object) -> Finding:
        return self.finding(Severity.ERROR, code, place, params)

    def warning(self, code: str, place: Place, **params: object) -> Finding:
        return self.finding(Severity.WARNING, code, place, params)

    def findings(self) -> Iterator[Finding]:
        yield from self._graph()
        for element in self.model.definitions.elements:
            yield from self._names(element)
        for table in self.model.compiler.tables:
            if isinstance(table, CompiledTable):
                yield from self._table(table)

    # -- the graph

    def _graph(self) -> Iterator[Finding]:
        seen: dict[str, GraphElement] = {}
        for element in self.model.definitions.elements:
            if element.name in seen:
                yield self.error("dmn_duplicate_name", element.place, name=element.name)
            seen[element.name] = element
            if isinstance(element, DecisionNode):
                if element.logic is None:
                    yield self.warning("dmn_no_logic", element.place, name=element.name)
                if not element.name_en:
                    yield self.warning("dmn_english_missing", element.place, name=element.name)
        for element in self._in_circles():
            if not isinstance(element, DecisionNode):
                continue  # functions may call each other
            yield self.error("dmn_cycle", element.place, name=element.name)

    def _in_circles(self) -> Iterator[GraphElement]:
        """Elements that require themselves, directly or through others."""
        done: set[str] = set()
        path: list[str] = []

        def walk(element: GraphElement) -> Iterator[GraphElement]:
            if element.id in path:
                yield element
                return
            if element.id in done:
                return
            path.append(element.id)
            for required in self.model.required_by(element):
                if required.model is self.model and len(path) < 500:
                    yield from walk(required.element)
            path.pop()
            done.add(element.id)

        for element in self.model.definitions.elements:
            yield from walk(element)

    # -- names

    def _names(self, element: GraphElement) -> Iterator[Finding]:
        if isinstance(element, InputData):
            name = element.variable.name or element.name
            if self.dictionary is not None and name not in self.dictionary:
                yield self.error("dmn_name_unknown", element.place, name=name, **self._suggestion(name, frozenset()))
            return
        declares = bool(self.model.required_by(element))
        for use in self.model.uses.get(element.id, ()):
            for name in sorted(use.surely_undeclared()):
                if self.dictionary is not None:
                    if name not in self.dictionary:
                        yield self._unknown(use, name)
                elif declares:
                    yield self.warning(
                        "dmn_name_not_required", use.text.place, name=name, text=shortened(use.text.text)
                    )

    def _unknown(self, use: Use, name: str) -> Finding:
        return self.error(
            "dmn_name_unknown_in", use.text.place, name=name, text=shortened(use.text.text),
            **self._suggestion(name, use.scope),
        )  # fmt: skip

    def _suggestion(self, name: str, scope: frozenset[str]) -> dict[str, object]:
        close = get_close_matches(name, [*(self.dictionary or ()), *scope], n=1)
        if not close:
            return {"hint_zh": "", "hint_en": ""}
        return {"hint_zh": f"；是否想写“{close[0]}”", "hint_en": f"; did you mean “{close[0]}”?"}

    # -- tables

    def _table(self, table: CompiledTable) -> Iterator[Finding]:
        place = table.table.place
        if not table.table.rules:
            yield self.error("table_empty", place, table=table.name)
            return
        for column in table.columns:
            yield from self._column(table, column)
        names = [output.clause.name for output in table.outputs]
        for output in table.outputs:
            if len(names) > 1 and (not output.clause.name or names.count(output.clause.name) > 1):
                yield self.error("table_output_name", output.clause.place, table=table.name, output=output.name)
        outputs = Outputs(table)
        yield from self._output_cells(table, outputs)
        aggregation = table.table.aggregation
        if aggregation is not None and aggregation is not Aggregation.COUNT and len(table.outputs) > 1:
            yield self.warning("table_aggregation_several", place, table=table.name, aggregation=aggregation.value)
        for severity, code, where, params in TableCheck(table, self.dictionary).remarks():
            yield self.finding(severity, code, where, params)

    def _column(self, table: CompiledTable, column: Column) -> Iterator[Finding]:
        clause = column.clause
        if not clause.expression.text:
            yield self.error("table_input_empty", clause.place, table=table.name, input=clause.number)
        if clause.label and not clause.label_en:
            yield self.warning("dmn_english_missing", clause.place, name=clause.label)
        for cell in column.cells:
            if any(
                test.operator == "=" and test.value is None and not isinstance(node, Literal)
                for test, node in zip(cell.tests.tests, cell.tests.tree.tests, strict=True)
            ):
                row = (cell.rows & -cell.rows).bit_length() - 1
                text = table.table.rules[row].tests[clause.number - 1]
                yield self.error(
                    "table_cell_null", text.place, row=row + 1, input=column.label, text=shortened(text.text)
                )
        own = kind_of_type(column.type)
        declared = self.dictionary.get(column.name) if self.dictionary is not None else None
        if own and declared is not None and declared.kind != own and declared.kind not in ("", "Any"):
            yield self.error(
                "table_input_declared_otherwise", clause.place, input=column.label, type=clause.type_ref,
                declared=declared.type,
            )  # fmt: skip
        expected = own or (declared.kind if declared is not None else "")
        if not expected or expected in ("list", "context"):
            return
        for cell in column.cells:
            accepted = cell.accepted
            if accepted is None or accepted is ANYTHING or not accepted.kind or accepted.kind == expected:
                continue
            row = (cell.rows & -cell.rows).bit_length() - 1
            text = table.table.rules[row].tests[clause.number - 1]
            yield self.error(
                "table_cell_type", text.place, row=row + 1, input=column.label, text=shortened(text.text),
                type=expected, found=accepted.kind,
            )  # fmt: skip

    def _output_cells(self, table: CompiledTable, outputs: Outputs) -> Iterator[Finding]:
        for number, output in enumerate(table.outputs):
            clause = output.clause
            if clause.label and not clause.label_en:
                yield self.warning("dmn_english_missing", clause.place, name=clause.label)
            expected = kind_of_type(output.type)
            allowed = output.allowed.tests if output.allowed is not None and not output.allowed.negated else ()
            listed = [test.value for test in allowed] if all(test.operator == "=" for test in allowed) else []
            for row, values in enumerate(outputs.values):
                value = values[number]
                if value is UNKNOWN or value is None:
                    continue
                place = table.table.rules[row].outputs[number].place
                if expected and kind(value) != expected and expected not in ("list", "context"):
                    yield self.error(
                        "table_output_cell_type", place, row=row + 1, output=output.name, value=shown(value),
                        type=expected,
                    )  # fmt: skip
                elif listed and not any(kind(one) == kind(value) and one == value for one in listed):
                    yield self.error(
                        "table_output_outside", place, row=row + 1, output=output.name, value=shown(value),
                        allowed=", ".join(shown(one, 20) for one in listed[:10]),
                    )  # fmt: skip


def _limited(findings: list[Finding]) -> Iterator[Finding]:
    """All findings, of each code at most MAX_OF_A_KIND and then one that counts the rest."""
    seen: dict[str, int] = {}
    last: dict[str, Finding] = {}
    for finding in findings:
        seen[finding.code] = seen.get(finding.code, 0) + 1
        if seen[finding.code] <= MAX_OF_A_KIND:
            yield finding
        else:
            last[finding.code] = finding
    for code, finding in last.items():
        yield Finding(
            finding.severity, "dmn_more_of_a_kind", finding.file, finding.line, finding.element_id,
            finding.element_name, {"count": seen[code] - MAX_OF_A_KIND, "code": code},
        )  # fmt: skip
