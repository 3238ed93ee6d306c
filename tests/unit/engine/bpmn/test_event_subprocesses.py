"""Event sub-processes: they begin when their event comes, interrupt or not, and may come again."""

import pytest

from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    chain,
    condition,
    document,
    end,
    error,
    escalation,
    event_subprocess,
    message,
    node,
    process,
    script,
    signal,
    start,
    timer,
    user,
)


def beside(event: str, *, interrupting: bool, main: str = user("T")) -> bytes:
    return document(
        process(
            start(), main, end(), chain("S", "T", "E"),
            event_subprocess(
                "ES", event, user("X"), end("ES_out"), chain("ES_in", "X", "ES_out"), interrupting=interrupting
            ),
        )
    )  # fmt: skip


def test_it_does_not_begin_by_itself() -> None:
    for event in (message(), signal(), error(), escalation(), timer("timeDuration", "P1D")):
        play = Play(beside(event, interrupting=True))
        assert play.opened == ["T"]
        play.complete("T")
        assert play.finished


def test_it_takes_its_message_three_times_and_a_later_instance_does_not_begin_it() -> None:
    play = Play(beside(message(), interrupting=False))
    for count in (1, 2, 3):
        play.send("note")
        assert play.opened == ["T"] + ["X"] * count
    play.complete("T")
    assert not play.finished
    for _ in range(3):
        play.complete("X")
    assert play.finished
    later = Play(beside(message(), interrupting=False))
    assert later.opened == ["T"]
    # the very same compiled definition, too
    again = Play(beside(message(), interrupting=False))
    again.definition = play.definition
    assert again.opened == ["T"]


def test_one_definition_serves_instances_that_were_interrupted_and_new_ones() -> None:
    from app.engine.bpmn import Instance

    play = Play(beside(message(), interrupting=True))
    play.send("note")
    assert play.opened == ["X"]
    _, step = Instance.start(play.definition, play.environment, play.now)
    assert [item.element_id for item in step.opened] == ["T"]
    assert [one.name for one in step.waiting_for] == ["note"]


def test_when_it_interrupts_all_other_work_of_the_scope_ends() -> None:
    play = Play(beside(message(), interrupting=True))
    step = play.send("note")
    assert play.opened == ["X"]
    assert [one.reason for one in step.closed] == ["cancelled"]
    assert play.last.waiting_for == ()
    assert play.complete("X").finished
    assert play.last.ended_by == "ES_out"


@pytest.mark.parametrize("interrupting", [True, False])
def test_signal_timer_and_condition_begin_it(interrupting: bool) -> None:
    expected = ["X"] if interrupting else ["T", "X"]
    play = Play(beside(signal(), interrupting=interrupting))
    play.broadcast("alarm")
    assert play.opened == expected
    play = Play(beside(timer("timeDuration", "P1D"), interrupting=interrupting))
    assert play.last.due_at is not None
    play.wait(days=1)
    assert play.opened == expected
    play = Play(beside(condition("= red"), interrupting=interrupting), red=False)
    play.environment.store[""]["red"] = True
    play.call(lambda instance: instance.variables_changed(["red"], play.now))
    assert play.opened == expected


def test_a_cycle_begins_it_again_and_again() -> None:
    play = Play(beside(timer("timeCycle", "R/P1D"), interrupting=False))
    for count in (1, 2, 3):
        play.wait(days=1)
        assert play.opened == ["T"] + ["X"] * count


def test_an_error_of_the_scope_begins_it() -> None:
    thrower = node("subProcess", "T", start("ts") + end("te", error()) + chain("ts", "te"))
    play = Play(beside(error(), interrupting=True, main=thrower))
    assert play.opened == ["X"]
    assert play.failed == []


def test_an_escalation_begins_it_beside_the_work() -> None:
    thrower = node(
        "subProcess",
        "T",
        start("ts") + node("intermediateThrowEvent", "up", escalation()) + user("W") + end("te")
        + chain("ts", "up", "W", "te"),
    )  # fmt: skip
    play = Play(beside(escalation(), interrupting=False, main=thrower))
    assert play.opened == ["W", "X"]


def test_each_run_has_its_own_scope() -> None:
    play = Play(beside(message(), interrupting=False))
    play.send("note", order="first")
    play.send("note", order="second")
    scopes = [play.at("X", index).scope for index in (0, 1)]
    assert len(set(scopes)) == 2
    assert [play.environment.variables(scope)["order"] for scope in scopes] == ["first", "second"]
    assert play.value("order") is None
    step = play.complete("X")
    assert len(step.closed_scopes) == 1


def test_names_of_the_process_are_written_where_they_are() -> None:
    xml = document(
        process(
            start(), user("T"), end(), chain("S", "T", "E"),
            event_subprocess(
                "ES", message(), script("X", "= {count: count + 1}"), end("EO"), chain("ES_in", "X", "EO"),
                interrupting=False,
            ),
        )
    )  # fmt: skip
    play = Play(xml, count=0)
    for _ in range(3):
        play.send("note")
    assert play.value("count") == 3
    assert play.opened == ["T"]


def test_inside_a_sub_process_it_interrupts_that_only() -> None:
    inner = (
        start("hs") + user("W") + end("he") + chain("hs", "W", "he")
        + event_subprocess("ES", message(), user("X"), end("EO"), chain("ES_in", "X", "EO"))
    )  # fmt: skip
    xml = document(
        process(
            start(), node("parallelGateway", "F"), node("subProcess", "H", inner), user("T"), user("N"), end(),
            chain("S", "F", "H", "N", "E"), chain("F", "T", "E"),
        )
    )  # fmt: skip
    play = Play(xml)
    play.send("note")
    assert play.opened == ["T", "X"]
    play.complete("X")
    assert play.opened == ["N", "T"]
