"""Boundary and intermediate events, end events, and how what is thrown finds its catcher."""

import pytest

from app.engine.findings import EngineError
from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    condition,
    document,
    end,
    error,
    escalation,
    extension,
    flow,
    mapping,
    message,
    node,
    process,
    properties,
    script,
    signal,
    start,
    timer,
    user,
)


def beside(event: str, *, interrupting: bool) -> bytes:
    """A task T with a boundary event B that leads to task X."""
    return document(
        process(
            start(), user("T"), boundary("B", "T", event, interrupting=interrupting), user("X"), end(), end("E2"),
            chain("S", "T", "E"), chain("B", "X", "E2"),
        )
    )  # fmt: skip


def test_a_message_that_does_not_interrupt_is_taken_every_time() -> None:
    play = Play(beside(message(), interrupting=False))
    for count in (1, 2, 3):
        play.send("note")
        assert play.opened == ["T"] + ["X"] * count
        assert [one.name for one in play.last.waiting_for] == ["note"]
    play.complete("T")
    assert play.last.waiting_for == ()
    for _ in range(3):
        assert not play.finished
        play.complete("X")
    assert play.finished


def test_a_message_that_interrupts_takes_the_task_away() -> None:
    play = Play(beside(message(), interrupting=True))
    step = play.send("note")
    assert play.opened == ["X"]
    assert [one.reason for one in step.closed] == ["cancelled"]
    assert [(one.element_id, one.how) for one in step.visits] == [("T", "cancelled"), ("B", "completed")]
    with pytest.raises(EngineError, match="nobody_waits"):
        play.send("note")


def test_the_payload_of_a_message_is_written() -> None:
    play = Play(beside(message(), interrupting=True))
    play.send("note", reason="moved away")
    assert play.value("reason") == "moved away"


def test_a_signal_reaches_all_that_wait() -> None:
    xml = document(
        process(
            start(), node("parallelGateway", "F"), node("intermediateCatchEvent", "C1", signal()),
            node("intermediateCatchEvent", "C2", signal()), user("A"), user("B"), end(),
            chain("S", "F", "C1", "A", "E"), chain("F", "C2", "B", "E"),
        )
    )  # fmt: skip
    play = Play(xml)
    assert [one.kind for one in play.last.waiting_for] == ["signal", "signal"]
    play.broadcast("alarm")
    assert play.opened == ["A", "B"]
    play.broadcast("alarm")
    assert play.opened == ["A", "B"]


def test_messages_are_told_apart_by_their_key() -> None:
    catch = extension(properties(correlationKey="= wanted")) + message()
    xml = document(
        process(start(), node("intermediateCatchEvent", "C", catch), end(), chain("S", "C", "E")),
    )
    play = Play(xml, wanted="case-7")
    assert play.last.waiting_for[0].key == "case-7"
    with pytest.raises(EngineError, match="nobody_waits"):
        play.send("note", "case-8")
    with pytest.raises(EngineError, match="nobody_waits"):
        play.send("note")
    assert play.send("note", "case-7").finished


def test_a_message_has_one_receiver_the_one_that_waited_longest() -> None:
    xml = document(
        process(
            start(), node("parallelGateway", "F"), node("receiveTask", "R1", messageRef="m_note"),
            node("receiveTask", "R2", messageRef="m_note"), end(),
            chain("S", "F", "R1", "E"), chain("F", "R2", "E"),
        )
    )  # fmt: skip
    play = Play(xml)
    play.send("note")
    assert [one.element_id for one in play.last.waiting_for] == ["R2"]
    assert play.send("note").finished


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_boundary_timer_fires_when_it_is_due(interrupting: bool) -> None:
    play = Play(beside(timer("timeDuration", "P3D"), interrupting=interrupting))
    due = play.last.due_at
    play.wait(days=2)
    assert play.opened == ["T"]
    assert play.last.due_at == due
    play.wait(days=1)
    assert play.opened == (["X"] if interrupting else ["T", "X"])
    assert play.last.due_at is None


def test_a_cycle_fires_every_time_and_missed_turns_once() -> None:
    play = Play(beside(timer("timeCycle", "R/P1D"), interrupting=False))
    play.wait(days=1)
    play.wait(days=1)
    assert play.opened == ["T", "X", "X"]
    play.wait(days=10, hours=2)
    assert play.opened == ["T", "X", "X", "X"]
    assert play.last.due_at is not None
    assert (play.last.due_at - play.now).total_seconds() == 22 * 3600


def test_a_cycle_ends_after_its_turns() -> None:
    play = Play(beside(timer("timeCycle", "R2/P1D"), interrupting=False))
    for _ in range(4):
        play.wait(days=1)
    assert play.opened == ["T", "X", "X"]


def test_a_due_timer_fires_before_a_late_completion() -> None:
    play = Play(beside(timer("timeDuration", "P3D"), interrupting=True))
    play.now = play.now.replace(day=9)
    step = play.complete("T", answer="late")
    assert step.overtaken
    assert play.opened == ["X"]
    assert play.value("answer") is None


def test_a_day_ends_at_midnight_in_the_county() -> None:
    play = Play(beside(timer("timeDate", "= today() + duration(&quot;P1D&quot;)"), interrupting=True))
    assert play.last.due_at is not None
    assert play.last.due_at.isoformat() == "2026-03-03T16:00:00+00:00"


def test_a_condition_fires_when_it_becomes_true_and_again_when_it_becomes_true_again() -> None:
    play = Play(beside(condition("= risk = &quot;red&quot;"), interrupting=False), risk="green")
    assert play.opened == ["T"]

    def set_risk(value: str) -> None:
        play.environment.store[""]["risk"] = value
        play.call(lambda instance: instance.variables_changed(["risk"], play.now))

    set_risk("red")
    set_risk("red")
    assert play.opened == ["T", "X"]
    set_risk("green")
    set_risk("red")
    assert play.opened == ["T", "X", "X"]


def test_a_condition_sees_what_the_same_step_writes() -> None:
    xml = document(
        process(
            start(), node("parallelGateway", "F"), user("T"), user("A"),
            boundary("B", "T", condition("= risk = &quot;red&quot;")), script("C", "= {risk: &quot;red&quot;}"), end(),
            user("X"), chain("S", "F", "T", "E"), chain("F", "A", "C", "E"), chain("B", "X", "E"),
        )
    )  # fmt: skip
    play = Play(xml, risk="green")
    play.complete("A")
    assert play.opened == ["X"]


def within(inner: str, boundaries: str) -> bytes:
    """A sub-process H with `inner` after its start, and boundary events that lead to tasks X and Y."""
    host = node("subProcess", "H", start("hs") + user("W") + inner)
    others = "".join(user(name) + chain(name, "E") for name in ("X", "Y") if f'"{name}"' in boundaries)
    return document(process(start(), host, boundaries, others, user("N"), end(), chain("S", "H", "N", "E")))


def test_an_error_goes_to_the_event_with_its_code_else_to_the_one_for_all() -> None:
    for code, opened in (("bad", "X"), ("other", "Y")):
        xml = within(
            end("he", error(code)) + chain("hs", "W", "he"),
            boundary("B1", "H", "<bpmn:errorEventDefinition/>")
            + boundary("B2", "H", error("bad"))
            + chain("B1", "Y")
            + chain("B2", "X"),
        )
        play = Play(xml)
        play.complete("W")
        assert play.opened == [opened]


def test_an_error_that_nobody_catches_is_an_incident() -> None:
    play = Play(within(end("he", error()) + chain("hs", "W", "he"), ""))
    play.complete("W")
    assert play.failed == ["he"]
    assert play.last.incidents[0].code == "error_uncaught"


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_need_not_interrupt(interrupting: bool) -> None:
    xml = within(
        node("intermediateThrowEvent", "up", escalation())
        + user("W2")
        + end("he")
        + chain("hs", "W", "up", "W2", "he"),
        boundary("B", "H", escalation(), interrupting=interrupting) + chain("B", "X"),
    )
    play = Play(xml)
    play.complete("W")
    assert play.opened == (["X"] if interrupting else ["W2", "X"])


def test_an_escalation_that_nobody_catches_changes_nothing() -> None:
    play = Play(within(end("he", escalation()) + chain("hs", "W", "he"), ""))
    play.complete("W")
    assert play.opened == ["N"]


def test_terminate_ends_its_scope_only() -> None:
    inner = (
        user("W2")
        + node("parallelGateway", "F")
        + end("he", "<bpmn:terminateEventDefinition/>")
        + chain("hs", "F", "W", "he")
        + chain("F", "W2")
    )
    play = Play(within(inner, ""))
    assert play.opened == ["W", "W2"]
    step = play.complete("W")
    assert play.opened == ["N"]
    assert sorted(one.reason for one in step.closed) == ["cancelled", "completed"]


def test_a_signal_end_event_throws() -> None:
    xml = document(
        process(
            start(), node("parallelGateway", "F"), node("intermediateCatchEvent", "C", signal()), user("A"), user("B"),
            end("E1", signal()), end("E2"),
            chain("S", "F", "C", "B", "E2"), chain("F", "A", "E1"),
        )
    )  # fmt: skip
    play = Play(xml)
    step = play.complete("A")
    assert play.opened == ["B"]
    assert [one.name for one in step.signals] == ["alarm"]


def test_a_message_thrown_is_taken_inside_or_handed_out() -> None:
    throw = extension(mapping({"text": "= greeting"}), properties(correlationKey="= whom")) + message()
    xml = document(
        process(
            start(), node("intermediateThrowEvent", "M", throw), user("A"),
            node("intermediateThrowEvent", "M2", throw), end(), user("X"),
            boundary("B", "A", message(), interrupting=False),
            chain("S", "M", "A", "E"), chain("B", "X", "M2", "E"),
        )
    )  # fmt: skip
    play = Play(xml, greeting="hello", whom="7")
    thrown = play.last.messages
    assert [(one.name, one.key, one.payload) for one in thrown] == [("note", "7", {"text": "hello"})]
    play.send("note")
    step = play.complete("X")
    assert step.messages == ()
    assert play.opened == ["A", "X"]
    assert play.value("text") == "hello"


def test_links_jump() -> None:
    link = '<bpmn:linkEventDefinition name="L"/>'
    xml = document(
        process(
            start(), node("intermediateThrowEvent", "L1", link), node("intermediateCatchEvent", "L2", link), user("A"),
            end(), chain("S", "L1"), chain("L2", "A", "E"),
        )
    )  # fmt: skip
    assert Play(xml).opened == ["A"]


def test_a_process_may_begin_with_a_message() -> None:
    xml = document(
        process(
            start(), start("S2", message()), user("A"), user("B"), end(), chain("S", "A", "E"), chain("S2", "B", "E")
        )
    )
    assert Play(xml).opened == ["A"]
    play = Play(xml, start_event="S2")
    assert play.opened == ["B"]
    assert [(one.element_id, one.message) for one in play.definition.starts] == [("S", None), ("S2", "note")]


def test_several_ends_the_last_one_counts() -> None:
    xml = document(
        process(
            start(), node("parallelGateway", "F"), user("A"), user("B"), end("EA"), end("EB"),
            chain("S", "F", "A", "EA"), chain("F", "B", "EB"),
        )
    )  # fmt: skip
    play = Play(xml)
    play.complete("B")
    assert not play.finished
    assert play.complete("A").ended_by == "EA"


def test_boundary_events_leave_with_their_task() -> None:
    play = Play(beside(timer("timeDuration", "P3D"), interrupting=True))
    play.complete("T")
    assert play.finished
    assert play.last.due_at is None


def test_an_event_in_a_loop_is_set_again() -> None:
    xml = document(
        process(
            start(), node("exclusiveGateway", "M"), node("intermediateCatchEvent", "C", timer("timeDuration", "PT1H")),
            node("exclusiveGateway", "G", default="G_M"), script("N", "= {n: n + 1}"), end(),
            chain("S", "M", "C", "N", "G"), flow("G", "M"), flow("G", "E", "= n = 3"),
        )
    )  # fmt: skip
    play = Play(xml, n=0)
    for _ in range(3):
        assert not play.finished
        play.wait(hours=1)
    assert play.finished
