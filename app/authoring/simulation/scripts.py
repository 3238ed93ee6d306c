"""A path test in the making: its document, read and written as TOML, one step longer or shorter."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from app.authoring.errors import ScriptRefused
from app.engine.bpmn.simulation import Trail
from app.engine.feel import Date, DateTime, Time, to_json

LONGEST = 200_000
MOST_STEPS = 500

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x7f": "\\u007f"}
_BARE = re.compile(r"[A-Za-z0-9_-]+")

Document = dict[str, Any]


def read_script(text: str) -> Document:
    """The document of a script. Raises ScriptRefused with the reason."""
    if len(text) > LONGEST:
        raise ScriptRefused(reason=f"> {LONGEST}")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScriptRefused(reason=str(error)) from None
    except RecursionError:
        raise ScriptRefused(reason="[[[[…]]]]") from None
    steps = document.get("step", [])
    if not isinstance(steps, list) or len(steps) > MOST_STEPS:
        raise ScriptRefused(reason=f"[[step]] > {MOST_STEPS}")
    _refuse_misshapen(document, steps)
    return document


def _refuse_misshapen(document: Document, steps: list[Any]) -> None:
    """Raises ScriptRefused for a part that is no table, however deep it would only show later."""
    topics = document.get("topics", {})
    parts = [(name, document.get(name, {})) for name in ("test", "start", "topics", "expect")]
    parts += [("topics", one) for one in (topics.values() if isinstance(topics, dict) else ())]
    parts += [("step", one) for one in steps]
    parts += [("answer", one["answer"]) for one in steps if isinstance(one, dict) and "answer" in one]
    for name, part in parts:
        if not isinstance(part, dict):
            raise ScriptRefused(reason=f"[{name}]")


def new_script(process: str, like: Document | None = None) -> Document:
    """A script without steps: for `process`, with the start values and standing answers of another one."""
    document: Document = {"test": {"process": process}}
    for part in ("start", "topics"):
        if like and part in like:
            document[part] = like[part]
    return document


def longer(document: Document, step: Mapping[str, object]) -> Document:
    return {**document, "step": [*document.get("step", []), dict(step)]}


def shorter(document: Document, to: int) -> Document:
    """The document with its first `to` steps only."""
    return {**document, "step": document.get("step", [])[: max(0, to)]}


def expecting(document: Document, name: str, trail: Trail, telling: frozenset[str]) -> Document:
    """The document as a test: named, and expecting what just happened.

    `telling` are the elements whose visit says something: tasks and ends, not every gateway.
    """
    visited: list[str] = []
    for element, _process in trail.visited:
        if element in telling and visited[-1:] != [element]:
            visited.append(element)
    expect: Document = {"visited": visited, "finished": trail.finished}
    if trail.ended_by:
        expect["end"] = trail.ended_by
    if not trail.finished:
        expect["open"] = list(trail.open_at)
    if trail.incidents:
        expect["incidents"] = sorted({one.element_id for one in trail.incidents.values()})
    head = {key: value for key, value in document.get("test", {}).items() if key != "name_en"}
    return {**document, "test": {**head, "name": name}, "expect": expect}


def write_script(document: Document) -> str:
    """The document as TOML, its parts in the order in which people read them."""
    parts = []
    for name in ("test", "start"):
        if document.get(name):
            parts.append("\n".join([f"[{name}]", *_entries(document[name])]))
    for topic, answer in document.get("topics", {}).items():
        parts.append("\n".join([f"[topics.{_key(topic)}]", *_entries(answer)]))
    for step in document.get("step", []):
        parts.append("\n".join(["[[step]]", *_entries(step)]))
    if document.get("expect"):
        parts.append("\n".join(["[expect]", *_entries(document["expect"])]))
    return "\n\n".join(parts) + "\n"


def _entries(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in table.items() if value is not None]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(one) or (one if one >= " " else f"\\u{ord(one):04x}") for one in text) + '"'


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case Decimal():
            return format(value, "f")
        case datetime() | date() | time():
            return value.isoformat()
        case Date() | DateTime() | Time():
            return str(to_json(value))
        case Mapping():
            inner = ", ".join(f"{_key(str(name))} = {_value(one)}" for name, one in value.items() if one is not None)
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return "[" + ", ".join(_value(one) for one in value if one is not None) + "]"
        case _:
            plain = to_json(value)
            return _quoted(plain if isinstance(plain, str) else str(plain))
