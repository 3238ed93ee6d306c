"""What fails stays at its element; what a person did is kept; retry, skip and restart go on."""

import pytest

from app.engine.bpmn.simulation import SimulatedEnvironment
from app.engine.findings import EngineError
from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    document,
    end,
    flow,
    node,
    process,
    script,
    start,
    timer,
    user,
)


def failing() -> bytes:
    return document(
        process(
            start(), user("T"), script("X", "= {n: missing + 1}"), user("Z"), end(), chain("S", "T", "X", "Z", "E"),
        )
    )  # fmt: skip


def test_an_unknown_name_is_an_incident_and_the_completion_is_kept() -> None:
    play = Play(failing())
    step = play.complete("T", answer="kept")
    assert play.value("answer") == "kept"
    assert [one.reason for one in step.closed] == ["completed"]
    (incident,) = step.incidents
    assert (incident.element_id, incident.element_name, incident.code) == ("X", "X", "feel_unknown_name")
    assert incident.params["name"] == "missing"
    assert [(one.element_id, one.incident) for one in step.active] == [("X", True)]
    play.retry()
    assert play.failed == ["X"]
    play.environment.store[""]["missing"] = 1
    step = play.retry()
    assert play.value("n") == 2
    assert play.opened == ["Z"]
    assert len(step.closed_incidents) == 1
    with pytest.raises(EngineError, match="incident_gone"):
        play.call(lambda instance: instance.retry(incident.id, play.now))


def test_a_declared_name_is_null_and_an_undeclared_one_is_refused() -> None:
    environment = SimulatedEnvironment(dictionary={"missing", "n"})
    play = Play(failing(), environment=environment)
    with pytest.raises(EngineError, match="name_undeclared"):
        play.complete("T", answer="not declared")
    assert play.opened == ["T"]
    play.complete("T")
    assert play.opened == ["Z"]
    assert play.value("n") is None


def test_what_fails_while_a_task_is_left_does_not_open_the_task_again() -> None:
    xml = document(
        process(
            start(), user("T"), user("A"), user("B"), end(), chain("S", "T"),
            flow("T", "A", "= x &gt; 1"), flow("T", "B", "= x &lt; 0"), chain("A", "E"), chain("B", "E"),
        )
    )  # fmt: skip
    play = Play(xml)
    play.complete("T", x=0)
    assert (play.opened, play.failed) == ([], ["T"])
    play.environment.store[""]["x"] = 2
    play.retry()
    assert play.opened == ["A"]
    assert play.failed == []


def test_what_fails_while_a_task_opens_opens_it_on_retry() -> None:
    xml = document(
        process(start(), user("T", camunda__assignee="= mediator.id"), end(), chain("S", "T", "E"),
                boundary("B", "T", timer("timeDuration", "P1D"), interrupting=False), user("X"), chain("B", "X", "E"))
    )  # fmt: skip
    play = Play(xml)
    assert play.failed == ["T"]
    play.environment.store[""]["mediator"] = {"id": "7"}
    play.retry()
    assert play.at("T").assignee == "7"
    play.wait(days=1)
    assert play.opened == ["T", "X"]


def test_an_incident_can_be_skipped() -> None:
    play = Play(failing())
    play.complete("T")
    (incident,) = play.incidents
    play.call(lambda instance: instance.skip(incident, play.now))
    assert (play.opened, play.failed) == (["Z"], [])


def test_an_open_task_can_be_skipped() -> None:
    play = Play(failing())
    item = play.at("T")
    play.environment.store[""]["missing"] = 1
    step = play.call(lambda instance: instance.skip(item.id, play.now))
    assert [one.reason for one in step.closed] == ["cancelled"]
    assert play.opened == ["Z"]


def test_work_can_be_started_again_before_an_element() -> None:
    play = Play(failing())
    play.complete("T")
    (incident,) = play.incidents
    play.call(lambda instance: instance.restart_before("T", play.now, instead_of=incident))
    assert (play.opened, play.failed) == (["T"], [])
    with pytest.raises(EngineError, match="element_unknown"):
        play.call(lambda instance: instance.restart_before("nowhere", play.now))


def test_without_a_named_place_the_whole_scope_is_started_again() -> None:
    xml = document(
        process(
            start(), node("parallelGateway", "F"), user("A"), user("B"), end(), chain("S", "F", "A", "E"),
            chain("F", "B", "E"),
        )
    )  # fmt: skip
    play = Play(xml)
    play.complete("A")
    play.call(lambda instance: instance.restart_before("F", play.now))
    assert play.opened == ["A", "B"]


def test_a_wrong_timer_is_an_incident_beside_the_running_task() -> None:
    xml = document(
        process(
            start(), user("T"), boundary("B", "T", timer("timeDate", "= when")), user("X"), end(),
            chain("S", "T", "E"), chain("B", "X", "E"),
        )
    )  # fmt: skip
    play = Play(xml, when="some day")
    assert (play.opened, play.failed) == (["T"], ["B"])
    assert play.last.incidents[0].code == "timer_not_understood"
    play.complete("T")
    assert (play.finished, play.failed) == (True, [])


def test_cancelling_closes_everything() -> None:
    play = Play(failing())
    play.complete("T")
    step = play.call(lambda instance: instance.cancel(play.now))
    assert (step.finished, step.ended_by, play.failed) == (True, None, [])
    assert step.active == ()


def test_our_own_faults_are_not_incidents(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr("app.engine.bpmn.specs.tasks.ScriptTask.execute", broken)
    play = Play(failing())
    with pytest.raises(ZeroDivisionError):
        play.complete("T")
