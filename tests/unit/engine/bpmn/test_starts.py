"""How processes begin: plainly, by a message, a signal, a timer; several starts side by side."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from app.engine.bpmn import ProcessDefinition
from app.engine.bpmn.simulation import SimulatedEnvironment, simulate
from app.engine.bpmn.starts import Turn, next_turn, starts_in
from app.engine.findings import EngineError
from tests.unit.engine.bpmn.bpmn_files import (
    MONDAY,
    Play,
    chain,
    document,
    end,
    message,
    process,
    signal,
    start,
    timer,
    user,
)

ZONE = ZoneInfo("Asia/Shanghai")


def many() -> bytes:
    """A process that begins in five ways, each with a task of its own."""
    ways = {
        "S": "", "SM": message(), "SS": signal(), "ST": timer("timeCycle", "R/2026-03-02T08:00/P1D"),
        "SD": timer("timeDate", "2026-03-05"),
    }  # fmt: skip
    return document(
        process(
            *(start(name, event) + user(f"T{name}") + chain(name, f"T{name}", "E") for name, event in ways.items()),
            end(),
        )
    )


def test_a_definition_says_how_it_may_begin() -> None:
    starts = ProcessDefinition.compile({"p.bpmn": many()}, "P").starts
    assert [(one.element_id, one.kind, one.event, one.text) for one in starts] == [
        ("S", "none", "", ""),
        ("SM", "message", "note", ""),
        ("SS", "signal", "alarm", ""),
        ("ST", "timer", "", "R/2026-03-02T08:00/P1D"),
        ("SD", "timer", "", "2026-03-05"),
    ]
    assert [(one.message, one.signal) for one in starts][:3] == [(None, None), ("note", None), (None, "alarm")]


@pytest.mark.parametrize("name", ["S", "SM", "SS", "ST", "SD"])
def test_it_begins_at_each_of_them_and_there_alone(name: str) -> None:
    play = Play(many(), start_event=name, value=1)
    assert play.opened == [f"T{name}"]
    assert play.visited == [name, f"T{name}"]
    assert play.value("value") == 1
    assert play.last.waiting_for == ()
    assert play.last.due_at is None


def test_a_simulation_begins_at_any_start() -> None:
    definition = ProcessDefinition.compile({"p.bpmn": many()}, "P")
    for name in ("SM", "SS", "ST"):
        trail = simulate(definition, [], SimulatedEnvironment(), start_event=name)
        assert trail.open_at == [f"T{name}"]


def test_without_a_plain_start_the_start_must_be_named() -> None:
    xml = document(process(start("S", signal()), user("T"), end(), chain("S", "T", "E")))
    with pytest.raises(EngineError, match="start_event_needed"):
        Play(xml)
    with pytest.raises(EngineError, match="element_unknown"):
        Play(xml, start_event="T")
    assert Play(xml, start_event="S").opened == ["T"]


def turn_of(kind: str, text: str, now: datetime = MONDAY) -> Turn | None:
    xml = document(process(start("S", timer(kind, text)), user("T"), end(), chain("S", "T", "E")))
    definition = ProcessDefinition.compile({"p.bpmn": xml}, "P")
    return definition.first_turn(definition.starts[0], now, ZONE)


@pytest.mark.parametrize(
    ("kind", "text", "due", "left"),
    [
        ("timeDate", "2026-03-05T10:00", "2026-03-05T02:00:00+00:00", 1),
        ("timeDate", "2026-03-05", "2026-03-05T16:00:00+00:00", 1),
        ("timeDate", "= date and time(&quot;2026-03-05T10:00:00+08:00&quot;)", "2026-03-05T02:00:00+00:00", 1),
        ("timeDuration", "PT2H", "2026-03-02T03:00:00+00:00", 1),
        ("timeCycle", "R/P1D", "2026-03-03T01:00:00+00:00", -1),
        ("timeCycle", "R3/PT1H", "2026-03-02T02:00:00+00:00", 3),
        # what was due before the release became active is over
        ("timeCycle", "R/2026-02-01T08:00/P7D", "2026-03-08T00:00:00+00:00", -1),
        ("timeCycle", "R6/2026-02-01T08:00/P7D", "2026-03-08T00:00:00+00:00", 1),
    ],
)
def test_a_timer_tells_its_first_turn(kind: str, text: str, due: str, left: int) -> None:
    turn = turn_of(kind, text)
    assert turn is not None
    assert (turn.due.isoformat(), turn.left) == (due, left)


@pytest.mark.parametrize(
    ("kind", "text"), [("timeDate", "2026-03-01"), ("timeCycle", "R2/2026-02-01T08:00/P7D"), ("timeCycle", "R0/P1D")]
)
def test_a_time_that_has_passed_begins_nothing(kind: str, text: str) -> None:
    assert turn_of(kind, text) is None


def test_a_cycle_counts_its_turns_and_missed_ones_begin_nothing() -> None:
    turn = turn_of("timeCycle", "R5/PT1H")
    assert turn is not None
    second = next_turn(turn, turn.due, ZONE)
    assert second is not None
    assert (second.left, (second.due - turn.due).total_seconds()) == (4, 3600)
    late = next_turn(second, second.due.replace(minute=30, hour=second.due.hour + 2), ZONE)
    assert late is not None
    assert late.left == 1
    assert next_turn(late, late.due, ZONE) is None
    once = turn_of("timeDuration", "PT1H")
    assert once is not None
    assert next_turn(once, once.due, ZONE) is None


def test_starts_of_a_package_are_found_without_compiling_it() -> None:
    drawing = document(process(start("X", signal()), id="D")).replace(b'isExecutable="true"', b'isExecutable="false"')
    files = {"p.bpmn": many(), "d.bpmn": drawing}
    assert [(process_id, one.event) for process_id, one in starts_in(files, "signal")] == [("P", "alarm")]
    assert [one.element_id for _, one in starts_in(files, "timer")] == ["ST", "SD"]
