"""Boundary events of every kind on every kind of activity, as often as their event comes; where errors go."""

from collections.abc import Callable

import pytest

from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    condition,
    document,
    end,
    error,
    escalation,
    event_subprocess,
    items,
    message,
    node,
    process,
    script,
    signal,
    start,
    timer,
    user,
)

EVENTS = {
    "message": message(), "signal": signal(), "timer": timer("timeCycle", "R/P1D"),
    "conditional": condition("= red"),
}  # fmt: skip


def set_red(play: Play, value: bool) -> None:
    play.environment.store[""]["red"] = value
    play.call(lambda instance: instance.variables_changed(["red"], play.now))


def turn_red(play: Play) -> None:
    set_red(play, False)
    set_red(play, True)


HAPPEN: dict[str, Callable[[Play], object]] = {
    "message": lambda play: play.send("note"),
    "signal": lambda play: play.broadcast("alarm"),
    "timer": lambda play: play.wait(days=1),
    "conditional": turn_red,
}

INNER = start("hs") + user("W") + end("he") + chain("hs", "W", "he")
HOSTS = {
    "task": (user("H"), "H", 1),
    "sub-process": (node("subProcess", "H", INNER), "W", 1),
    "call activity": (node("callActivity", "H", calledElement="Q"), "V", 1),
    "multi-instance": (user("H", items("list")), "H", 3),
    "sequential multi-instance": (user("H", items("list", sequential=True)), "H", 1),
    "multi-instance sub-process": (node("subProcess", "H", INNER + items("list")), "W", 3),
    "multi-instance call": (node("callActivity", "H", items("list"), calledElement="Q"), "V", 3),
    "transaction": (node("transaction", "H", INNER), "W", 1),
    "receive task": (node("receiveTask", "H", messageRef="m_stop"), "", 0),
}


def beside(host: str, event: str, *, interrupting: bool) -> bytes:
    return document(
        process(
            start(), HOSTS[host][0], boundary("B", "H", EVENTS[event], interrupting=interrupting), user("X"),
            end(), chain("S", "H", "E"), chain("B", "X", "E"),
        ),
        process(start("qs"), user("V"), end("qe"), chain("qs", "V", "qe"), id="Q"),
    )  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("event", EVENTS)
def test_a_boundary_event_that_does_not_interrupt_fires_every_time(host: str, event: str) -> None:
    _, inside, count = HOSTS[host]
    play = Play(beside(host, event, interrupting=False), list=[1, 2, 3], red=False)
    for turn in (1, 2, 3):
        HAPPEN[event](play)
        assert play.opened == sorted([inside] * count + ["X"] * turn)
    while not play.finished:
        if play.opened:
            play.complete(play.opened[0])
        else:
            play.send("stop")
    assert play.visited.count("X") == 3
    assert (play.last.waiting_for, play.last.due_at) == ((), None)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("event", EVENTS)
def test_one_that_interrupts_takes_the_activity_away(host: str, event: str) -> None:
    play = Play(beside(host, event, interrupting=True), list=[1, 2, 3], red=False)
    HAPPEN[event](play)
    assert play.opened == ["X"]
    assert (play.last.waiting_for, play.last.due_at) == ((), None)
    assert play.complete("X").finished
    assert set(play.environment.store) == {""}


def escalating(*codes: str, catch: str, interrupting: bool = False, host: str = "subProcess") -> bytes:
    """H throws the codes one after the other; B catches `catch`, B2 everything."""
    throws = [
        node("intermediateThrowEvent", f"up{number}", f'<bpmn:escalationEventDefinition escalationRef="x_{code}"/>')
        for number, code in enumerate(codes)
    ]
    names = [f"up{number}" for number in range(len(codes))]
    inner = start("hs") + "".join(throws) + user("W") + end("he") + chain("hs", *names, "W", "he")
    caught = f'<bpmn:escalationEventDefinition escalationRef="x_{catch}"/>'
    called = process(inner, id="Q")
    given = {"calledElement": "Q"} if host == "callActivity" else {}
    xml = document(
        process(
            start(), node(host, "H", "" if given else inner, **given), user("X"), user("Y"), end(),
            boundary("B", "H", caught, interrupting=interrupting), chain("S", "H", "E"), chain("B", "X", "E"),
            boundary("B2", "H", "<bpmn:escalationEventDefinition/>", interrupting=False), chain("B2", "Y", "E"),
        ),
        *([called] if given else []),
    )  # fmt: skip
    more = b'<bpmn:escalation id="x_down" name="down" escalationCode="DOWN"/></bpmn:definitions>'
    return xml.replace(b"</bpmn:definitions>", more)


@pytest.mark.parametrize("host", ["subProcess", "callActivity", "transaction"])
def test_escalations_are_told_apart_by_their_code_and_come_many_times(host: str) -> None:
    play = Play(escalating("up", "down", "up", catch="up", host=host))
    assert play.opened == ["W", "X", "X", "Y"]


def test_an_escalation_that_interrupts_ends_what_threw_it() -> None:
    play = Play(escalating("down", "up", "down", catch="up", interrupting=True))
    assert play.opened == ["X", "Y"]


def failing(catchers: str, host: str = "subProcess", inside: str = "") -> bytes:
    inner = start("hs") + user("W") + end("he", error()) + chain("hs", "W", "he") + inside
    given = {"calledElement": "Q"} if host == "callActivity" else {}
    return document(
        process(
            start(),
            node(host, "H", "" if given else inner, **given),
            catchers,
            user("N"),
            end(),
            chain("S", "H", "N", "E"),
        ),
        *([process(inner, id="Q")] if given else []),
    )


@pytest.mark.parametrize("host", ["subProcess", "callActivity", "transaction"])
@pytest.mark.parametrize(
    ("caught", "goes_on"),
    [(error("bad"), True), ("<bpmn:errorEventDefinition/>", True), (error("other"), False)],
)
def test_an_error_is_caught_by_its_code_or_by_none(host: str, caught: str, goes_on: bool) -> None:
    play = Play(failing(boundary("B", "H", caught) + user("X") + chain("B", "X", "E"), host))
    play.complete("W")
    assert play.opened == (["X"] if goes_on else [])
    assert play.failed == ([] if goes_on else ["he"])


@pytest.mark.parametrize(("tag", "inside"), [("callActivity", "V"), ("subProcess", "W")])
def test_an_error_of_one_item_takes_all_items_away(tag: str, inside: str) -> None:
    inner = start("hs") + user("W") + end("he", error()) + chain("hs", "W", "he")
    given, inner = ({"calledElement": "Q"}, "") if tag == "callActivity" else ({}, inner)
    host = node(tag, "H", inner + items("list"), **given)
    called = process(start("qs"), user("V"), end("qe", error()), chain("qs", "V", "qe"), id="Q")
    xml = document(
        process(
            start(), host, boundary("B", "H", error()), user("X"), end(), chain("S", "H", "E"), chain("B", "X", "E"),
        ),
        called,
    )  # fmt: skip
    play = Play(xml, list=[1, 2, 3])
    step = play.complete(inside, 1)
    assert play.opened == ["X"]
    assert sorted(one.reason for one in step.closed) == ["cancelled", "cancelled", "completed"]
    assert set(play.environment.store) == {""}


def test_an_error_end_inside_an_event_sub_process_leaves_the_scope_around_it() -> None:
    """It is not caught by its own start event, nor by another one beside it, but further out."""
    raised = event_subprocess("ES", error(), user("X"), end("EO", error()), chain("ES_in", "X", "EO"))
    play = Play(failing(boundary("B", "H", error()) + user("Y") + chain("B", "Y", "E"), inside=raised))
    play.complete("W")
    assert play.opened == ["X"]
    play.complete("X")
    assert play.opened == ["Y"]
    assert play.failed == []


def test_an_error_end_in_another_event_sub_process_is_caught_beside_it() -> None:
    other = event_subprocess("MS", message(), end("MO", error()), chain("MS_in", "MO"), interrupting=False)
    own = event_subprocess("ES", error(), user("X"), end("EO"), chain("ES_in", "X", "EO"))
    play = Play(document(process(start(), user("T"), end(), chain("S", "T", "E"), other, own)))
    play.send("note")
    assert play.opened == ["X"]
    assert play.failed == []


def test_an_error_end_in_an_event_sub_process_of_the_process_is_an_incident() -> None:
    raised = event_subprocess("ES", message(), end("EO", error()), chain("ES_in", "EO"))
    play = Play(document(process(start(), user("T"), end(), chain("S", "T", "E"), raised)))
    play.send("note")
    assert play.failed == ["EO"]


STARTS = {**EVENTS, "timer": timer("timeCycle", "R/P1D")}


@pytest.mark.parametrize("event", STARTS)
@pytest.mark.parametrize("place", ["process", "sub-process", "called process"])
def test_an_event_sub_process_that_does_not_interrupt_comes_every_time(event: str, place: str) -> None:
    own = event_subprocess(
        "ES", STARTS[event], user("X"), end("EO"), chain("ES_in", "X", "EO"), interrupting=False
    )  # fmt: skip
    inside = start("hs") + user("W") + end("he") + chain("hs", "W", "he") + own
    if place == "process":
        xml = document(process(inside))
    elif place == "sub-process":
        xml = document(process(start(), node("subProcess", "H", inside), end(), chain("S", "H", "E")))
    else:
        call = node("callActivity", "H", calledElement="Q")
        xml = document(process(start(), call, end(), chain("S", "H", "E")), process(inside, id="Q"))
    play = Play(xml, red=False)
    for turn in (1, 2, 3):
        HAPPEN[event](play)
        assert play.opened == ["W"] + ["X"] * turn
    play.complete("W")
    assert not play.finished
    for _ in range(3):
        play.complete("X")
    assert play.finished


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_event_sub_process_takes_escalations_by_their_code(interrupting: bool) -> None:
    throws = "".join(node("intermediateThrowEvent", f"up{number}", escalation()) for number in (1, 2))
    inner = start("hs") + throws + user("W") + end("he") + chain("hs", "up1", "up2", "W", "he")
    own = event_subprocess(
        "ES", escalation(), user("X"), end("EO"), chain("ES_in", "X", "EO"), interrupting=interrupting
    )  # fmt: skip
    play = Play(document(process(start(), node("subProcess", "H", inner), own, end(), chain("S", "H", "E"))))
    assert play.opened == (["X"] if interrupting else ["W", "X", "X"])


def test_several_links_may_lead_to_one_place() -> None:
    link = '<bpmn:linkEventDefinition name="L"/>'
    xml = document(
        process(
            start(), node("parallelGateway", "F"), node("intermediateThrowEvent", "L1", link),
            node("intermediateThrowEvent", "L2", link), node("intermediateCatchEvent", "L3", link), user("A"), end(),
            chain("S", "F", "L1"), chain("F", "L2"), chain("L3", "A", "E"),
        )
    )  # fmt: skip
    assert Play(xml).opened == ["A", "A"]


def test_a_timer_in_working_days_asks_the_calendar() -> None:
    from datetime import date

    from app.engine.bpmn.simulation import SimulatedEnvironment

    class OnlyWednesdays:
        def is_working_day(self, day: date, /) -> bool:
            return day.weekday() == 2

    when = timer("timeDate", "= add working days(today(), 2)")
    xml = document(process(start(), node("intermediateCatchEvent", "C", when), end(), chain("S", "C", "E")))
    play = Play(xml, environment=SimulatedEnvironment(calendar=OnlyWednesdays()))
    assert play.last.due_at is not None
    assert play.last.due_at.isoformat() == "2026-03-11T16:00:00+00:00"


@pytest.mark.parametrize(
    ("kind", "text", "hours"),
    [("timeDuration", "PT5H", 5), ("timeDate", "2026-03-02T12:00", 3), ("timeCycle", "R3/PT2H", 2)],
)
def test_an_intermediate_timer_goes_on_once(kind: str, text: str, hours: int) -> None:
    """A cycle on the way fires for the first time and no more: the token has left."""
    caught = node("intermediateCatchEvent", "C", timer(kind, text))
    play = Play(document(process(start(), caught, script("X", "= {n: n + 1}"), end(), chain("S", "C", "X", "E"))), n=0)
    play.wait(hours=hours - 0.1)
    assert not play.finished
    assert play.wait(hours=0.1).finished
    assert play.value("n") == 1


def test_terminate_in_a_called_process_ends_that_alone() -> None:
    called = process(
        start("qs"), node("parallelGateway", "F"), user("W"), end("qe", "<bpmn:terminateEventDefinition/>"),
        end("qe2"), chain("qs", "F", "W", "qe2"), chain("F", "qe"), id="Q",
    )  # fmt: skip
    xml = document(
        process(start(), node("callActivity", "H", calledElement="Q"), user("N"), end(), chain("S", "H", "N", "E")),
        called,
    )
    play = Play(xml)
    assert play.opened == ["N"]


def test_data_objects_are_drawn_and_change_nothing() -> None:
    drawn = (
        '<bpmn:dataObject id="d"/><bpmn:dataObjectReference id="dr" dataObjectRef="d" name="File"/>'
        '<bpmn:dataStoreReference id="ds" name="Archive"/>'
    )
    reads = '<bpmn:dataInputAssociation id="da"><bpmn:sourceRef>dr</bpmn:sourceRef></bpmn:dataInputAssociation>'
    play = Play(document(process(start(), user("T", reads), end(), drawn, chain("S", "T", "E"))))
    assert play.complete("T").finished
