"""A trace in words, Chinese or English: "第 7 行命中：纠纷类型 = 劳动争议，人数 > 10"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from app.engine.dmn.trace import InputTrace, RowTrace, TableTrace, Trace
from app.engine.feel import (
    Date,
    DateTime,
    DaysTimeDuration,
    FeelError,
    Range,
    Test,
    Time,
    YearsMonthsDuration,
    compile_unary_tests,
    format_temporal,
)
from app.engine.words import sentence

ValueLabel = Callable[[str, object, str], str | None]
"""Given an input's expression or an entry's name, a value and a language, the value's own label, or None."""

NameLabel = Callable[[str, str], str | None]
"""Given an input's expression or an entry's name and a language, a label for what has none of its own, or None."""

MAX_ITEMS = 8
MAX_CELL = 80
"""Longer cells that are not told as conditions are cut, as they stand in full in the table."""


def describe(
    trace: Trace,
    language: str = "zh",
    *,
    value_label: ValueLabel | None = None,
    name_label: NameLabel | None = None,
) -> str:
    """The trace in words, a line for each row hit and for each required decision.

    :param language: "zh…" or "en…".
    :param value_label: words codes as people know them, say "labour" of `dispute_type` as 劳动争议.
    :param name_label: labels an input that the table itself does not label, and the entries of a context.
    """
    return "\n".join(_lines(trace, Words(language, value_label, name_label), "", set()))


def _lines(trace: Trace, words: Words, indent: str, seen: set[int]) -> Iterator[str]:
    """The lines of a trace; a decision that several others require is told once."""
    if id(trace) in seen:
        return
    seen.add(id(trace))
    name = (trace.name_en if words.english else "") or trace.name
    if trace.error:
        yield indent + words.say("trace_failed", name=name)
    elif not trace.tables and isinstance(trace.result, dict) and trace.result:
        yield indent + words.say("trace_of", name=name) + words.joined(words.entries(trace.result))
    elif not trace.tables:
        yield indent + words.say("trace_value", name=name, value=words.value(trace.result))
    for table in trace.tables:
        prefix = indent if not indent else indent + words.say("trace_of", name=name)
        for line in _table_lines(table, words):
            yield prefix + line
    for required in trace.required:
        yield from _lines(required, words, indent + "  ", seen)


def _table_lines(table: TableTrace, words: Words) -> Iterator[str]:
    if not table.rows:
        yield words.say("trace_defaulted" if table.defaulted else "trace_no_row")
    for row in table.rows:
        conditions = words.joined(_conditions(table, row, words))
        if conditions:
            yield words.say("trace_row", row=row.number, conditions=conditions)
        else:
            yield words.say("trace_row_free", row=row.number)


def _conditions(table: TableTrace, row: RowTrace, words: Words) -> Iterator[str]:
    for clause, cell in zip(table.inputs, row.cells, strict=True):
        if cell not in ("", "-"):
            yield words.condition(clause, cell)


class Words:
    """Values, labels and conditions in one language."""

    def __init__(
        self, language: str, value_label: ValueLabel | None = None, name_label: NameLabel | None = None
    ) -> None:
        self.language = language
        self.english = language.startswith("en")
        self._value_label = value_label
        self._name_label = name_label

    def say(self, code: str, **params: object) -> str:
        return sentence(code, params, self.language)

    def joined(self, parts: Iterator[str]) -> str:
        return (", " if self.english else "，").join(parts)

    def label(self, clause: InputTrace) -> str:
        own = clause.label_en if self.english else clause.label
        return own or self._known_name(clause.expression) or clause.label or clause.expression

    def _known_name(self, expression: str) -> str:
        return (self._name_label(expression, self.language) or "") if self._name_label is not None else ""

    def condition(self, clause: InputTrace, cell: str) -> str:
        """One cell as a condition on its input."""
        name = self.label(clause)
        cut = cell if len(cell) <= MAX_CELL else cell[: MAX_CELL - 1] + "…"
        try:
            tests = compile_unary_tests(cell)
        except FeelError:
            return self.say("condition_other", name=name, text=cut)
        if any(not test.operator for test in tests.tests):
            return self.say("condition_other", name=name, text=cut)
        if all(test.operator == "=" for test in tests.tests):
            return self._one_of(name, [test.value for test in tests.tests], clause, negated=tests.negated)
        parts = [self._test(name, test, clause) for test in tests.tests]
        told = (" or " if self.english else " 或 ").join(parts)
        return self.say("condition_not", condition=told) if tests.negated else told

    def _one_of(self, name: str, values: list[object], clause: InputTrace, *, negated: bool) -> str:
        told = [self.value(value, clause.expression) for value in values]
        if len(told) == 1:
            return f"{name} {'≠' if negated else '='} {told[0]}"
        listed = (", " if self.english else "、").join(told)
        return self.say("condition_none_of" if negated else "condition_one_of", name=name, values=listed)

    def _test(self, name: str, test: Test, clause: InputTrace) -> str:
        value = test.value
        if test.operator == "in" and isinstance(value, Range):
            return self._range(name, value, clause)
        if test.operator == "in" and isinstance(value, list):
            return self._one_of(name, value, clause, negated=False)
        sign = {"<=": "≤", ">=": "≥", "!=": "≠"}.get(test.operator, test.operator)
        return f"{name} {sign} {self.value(value, clause.expression)}"

    def _range(self, name: str, range_: Range, clause: InputTrace) -> str:
        low, high = self.value(range_.low, clause.expression), self.value(range_.high, clause.expression)
        if range_.low is None:
            return f"{name} {'≤' if range_.high_closed else '<'} {high}"
        if range_.high is None:
            return f"{name} {'≥' if range_.low_closed else '>'} {low}"
        below, above = "≤" if range_.low_closed else "<", "≤" if range_.high_closed else "<"
        return f"{low} {below} {name} {above} {high}"

    def entries(self, context: Mapping[str, object]) -> Iterator[str]:
        """The entries of a context, each by its label; of a long one the first."""
        for key, item in list(context.items())[:MAX_ITEMS]:
            if isinstance(item, list):
                told = (", " if self.english else "、").join(self.value(one, key) for one in item[:MAX_ITEMS])
                told += "…" if len(item) > MAX_ITEMS else ""
            else:
                told = self.value(item, key)
            yield f"{self._known_name(key) or key} = {told or self.say('value_null')}"
        if len(context) > MAX_ITEMS:
            yield "…"

    def value(self, value: object, expression: str = "") -> str:
        """A FEEL value as people write it."""
        if self._value_label is not None and expression and isinstance(value, str):
            told = self._value_label(expression, value, self.language)
            if told is not None:
                return told
        if value is None:
            return self.say("value_null")
        if isinstance(value, bool):
            return self.say("value_true" if value else "value_false")
        if isinstance(value, str):
            return value
        if isinstance(value, Decimal):
            return f"{value.normalize():f}" if value.adjusted() < 30 else str(value)
        if isinstance(value, list):
            shown = [self.value(item, expression) for item in value[:MAX_ITEMS]]
            return "[" + ", ".join(shown) + (", …]" if len(value) > MAX_ITEMS else "]")
        if isinstance(value, dict):
            shown = [
                f"{self._known_name(key) or key}: {self.value(item, key)}"
                for key, item in list(value.items())[:MAX_ITEMS]
            ]
            return "{" + ", ".join(shown) + (", …}" if len(value) > MAX_ITEMS else "}")
        if isinstance(value, Date | Time | DateTime | DaysTimeDuration | YearsMonthsDuration):
            return format_temporal(value)
        return str(value)
