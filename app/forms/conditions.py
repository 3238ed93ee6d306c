"""The FEEL of a form: conditions, computed values, texts with values in them."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.engine.feel import (
    Date,
    DateTime,
    DaysTimeDuration,
    Environment,
    Time,
    YearsMonthsDuration,
    compile_expression,
    format_temporal,
)
from app.engine.findings import EngineError

_PLACE = re.compile(r"\{\{\s*=?(.*?)\}\}", re.DOTALL)
_MARKS = re.compile(r"[!-/:-@\[-`{-~]")
_NAME = re.compile(r"\w+")


def value_of(expression: str, scope: Mapping[str, object], environment: Environment) -> object:
    """The value of `expression`. Raises EngineError, also for a name that is not in `scope`."""
    return compile_expression(expression).evaluate(scope, environment)


def value_or_null(expression: str, scope: Mapping[str, object], environment: Environment) -> object:
    """The value of `expression`, null when it fails: a form is shown in spite of a slip in one of its texts."""
    try:
        return value_of(expression, scope, environment)
    except EngineError:
        return None


def holds(expression: str, scope: Mapping[str, object], environment: Environment) -> bool:
    return value_or_null(expression, scope, environment) is True


def filled(text: str, scope: Mapping[str, object], environment: Environment, quoted: Callable[[str], str] = str) -> str:
    """A text of the form: wholly FEEL after ``=``, or with FEEL between ``{{`` and ``}}``.

    `quoted` keeps what the values say from being read as markup of the text around them.
    """
    if text.startswith("="):
        return quoted(shown(value_or_null(text[1:], scope, environment)))
    if "{{" not in text:
        return text
    return _PLACE.sub(lambda found: quoted(shown(value_or_null(found[1], scope, environment))), text)


def without_markdown(value: str) -> str:
    """`value` for a Markdown text in which it reads as it was typed: no link, heading or list of its own."""
    return "\n".join(_MARKS.sub(r"\\\g<0>", line.strip()) for line in value.splitlines())


def mentions(expressions: str, key: str) -> bool:
    """Whether `key` stands in the expressions: a change of it may then change the form."""
    return key in _NAME.findall(expressions)


def plain(value: object, zone: ZoneInfo) -> object:
    """A FEEL value with Python's own dates and times, where they reach."""
    if isinstance(value, Date):
        return value.to_python()
    if isinstance(value, DateTime):
        return value.to_python(zone)
    if isinstance(value, Time):
        return time(value.hour, value.minute, value.second)
    if isinstance(value, Mapping):
        return {name: plain(each, zone) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, zone) for each in value]
    return value


def shown(value: object) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, Decimal | float | int):
        return f"{Decimal(str(value)).normalize():f}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "、".join(shown(each) for each in value)
    if isinstance(value, Mapping):
        return "，".join(f"{name}: {shown(each)}" for name, each in value.items())
    if isinstance(value, Date | Time | DateTime | DaysTimeDuration | YearsMonthsDuration):
        return format_temporal(value)
    return str(value)
