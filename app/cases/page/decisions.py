"""Why it came here: each decision as a table with the case's own values and the rows that were hit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.cases.models import Case
from app.cases.page.words import word as value_word
from app.core.translations import language
from app.workflow import queries as workflow
from app.workflow.models import Decision

_QUOTED = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, slots=True)
class ShownCell:
    text: str
    is_input: bool


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """A decision as a table: heads, the case's own values, and the rows that were hit."""

    name: str
    at: datetime
    version: str
    heads: Sequence[ShownCell]
    values: Sequence[str]
    rows: Sequence[tuple[int, Sequence[ShownCell], str]]
    words: str


def decisions(case: Case) -> Sequence[ShownDecision]:
    return [shown for one in workflow.decisions_of(case.county_id, case.id) if (shown := _shown(case, one)) is not None]


def routing_decision(case: Case) -> ShownDecision | None:
    """The newest decision that sent the case where it is."""
    for one in workflow.decisions_of(case.county_id, case.id):
        if one.reference == "route":
            return _shown(case, one)
    return None


def _shown(case: Case, decision: Decision) -> ShownDecision | None:
    trace = decision.trace
    if not isinstance(trace, dict) or not trace.get("tables"):
        return None
    table = trace["tables"][-1]
    english = language() == "en"

    def label(clause: Mapping[str, Any], name: str) -> str:
        return str((clause.get("label_en") if english else "") or clause.get("label") or clause.get(name) or "")

    def word(name: str, value: object) -> str:
        if isinstance(value, list):
            return "、".join(word(name, one) for one in value)
        if value is None:
            return "—"
        if value is True or value is False:
            return {True: "是", False: "否"}[value] if not english else ("yes" if value else "no")
        return value_word(case, name, value) if isinstance(value, str) else str(value)

    def condition(name: str, cell: str) -> str:
        """A cell as people read it: the words of the values in it."""
        if cell in ("", "-"):
            return "—"
        return _QUOTED.sub(lambda found: value_word(case, name, found[1]), cell)

    inputs, outputs = table["inputs"], table["outputs"]
    heads = [ShownCell(label(one, "expression"), True) for one in inputs]
    heads += [ShownCell(label(one, "name"), False) for one in outputs]
    rows = []
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
    name = trace["decision"]
    return ShownDecision(
        str((name.get("name_en") if english else "") or name.get("name") or decision.reference),
        decision.at,
        str(trace.get("version", "")).split(":")[0],
        heads,
        [word(str(one["expression"]), one["value"]) for one in inputs],
        rows,
        "",
    )
