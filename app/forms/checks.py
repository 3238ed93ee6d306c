"""What is wrong with a form, found before it is published."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import re2

from app.engine.feel import compile_expression
from app.engine.findings import EngineError, Finding, Severity
from app.engine.words import sentence
from app.forms.answers import leaves
from app.forms.components import CHOICES, INPUTS, RENDERED, SEVERAL, Component, Form, Words, parse
from app.forms.dictionary import Dictionary, entry

CHECKS = frozenset({"identity_number", "organisation_code", "phone", "email"})

_TYPES: Mapping[str, frozenset[str]] = {
    "text": frozenset({"textfield", "textarea", "select", "radio", "filepicker", "datetime:time"}),
    "number": frozenset({"number", "select", "radio"}),
    "boolean": frozenset({"checkbox", "select", "radio"}),
    "date": frozenset({"datetime:date"}),
    "date_time": frozenset({"datetime:datetime"}),
    "list": frozenset({"checklist", "taglist", "filepicker", "dynamiclist"}),
    "context": frozenset({"group"}),
}


def check(form: Mapping[str, Any], dictionary: Dictionary | None, *, file: str = "") -> list[Finding]:
    """Everything in `form` that would not work or not be understood.

    `dictionary` None is a foreign package: names and types are not checked. Errors refuse the publishing; warnings
    are words that are missing in one language.
    """
    if not isinstance(form.get("components"), list):
        return [Finding(Severity.ERROR, "form_no_components", file)]
    return list(_Checker(parse(form), dictionary, file).findings())


class _Checker:
    def __init__(self, form: Form, dictionary: Dictionary | None, file: str) -> None:
        self._form = form
        self._dictionary = dictionary
        self._file = file

    def findings(self) -> Iterator[Finding]:
        yield from self._level(self._form.components, frozenset(), top=True)

    def _level(self, components: tuple[Component, ...], outer: frozenset[str], *, top: bool) -> Iterator[Finding]:
        keys = outer | {component.key for component in leaves(components)}
        seen: set[str] = set()
        for component in leaves(components):
            if component.key in seen and not component.hide:
                yield self._finding(component, "form_key_twice", key=component.key)
            seen.add(component.key)
        for component in components:
            yield from self._component(component, keys, top)
            if component.components:
                inside = top and component.type == "group" and not component.key
                yield from self._level(component.components, keys, top=inside)

    def _component(self, component: Component, names: frozenset[str], top: bool) -> Iterator[Finding]:
        if component.type not in RENDERED:
            yield self._finding(component, "form_type_refused", type=component.type)
            return
        if component.type in INPUTS or component.type == "dynamiclist":
            if not component.key:
                yield self._finding(component, "form_key_missing", type=component.type)
            elif top:
                yield from self._declared(component)
        yield from self._words(component)
        yield from self._limits(component)
        yield from self._choices(component, top)
        for expression in expressions_of(component):
            yield from self._feel(component, expression, names)

    def _declared(self, component: Component) -> Iterator[Finding]:
        if self._dictionary is None:
            return
        own = entry(self._dictionary, component.key)
        if own is None:
            yield self._finding(component, "form_name_undeclared", key=component.key)
            return
        if not own.form and not component.disabled and component.readonly is False:
            yield self._finding(component, "form_name_not_writable", key=component.key)
        kind = f"datetime:{component.subtype}" if component.type == "datetime" else component.type
        fits = kind in _TYPES.get(own.type, frozenset())
        if component.type == "filepicker":
            fits = own.type == ("list" if component.multiple else "text")
        if not fits:
            yield self._finding(component, "form_type_mismatch", key=component.key, type=kind, declared=own.type)

    def _words(self, component: Component) -> Iterator[Finding]:
        own = entry(self._dictionary, component.key) if component.key else None
        if component.type in INPUTS and not component.label.zh and own is None:
            yield self._finding(component, "form_label_missing", key=component.key or component.id)
        untranslated = [
            words
            for words in (component.label, component.description, component.text)
            if words.zh and not words.en and not words.zh.startswith("=")
        ]
        if component.label in untranslated and own is not None and own.label.in_language("en"):
            untranslated.remove(component.label)
        for words in untranslated:
            yield self._finding(component, "form_english_missing", Severity.WARNING, text=words.zh[:40])

    def _limits(self, component: Component) -> Iterator[Finding]:
        limits = component.limits
        if limits.pattern:
            try:
                options = re2.Options()
                options.log_errors = False
                re2.compile(limits.pattern, options)
            except re2.error:
                yield self._finding(component, "form_pattern_wrong", pattern=limits.pattern)
        for limit in (limits.min, limits.max):
            try:
                Decimal(limit or 0)
            except InvalidOperation:
                yield self._finding(component, "form_limit_wrong", limit=limit)
        if component.check and component.check not in CHECKS:
            yield self._finding(component, "form_check_unknown", check=component.check, known=", ".join(sorted(CHECKS)))

    def _choices(self, component: Component, top: bool) -> Iterator[Finding]:
        if component.type not in CHOICES:
            return
        own = entry(self._dictionary, component.key) if top else None
        declared = [str(each.value).lower() for each in own.values] if own is not None else []
        yes_or_no = own is not None and own.type == "boolean" and component.type not in SEVERAL
        if not (component.choices or component.choices_expression or declared or yes_or_no):
            yield self._finding(component, "form_choices_missing", key=component.key)
        for choice in component.choices:
            if declared and str(choice.value).lower() not in declared:
                yield self._finding(component, "form_choice_undeclared", key=component.key, value=choice.value)
            elif not declared and choice.words.zh and not choice.words.en:
                yield self._finding(component, "form_english_missing", Severity.WARNING, text=choice.words.zh)

    def _feel(self, component: Component, expression: str, names: frozenset[str]) -> Iterator[Finding]:
        try:
            used = compile_expression(expression).names
        except EngineError as error:
            yield self._finding(
                component, "form_expression_wrong", expression=expression[:80], reason=_Reason(error.code, error.params)
            )
            return
        if self._dictionary is None:
            return
        for name in sorted(used):
            if name not in names and name not in self._dictionary:
                yield self._finding(component, "form_expression_name", expression=expression[:80], name=name)

    def _finding(
        self, component: Component, code: str, severity: Severity = Severity.ERROR, **params: object
    ) -> Finding:
        name = component.label.zh or component.key
        return Finding(severity, code, self._file, 0, component.id or component.key, name, params)


class _Reason:
    """The engine's own complaint inside one of ours; worded when the sentence is filled."""

    def __init__(self, code: str, params: Mapping[str, object]) -> None:
        self._code = code
        self._params = params

    def __str__(self) -> str:
        return sentence(self._code, self._params)

    def __format__(self, language: str) -> str:
        return sentence(self._code, self._params, language or "zh")


def expressions_of(component: Component) -> Iterator[str]:
    """All FEEL of one component: conditions, computed values, choices, words with values in them."""
    for text in (component.hide, component.expression, component.choices_expression):
        if text:
            yield text
    if isinstance(component.readonly, str) and component.readonly:
        yield component.readonly
    for words in (component.label, component.description, component.text):
        yield from _inside(words)


def _inside(words: Words) -> Iterator[str]:
    for text in (words.zh, words.en):
        if text.startswith("="):
            yield text[1:].strip()
        else:
            yield from (part.split("}}")[0].strip().removeprefix("=") for part in text.split("{{")[1:])
