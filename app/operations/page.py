"""What the page of an incident shows: the failure in words, the values with their fields, what was done before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.audit.queries import entries
from app.audit.services import Stream
from app.core.errors import Refusal
from app.core.translations import language
from app.definitions.rules import Entry
from app.directory.queries import named_for_reader
from app.engine.bpmn.diagram import Node
from app.engine.words import sentence
from app.operations.masking import MASK, ShownValue, shown_inputs, shown_values
from app.operations.queries import Row
from app.workflow.inspection import Stopped
from app.workflow.models import Incident
from app.workflow.typed_values import read_text, shown_text

PREFIX = "value-"
LONG = 60


@dataclass(frozen=True, slots=True)
class Field:
    """A value as an input of the page; `text` is what stands in it, empty for a masked one."""

    name: str
    label: str
    type: str
    text: str
    options: Sequence[tuple[str, str]]
    masked: bool
    unset: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A line of what was done about it."""

    at: datetime
    actor: str
    words: str
    reason: str


def reason_of(incident: Incident) -> str:
    return sentence(incident.code, incident.params, language())


def code_words(code: str) -> str:
    """What kind of failure it is, in a few words; one that has none is shown as it is."""
    words = {
        "topic_failed": _("The service failed"),
        "topic_refused": _("The service refused"),
        "topic_unknown": _("No such service"),
        "topic_input_wrong": _("Wrong input of a service"),
        "topic_output_wrong": _("Wrong output of a service"),
        "no_condition_true": _("No way leads on"),
        "name_undeclared": _("A name is not declared"),
        "feel_unknown_name": _("An expression names what is not there"),
        "decision_unknown": _("No such decision"),
        "error_uncaught": _("An error that nobody catches"),
        "timer_not_understood": _("A time is not understood"),
        "collection_is_no_list": _("Not a list"),
    }
    if code in words:
        return str(words[code])
    for start, general in (
        ("feel_", _("An expression cannot be evaluated")),
        ("table_", _("A decision table cannot decide")),
        ("dmn_", _("A decision cannot be evaluated")),
        ("timer_", _("A timer cannot be set")),
    ):
        if code.startswith(start):
            return str(general)
    return code


def place_words(place: str) -> str:
    """Where an expression stands in the element."""
    kind, _colon, name = place.partition(":")
    words = {
        "attribute": _("Attribute %(name)s", name=name),
        "property": _("Property %(name)s", name=name),
        "input": _("Input %(name)s", name=name),
        "output": _("Output %(name)s", name=name),
        "flow": _('Condition of the way "%(name)s"', name=name),
        "script": _("Script"),
        "completion": _("Completion condition"),
        "condition": _("Condition"),
        "timer": _("Time"),
        "called": _("Called process"),
        "transfer": _("Value passed on"),
        "collection": _("Collection"),
    }
    return str(words.get(kind, place))


def element_words(node: Node) -> str:
    return (node.name_en if language() == "en" else "") or node.name or node.id


def element_name(incident: Incident, stopped: Stopped | None = None) -> str:
    if stopped is not None and stopped.inspection is not None:
        return element_words(stopped.inspection.element)
    return incident.element_name or incident.element_id


def fields(row: Row, stopped: Stopped) -> list[Field]:
    """The values that the element reads, and those that the failure names, as inputs."""
    names = list(stopped.inspection.names) if stopped.inspection else []
    dictionary = stopped.contents.dictionary
    named = str(row.incident.params.get("name", ""))
    if named and dictionary is not None and named in dictionary:
        names.append(named)
    shown = shown_values(stopped, tuple(dict.fromkeys(names)), sees_case=row.case_code is not None)
    return [_field(one) for one in shown if one.writable]


def other_names(stopped: Stopped, listed: Sequence[Field]) -> list[tuple[str, str]]:
    """(name, label) of everything else that may be set."""
    dictionary = stopped.contents.dictionary
    if dictionary is None:
        return []
    taken = {one.name for one in listed}
    return [
        (name, f"{entry.label.in_language(language())} · {name}")
        for name, entry in dictionary.items()
        if name not in taken and entry.source != "party"
    ]


def inputs(row: Row, stopped: Stopped) -> Mapping[str, object]:
    look = stopped.inspection
    return shown_inputs(look.inputs, stopped, sees_case=row.case_code is not None) if look else {}


def changed(
    posted: Mapping[str, str], listed: Sequence[Field], stopped: Stopped
) -> tuple[dict[str, object], list[Any]]:
    """The values that were typed anew, and what is wrong with what was typed: (field, label, messages)."""
    dictionary: Mapping[str, Entry] = stopped.contents.dictionary or {}
    typed = {one.name: posted.get(PREFIX + one.name, "").strip() for one in listed}
    labels = {one.name: one.label for one in listed}
    fresh = {one.name: typed[one.name] for one in listed if typed[one.name] != one.text.strip()}
    other = posted.get("other", "")
    if other and other in dictionary:
        fresh[other], labels[other] = posted.get("other-value", ""), other
    values: dict[str, object] = {}
    wrong = []
    for name, text in fresh.items():
        try:
            values[name] = read_text(dictionary.get(name), text)
        except Refusal as refusal:
            wrong.append((PREFIX + name, labels[name], [_(refusal.message_id, **refusal.params)]))
    return values, wrong


def story(row: Row, subject_id: int | None) -> list[Told]:
    """What was done about this incident, the newest first."""
    incident = row.incident
    stream = (
        Stream(incident.county_id, f"instance:{incident.instance_id}")
        if subject_id is None
        else Stream.case(incident.county_id, subject_id)
    )
    words = {
        "incident.opened": _("Stood still"),
        "incident.retried": _("Tried again"),
        "incident.closed": _("Settled"),
        "variables.changed": _("Values changed"),
        "element.skipped": _("Skipped"),
        "process.restarted_before": _("Begun again before another step"),
    }
    found = []
    for entry in named_for_reader(stream.county_id, entries(stream, limit=300)):
        about = entry.about
        same = about.get("incident") == incident.id if "incident" in about else entry.at >= incident.opened_at
        if entry.event in words and same and about.get("instance") == incident.instance_id:
            told = str(words[entry.event])
            if entry.event == "variables.changed":
                told = f"{told}: {_change(entry.payload, sees=row.case_code is not None or subject_id is None)}"
            found.append(Told(entry.at, entry.actor_name, told, str(entry.payload.get("reason", ""))))
    return found


def _change(payload: Mapping[str, Any], *, sees: bool) -> str:
    old, new = payload.get("old", {}), payload.get("new", {})
    if not sees:
        return ", ".join(payload.get("names", []))
    return "; ".join(f"{name} {_short(old.get(name))} → {_short(new.get(name))}" for name in payload.get("names", []))


def _short(value: object) -> str:
    text = "—" if value is None else str(value)
    return text if len(text) <= LONG else text[:LONG] + "…"


def _field(one: ShownValue) -> Field:
    entry = one.entry
    text = "" if one.masked else shown_text(one.seen.value)
    label = entry.label.in_language(language()) if entry else one.seen.name
    return Field(one.seen.name, label, _input(entry, text), text, _options(entry), one.masked, not one.seen.known)


def _input(entry: Entry | None, text: str) -> str:
    if entry is None:
        return "text"
    if entry.values and entry.type != "list":
        return "select"
    kinds = {"boolean": "select", "date": "date", "list": "textarea", "context": "textarea"}
    return kinds.get(entry.type, "textarea" if len(text) > LONG else "text")


def _options(entry: Entry | None) -> list[tuple[str, str]]:
    if entry is None:
        return []
    if entry.type == "boolean":
        return [("true", str(_("yes"))), ("false", str(_("no")))]
    return [(str(one.value), one.label.in_language(language())) for one in entry.values]


__all__ = ["MASK", "Field", "Told", "changed", "element_name", "fields", "place_words", "reason_of", "story"]
