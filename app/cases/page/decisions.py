"""Why it came here: each decision as a table with the case's own values and the rows that were hit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.cases.models import Case
from app.cases.page.words import name_word
from app.cases.page.words import word as value_word
from app.core.translations import language
from app.engine.dmn import describe, trace_from_json
from app.workflow import queries as workflow
from app.workflow.models import Decision

_QUOTED = re.compile(r'"([^"]*)"')
_LITERALS = {
    False: {"true": "是", "false": "否", "null": "未填", "not(null)": "已填"},
    True: {"true": "yes", "false": "no", "null": "not given", "not(null)": "given"},
}
"""What cells without a value of the dictionary say, in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class ShownCell:
    text: str
    is_input: bool


ShownRow = tuple[int, Sequence[ShownCell], str]
"""Its number, its cells, its annotation."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the explanation; `depth` tells how far below the decision a required one stands."""

    text: str
    depth: int


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """A decision as a table: heads, the case's own values, and the rows that were hit; then the same in words.

    A decision that is made without a table of its own has words only.
    """

    name: str
    at: datetime
    version: str
    heads: Sequence[ShownCell]
    values: Sequence[str]
    rows: Sequence[ShownRow]
    words: Sequence[Line]


def decisions(case: Case) -> Sequence[ShownDecision]:
    return [shown for one in workflow.decisions_of(case.county_id, case.id) if (shown := _shown(case, one)) is not None]


def routing_decision(case: Case) -> ShownDecision | None:
    """The newest decision that sent the case where it is."""
    made = workflow.last_decision(case.county_id, case.id, "route")
    return None if made is None else _shown(case, made)


def _shown(case: Case, decision: Decision) -> ShownDecision | None:
    trace = decision.trace
    if not isinstance(trace, dict) or not (trace.get("tables") or trace.get("required")):
        return None
    heads: list[ShownCell] = []
    values: list[str] = []
    rows: list[ShownRow] = []
    if trace["tables"]:
        heads, values, rows = _table(case, trace["tables"][-1], decision.reference)
    name = trace["decision"]
    return ShownDecision(
        str((name.get("name_en") if language() == "en" else "") or name.get("name") or decision.reference),
        decision.at,
        str(trace.get("version", "")).split(":")[0],
        heads,
        values,
        rows,
        _words(case, trace),
    )


def _words(case: Case, trace: Mapping[str, Any]) -> Sequence[Line]:
    told = describe(
        trace_from_json(trace),
        language(),
        value_label=lambda name, value, _language: value_word(case, name, value),
        name_label=lambda name, _language: name_word(case, name),
    )
    lines = told.split("\n")
    return [Line(line.strip(), (len(line) - len(line.lstrip())) // 2) for line in lines if line.strip()]


def _table(case: Case, table: Mapping[str, Any], decision: str) -> tuple[list[ShownCell], list[str], list[ShownRow]]:
    """Heads, the case's values, and the rows that were hit."""
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

    def condition(name: str, cell: str) -> str:
        """A cell as people read it: the words of the values in it."""
        if cell in ("", "-"):
            return "—"
        literals = _LITERALS[english]
        if cell in literals:
            return literals[cell]
        worded = _QUOTED.sub(lambda found: value_word(case, name, found[1]), cell)
        parts = [literals.get(part.strip(), part.strip()) for part in worded.split(",")]
        return (", " if english else "、").join(parts)

    inputs, outputs = table["inputs"], table["outputs"]
    heads = [ShownCell(label(one, "expression"), True) for one in inputs]
    heads += [ShownCell(label(one, "name"), False) for one in outputs]
    rows: list[ShownRow] = []
    for row in table["rows"]:
        cells = [
            ShownCell(condition(str(clause["expression"]), str(cell)), True)
            for clause, cell in zip(inputs, row["cells"], strict=False)
        ]
        cells += [
            ShownCell(word(output["name"], value), False)
            for output, value in zip(outputs, row["outputs"], strict=False)
        ]
        notes = "；".join(note["text"] for note in row.get("annotations", []) if note.get("text"))
        rows.append((int(row["number"]), cells, (row.get("annotation_en") if english else "") or notes))
    return heads, [word(str(one["expression"]), one["value"]) for one in inputs], rows
