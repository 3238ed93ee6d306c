"""The state is small, complete, and readable by later instances and threads."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.engine.bpmn import Instance, ProcessDefinition
from app.engine.bpmn.simulation import SimulatedEnvironment
from app.engine.findings import EngineError
from tests.unit.engine.bpmn.bpmn_files import (
    MONDAY,
    Play,
    boundary,
    chain,
    document,
    end,
    event_subprocess,
    extension,
    items,
    mapping,
    message,
    node,
    process,
    properties,
    service,
    start,
    timer,
    user,
)


def rich() -> bytes:
    """Everything that can wait, at once."""
    inner = start("hs") + user("W", items("parties", "party", sequential=True)) + end("he") + chain("hs", "W", "he")
    return document(
        process(
            start(), node("parallelGateway", "F"), user("T", extension(mapping({"hint": "= amount"}))),
            boundary("B", "T", timer("timeCycle", "R3/P1D"), interrupting=False), user("X"),
            node("subProcess", "H", inner), service("J", "call", camunda__asyncBefore="true"),
            node("intermediateCatchEvent", "C", extension(properties(correlationKey="= key")) + message()),
            node("parallelGateway", "Join"), end(),
            chain("S", "F", "T", "Join"), chain("B", "X", "E"), chain("F", "H", "Join"), chain("F", "J", "Join"),
            chain("F", "C", "Join", "E"),
            event_subprocess(
                "ES", message("stop"), user("Y"), end("EO"), chain("ES_in", "Y", "EO"), interrupting=False
            ),
        )
    )  # fmt: skip


def test_what_waits_waits_again_after_restoring() -> None:
    play = Play(rich(), parties=[{"n": Decimal("1.50"), "on": date(2026, 3, 1)}, {}], amount=Decimal("0.1"), key="k")
    before = play.last
    instance = Instance.restore(play.definition, play.state, play.environment)
    assert instance.state() == play.state
    after = instance.wake(MONDAY)
    for part in ("waiting_for", "active", "due_at", "optional", "finished"):
        assert getattr(after, part) == getattr(before, part)
    assert {one.name for one in after.waiting_for} == {"note", "stop"}
    assert (after.opened, after.closed, after.visits) == ((), (), ())


def test_a_whole_case_runs_to_its_end_over_restored_states() -> None:
    play = Play(rich(), parties=[1, 2], amount=1, key="k")
    play.send("stop")
    play.wait(days=1)
    assert play.opened == ["T", "W", "X", "Y"]
    play.complete("W")
    play.complete("W")
    play.finish({})
    play.send("note", "k")
    for name in ("T", "X", "Y"):
        assert not play.finished
        play.complete(name)
    assert play.finished


def test_any_name_may_be_a_key() -> None:
    play = Play(rich(), parties=[{"typename": "x", "$t": "P1D", "data": {}, "": 0}], amount=1, key="k")
    scope = play.at("W").scope
    assert play.environment.variables(scope)["party"] == {"typename": "x", "$t": "P1D", "data": {}, "": 0}
    play.call(lambda instance: instance.wake(play.now))
    assert play.at("T").inputs == {"hint": 1}


def test_nested_values_are_not_shared_between_branches() -> None:
    given = {"inner": [1]}
    play = Play(rich(), parties=[given], amount=1, key="k")
    given["inner"].append(2)
    assert play.environment.variables(play.at("W").scope)["party"] == {"inner": [1]}


def test_the_state_holds_tokens_not_values() -> None:
    names = [f"T{number}" for number in range(40)]
    xml = document(process(start(), *[user(name) for name in names], end(), chain("S", *names, "E")))
    play = Play(xml, text="long " * 10_000)
    for name in names[:-1]:
        play.complete(name, **{f"field_{name}": "value " * 100})
        assert len(play.state) < 200


def test_a_state_of_another_kind_is_refused() -> None:
    play = Play(rich(), parties=[], amount=1, key="k")
    for state in (b"", b"\x63" + play.state[1:], play.state[:1] + b"nothing"):
        with pytest.raises(EngineError, match="state_unreadable"):
            Instance.restore(play.definition, state, play.environment)
    other = ProcessDefinition.compile({"o.bpmn": document(process(start(), end(), chain("S", "E")))}, "P")
    with pytest.raises(EngineError, match="state_does_not_fit"):
        Instance.restore(other, play.state, play.environment)


def test_visits_tell_how_long_it_took() -> None:
    play = Play(rich(), parties=[], amount=1, key="k")
    play.wait(hours=5)
    step = play.complete("T")
    (visit,) = [one for one in step.visits if one.element_id == "T"]
    assert (visit.entered, visit.left - visit.entered, visit.how) == (MONDAY, timedelta(hours=5), "completed")


def test_threads_share_a_definition() -> None:
    definition = ProcessDefinition.compile({"p.bpmn": rich()}, "P")
    wrong: list[object] = []

    def work(number: int) -> None:
        try:
            for _ in range(20):
                play = Play.__new__(Play)
                play.definition, play.environment, play.now = definition, SimulatedEnvironment(), MONDAY
                play.steps, play.open, play.incidents = [], {}, {}
                instance, step = Instance.start(
                    definition, play.environment, MONDAY, variables={"parties": [number], "amount": number, "key": "k"}
                )
                play._keep(instance, step)
                for _ in range(3):
                    play.send("stop")
                if play.opened != ["T", "W", "Y", "Y", "Y"] or play.at("T").inputs != {"hint": number}:
                    wrong.append((play.opened, play.at("T").inputs))
        except Exception as error:  # whatever it is, it must reach the test
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
