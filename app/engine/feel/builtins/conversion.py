"""Conversion functions (DMN 1.5, 10.3.4.1)."""

import re
from collections.abc import Callable
from decimal import Decimal

from app.engine.feel import syntax
from app.engine.feel.builtins.standard import STANDARD
from app.engine.feel.comparison import ORDERED, compare
from app.engine.feel.environment import Run
from app.engine.feel.errors import FeelSyntaxError
from app.engine.feel.lexer import tokenize
from app.engine.feel.parser import Parser
from app.engine.feel.ranges import Range
from app.engine.feel.temporal import (
    SECOND,
    Date,
    DateTime,
    DaysTimeDuration,
    TemporalError,
    Time,
    YearsMonthsDuration,
)
from app.engine.feel.temporal_text import parse_date, parse_date_and_time, parse_duration, parse_time
from app.engine.feel.text import string_of
from app.engine.feel.values import NUMBERS, kind, parse_number

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")


def _integer(value: Decimal) -> int:
    """A part of a date or time; raises TemporalError unless it is a whole number in reach."""
    if value.adjusted() > 10 or value != value.to_integral_value():
        raise TemporalError("not a whole number")
    return int(value)


@STANDARD.function("date", "from: string", pure=True)
def date_from_text(run: Run, text: str) -> Date:
    return parse_date(text)


@STANDARD.function("date", "from: date|datetime", pure=True)
def date_from_moment(run: Run, moment: Date | DateTime) -> Date:
    return moment.date if isinstance(moment, DateTime) else moment


@STANDARD.function("date", "year: number", "month: number", "day: number", pure=True)
def date_of(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Date:
    return Date(_integer(year), _integer(month), _integer(day))


@STANDARD.function("time", "from: string", pure=True)
def time_from_text(run: Run, text: str) -> Time:
    return parse_time(text)


@STANDARD.function("time", "from: time|datetime", pure=True)
def time_from_moment(run: Run, moment: Time | DateTime) -> Time:
    return moment.time if isinstance(moment, DateTime) else moment


@STANDARD.function("time", "hour: number", "minute: number", "second: number", "offset?: days-time|null", pure=True)
def time_of(run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: DaysTimeDuration | None = None) -> Time:
    whole = second.to_integral_value(rounding="ROUND_FLOOR")
    zone = None
    if offset is not None:
        zone, rest = divmod(offset.nanoseconds, SECOND)
        if rest or abs(zone) > 18 * 3600:
            raise TemporalError("no such offset")
    return Time.of(
        _integer(hour),
        _integer(minute),
        _integer(whole),
        int(NUMBERS.multiply(NUMBERS.subtract(second, whole), Decimal(SECOND))),
        zone,
    )


@STANDARD.function("date and time", "from: string", pure=True)
def date_and_time_from_text(run: Run, text: str) -> DateTime:
    return parse_date_and_time(text)


@STANDARD.function("date and time", "from: datetime", pure=True)
def date_and_time_from_moment(run: Run, moment: DateTime) -> DateTime:
    return moment


@STANDARD.function("date and time", "date: date|datetime", "time: time", pure=True)
def date_and_time_of(run: Run, date: Date | DateTime, time: Time) -> DateTime:
    return DateTime(date.date if isinstance(date, DateTime) else date, time)


@STANDARD.function("duration", "from: string", pure=True)
def duration_from_text(run: Run, text: str) -> DaysTimeDuration | YearsMonthsDuration:
    return parse_duration(text)


@STANDARD.function("duration", "from: days-time|years-months", pure=True)
def duration_from_duration(
    run: Run, duration: DaysTimeDuration | YearsMonthsDuration
) -> DaysTimeDuration | YearsMonthsDuration:
    return duration


@STANDARD.function("years and months duration", "from: date|datetime", "to: date|datetime", pure=True)
def years_and_months_duration(run: Run, start: Date | DateTime, end: Date | DateTime) -> YearsMonthsDuration:
    """The whole months between two days."""
    first = start.date if isinstance(start, DateTime) else start
    last = end.date if isinstance(end, DateTime) else end
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearsMonthsDuration(months)


@STANDARD.function("string", "from: any", pure=True)
def string(run: Run, value: object) -> str | None:
    return string_of(value, run)


@STANDARD.function(
    "number", "from: string", "grouping separator?: string|null", "decimal separator?: string|null", pure=True
)
def number_from_text(run: Run, text: str, grouping: str | None = None, point: str | None = None) -> Decimal | None:
    if grouping not in (None, " ", ",", ".") or point not in (None, ".", ","):
        return None
    if grouping is not None and grouping == (point or "."):
        return None
    if grouping is not None:
        text = text.replace(grouping, "")
    if point == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    if len(text) > 10_000 or _NUMBER.fullmatch(text) is None:
        return None
    return parse_number(text)


@STANDARD.function("range", "from: string", pure=True)
def range_from_text(run: Run, text: str) -> Range | None:
    """A range given as text, such as `[1..5)`; its endpoints are literals, and one on an open side may be missing."""
    text = text.strip()
    if len(text) < 4 or text[0] not in "[(]" or text[-1] not in "])[":
        return None
    parts = _endpoints(text[1:-1])
    if parts is None:
        return None
    low, high = parts
    low_closed, high_closed = text[0] == "[", text[-1] == "]"
    if low is _MISSING and high is not _MISSING and not low_closed:
        return None if high is None else Range.from_comparison("<=" if high_closed else "<", high)
    if high is _MISSING and low is not _MISSING and not high_closed:
        return None if low is None else Range.from_comparison(">=" if low_closed else ">", low)
    if low is _MISSING or high is _MISSING or compare("<=", low, high) is not True:
        return None
    return Range(low, high, low_closed, high_closed)


_MISSING = object()


def _endpoints(text: str) -> tuple[object, object] | None:
    try:
        dots = [token for token in tokenize(text) if token.text == ".."]
        if len(dots) != 1:
            return None
        sides = (text[: dots[0].start], text[dots[0].end :])
        low, high = (_endpoint(side) if side.strip() else _MISSING for side in sides)
        return low, high
    except (FeelSyntaxError, TemporalError):
        return None


_TEMPORAL_LITERALS: dict[str, Callable[[str], object]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_and_time,
    "duration": parse_duration,
}


def _endpoint(text: str) -> object:
    """The value of a literal, null for any other expression."""
    node = Parser(text, functions=STANDARD.long_names).parse_expression()
    match node:
        case syntax.Literal(value=value) if kind(value) in ORDERED:
            return value
        case syntax.Negation(operand=syntax.Literal(value=Decimal() as value)):
            return NUMBERS.minus(value)
        case syntax.Invocation(
            function=syntax.Name(name=name), arguments=(syntax.Literal(value=str() as content),)
        ) if name in _TEMPORAL_LITERALS:
            return _TEMPORAL_LITERALS[name](content)
    return None
