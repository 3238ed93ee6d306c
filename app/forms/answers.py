"""What was typed, as a tree that follows the form: nothing that the form does not ask for gets in.

A leaf is a text or a list of texts (typed values when they come as JSON or from storage), a group with a path is a
mapping, a dynamic list is a list of mappings.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from app.forms.components import INPUTS, SEVERAL, Component, Form

ADD = "_add"
REMOVE = "_remove"
SHOWN = "_shown"
ROWS = "rows"
MOST_ROWS = 100


def from_posted(form: Form, posted: "MultiDict[str, str]") -> dict[str, Any]:
    """The answers of an HTML form, whose fields are named ``key``, ``path.key`` and ``list.0.key``.

    A pressed "add" or "remove" button of a list is carried out.
    """
    tree = _mapping(form.components, posted, "")
    for name in posted.getlist(ADD):
        rows = _at(tree, name.split("."))
        if isinstance(rows, list) and len(rows) < MOST_ROWS:
            rows.append({})
    for name in posted.getlist(REMOVE):
        path, _, number = name.rpartition(".")
        rows = _at(tree, path.split("."))
        if isinstance(rows, list) and _is_row(number) and int(number) < len(rows):
            del rows[int(number)]
    return tree


def from_json(form: Form, posted: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The answers of a JSON object, and the names in it that the form does not ask for."""
    unknown: list[str] = []
    return _chosen(form.components, posted, "", unknown), unknown


def wants_another_look(posted: "MultiDict[str, str]") -> bool:
    """Whether a button was pressed that changes the form and does not send it."""
    return ADD in posted or REMOVE in posted


def is_blank(value: object) -> bool:
    """Nothing was typed: also for a row all of whose fields are blank."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Mapping):
        return all(is_blank(each) for each in value.values())
    if isinstance(value, list):
        return all(is_blank(each) for each in value)
    return value is None or value is False


def leaves(components: Iterable[Component]) -> Iterable[Component]:
    """The components that stand at one level of the tree: a group without a path adds no level."""
    for component in components:
        if component.type == "group" and not component.key:
            yield from leaves(component.components)
        elif component.key:
            yield component


def _mapping(components: Iterable[Component], posted: "MultiDict[str, str]", prefix: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for component in leaves(components):
        name = prefix + component.key
        if component.type == "dynamiclist":
            count = _row_count(posted, name)
            tree[component.key] = [_mapping(component.components, posted, f"{name}.{row}.") for row in range(count)]
        elif component.type == "group":
            tree[component.key] = _mapping(component.components, posted, f"{name}.")
        elif component.type in SEVERAL or (component.type == "filepicker" and component.multiple):
            tree[component.key] = [text for text in posted.getlist(name) if text]
        elif component.type == "checkbox":
            tree[component.key] = bool(posted.get(name))
        elif component.type in INPUTS:
            tree[component.key] = (posted.getlist(name) or [""])[-1]
    return tree


def _row_count(posted: "MultiDict[str, str]", name: str) -> int:
    count = posted.get(f"{name}.{ROWS}", "")
    return min(int(count), MOST_ROWS) if _is_row(count) else 0


def _chosen(
    components: Iterable[Component], posted: Mapping[str, Any], prefix: str, unknown: list[str]
) -> dict[str, Any]:
    asked = {component.key: component for component in leaves(components)}
    tree: dict[str, Any] = {}
    for key, value in posted.items():
        component = asked.get(key)
        name = f"{prefix}{key}"
        if component is None or (component.type not in INPUTS and not component.components):
            unknown.append(name)
        elif component.type == "dynamiclist" and isinstance(value, list):
            tree[key] = [
                _chosen(component.components, row, f"{name}.{number}.", unknown)
                for number, row in enumerate(value[:MOST_ROWS])
                if isinstance(row, Mapping)
            ]
        elif component.type == "group" and isinstance(value, Mapping):
            tree[key] = _chosen(component.components, value, f"{name}.", unknown)
        elif component.components:
            unknown.append(name)
        else:
            tree[key] = value
    return tree


def _is_row(text: str) -> bool:
    return text.isdecimal() and len(text) < 6


def _at(tree: Any, path: list[str]) -> Any:
    for part in path:
        if isinstance(tree, dict):
            tree = tree.get(part)
        elif isinstance(tree, list) and _is_row(part) and int(part) < len(tree):
            tree = tree[int(part)]
        else:
            return None
    return tree
