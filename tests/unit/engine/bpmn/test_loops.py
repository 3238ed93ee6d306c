"""Multi-instance and standard loops."""

import pytest

from app.engine.bpmn.simulation import SimulatedEnvironment
from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    document,
    end,
    extension,
    flow,
    items,
    mapping,
    message,
    node,
    process,
    properties,
    script,
    service,
    start,
    timer,
    user,
)


def looped(task: str, *more: str) -> bytes:
    return document(process(start(), task, user("Z"), end(), chain("S", "T", "Z", "E"), *more))


PARTIES = [{"id": "a", "name": "Zhang"}, {"id": "b", "name": "Li"}, {"id": "c", "name": "Wang"}]


def gathered(*, sequential: bool = False, completion: str = "") -> bytes:
    inner = extension(properties(title="= party.name", outputCollection="answers", outputElement="= answer"))
    return looped(user("T", inner + items("parties", "party", completion, sequential=sequential)))


def test_all_items_are_open_at_once_each_in_its_own_scope() -> None:
    play = Play(gathered(), parties=PARTIES)
    assert [item.title for item in play.open.values()] == ["Zhang", "Li", "Wang"]
    assert len({item.scope for item in play.open.values()}) == 3
    play.complete("T", 2, answer="no")
    play.complete("T", 0, answer="yes")
    step = play.complete("T", answer="perhaps")
    assert play.opened == ["Z"]
    assert play.value("answers") == ["yes", "perhaps", "no"]
    assert play.value("answer") is None
    assert len(step.closed_scopes) == 1


def test_sequential_items_open_one_after_the_other() -> None:
    play = Play(gathered(sequential=True), parties=PARTIES)
    titles = []
    for answer in (1, 2, 3):
        titles.append(play.at("T").title)
        play.complete("T", answer=answer)
    assert titles == ["Zhang", "Li", "Wang"]
    assert play.value("answers") == [1, 2, 3]
    assert play.opened == ["Z"]


def test_the_collection_is_taken_when_the_loop_begins() -> None:
    play = Play(gathered(sequential=True), parties=PARTIES)
    play.environment.store[""]["parties"] = []
    play.complete("T", answer=1)
    assert play.at("T").title == "Li"


@pytest.mark.parametrize("sequential", [True, False])
def test_a_completion_condition_ends_it_early(sequential: bool) -> None:
    play = Play(gathered(sequential=sequential, completion='= answer = "no"'), parties=PARTIES)
    play.complete("T", answer="yes")
    step = play.complete("T", answer="no")
    assert play.opened == ["Z"]
    assert play.value("answers") == ["yes", "no"]
    assert [one.reason for one in step.closed].count("cancelled") == (0 if sequential else 1)


def test_the_counters_are_those_of_camunda() -> None:
    play = Play(gathered(completion="${nrOfCompletedInstances / nrOfInstances &gt; 0.5}"), parties=PARTIES)
    play.complete("T", answer=1)
    assert play.opened == ["T", "T"]
    play.complete("T", answer=2)
    assert play.opened == ["Z"]


def test_an_empty_collection_is_done_at_once_and_null_is_an_incident() -> None:
    play = Play(gathered(), parties=[])
    assert (play.opened, play.value("answers")) == (["Z"], [])
    play = Play(gathered(), parties=None)
    assert play.last.incidents[0].code == "collection_is_no_list"
    play.environment.store[""]["parties"] = PARTIES
    play.retry()
    assert play.opened == ["T", "T", "T"]


def test_an_item_may_be_called_like_a_variable_that_exists() -> None:
    play = Play(gathered(), parties=PARTIES, party="outside")
    play.complete("T", answer=1)
    assert play.value("party") == "outside"


def test_a_script_in_an_item_extends_a_list_outside() -> None:
    inner = start("hs") + script("X", "= {seen: append(seen, party.id)}") + end("he") + chain("hs", "X", "he")
    play = Play(looped(node("subProcess", "T", inner + items("parties", "party"))), parties=PARTIES, seen=[])
    assert play.value("seen") == ["a", "b", "c"]
    assert play.opened == ["Z"]


def test_a_call_activity_may_be_multi_instance() -> None:
    called = process(start("qs"), user("U"), end("qe"), chain("qs", "U", "qe"), id="Q")
    xml = document(
        process(
            start(), node("callActivity", "T", items("parties", "party"), calledElement="Q"), user("Z"), end(),
            chain("S", "T", "Z", "E"),
        ),
        called,
    )  # fmt: skip
    play = Play(xml, parties=PARTIES)
    assert play.opened == ["U", "U", "U"]
    assert play.environment.variables(play.at("U", 1).scope)["party"] == PARTIES[1]
    for _ in PARTIES:
        play.complete("U", note="private")
    assert play.opened == ["Z"]
    assert play.value("note") is None


def test_a_boundary_event_of_a_loop_waits_once_and_takes_all_items() -> None:
    xml = looped(
        user("T", items("parties")), boundary("B", "T", timer("timeDuration", "P1D")), user("X"), chain("B", "X", "E")
    )
    play = Play(xml, parties=PARTIES)
    play.complete("T")
    step = play.wait(days=1)
    assert play.opened == ["X"]
    assert len(step.closed) == 2


def test_a_number_of_instances() -> None:
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>= n</bpmn:loopCardinality>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    inner = extension(mapping({"turn": "= loopCounter"})) + loop
    environment = SimulatedEnvironment()
    play = Play(looped(service("T", "t", inner)), environment=environment, n=3)
    assert [inputs for _, inputs in environment.calls] == [{"turn": 0}, {"turn": 1}, {"turn": 2}]
    assert play.opened == ["Z"]


def test_a_standard_loop_repeats_while_its_condition_holds() -> None:
    loop = (
        '<bpmn:standardLoopCharacteristics testBefore="{before}" loopMaximum="4">'
        "<bpmn:loopCondition>= again</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
    )
    play = Play(looped(user("T", loop.format(before="false"))), again=False)
    play.complete("T", again=True)
    play.complete("T", again=False)
    assert play.opened == ["Z"]
    assert Play(looped(user("T", loop.format(before="true"))), again=False).opened == ["Z"]
    play = Play(looped(user("T", loop.format(before="false"))), again=True)
    for _ in range(4):
        play.complete("T")
    assert play.opened == ["Z"]


def test_a_failing_item_holds_the_loop_until_it_is_retried() -> None:
    inner = extension(properties(outputCollection="sums", outputElement="= base + answer"))
    play = Play(looped(user("T", inner + items("parties", "party"))), parties=PARTIES[:2])
    play.complete("T", answer=4)
    assert play.failed == ["T"]
    play.environment.store[""]["base"] = 10
    play.complete("T", answer=5)
    assert play.opened == []
    play.retry()
    assert play.value("sums") == [14, 15]
    assert play.opened == ["Z"]


def test_a_message_in_an_item_goes_to_the_item_with_its_key() -> None:
    catch = (
        start("hs")
        + node("receiveTask", "R", extension(properties(correlationKey="= party.id")), messageRef="m_note")
        + end("he")
        + chain("hs", "R", "he")
    )
    play = Play(looped(node("subProcess", "T", catch + items("parties", "party"))), parties=PARTIES)
    assert [one.key for one in play.last.waiting_for] == ["a", "b", "c"]
    play.send("note", "b")
    assert [one.key for one in play.last.waiting_for] == ["a", "c"]


def turning(task: str) -> bytes:
    return document(
        process(
            start(), node("exclusiveGateway", "M"), task, node("exclusiveGateway", "G", default="G_M"), end(),
            chain("S", "M", "T", "G"), flow("G", "M"), flow("G", "E", "= n &gt;= 2000"),
            boundary("B", "T", message(), interrupting=False), end("E2"), chain("B", "E2"),
        )
    )  # fmt: skip


def test_a_loop_of_two_thousand_turns_with_a_person_stays_small() -> None:
    play = Play(turning(user("T")), n=0)
    size = len(play.state)
    for turn in range(1, 2001):
        play.complete("T", n=turn)
    assert play.finished
    assert size * 1.2 > len(play.state)


def test_a_loop_of_two_thousand_turns_runs_in_one_step() -> None:
    assert Play(turning(script("T", "= {n: n + 1}")), n=0).finished


def test_an_endless_loop_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.bpmn.execution.MAX_TURNS", 500)
    play = Play(turning(script("T", "= {n: 0}")), n=0)
    assert play.last.incidents[0].code == "too_many_turns"
