"""Try a drafted table on values that somebody types: what comes out, and which rows were hit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from app.definitions.rules import Dictionary, Entry
from app.directory.calendars import CountyCalendar
from app.engine.dmn import DecisionModel, describe
from app.engine.dmn.trace import Trace
from app.engine.feel import Environment, FeelError, compile_expression, native, parse_temporal, to_json
from app.engine.findings import EngineError
from app.engine.words import sentence

TRUE, FALSE = "true", "false"


@dataclass(frozen=True, slots=True)
class Asked:
    """One value that a trial asks for. `kind`: choice, choices, flag, number, date, text, or expression (FEEL)."""

    name: str
    label: str
    kind: str
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the trial gave: a result, the rule ids that were hit in any table, words; or an error."""

    result: object = None
    hits: Sequence[str] = ()
    words: str = ""
    error: str = ""


class WrongValue(Exception):
    """A typed value that cannot be read; `name` says which."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        super().__init__(reason)


def asked_by(model: DecisionModel, reference: str, dictionary: Dictionary | None, language: str) -> list[Asked]:
    """The values that the decision reads. Raises EngineError `decision_unknown`."""
    return [_asked(name, dictionary.get(name) if dictionary else None, language) for name in model.inputs_of(reference)]


def _asked(name: str, entry: Entry | None, language: str) -> Asked:
    if entry is None:
        return Asked(name, name, "expression")
    label = entry.label.in_language(language)
    options = [(str(one.value), one.label.in_language(language)) for one in entry.values]
    if entry.type == "list":
        return Asked(name, label, "choices" if options else "expression", options)
    if options:
        return Asked(name, label, "choice", options)
    kinds = {"boolean": "flag", "number": "number", "date": "date", "text": "text"}
    return Asked(name, label, kinds.get(entry.type, "expression"))


def read_values(
    asked: Sequence[Asked], typed: Mapping[str, Sequence[str]], now: datetime, zone: ZoneInfo
) -> dict[str, object]:
    """FEEL values from what was typed, by name; an empty field is null. Raises WrongValue."""
    return {
        one.name: _value(one, [text for text in typed.get(one.name, ()) if text.strip()], now, zone) for one in asked
    }


def _value(one: Asked, texts: Sequence[str], now: datetime, zone: ZoneInfo) -> object:
    if one.kind == "choices":
        return [native(text) for text in texts]
    if not texts:
        return None
    text = texts[0].strip()
    try:
        match one.kind:
            case "flag":
                return text == TRUE
            case "number":
                return native(Decimal(text))
            case "date":
                return parse_temporal(text)
            case "expression":
                return compile_expression(text.removeprefix("=")).evaluate({}, Environment(now, zone))
            case _:
                return text
    except FeelError as error:
        raise WrongValue(one.name, sentence(error.code, error.params)) from None
    except (InvalidOperation, ValueError):
        raise WrongValue(one.name, text) from None


def try_decision(
    model: DecisionModel,
    reference: str,
    values: Mapping[str, object],
    *,
    county_id: int,
    now: datetime,
    zone: ZoneInfo,
    language: str,
) -> Outcome:
    """Decide once by the draft; nothing is kept."""
    try:
        made = model.decide(reference, values, Environment(now, zone, calendar=CountyCalendar(county_id)))
    except EngineError as error:
        return Outcome(error=sentence(error.code, error.params, language))
    return Outcome(to_json(made.result), tuple(_hits(made.trace)), describe(made.trace, language))


def _hits(trace: Trace) -> list[str]:
    found = [row.rule_id for table in trace.tables for row in table.rows]
    for required in trace.required:
        found += _hits(required)
    return found
