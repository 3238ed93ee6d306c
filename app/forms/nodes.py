"""The form as this person sees it now: conditions evaluated, choices resolved, hidden parts left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property, partial
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError, fields

from app.core.layers import Computed, Unset, layered
from app.core.texts import one_line, plain_text
from app.engine.feel import Environment
from app.forms import conditions
from app.forms.answers import is_blank
from app.forms.components import CHOICES, INPUTS, Component, Form, Words
from app.forms.dictionary import Dictionary, Entry, entry
from app.forms.schemas import field_for, written

_PASSES = 12


@dataclass(frozen=True, slots=True)
class Offer:
    """One value that may be chosen, with its word in the reader's language."""

    value: object
    label: str


@dataclass(slots=True)
class Node:
    """A visible component.

    `name` is its HTML name, `typed` what stands in it, `given` whether an answer came for it at all, `locked` when
    nobody may write it, `scope` what its own expressions read.
    """

    component: Component
    name: str
    typed: Any
    given: bool
    locked: bool
    entry: Entry | None
    scope: Mapping[str, object]
    offers: list[Offer] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    rows: list[list[Node]] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        yield self
        for inner in self.nodes:
            yield from inner.walk()
        for row in self.rows:
            for inner in row:
                yield from inner.walk()


class Sight:
    """Decides what is visible of `form` for a tree of answers.

    `variables`: what is known beside the form; `known_files`: ids a file field may hold.
    """

    def __init__(
        self,
        form: Form,
        *,
        dictionary: Dictionary | None,
        variables: Mapping[str, object],
        environment: Environment,
        language: str,
        known_files: Collection[str] = (),
    ) -> None:
        self._form = form
        self._dictionary = dictionary
        self._environment = environment
        self._known_files = known_files
        self.language = language
        unset: Mapping[str, object] = Unset(dictionary) if dictionary is not None else {}
        self._known = layered(variables, unset)

    def nodes(self, tree: Mapping[str, Any]) -> list[Node]:
        """The visible components. Hidden answers are null for every condition, until nothing changes any more."""
        hidden: set[str] = set()
        for _pass in range(_PASSES):
            found: set[str] = set()
            nodes = self._level(self._form.components, tree, "", self._known, hidden, found, top=True)
            if found == hidden:
                break
            hidden = found
        return nodes

    def conditional(self, nodes: Iterable[Node]) -> set[str]:
        """The names of visible components that a condition could have hidden."""
        every = (inner for node in nodes for inner in node.walk())
        return {node.name or node.component.id for node in every if node.component.hide}

    def field(self, node: Node) -> fields.Field[Any]:
        return field_for(
            node.component,
            offered=[offer.value for offer in node.offers],
            ended={each.value: each.label.in_language(self.language) for each in node.entry.ended}
            if node.entry
            else {},
            language=self.language,
            zone=self._environment.zone,
            today=self._today,
            known_files=self._known_files,
        )

    @cached_property
    def _today(self) -> date:
        return self._environment.now.astimezone(self._environment.zone).date()

    def words(self, words: Words, scope: Mapping[str, object]) -> str:
        return conditions.filled(words.in_language(self.language), scope, self._environment)

    def prose(self, words: Words, scope: Mapping[str, object]) -> str:
        """A Markdown text; what people typed elsewhere stands in it as plain words."""
        text = words.in_language(self.language)
        return conditions.filled(text, scope, self._environment, conditions.without_markdown)

    def label(self, node: Node) -> str:
        """The component's own words, else the dictionary's, else the bare name."""
        own = self.words(node.component.label, node.scope)
        if self.language == "en" and not node.component.label.en and node.entry is not None:
            own = node.entry.label.in_language("en")
        if not own and node.entry is not None:
            own = node.entry.label.in_language(self.language)
        return own or node.component.key

    def value(self, expression: str, scope: Mapping[str, object]) -> object:
        return conditions.value_or_null(expression, scope, self._environment)

    def _level(
        self,
        components: Iterable[Component],
        tree: Mapping[str, Any],
        prefix: str,
        outer: Mapping[str, object],
        hidden: set[str],
        found: set[str],
        *,
        top: bool,
    ) -> list[Node]:
        scope = layered(Computed(self._values(components, tree, prefix, outer, hidden, top=top)), outer)
        nodes: list[Node] = []
        for component in components:
            name = prefix + component.key if component.key else ""
            place = name or f"{prefix}#{component.id}"
            if component.hide and conditions.holds(component.hide, scope, self._environment):
                found.add(place)
                continue
            locked = self._locked(component, scope, top)
            node = Node(component, name, tree.get(component.key), component.key in tree, locked, None, scope)
            if node.locked and top:
                node.typed = self._known.get(component.key, node.typed)
            node.entry = entry(self._dictionary, component.key) if top else None
            if component.type == "group":
                inner = _branch(tree, component)
                node.nodes = self._level(
                    component.components,
                    inner,
                    f"{name}." if component.key else prefix,
                    scope,
                    hidden,
                    found,
                    top=top and not component.key,
                )
            elif component.type == "dynamiclist":
                rows = node.typed if isinstance(node.typed, list) else []
                node.rows = [
                    self._level(component.components, row, f"{name}.{number}.", scope, hidden, found, top=False)
                    for number, row in enumerate(rows)
                    if isinstance(row, Mapping)
                ]
            elif component.type in CHOICES:
                node.offers = self._offers(component, node.entry, scope)
            nodes.append(node)
        return nodes

    def _values(
        self,
        components: Iterable[Component],
        tree: Mapping[str, Any],
        prefix: str,
        outer: Mapping[str, object],
        hidden: set[str],
        *,
        top: bool,
    ) -> dict[str, Callable[[], object]]:
        """What the components of one level are worth to a condition that asks: what cannot be read is null."""
        values: dict[str, Callable[[], object]] = {}
        for component in components:
            name = prefix + component.key if component.key else ""
            gone = (name or f"{prefix}#{component.id}") in hidden
            if component.type == "group" and not component.key:
                inner = {} if gone else tree
                values.update(self._values(component.components, inner, prefix, outer, hidden, top=top))
            elif component.components and component.key:
                values[component.key] = _null if gone else partial(self._inner, component, tree, name, outer, hidden)
            elif component.type in INPUTS and component.key and not self._locked(component, outer, top):
                typed = tree.get(component.key)
                values[component.key] = _null if gone else partial(self._leaf, component, typed, outer, top)
        return values

    def _inner(
        self, component: Component, tree: Mapping[str, Any], name: str, outer: Mapping[str, object], hidden: set[str]
    ) -> object:
        if component.type == "group":
            inner = _branch(tree, component)
            return _worked_out(self._values(component.components, inner, f"{name}.", outer, hidden, top=False))
        rows = tree.get(component.key)
        return [
            _worked_out(self._values(component.components, row, f"{name}.{number}.", outer, hidden, top=False))
            for number, row in enumerate(rows if isinstance(rows, list) else [])
            if isinstance(row, Mapping) and not is_blank(row)
        ]

    def _leaf(self, component: Component, typed: Any, outer: Mapping[str, object], top: bool) -> object:
        if typed is None or typed == "":
            return None
        if component.type in ("textfield", "textarea"):
            kept = plain_text if component.type == "textarea" else one_line
            return kept(typed) if isinstance(typed, str) else typed
        own = entry(self._dictionary, component.key) if top else None
        offers = self._offers(component, own, outer) if component.type in CHOICES else []
        if component.choices_expression:
            return typed
        node = Node(component, component.key, typed, True, False, own, outer, offers)
        try:
            return self.field(node).deserialize(typed)
        except ValidationError:
            return None

    def _locked(self, component: Component, scope: Mapping[str, object], top: bool) -> bool:
        if component.disabled or component.readonly is True:
            return True
        if isinstance(component.readonly, str) and component.readonly:
            return conditions.holds(component.readonly, scope, self._environment)
        if not top or not component.key or self._dictionary is None:
            return False
        own = entry(self._dictionary, component.key)
        return own is None or not own.form

    def _offers(self, component: Component, own: Entry | None, scope: Mapping[str, object]) -> list[Offer]:
        if component.choices_expression:
            return list(self._computed(component.choices_expression, scope))
        if own is not None and own.registered:
            return list(self._of_register(component, own))
        if component.choices:
            return [
                Offer(_typed(choice.value, own), self._choice_word(choice.words, choice.value, own))
                for choice in component.choices
            ]
        if own is not None and own.values:
            return [Offer(_typed(each.value, own), each.label.in_language(self.language)) for each in own.values]
        if own is not None and own.type == "boolean":
            return [Offer(True, _("Yes")), Offer(False, _("No"))]
        return []

    def _of_register(self, component: Component, own: Entry) -> Iterator[Offer]:
        """What the register offers of the values that the form names, and what was entered before it ended."""
        named = {written(choice.value) for choice in component.choices}
        before = self._known.get(component.key)
        entered = {written(each) for each in (before if isinstance(before, list | tuple) else [before])}
        offered = [*own.values, *(each for each in own.ended if written(each.value) in entered)]
        for each in offered:
            if not named or written(each.value) in named:
                yield Offer(each.value, each.label.in_language(self.language))

    def _choice_word(self, words: Words, value: object, own: Entry | None) -> str:
        listed = next((each.label for each in own.values if each.value == value), None) if own is not None else None
        if listed is not None and (not words.zh or (self.language == "en" and not words.en)):
            return listed.in_language(self.language)
        return words.in_language(self.language) or str(value)

    def _computed(self, expression: str, scope: Mapping[str, object]) -> Iterator[Offer]:
        value = self.value(expression, scope)
        for each in value if isinstance(value, list) else []:
            if isinstance(each, Mapping):
                label = each.get("label_en") if self.language == "en" else None
                yield Offer(each.get("value"), str(label or each.get("label") or each.get("value")))
            elif each is not None:
                yield Offer(each, str(each))


def _null() -> None:
    """What a hidden answer is worth."""


def _worked_out(values: Mapping[str, Callable[[], object]]) -> dict[str, object]:
    return {name: make() for name, make in values.items()}


def _branch(tree: Mapping[str, Any], component: Component) -> Mapping[str, Any]:
    """The answers that a group's components read: its own when it has a path, else those around it."""
    if not component.key:
        return tree
    inner = tree.get(component.key)
    return inner if isinstance(inner, Mapping) else {}


def _typed(value: object, own: Entry | None) -> object:
    """A choice of the form in the dictionary's type: form-js writes every value as a text."""
    if own is None:
        return value
    if own.type == "boolean" and value in ("true", "false"):
        return value == "true"
    if own.type == "number" and not isinstance(value, bool):
        try:
            return Decimal(str(value))
        except InvalidOperation:
            return value
    return value
