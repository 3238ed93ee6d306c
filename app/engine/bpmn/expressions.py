"""Texts of a diagram compiled once: literal, FEEL (a leading `=`), or JUEL (`${…}`), also inside a longer text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from app.engine.bpmn.diagram import Code, Node, Parameter
from app.engine.feel import (
    Date,
    DateTime,
    DaysTimeDuration,
    Environment,
    Time,
    YearsMonthsDuration,
    compile_expression,
    compile_juel,
    format_temporal,
)
from app.engine.findings import EngineError


class Expression(Protocol):
    """Something that has a value where the variables are known."""

    @property
    def names(self) -> frozenset[str]:
        """The variables it reads."""

    def evaluate(self, variables: Mapping[str, object], environment: Environment) -> object:
        """Its value; raises EngineError (FeelError)."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the file."""

    value: object
    names: frozenset[str] = frozenset()

    def evaluate(self, variables: Mapping[str, object], environment: Environment) -> object:
        return self.value


@dataclass(frozen=True, slots=True)
class Items:
    """A list of expressions (`camunda:list`)."""

    parts: tuple[Expression, ...]
    names: frozenset[str]

    def evaluate(self, variables: Mapping[str, object], environment: Environment) -> object:
        return [part.evaluate(variables, environment) for part in self.parts]


@dataclass(frozen=True, slots=True)
class Entries:
    """Expressions by key (`camunda:map`)."""

    parts: tuple[tuple[str, Expression], ...]
    names: frozenset[str]

    def evaluate(self, variables: Mapping[str, object], environment: Environment) -> object:
        return {name: part.evaluate(variables, environment) for name, part in self.parts}


def text(value: object) -> str:
    """A value as people read it; null is nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Date() | DateTime() | Time() | DaysTimeDuration() | YearsMonthsDuration():
            return format_temporal(value)
    return str(value)


def attribute(source: str) -> Expression:
    """The value of an attribute, a timer or a mapping. Raises FeelSyntaxError."""
    source = source.strip()
    if source.startswith("=") and not source.startswith("=="):
        return compile_expression(source[1:].strip())
    if "${" in source or "#{" in source:
        return compile_juel(source)
    return Literal(source)


def logic(code: Code) -> Expression:
    """A condition or a script: FEEL when its language says so or it begins with `=`, or one `${…}`.

    Raises EngineError `language_refused`, FeelSyntaxError.
    """
    source = code.text.strip()
    language = code.language.lower()
    if "juel" in language or (not language and source[:2] in ("${", "#{") and source.endswith("}")):
        return compile_juel(source)
    if source.startswith("=") and not source.startswith("=="):
        if not language or "feel" in language:
            return compile_expression(source[1:].strip())
    elif "feel" in language:
        return compile_expression(source)
    shown = " ".join(source.split())
    raise EngineError("language_refused", language=code.language, text=shown if len(shown) <= 80 else shown[:79] + "…")


def in_place(node: Node) -> Expression | None:
    """The expression of a service task that needs no Java: it reads nothing, or says where its value goes."""
    source = node.attributes.get("expression", "")
    if not source or node.behaviour != f"expression:{source}" or node.event.topic or node.attributes.get("topic"):
        return None
    try:
        compiled = attribute(source)
    except EngineError:
        return None
    return compiled if node.attributes.get("resultVariable") or not compiled.names else None


def parameter(given: Parameter) -> Expression:
    """The value of a `camunda:inputParameter` or `outputParameter`."""
    if isinstance(given, Code):
        return logic(given) if given.language else attribute(given.text)
    if isinstance(given, tuple):
        items = tuple(parameter(item) for item in given)
        return Items(items, _names(items))
    entries = tuple((name, parameter(item)) for name, item in given.items())
    return Entries(entries, _names(part for _, part in entries))


def name_or_expression(source: str) -> Expression:
    """A variable's bare name, or an expression (`camunda:collection`)."""
    source = source.strip()
    if source.startswith("=") or "${" in source or "#{" in source:
        return attribute(source)
    return compile_expression(source)


def _names(parts: Iterable[Expression]) -> frozenset[str]:
    return frozenset(name for part in parts for name in part.names)
