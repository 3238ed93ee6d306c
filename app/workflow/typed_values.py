"""Values that come from outside, by the types of the data dictionary: text from a form field, plain data from JSON."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

import orjson

from app.core.errors import Refusal
from app.core.requests import is_strange
from app.core.translations import words_of
from app.definitions.rules import Dictionary, Entry
from app.engine import feel
from app.workflow.errors import (
    NoBoolean,
    NoContext,
    NoDate,
    NoDateTime,
    NoList,
    NoNumber,
    NotAmongValues,
    NoText,
    NotWritable,
    UnknownName,
    ValuesWrong,
)

LONGEST_TEXT = 20_000
LARGEST_NUMBER = Decimal(10) ** 34
_WRONG: Mapping[str, type[Refusal]] = {
    "text": NoText,
    "number": NoNumber,
    "boolean": NoBoolean,
    "date": NoDate,
    "date_time": NoDateTime,
    "list": NoList,
    "context": NoContext,
}


DEEPEST = 100
"""Levels of lists and contexts in one value."""


def typed_values(dictionary: Dictionary | None, values: Mapping[str, object], zone: ZoneInfo) -> dict[str, object]:
    """`values` (JSON data, or values that are typed already) as FEEL and the processes know them.

    Dates come as ISO text and become dates. Without a dictionary nothing is known of the names. Raises ValuesWrong.
    """
    if dictionary is None:
        return dict(values)
    found: dict[str, object] = {}
    wrong: dict[str, list[str]] = {}
    for name, value in values.items():
        try:
            found[name] = _typed(dictionary.get(name), value, zone)
        except Refusal as refusal:
            wrong[name] = [words_of(refusal)]
    if wrong:
        raise ValuesWrong(wrong)
    return found


def read_text(entry: Entry | None, text: str) -> object:
    """What somebody typed for a name, as JSON data; an empty field is null. Raises the refusal of its type."""
    text = text.strip()
    if not text:
        return None
    kind = entry.type if entry else "any"
    if kind == "number":
        try:
            return Decimal(text)
        except InvalidOperation:
            raise _WRONG[kind] from None
    if kind == "boolean":
        if text not in ("true", "false"):
            raise _WRONG[kind]
        return text == "true"
    if kind in ("list", "context", "any"):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            if kind == "any":
                return text
            raise _WRONG[kind] from None
    return text


def shown_text(value: object) -> str:
    """A value as `read_text` reads it again."""
    plain = feel.to_json(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return plain if isinstance(plain, str) else orjson.dumps(plain).decode()


def _typed(entry: Entry | None, value: object, zone: ZoneInfo) -> object:
    if entry is None:
        raise UnknownName
    if entry.source == "party":
        raise NotWritable
    if value is None:
        return None
    made = _made(entry.type, value, zone)
    if made is None or _strange(made):
        raise _WRONG[entry.type]
    if entry.values:
        allowed = [one.value for one in entry.values]
        for one in made if isinstance(made, list) else [made]:
            if one not in allowed:
                raise NotAmongValues(values=", ".join(map(str, allowed)))
    return made


def _made(kind: str, value: object, zone: ZoneInfo) -> object:
    """The value as one of `kind`; None when it is none."""
    match kind:
        case "text":
            return value if isinstance(value, str) and len(value) <= LONGEST_TEXT else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "number":
            return _number(value)
        case "date":
            return _day(value)
        case "date_time":
            return _moment(value, zone)
        case "list":
            return value if isinstance(value, list) else None
    return value if isinstance(value, Mapping) else None


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() and abs(number) < LARGEST_NUMBER else None


def _day(value: object) -> object:
    if isinstance(value, feel.Date) or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: object, zone: ZoneInfo) -> object:
    if isinstance(value, feel.DateTime | datetime):
        return value
    try:
        made = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return made.replace(tzinfo=zone) if made is not None and made.tzinfo is None else made


def _strange(value: object, depth: int = 0) -> bool:
    """Characters and numbers that no database takes, however deep, and what lies too deep for it."""
    if isinstance(value, str):
        return is_strange(value)
    if isinstance(value, int):
        return not -(2**63) <= value < 2**63
    if isinstance(value, Mapping):
        return depth > DEEPEST or any(_strange(name) or _strange(one, depth + 1) for name, one in value.items())
    return isinstance(value, list) and (depth > DEEPEST or any(_strange(one, depth + 1) for one in value))
