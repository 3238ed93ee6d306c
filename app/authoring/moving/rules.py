"""What a missing element may be mapped to, best first, and how results are put together. Plain values only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from app.engine.bpmn.definition import Element, ProcessDefinition
from app.engine.bpmn.transplant import Reason
from app.engine.words import sentence

MAPPABLE = frozenset({"move_missing", "move_elsewhere", "move_mapping_unknown", "move_other_kind"})
PROCESSES = frozenset({"move_process_missing", "move_called_missing"})
PEOPLE = frozenset({"userTask", "manualTask"})
ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Choice:
    """An element or a process of the new release."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that has no place in the new release: `key` is what a mapping calls it."""

    key: str
    name: str
    choices: tuple[Choice, ...]
    suggested: str


def gaps(
    reasons: Iterable[tuple[Reason, ProcessDefinition]],
    new: Mapping[str, ProcessDefinition],
    mapping: Mapping[str, str],
    *,
    english: bool = False,
) -> list[Gap]:
    """Everything that a mapping could help, each once; `new` are the processes of the new release by id."""
    found: dict[str, Gap] = {}
    for reason, old in reasons:
        gap = None
        if reason.code in PROCESSES:
            missing = str(reason.params.get("process", reason.process_id))
            choices = tuple(Choice(one.process_id, one.name) for one in new.values())
            gap = Gap(missing, missing, choices, suggestion(missing, old.name, choices))
        elif reason.code in MAPPABLE:
            gap = element_gap(reason, old, new.get(mapping.get(reason.process_id, reason.process_id)), english=english)
        if gap is not None:
            found.setdefault(gap.key, gap)
    return sorted(found.values(), key=lambda one: one.key)


def element_gap(reason: Reason, old: ProcessDefinition, new: ProcessDefinition | None, *, english: bool) -> Gap | None:
    was = old.element(reason.element_id, reason.process_id)
    if was is None or new is None:
        return None
    known = [one for one in new.elements.values() if one.process_id == new.process_id and fits(was, one)]
    choices = tuple(Choice(one.id, shown_name(one, english=english)) for one in known)
    name = shown_name(was, english=english)
    return Gap(f"{reason.process_id}/{reason.element_id}", name, choices, suggestion(was.id, name, choices))


def shown_name(element: Element, *, english: bool) -> str:
    return (element.name_en if english else "") or element.name or element.id


def fits(was: Element, now: Element) -> bool:
    kinds = {was.type, now.type}
    return (len(kinds) == 1 or kinds <= PEOPLE) and was.event == now.event and len(was.path) == len(now.path)


def suggestion(element_id: str, name: str, choices: Iterable[Choice]) -> str:
    """The choice whose id or name is most alike; "" when none is alike enough."""
    best, most = "", ALIKE
    for choice in choices:
        same = 1.0 if name and choice.name == name else 0.0
        alike = max(same, _alike(element_id, choice.id), _alike(name, choice.name))
        if alike > most:
            best, most = choice.id, alike
    return best


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio() if one and other else 0.0


def worded(reason: Reason | Mapping[str, Any], language: str) -> str:
    """A reason as a sentence: as the engine gives it, or as it was kept."""
    if isinstance(reason, Reason):
        return sentence(reason.code, reason.params, language)
    return str(reason.get("words") or sentence(reason["code"], reason["params"], language))
