"""How the rows of a table fare: how often each decides, is decided otherwise by people, or did not hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.authoring.rehearsal.rules import DEFAULTED, logged
from app.core.translations import language
from app.engine.bpmn.step import ROOT
from app.engine.dmn import DecisionModel
from app.engine.dmn.metamodel import DecisionNode, DecisionTable
from app.engine.feel import to_json
from app.workflow import scopes


@dataclass(slots=True)
class RowFate:
    """Of one row: `overridden` when a person set another value afterwards, `bounced` when the same was decided anew."""

    number: int
    hits: int = 0
    last: datetime | None = None
    overridden: int = 0
    bounced: int = 0


def fates(decisions: Iterable[Any]) -> Mapping[int, RowFate]:
    """Fates by row number; 0 stands for the default outputs. `decisions` come newest first.

    Only the last decision of a process is compared with what the process holds now; an earlier one counts as bounced.
    """
    found: dict[int, RowFate] = {}
    later: set[int] = set()
    for one in decisions:
        again = one.instance_id in later
        later.add(one.instance_id)
        overridden = not again and _differs(one.result, one.variables)
        for number in logged(one.id, one.at, None, one.result, one.trace or {}).rows:
            fate = found.setdefault(number, RowFate(number))
            fate.hits += 1
            fate.last = max(fate.last or one.at, one.at)
            fate.bounced += again
            fate.overridden += overridden
    return found


def _differs(result: object, kept: bytes | None) -> bool:
    """Whether a name that the decision gave has another value now."""
    if not isinstance(result, Mapping):
        return False
    root = scopes.read(kept).get(ROOT)
    if root is None:
        return False
    return any(name in root and to_json(root[name]) != value for name, value in result.items())


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the active table, its cells as they are written, and its fate."""

    number: int
    cells: str
    outputs: str
    note: str
    fate: RowFate


def rules_with_fates(model: DecisionModel | None, reference: str, known: Mapping[int, RowFate]) -> list[ShownRow]:
    """Every row of the table, also those that never decided; the default outputs last, if they ever did."""
    element = model.find(reference) if model is not None else None
    logic = element.logic if isinstance(element, DecisionNode) else None
    shown = []
    if isinstance(logic, DecisionTable):
        for rule in logic.rules:
            cells = " · ".join(cell.text or "-" for cell in rule.tests)
            outputs = " · ".join(cell.text for cell in rule.outputs)
            note = (rule.annotation_en if language() == "en" else "") or "；".join(text for _, text in rule.annotations)
            shown.append(ShownRow(rule.number, cells, outputs, note, known.get(rule.number, RowFate(rule.number))))
    if DEFAULTED in known:
        shown.append(ShownRow(DEFAULTED, "", "", "", known[DEFAULTED]))
    return shown
