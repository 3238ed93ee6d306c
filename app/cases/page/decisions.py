"""Why it came here: each decision as a table with the case's own values and the rows that were hit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.cases.models import Case
from app.cases.page.loaded import work_of
from app.cases.page.words import name_word
from app.cases.page.words import word as value_word
from app.core.translations import language
from app.definitions import queries as definitions
from app.engine.dmn import Words, describe, in_language, trace_from_json
from app.engine.dmn.metamodel import DecisionNode, DecisionTable, Rule
from app.engine.findings import DefinitionError, EngineError
from app.workflow import queries as workflow
from app.workflow.models import Decision


@dataclass(frozen=True, slots=True)
class ShownCell:
    text: str
    is_input: bool


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the table; `hit` says whether the case met it."""

    number: int
    cells: Sequence[ShownCell]
    note: str
    hit: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the explanation; `depth` tells how far below the decision a required one stands."""

    text: str
    depth: int


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """A decision as a table: heads, the case's own values, and its rows; then the same in words.

    `rows` are those that were hit, `others` how many more the table has.

    A decision that is made without a table of its own has words only.
    """

    id: int
    name: str
    at: datetime
    version: str
    heads: Sequence[ShownCell]
    values: Sequence[str]
    rows: Sequence[ShownRow]
    others: int
    words: Sequence[Line]


def decisions(case: Case, *, whole: int | None = None) -> Sequence[ShownDecision]:
    """What the tables decided, the newest first; of the decision `whole` every row of the table is shown."""
    found = (_shown(case, one, whole=one.id == whole) for one in workflow.decisions_of(case.county_id, case.id))
    return [one for one in found if one is not None]


def routing_decision(case: Case) -> ShownDecision | None:
    """The newest decision that sent the case where it is."""
    made = workflow.last_decision(case.county_id, case.id, "route")
    return None if made is None else _shown(case, made)


def _shown(case: Case, decision: Decision, *, whole: bool = False) -> ShownDecision | None:
    trace = decision.trace
    if not isinstance(trace, dict) or not (trace.get("tables") or trace.get("required")):
        return None
    heads: list[ShownCell] = []
    values: list[str] = []
    rows: list[ShownRow] = []
    rules = _rules(case, decision) if trace["tables"] else ()
    if trace["tables"]:
        heads, values, rows = _table(case, trace["tables"][-1], decision.reference, rules if whole else ())
    name = trace["decision"]
    return ShownDecision(
        decision.id,
        str((name.get("name_en") if language() == "en" else "") or name.get("name") or decision.reference),
        decision.at,
        str(trace.get("version", "")).split(":")[0],
        heads,
        values,
        rows,
        max(0, len(rules) - len(rows)),
        _words(case, trace),
    )


def _rules(case: Case, decision: Decision) -> Sequence[Rule]:
    """Every row of the table as it stood in the release that decided; none for a release that is not at hand."""
    known = {one.release_number: one.release_id for one in work_of(case).instances}
    if decision.release not in known:
        return ()
    contents = definitions.contents(definitions.release(case.county_id, known[decision.release]))
    try:
        model, found_hash = contents.decision(decision.reference)
    except (EngineError, DefinitionError):
        return ()
    element = model.find(decision.reference)
    table = element.logic if isinstance(element, DecisionNode) else None
    return table.rules if isinstance(table, DecisionTable) and found_hash == decision.table_hash else ()


def _words(case: Case, trace: Mapping[str, Any]) -> Sequence[Line]:
    told = describe(
        trace_from_json(trace),
        language(),
        value_label=lambda name, value, _language: value_word(case, name, value),
        name_label=lambda name, _language: name_word(case, name),
    )
    lines = told.split("\n")
    return [Line(line.strip(), (len(line) - len(line.lstrip())) // 2) for line in lines if line.strip()]


def _table(
    case: Case, table: Mapping[str, Any], decision: str, rules: Sequence[Rule]
) -> tuple[list[ShownCell], list[str], list[ShownRow]]:
    """Heads, the case's values, and the rows that were hit; among the others when all `rules` are given."""
    english = language() == "en"

    def label(clause: Mapping[str, Any], name: str) -> str:
        return str((clause.get("label_en") if english else "") or clause.get("label") or clause.get(name) or "")

    def word(name: str, value: object) -> str:
        if isinstance(value, list):
            return (", " if english else "、").join(word(name, one) for one in value)
        if value is None:
            return "—"
        if value is True or value is False:
            return {True: "是", False: "否"}[value] if not english else ("yes" if value else "no")
        return of_dictionary(name, value) if isinstance(value, str) else str(value)

    def of_dictionary(name: str, value: str) -> str:
        """The word of a value; a list that a table collects is declared under the decision's own name."""
        found = value_word(case, name, value)
        return found if found != value else value_word(case, decision, value)

    cells_in_words = Words(language(), lambda name, value, _language: of_dictionary(name, str(value)))

    def condition(name: str, cell: str) -> str:
        return "—" if cell in ("", "-") else cells_in_words.cell(name, cell)

    inputs, outputs = table["inputs"], {str(one["name"]): one for one in table["outputs"]}
    told = in_language(list(outputs), english=english)
    heads = [ShownCell(label(one, "expression"), True) for one in inputs]
    heads += [ShownCell(label(outputs[name], "name"), False) for name, _own in told]
    rows: list[ShownRow] = []
    for row in table["rows"]:
        cells = [
            ShownCell(condition(str(clause["expression"]), str(cell)), True)
            for clause, cell in zip(inputs, row["cells"], strict=False)
        ]
        values = dict(zip(outputs, row["outputs"], strict=False))
        cells += [ShownCell(word(name, values.get(own) or values.get(name)), False) for name, own in told]
        notes = "；".join(note["text"] for note in row.get("annotations", []) if note.get("text"))
        rows.append(ShownRow(int(row["number"]), cells, (row.get("annotation_en") if english else "") or notes))
    hit = {row.number for row in rows}
    for rule in rules:
        if rule.number not in hit:
            cells = [
                ShownCell(condition(str(clause["expression"]), test.text), True)
                for clause, test in zip(inputs, rule.tests, strict=False)
            ]
            texts = {name: text.text for name, text in zip(outputs, rule.outputs, strict=False)}
            cells += [ShownCell(condition(name, texts.get(own, "")), False) for name, own in told]
            rows.append(ShownRow(rule.number, cells, "", hit=False))
    rows.sort(key=lambda row: row.number)
    return heads, [word(str(one["expression"]), one["value"]) for one in inputs], rows
