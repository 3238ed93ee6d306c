"""Values as text: what `string(from)` gives (DMN 1.5, 10.3.4.1), which reads back as FEEL."""

from collections.abc import Mapping
from decimal import Decimal

from app.engine.feel.environment import Run
from app.engine.feel.lexer import is_plain_name
from app.engine.feel.ranges import Range
from app.engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from app.engine.feel.temporal_text import format_temporal
from app.engine.feel.values import as_list, kind, native

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def string_of(value: object, run: Run) -> str | None:
    """The text of a value, null for null."""
    value = native(value)
    if value is None or isinstance(value, str):
        return value
    pieces: list[str] = []
    _write(value, pieces, run)
    run.characters(sum(map(len, pieces)))
    return "".join(pieces)


def quoted(text: str) -> str:
    """The string literal of a text."""
    return f'"{text.translate(_ESCAPES)}"'


def number_text(value: Decimal) -> str:
    """The number without exponent."""
    return format(value, "f")


def _write(value: object, pieces: list[str], run: Run) -> None:
    run.charge()
    value = native(value)
    match value:
        case None:
            pieces.append("null")
        case bool():
            pieces.append("true" if value else "false")
        case str():
            pieces.append(quoted(value))
        case Decimal():
            pieces.append(number_text(value))
        case Date() | Time() | DateTime() | DaysTimeDuration() | YearsMonthsDuration():
            pieces.append(format_temporal(value))
        case Range():
            _write_range(value, pieces, run)
        case Mapping():
            _write_context(value, pieces, run)
        case _ if kind(value) == "list":
            pieces.append("[")
            for index, item in enumerate(as_list(value)):
                if index:
                    pieces.append(", ")
                _write(item, pieces, run)
            pieces.append("]")
        case _:
            pieces.append("function")


def _write_range(value: Range, pieces: list[str], run: Run) -> None:
    if value.operator:
        pieces.append("(" + value.operator)
        _write(value.high if value.low is None else value.low, pieces, run)
        pieces.append(")")
        return
    pieces.append("[" if value.low_closed else "(")
    _write(value.low, pieces, run)
    pieces.append("..")
    _write(value.high, pieces, run)
    pieces.append("]" if value.high_closed else ")")


def _write_context(value: Mapping[str, object], pieces: list[str], run: Run) -> None:
    pieces.append("{")
    for index, (key, item) in enumerate(value.items()):
        if index:
            pieces.append(", ")
        pieces.append(f"{key if is_plain_name(key) else quoted(key)}: ")
        _write(item, pieces, run)
    pieces.append("}")
