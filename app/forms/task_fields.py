"""A form made of the fields that a diagram names inside its task (`camunda:formData`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.engine.bpmn.diagram import FormField
from app.engine.bpmn.expressions import attribute
from app.engine.feel import Environment
from app.engine.findings import EngineError

_NUMBERS: Mapping[str, int | None] = {
    "long": 0,
    "integer": 0,
    "int": 0,
    "short": 0,
    "double": None,
    "float": None,
    "number": None,
}
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%m/%d/%Y")


def form_of(fields: Sequence[FormField]) -> dict[str, Any]:
    """The form as form-js writes it: one component per field, in the diagram's order.

    Defaults that are expressions are left out: they are known where the task is.
    """
    return {
        "type": "default",
        "schemaVersion": 19,
        "id": "fields",
        "components": [_component(field) for field in fields if field.id],
    }


def computed_defaults(
    fields: Sequence[FormField], variables: Mapping[str, object], environment: Environment
) -> dict[str, object]:
    """What fields begin with whose default is an expression; one that cannot be evaluated leaves its field empty."""
    found: dict[str, object] = {}
    for field in fields:
        if is_expression(field.default):
            try:
                found[field.id] = attribute(field.default).evaluate(variables, environment)
            except EngineError:
                continue
    return found


def is_expression(default: str) -> bool:
    return default.startswith("=") or "${" in default or "#{" in default


def _component(field: FormField) -> dict[str, Any]:
    words = field.label or field.id
    component: dict[str, Any] = {
        "id": field.id,
        "key": field.id,
        "label": words,
        "properties": {"label.en": words},
        "validate": _limits(field),
    }
    if "readonly" in field.constraints:
        component["readonly"] = True
    if field.type in _NUMBERS:
        component["type"] = "number"
        if _NUMBERS[field.type] is not None:
            component["decimalDigits"] = _NUMBERS[field.type]
    elif field.type == "boolean":
        component["type"] = "checkbox"
    elif field.type == "date":
        component |= {"type": "datetime", "subtype": "date", "dateLabel": words}
    elif field.type == "enum" and field.choices:
        component["type"] = "select"
        component["values"] = [
            {"value": value, "label": label or value, "label.en": label or value} for value, label in field.choices
        ]
    else:
        component["type"] = "textfield"
    default = _default(field)
    if default is not None:
        component["defaultValue"] = default
    return component


def _limits(field: FormField) -> dict[str, Any]:
    given = field.constraints
    limits: dict[str, Any] = {}
    if "required" in given and given["required"] != "false":
        limits["required"] = True
    for name, theirs in (("minLength", "minlength"), ("maxLength", "maxlength"), ("min", "min"), ("max", "max")):
        if given.get(theirs, "").strip():
            limits[name] = given[theirs].strip()
    return limits


def _default(field: FormField) -> object:
    text = field.default.strip()
    if not text or is_expression(text):
        return None
    if field.type == "boolean":
        return text.lower() == "true"
    if field.type == "date":
        return _day(text)
    return text


def _day(text: str) -> str | None:
    """A day in one of the ways that diagrams write it; Camunda's own is 24/12/2026."""
    for written in _DAYS:
        try:
            return datetime.strptime(text, written).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
