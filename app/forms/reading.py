"""From what was posted to typed values, or to messages beside the fields."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from app.engine.feel import Environment
from app.forms.answers import SHOWN, from_json, from_posted, is_blank, wants_another_look
from app.forms.components import INPUTS, parse
from app.forms.dictionary import Dictionary
from app.forms.errors import FormInvalid, FormUnfinished
from app.forms.nodes import Node, Sight


def read(
    form: Mapping[str, Any],
    posted: Mapping[str, Any],
    *,
    dictionary: Dictionary | None,
    variables: Mapping[str, object],
    environment: Environment,
    language: str = "zh",
    known_files: Collection[str] = (),
) -> dict[str, object]:
    """The values of a posted form, typed as FEEL values, by the names the form writes.

    `posted` is the MultiDict of an HTML form, or a JSON object. What a condition hides, what is locked and what the
    form does not ask for is dropped (in JSON an unknown name is an error). A visible field that was left empty is
    None. `variables` are what conditions may read beside the form; `known_files` the ids a file field may hold.

    Raises FormInvalid with messages by field name and the tree of what was typed, for `render`; FormUnfinished when
    a button only asked for another row, or when the answers opened questions that were not on the page.
    """
    parsed = parse(form)
    sight = Sight(
        parsed,
        dictionary=dictionary,
        variables=variables,
        environment=environment,
        language=language,
        known_files=known_files,
    )
    if not isinstance(posted, MultiDict):
        tree, unknown = from_json(parsed, posted)
        if unknown:
            raise FormInvalid({name: [_("The form has no such field.")] for name in unknown}, tree)
        return _values(sight, sight.nodes(tree), tree, absent_is_left_out=True)

    tree = from_posted(parsed, posted)
    if wants_another_look(posted):
        raise FormUnfinished({}, tree)
    nodes = sight.nodes(tree)
    if SHOWN in posted:
        before = set(posted[SHOWN].split(","))
        if sight.conditional(nodes) - before:
            raise FormUnfinished({}, tree)
    return _values(sight, nodes, tree, absent_is_left_out=False)


def _values(
    sight: Sight, nodes: Iterable[Node], tree: Mapping[str, Any], *, absent_is_left_out: bool
) -> dict[str, object]:
    reader = _Reader(sight, absent_is_left_out)
    values = reader.level(nodes)
    if reader.errors:
        raise FormInvalid(reader.errors, tree)
    return values


class _Reader:
    def __init__(self, sight: Sight, absent_is_left_out: bool) -> None:
        self.errors: dict[str, list[str]] = {}
        self._sight = sight
        self._absent_is_left_out = absent_is_left_out

    def level(self, nodes: Iterable[Node]) -> dict[str, object]:
        values: dict[str, object] = {}
        for node in nodes:
            kind, key = node.component.type, node.component.key
            if kind == "group" and not key:
                values.update(self.level(node.nodes))
            elif not key or node.locked:
                continue
            elif kind == "group":
                values[key] = self.level(node.nodes)
            elif kind == "dynamiclist":
                values[key] = self._rows(node)
            elif kind in INPUTS and (node.given or _required(node) or not self._absent_is_left_out):
                values[key] = self._leaf(node)
        return values

    def _rows(self, node: Node) -> list[dict[str, object]]:
        typed = node.typed if isinstance(node.typed, list) else []
        rows = [self.level(row) for row, raw in zip(node.rows, typed, strict=False) if not is_blank(raw)]
        if not rows and _required(node):
            self._wrong(node, [_("Please fill in at least one row.")])
        return rows

    def _leaf(self, node: Node) -> object:
        typed = node.typed
        several = node.component.type in ("checklist", "taglist") or node.component.multiple
        if typed is None or typed == [] or (isinstance(typed, str) and not typed.strip()):
            if _required(node):
                self._wrong(node, [self._missing(node)])
            return [] if several else None
        try:
            value: object = self._sight.field(node).deserialize(typed)
        except ValidationError as error:
            self._wrong(node, _sentences(error.messages))
            return None
        if node.component.type == "checkbox" and value is not True and _required(node):
            self._wrong(node, [_("Please confirm this.")])
        return value

    def _wrong(self, node: Node, messages: list[str]) -> None:
        self.errors[node.name] = messages

    def _missing(self, node: Node) -> str:
        sentence: str = _("Please fill this in.")
        if node.offers:
            sentence = _("Please choose one.")
        elif node.component.type == "filepicker":
            sentence = _("Please choose a file.")
        elif node.component.type == "checkbox":
            sentence = _("Please confirm this.")
        return sentence


def _required(node: Node) -> bool:
    return node.component.limits.required


def _sentences(messages: object) -> list[str]:
    """Marshmallow's messages, those of a list's items included, each once."""
    if isinstance(messages, Mapping):
        return list(dict.fromkeys(text for inner in messages.values() for text in _sentences(inner)))
    if isinstance(messages, list):
        return [str(message) for message in messages]
    return [str(messages)]
