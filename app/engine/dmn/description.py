"""A trace in words, Chinese or English: "第 7 行命中：纠纷类型 = 劳动争议，人数 > 10"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from app.engine.dmn.trace import InputTrace, RowTrace, TableTrace, Trace
from app.engine.dmn.word_lists import words_sought
from app.engine.feel import (
    Date,
    DateTime,
    DaysTimeDuration,
    FeelError,
    Range,
    Test,
    Time,
    UnaryTests,
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


def in_language(names: Sequence[str], *, english: bool) -> list[tuple[str, str]]:
    """The names that a reader is shown, each with the one whose value is told.

    Names come in pairs where both languages are kept: `legal_basis` and `legal_basis_en`, or `zh` and `en`.
    """
    pairs = {name: f"{name}_en" for name in names if f"{name}_en" in names}
    if "zh" in names and "en" in names:
        pairs["zh"] = "en"
    twins = set(pairs.values())
    return [(name, pairs.get(name, name) if english else name) for name in names if name not in twins]


def _compared(cell: str) -> UnaryTests | None:
    """The tests of a cell that compares with values known before; None for any other."""
    try:
        tests = compile_unary_tests(cell)
    except FeelError:
        return None
    return tests if all(test.operator for test in tests.tests) else None


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
        sought = words_sought(cell)
        if sought is not None:
            return self.say("condition_mentions", name=name, words=self._sought(sought, clause.value))
        tests = _compared(cell)
        if tests is None:
            cut = cell if len(cell) <= MAX_CELL else cell[: MAX_CELL - 1] + "…"
            return self.say("condition_other", name=name, text=cut)
        if all(test.operator == "=" for test in tests.tests):
            return self._one_of(name, [test.value for test in tests.tests], clause, negated=tests.negated)
        parts = [self._test(name, test, clause) for test in tests.tests]
        told = self.say("or").join(parts)
        return self.say("condition_not", condition=told) if tests.negated else told

    def cell(self, expression: str, cell: str) -> str:
        """One cell as it stands under the head of its column, in words; an expression as it is written."""
        sought = words_sought(cell)
        if sought is not None:
            return self.say("cell_mentions", words=self._sought(sought, None))
        tests = _compared(cell)
        if tests is None:
            return cell
        if not all(test.operator == "=" for test in tests.tests):
            told = self.say("or").join(
                self._test("", test, InputTrace(expression, "", "", None)) for test in tests.tests
            )
            return self.say("cell_not", values=told) if tests.negated else told
        values = [test.value for test in tests.tests]
        if tests.negated and values == [None]:
            return self.say("cell_given")
        told = self._listed(values, expression)
        return self.say("cell_not", values=told) if tests.negated else told

    def _listed(self, values: Sequence[object], expression: str) -> str:
        told = [self.say("cell_empty") if value is None else self.value(value, expression) for value in values]
        return (", " if self.english else "、").join(told)

    def _sought(self, words: Sequence[str], value: object) -> str:
        """The words that are looked for, those first that stand in `value`; of many the first."""
        text = value if isinstance(value, str) else ""
        ordered = sorted(words, key=lambda word: word not in text)
        listed = (", " if self.english else "、").join(ordered[:MAX_ITEMS])
        left = len(words) - MAX_ITEMS
        return self.say("words_and_more", words=listed, count=left) if left > 0 else listed

    def _one_of(self, name: str, values: list[object], clause: InputTrace, *, negated: bool) -> str:
        given = [value for value in values if value is not None]
        if not given:
            return self.say("condition_given" if negated else "condition_empty", name=name)
        if len(given) == 1:
            told = f"{name} {'≠' if negated else '='} {self.value(given[0], clause.expression)}"
        else:
            code = "condition_none_of" if negated else "condition_one_of"
            told = self.say(code, name=name, values=self._listed(given, clause.expression))
        if len(given) == len(values):
            return told
        return self.say("condition_and_given" if negated else "condition_or_empty", condition=told)

    def _test(self, name: str, test: Test, clause: InputTrace) -> str:
        value = test.value
        if test.operator == "in" and isinstance(value, Range):
            return self._range(name, value, clause)
        if test.operator == "in" and isinstance(value, list):
            if not name:
                return self._listed(value, clause.expression)
            return self._one_of(name, value, clause, negated=False)
        sign = {"<=": "≤", ">=": "≥", "!=": "≠", "=": "=" if name else ""}.get(test.operator, test.operator)
        return f"{name} {sign} {self.value(value, clause.expression)}".strip()

    def _range(self, name: str, range_: Range, clause: InputTrace) -> str:
        low, high = self.value(range_.low, clause.expression), self.value(range_.high, clause.expression)
        if range_.low is None:
            return f"{name} {'≤' if range_.high_closed else '<'} {high}".strip()
        if range_.high is None:
            return f"{name} {'≥' if range_.low_closed else '>'} {low}".strip()
        if not name:
            above, below = "≥" if range_.low_closed else ">", "≤" if range_.high_closed else "<"
            return self.say("cell_between", low=f"{above} {low}", high=f"{below} {high}")
        below, above = "≤" if range_.low_closed else "<", "≤" if range_.high_closed else "<"
        return f"{low} {below} {name} {above} {high}"

    def entries(self, context: Mapping[str, object]) -> Iterator[str]:
        """The entries of a context, each by its label; of a long one the first."""
        shown = in_language(list(context), english=self.english)
        for key, own in shown[:MAX_ITEMS]:
            item = context[own] or context[key]
            if isinstance(item, list):
                told = (", " if self.english else "、").join(self.value(one, key) for one in item[:MAX_ITEMS])
                told += "…" if len(item) > MAX_ITEMS else ""
            else:
                told = self.value(item, key)
            yield f"{self._known_name(key) or key} = {told or self.say('value_null')}"
        if len(shown) > MAX_ITEMS:
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
