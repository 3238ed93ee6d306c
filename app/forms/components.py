"""A form-js form (schemaVersion 19) read into components."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.engine.findings import DefinitionError, Finding, Severity

INPUTS = frozenset(
    {"textfield", "textarea", "number", "datetime", "checkbox", "checklist", "radio", "select", "taglist", "filepicker"}
)
SHOWN = frozenset({"text", "separator", "spacer", "expression", "table"})
CONTAINERS = frozenset({"group", "dynamiclist"})
RENDERED = INPUTS | SHOWN | CONTAINERS
CHOICES = frozenset({"checklist", "radio", "select", "taglist"})
SEVERAL = frozenset({"checklist", "taglist"})

MAX_DEPTH = 20
_CACHED = 512


@dataclass(frozen=True, slots=True)
class Words:
    """A text of the form in both languages; a leading ``=`` or ``{{ }}`` inside is FEEL."""

    zh: str = ""
    en: str = ""

    def in_language(self, language: str) -> str:
        return (self.en or self.zh) if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Choice:
    value: object
    words: Words


@dataclass(frozen=True, slots=True)
class Limits:
    """What the form's `validate` asks."""

    required: bool = False
    min_length: int | None = None
    max_length: int | None = None
    min: str | None = None
    max: str | None = None
    pattern: str = ""
    pattern_words: Words = Words()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    """One component. `key` names what it writes: the form-js `key`, or the `path` of a container."""

    id: str
    type: str
    key: str
    label: Words
    description: Words
    text: Words
    prefix: Words
    suffix: Words
    limits: Limits
    hide: str
    readonly: str | bool
    disabled: bool
    default: object
    subtype: str
    decimals: int | None
    rows: int
    multiple: bool
    accept: str
    document: str
    check: str
    columns: int
    expression: str
    choices: tuple[Choice, ...]
    choices_expression: str
    table_columns: tuple[tuple[str, Words], ...]
    repetitions: int
    fixed_rows: bool
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class Form:
    id: str
    components: tuple[Component, ...]

    def walk(self) -> Iterator[Component]:
        """Every component, containers before what they hold."""
        yield from _walk(self.components)

    @property
    def expressions(self) -> str:
        """All FEEL of the form in one text, to find the names that drive it."""
        parts: list[str] = []
        for each in self.walk():
            readonly = each.readonly if isinstance(each.readonly, str) else ""
            parts += [each.hide, each.expression, each.choices_expression, readonly]
            parts += [words.zh + words.en for words in (each.label, each.description, each.text) if _has_feel(words)]
        return "\n".join(parts)


def parse(form: Mapping[str, Any]) -> Form:
    """The components of a form, remembered for the very same object. Unknown attributes are ignored."""
    held = _parsed.get(id(form))
    if held is not None and held[0] is form:
        return held[1]
    _refuse_misshapen(form)
    parsed = Form(str(form.get("id", "")), tuple(_component(raw) for raw in _list(form.get("components"))))
    _parsed[id(form)] = (form, parsed)
    while len(_parsed) > _CACHED:
        _parsed.popitem(last=False)
    return parsed


def _refuse_misshapen(form: object) -> None:
    """Raises DefinitionError `form_unreadable` for what is no form, or nests groups as no person does."""
    depth, level = 0, [form] if isinstance(form, Mapping) else []
    while level and depth <= MAX_DEPTH:
        level = [inner for one in level for inner in _list(one.get("components"))]
        depth += 1
    if depth == 0 or level:
        name = str(form.get("id", "")) if isinstance(form, Mapping) else ""
        raise DefinitionError([Finding(Severity.ERROR, "form_unreadable", params={"form": name})])


_parsed: OrderedDict[int, tuple[Mapping[str, Any], Form]] = OrderedDict()


def _walk(components: tuple[Component, ...]) -> Iterator[Component]:
    for component in components:
        yield component
        yield from _walk(component.components)


def _component(raw: Mapping[str, Any]) -> Component:
    kind = str(raw.get("type", ""))
    english = _map(raw.get("properties"))

    def words(name: str, source: Mapping[str, Any] = raw) -> Words:
        return Words(_text(source.get(name)), _text(english.get(f"{name}.en")))

    adorned = _map(raw.get("appearance"))
    readonly = raw.get("readonly", False)
    return Component(
        id=_text(raw.get("id")),
        type=kind,
        key=_text(raw.get("path") if kind in CONTAINERS else raw.get("key")),
        label=Words(
            _text(raw.get("label") or raw.get("dateLabel") or raw.get("timeLabel")), _text(english.get("label.en"))
        ),
        description=words("description"),
        text=words("text"),
        prefix=words("prefixAdorner", adorned),
        suffix=words("suffixAdorner", adorned),
        limits=_limits(_map(raw.get("validate")), english),
        hide=_feel(_map(raw.get("conditional")).get("hide")),
        readonly=readonly if isinstance(readonly, bool) else _feel(readonly),
        disabled=raw.get("disabled") is True,
        default=raw.get("defaultValue"),
        subtype=_text(raw.get("subtype")) or "date",
        decimals=_whole(raw.get("decimalDigits")),
        rows=min(max(_whole(english.get("rows")) or 4, 2), 20),
        multiple=raw.get("multiple") is True,
        accept=_text(raw.get("accept")),
        document=_text(english.get("document.kind")).strip(),
        check=_text(english.get("check")),
        columns=_whole(_map(raw.get("layout")).get("columns")) or 16,
        expression=_feel(raw.get("expression") or raw.get("dataSource")),
        choices=tuple(_choice(each) for each in _list(raw.get("values"))),
        choices_expression=_feel(raw.get("valuesExpression") or raw.get("valuesKey")),
        table_columns=tuple(
            (_text(each.get("key")), Words(_text(each.get("label")), _text(each.get("label.en"))))
            for each in _list(raw.get("columns"))
        ),
        repetitions=_repetitions(raw),
        fixed_rows=raw.get("allowAddRemove") is False,
        components=tuple(_component(each) for each in _list(raw.get("components"))),
    )


def _repetitions(raw: Mapping[str, Any]) -> int:
    number = _whole(raw.get("defaultRepetitions"))
    return 1 if number is None else min(max(number, 0), 20)


def _limits(validate: Mapping[str, Any], english: Mapping[str, Any]) -> Limits:
    def limit(name: str) -> str | None:
        value = validate.get(name)
        return None if value is None or value == "" else str(value)

    return Limits(
        required=validate.get("required") is True,
        min_length=_whole(validate.get("minLength")),
        max_length=_whole(validate.get("maxLength")),
        min=limit("min"),
        max=limit("max"),
        pattern=_text(validate.get("pattern")),
        pattern_words=Words(_text(validate.get("patternErrorMessage")), _text(english.get("patternErrorMessage.en"))),
        kind=_text(validate.get("validationType")),
    )


def _choice(raw: Mapping[str, Any]) -> Choice:
    label = _text(raw.get("label"))
    return Choice(raw.get("value"), Words(label, _text(raw.get("label.en"))))


def _feel(value: object) -> str:
    return _text(value).strip().removeprefix("=").strip()


def _has_feel(words: Words) -> bool:
    return any(text.startswith("=") or "{{" in text for text in (words.zh, words.en))


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return int(str(value))
    except ValueError:
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
