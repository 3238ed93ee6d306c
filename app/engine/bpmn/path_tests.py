"""Path tests: `tests/*.toml`, one way through a process each. README.md describes the format."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from app.engine.bpmn.definition import ProcessDefinition
from app.engine.bpmn.environment import Calendar, Dictionary
from app.engine.bpmn.simulation import (
    Answer,
    Broadcast,
    Change,
    Decide,
    Deliver,
    Move,
    ScriptError,
    ServiceResult,
    SimulatedEnvironment,
    StartOptional,
    Trail,
    Wait,
    simulate,
)
from app.engine.findings import EngineError
from app.engine.words import sentence

_NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is not as expected: worded by `words.sentence(code, params)`."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PathTestResult:
    """What a path test found; `trail` is None when it could not be played at all."""

    name: str
    failures: tuple[Failure, ...]
    trail: Trail | None

    @property
    def passed(self) -> bool:
        return not self.failures


@dataclass(frozen=True, slots=True)
class PathTest:
    """A path test as its file says it: where and when it starts, its moves, what it expects."""

    name: str
    process: str
    now: datetime
    start_event: str | None
    start: Mapping[str, object]
    topics: Mapping[str, Mapping[str, object]]
    script: tuple[Move, ...]
    expect: Mapping[str, object]


def read_path_test(data: bytes | str, *, name: str = "", main_process: str = "") -> PathTest:
    """Read a document. Raises EngineError `path_test_broken` with what is wrong and where."""
    try:
        document = tomllib.loads(data.decode() if isinstance(data, bytes) else data)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EngineError("path_test_broken", reason=str(error)) from None
    head = _table(document, "test")
    unknown = document.keys() - {"test", "start", "topics", "step", "expect"}
    if unknown:
        raise EngineError("path_test_broken", reason=f"[{min(unknown)}]")
    expect = _table(document, "expect")
    unknown = expect.keys() - {"visited", "not_visited", "variables", "end", "open", "finished", "incidents"}
    if unknown:
        raise EngineError("path_test_broken", reason=f"[expect] {min(unknown)}")
    now = head.get("now", _NOW)
    if not isinstance(now, datetime):
        raise EngineError("path_test_broken", reason="[test] now")
    start_event = head.get("start_event")
    return PathTest(
        name=str(head.get("name") or name),
        process=str(head.get("process") or main_process),
        now=now if now.tzinfo else now.replace(tzinfo=ZoneInfo("Asia/Shanghai")),
        start_event=str(start_event) if start_event else None,
        start=_table(document, "start"),
        topics={topic: _mapping(given, topic) for topic, given in _topics(_table(document, "topics"))},
        script=tuple(_move(step, number) for number, step in enumerate(_list(document.get("step", [])), 1)),
        expect=expect,
    )


def run_path_test(
    definition: ProcessDefinition,
    decide: Decide | None,
    dictionary: Dictionary | None,
    test: PathTest,
    *,
    shared: Container[str] = (),
    calendar: Calendar | None = None,
    served: Callable[[str], bool] | None = None,
) -> PathTestResult:
    """Play the test and compare what happened with what was expected; all differences are reported at once."""
    environment = SimulatedEnvironment(
        dictionary=dictionary, shared=shared, decide=decide, topics=test.topics, calendar=calendar, served=served
    )
    # what the case and its parties bring is there before the process starts
    environment.store[""].update({name: value for name, value in test.start.items() if name in shared})
    own = {name: value for name, value in test.start.items() if name not in shared}
    try:
        trail = simulate(definition, test.script, environment, start=own, start_event=test.start_event, now=test.now)
    except ScriptError as error:
        return PathTestResult(test.name, (Failure(error.code, error.params), *_incidents(error.trail, ())), error.trail)
    except EngineError as error:
        return PathTestResult(test.name, (Failure(error.code, error.params),), None)
    return PathTestResult(test.name, tuple(_compare(trail, test.expect, definition)), trail)


def _compare(trail: Trail, expect: Mapping[str, object], definition: ProcessDefinition) -> list[Failure]:
    failures: list[Failure] = []
    failures += _incidents(trail, tuple(str(one) for one in _list(expect.get("incidents", []))))
    places = [name for pair in trail.visited for name in pair]
    been = " → ".join(element for element, _ in trail.visited)
    position = 0
    for name in _list(expect.get("visited", [])):
        if name in places[position:]:
            position = places.index(str(name), position) + 1
        elif name in places:
            failures.append(Failure("expected_order", {"element": name, "visited": been}))
        else:
            failures.append(Failure("expected_visit", {"element": name, "visited": been}))
    for name in _list(expect.get("not_visited", [])):
        if name in places:
            failures.append(Failure("unexpected_visit", {"element": name}))
    for name, value in _mapping(expect.get("variables", {}), "variables").items():
        found = trail.variables.get(name, _MISSING)
        if found is _MISSING:
            failures.append(Failure("expected_value_missing", {"name": name, "expected": value}))
        elif _comparable(found) != _comparable(value):
            failures.append(Failure("expected_value", {"name": name, "expected": value, "found": found}))
    if "end" in expect and trail.ended_by != expect["end"] and expect["end"] not in _last_ends(trail, definition):
        failures.append(Failure("expected_end", {"expected": expect["end"], "found": trail.ended_by or "–"}))
    if "open" in expect:
        wanted = sorted(str(one) for one in _list(expect["open"]))
        if wanted != trail.open_at:
            failures.append(
                Failure(
                    "expected_open", {"expected": ", ".join(wanted) or "–", "found": ", ".join(trail.open_at) or "–"}
                )
            )
    if "finished" in expect and trail.finished is not expect["finished"]:
        code = "expected_finished" if expect["finished"] else "unexpected_finished"
        failures.append(Failure(code, {"open": ", ".join(trail.open_at) or "–"}))
    return failures


def _last_ends(trail: Trail, definition: ProcessDefinition) -> set[str]:
    """The end events, of any process, that the last step which reached one reached."""
    for step in reversed(trail.steps):
        ends = {
            element_id
            for element_id, process_id in step.entered
            if (element := definition.element(element_id, process_id)) is not None and element.type == "endEvent"
        }
        if ends:
            return ends
    return set()


def _incidents(trail: Trail, expected: tuple[str, ...]) -> list[Failure]:
    found = [
        Failure(
            "unexpected_incident",
            {
                "element": one.element_id,
                "code": one.code,
                "cause": sentence(one.code, one.params),
                "cause_en": sentence(one.code, one.params, "en"),
            },
        )
        for one in trail.incidents.values()
        if one.element_id not in expected
    ]
    places = {one.element_id for one in trail.incidents.values()}
    return found + [Failure("expected_incident", {"element": one}) for one in expected if one not in places]


def _comparable(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _comparable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_comparable(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else _number(value)


def _number(value: object) -> object:
    from decimal import Decimal

    return float(value) if isinstance(value, Decimal) else value


_KEYS: Mapping[str, frozenset[str]] = {
    "at": frozenset({"at", "by", "item", "answer"}),
    "message": frozenset({"message", "key", "payload"}),
    "signal": frozenset({"signal", "payload"}),
    "wait": frozenset({"wait"}),
    "until": frozenset({"until"}),
    "topic": frozenset({"topic", "result", "error", "fail"}),
    "start": frozenset({"start"}),
    "set": frozenset({"set"}),
}


def _move(step: object, number: int) -> Move:
    given = _mapping(step, f"step {number}")
    kinds = [kind for kind in _KEYS if kind in given]
    if len(kinds) != 1 or given.keys() - _KEYS[kinds[0]] - {"note"}:
        raise EngineError("path_test_broken", reason=f"[[step]] {number}: {', '.join(given)}")
    payload = _mapping(given.get("payload", {}), f"step {number}")
    match kinds[0]:
        case "at":
            item = given.get("item", 0)
            return Answer(
                str(given["at"]),
                _mapping(given.get("answer", {}), f"step {number}"),
                str(given.get("by", "")),
                item if isinstance(item, int) else 0,
            )
        case "message":
            key = given.get("key")
            return Deliver(str(given["message"]), None if key is None else str(key), payload)
        case "signal":
            return Broadcast(str(given["signal"]), payload)
        case "wait":
            return Wait(str(given["wait"]))
        case "until":
            until = given["until"]
            return Wait(until if isinstance(until, datetime) else str(until))
        case "topic":
            return ServiceResult(
                str(given["topic"]),
                _mapping(given.get("result", {}), f"step {number}"),
                str(given.get("error", "")),
                str(given.get("fail", "")),
            )
        case "start":
            return StartOptional(str(given["start"]))
        case _:
            return Change(_mapping(given["set"], f"step {number}"))


def _topics(given: Mapping[str, object]) -> list[tuple[str, object]]:
    """`[topics."a.b"]`; `[topics.a.b]` is nearly the same in TOML and means the same here."""
    found: list[tuple[str, object]] = []
    for topic, answer in given.items():
        if (
            isinstance(answer, dict)
            and "." not in topic
            and answer
            and all(isinstance(one, dict) for one in answer.values())
        ):
            found += [(f"{topic}.{name}", one) for name, one in answer.items()]
        else:
            found.append((topic, answer))
    return found


def _table(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    return _mapping(document.get(name, {}), name)


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise EngineError("path_test_broken", reason=where)
    return value


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
