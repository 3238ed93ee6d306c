"""Words of differences and of a package's history, in the reader's language."""

from typing import Any

from flask_babel import lazy_gettext as _l

_DETAILS: dict[str, Any] = {
    "name": _l("name"),
    "name.en": _l("English name"),
    "title": _l("title of the task"),
    "title.en": _l("title of the task in English"),
    "stage": _l("stage"),
    "formKey": _l("form"),
    "candidateGroups": _l("who may take it"),
    "assignee": _l("who does it"),
    "dueDate": _l("due"),
    "followUpDate": _l("follow-up date"),
    "priority": _l("priority"),
    "topic": _l("service"),
    "decisionRef": _l("rule table"),
    "calledElement": _l("called path"),
    "conditionExpression": _l("condition"),
    "sourceRef": _l("from"),
    "targetRef": _l("to"),
    "default": _l("otherwise"),
    "attachedToRef": _l("attached to"),
    "documentation": _l("note"),
    "type": _l("kind"),
    "inside": _l("lies in"),
    "label": _l("label"),
    "properties/label.en": _l("English label"),
    "description": _l("help text"),
    "properties/description.en": _l("English help text"),
    "key": _l("name in the dictionary"),
    "validate/required": _l("required"),
    "conditional/hide": _l("hidden when"),
    "hitPolicy": _l("hit policy"),
}

_ELEMENTS: dict[str, Any] = {
    "process": _l("path"),
    "userTask": _l("task"),
    "serviceTask": _l("service task"),
    "businessRuleTask": _l("decision"),
    "scriptTask": _l("calculation"),
    "sendTask": _l("message sent"),
    "receiveTask": _l("message awaited"),
    "callActivity": _l("called path"),
    "subProcess": _l("part of a path"),
    "adHocSubProcess": _l("optional actions"),
    "startEvent": _l("start"),
    "endEvent": _l("end"),
    "boundaryEvent": _l("event at a step"),
    "intermediateCatchEvent": _l("waiting event"),
    "intermediateThrowEvent": _l("event set off"),
    "exclusiveGateway": _l("either-or"),
    "parallelGateway": _l("side by side"),
    "inclusiveGateway": _l("one or more"),
    "eventBasedGateway": _l("whichever comes first"),
    "sequenceFlow": _l("arrow"),
    "decision": _l("decision"),
    "inputData": _l("input"),
    "textAnnotation": _l("annotation"),
    "textfield": _l("text field"),
    "textarea": _l("text area"),
    "number": _l("number"),
    "datetime": _l("date"),
    "checkbox": _l("tick box"),
    "checklist": _l("tick boxes"),
    "radio": _l("choice"),
    "select": _l("choice list"),
    "filepicker": _l("file"),
    "text": _l("text"),
    "group": _l("group"),
    "dynamiclist": _l("repeated group"),
    "table": _l("shown table"),
    "taglist": _l("choice of several"),
}

EVENTS: dict[str, Any] = {
    "release.published": _l("Release %(number)s took effect"),
    "release.rolled_back": _l("Went back to release %(to)s, as release %(number)s"),
    "publication.requested": _l("Asked to publish"),
    "publication.approved": _l("Approved what was asked"),
    "publication.declined": _l("Declined: %(reason)s"),
    "publication.withdrawn": _l("Took the request back"),
    "publication.failed": _l("Could not be published: %(reason)s"),
    "policy.second_person_on": _l("A second person approves from now on"),
    "policy.second_person_off": _l("No second person is asked from now on"),
    "draft.added": _l("Added %(path)s as a draft"),
    "draft.discarded": _l("Put the changes of %(path)s away"),
    "draft.restored": _l("Fetched %(path)s back"),
    "draft.kept": _l("Went on with the own version of %(path)s"),
    "draft.file_removed": _l("Takes %(path)s out with the next release"),
    "draft.renamed": _l("Renamed %(old_path)s to %(path)s"),
    "rehearsal.asked": _l("Asked to rehearse the draft of %(path)s"),
    "shadow.cast": _l("Lets the draft of %(path)s decide beside the active one"),
    "instances.move_asked": _l("Asked to move running processes to release %(to)s"),
    "instances.move_cancelled": _l("Stopped the move to release %(to)s"),
    "instances.undo_asked": _l("Asked to take back the move to release %(to)s"),
}

_KEYS = ("number", "to", "reason", "path", "old_path")


def detail_word(what: str) -> str:
    """What of an element differs; what has no word of its own is shown as the file says it."""
    return str(_DETAILS.get(what, what))


def element_word(kind: str) -> str:
    return str(_ELEMENTS.get(kind, kind))


def event_word(event: str, payload: dict[str, Any]) -> str:
    """A line of a package's history; an event without words of its own is shown by its name."""
    template = EVENTS.get(event)
    if template is None:
        return event
    return str(template) % {key: payload.get(key, "—") for key in _KEYS}
