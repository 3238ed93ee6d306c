"""FEEL inside DMN: texts compiled once per scope, with what was wrong or unknown remembered for the check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields

from app.engine.dmn.errors import DecisionError
from app.engine.dmn.evaluation import Evaluation, Scope
from app.engine.dmn.item_definitions import ItemTypes
from app.engine.dmn.metamodel import Definitions, Place, Text
from app.engine.feel import Expression, FeelError, UnaryTests, compile_expression, compile_unary_tests
from app.engine.feel.syntax import Filter, Name, Node
from app.engine.feel.syntax import Iterator as FeelIterator
from app.engine.feel.types import ANY, FeelType
from app.engine.findings import EngineError, Finding, Severity
from app.engine.words import sentence

_WHERE = ("row", "input", "output")


@dataclass(frozen=True, slots=True)
class Use:
    """Names that one text reads, and the names that its scope declares.

    `among_entries`: it stands in a boxed filter, where a name may also be an entry of the filtered items.
    """

    text: Text
    names: frozenset[str]
    scope: frozenset[str]
    tree: Node
    among_entries: bool = False

    @property
    def undeclared(self) -> frozenset[str]:
        """Names that nothing in the file declares; in a filter they may be entries of the filtered items."""
        return self.names - self.scope

    def surely_undeclared(self) -> frozenset[str]:
        """Undeclared names that cannot be entries of filtered items."""
        names = self.undeclared
        if not names or self.among_entries:
            return frozenset()
        return names & frozenset(_outside_filters(self.tree))


def _outside_filters(node: object) -> Iterator[str]:
    """The names read anywhere but in the condition of a filter."""
    if isinstance(node, Name):
        yield node.name
    elif isinstance(node, Filter):
        yield from _outside_filters(node.source)
    elif isinstance(node, tuple):
        for part in node:
            yield from _outside_filters(part)
    elif isinstance(node, Node | FeelIterator):
        for field in fields(node):
            yield from _outside_filters(getattr(node, field.name))


class Compiler:
    """Compiles the texts of one file and collects findings about them."""

    def __init__(
        self, definitions: Definitions, imported_types: Sequence[tuple[str, ItemTypes]], spoken_names: frozenset[str]
    ) -> None:
        self.file = definitions.file
        self.findings: list[Finding] = []
        self.uses: list[Use] = []
        self.tables: list[object] = []
        self._filters = 0
        self.types = ItemTypes(definitions.item_definitions, imported_types, self.constraint)
        self.spoken_names = spoken_names
        for name in sorted(self.types.circular):
            self.finding(Severity.ERROR, "dmn_type_circle", definitions.item_definitions[name].place, type=name)
        self._expressions: dict[tuple[str, frozenset[str]], Expression | FeelError] = {}
        self._tests: dict[tuple[str, frozenset[str]], UnaryTests | FeelError] = {}

    def finding(self, severity: Severity, code: str, place: Place, **params: object) -> None:
        self.findings.append(
            Finding(severity, code, self.file, place.line, place.element_id, place.element_name, params)
        )

    def expression(self, text: Text, scope: frozenset[str], **where: object) -> Expression | None:
        """The compiled expression; None, and a finding, when it cannot be compiled."""
        if not self._speaks_feel(text):
            return None
        key = (text.text, scope)
        found = self._expressions.get(key)
        if found is None:
            try:
                found = compile_expression(text.text, names=scope | self.spoken_names, types=self._types_for(text))
            except FeelError as error:
                found = error
            self._expressions[key] = found
        if isinstance(found, FeelError):
            self._broken(found, text, where)
            return None
        self.uses.append(Use(text, frozenset(found.names), scope, found.tree, self._filters > 0))
        return found

    def tests(self, text: Text, scope: frozenset[str], **where: object) -> UnaryTests | None:
        """The compiled unary tests; None, and a finding, when they cannot be compiled."""
        if not self._speaks_feel(text):
            return None
        key = (text.text, scope)
        found = self._tests.get(key)
        if found is None:
            try:
                found = compile_unary_tests(text.text, names=scope | self.spoken_names, types=self._types_for(text))
            except FeelError as error:
                found = error
            self._tests[key] = found
        if isinstance(found, FeelError):
            self._broken(found, text, where)
            return None
        self.uses.append(Use(text, frozenset(found.names), scope, found.tree, self._filters > 0))
        return found

    @contextmanager
    def inside_filter(self) -> Iterator[None]:
        """What is compiled meanwhile may name entries of the filtered items."""
        self._filters += 1
        try:
            yield
        finally:
            self._filters -= 1

    def constraint(self, text: Text) -> UnaryTests | None:
        """The allowed values of a type."""
        return self.tests(text, frozenset())

    def type(self, reference: str, place: Place) -> FeelType | None:
        """The type that `reference` names; None for Any; an unknown one is a finding and checks nothing."""
        found = self.types.find(reference)
        if found is None:
            self.finding(Severity.WARNING, "dmn_type_unknown", place, type=reference)
            return None
        return None if found is ANY else found

    def _types_for(self, text: Text) -> Mapping[str, FeelType] | None:
        """The item definitions, where the text can name one."""
        return self.types.named() if "instance" in text.text or "function" in text.text else None

    def _speaks_feel(self, text: Text) -> bool:
        language = text.language.lower()
        if not language or "feel" in language:
            return True
        self.finding(Severity.ERROR, "dmn_language_unknown", text.place, language=text.language)
        return False

    def _broken(self, error: FeelError, text: Text, where: Mapping[str, object]) -> None:
        self.finding(
            Severity.ERROR,
            "dmn_expression_broken",
            text.place,
            text=shortened(text.text),
            where_zh=where_of("zh", where),
            where_en=where_of("en", where),
            reason_zh=sentence(error.code, error.params, "zh"),
            reason_en=sentence(error.code, error.params, "en"),
            **where,
        )


def where_of(language: str, where: Mapping[str, object]) -> str:
    """A cell's place for the beginning of a sentence: "第 3 行第 2 个输入：", or ""."""
    parts = [sentence(f"where_{kind}", {"number": where[kind]}, language) for kind in _WHERE if kind in where]
    if not parts:
        return ""
    return "".join(parts) + "：" if language == "zh" else ", ".join(parts) + ": "


def evaluated(expression: Expression | None, text: Text, scope: Scope, evaluation: Evaluation) -> object:
    """The value of an expression, its errors named with the place."""
    if expression is None:
        raise broken(text)
    try:
        return expression.evaluate_within(scope, evaluation.run)
    except FeelError as error:
        raise failed(error, text) from None


def failed(error: EngineError, text: Text) -> DecisionError:
    """An error of FEEL as an error of the decision, with element and text."""
    return DecisionError(
        "decision_expression_failed",
        place=text.place,
        element=text.place.element_name or text.place.element_id,
        line=text.place.line,
        text=shortened(text.text),
        reason_zh=sentence(error.code, error.params, "zh"),
        reason_en=sentence(error.code, error.params, "en"),
    )


def broken(text: Text) -> DecisionError:
    """The error of running what could not be compiled."""
    return DecisionError(
        "decision_expression_broken",
        place=text.place,
        element=text.place.element_name or text.place.element_id,
        line=text.place.line,
        text=shortened(text.text),
    )


def shortened(text: str, most: int = 80) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
