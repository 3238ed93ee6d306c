"""Compensation of sub-processes, items and calls, and the values that its handlers see (BPMN 2.0.2, 10.7)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from app.engine.bpmn import Instance, ProcessDefinition
from app.engine.bpmn.simulation import Answer, Move, SimulatedEnvironment, simulate
from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    compensate,
    document,
    end,
    error,
    event_subprocess,
    extension,
    items,
    mapping,
    message,
    node,
    process,
    script,
    service,
    start,
    tie,
    timer,
    undo_by,
    user,
)
from tests.unit.engine.bpmn.test_compensation import THROW, log, noting, undone_by


def within(inside: str, *more: str, outer: str = "") -> bytes:
    """A sub-process H with `inside`, then the throw event, then a task."""
    return document(
        process(
            start(), node("subProcess", "H", inside), THROW, user("Z"), end(), chain("S", "H", "U", "Z", "E"), *more
        )
    )


def inner(*names: str) -> str:
    return (
        start("hs") + "".join(user(name) for name in names) + end("he") + chain("hs", *names, "he")
        + "".join(undone_by(name, f"undo{name}") for name in names)
    )  # fmt: skip


def test_a_completed_sub_process_is_undone_by_what_is_in_it() -> None:
    play = Play(within(inner("A", "B")), log=[])
    play.complete("A")
    play.complete("B")
    assert log(play) == ["undoB", "undoA"]
    assert play.opened == ["Z"]


def test_so_it_is_however_deep() -> None:
    deep = start("hs") + node("subProcess", "K", inner("A").replace('"h', '"k')) + user("B") + end("he")
    deep += chain("hs", "K", "B", "he") + undone_by("B", "undoB")
    deep = deep.replace("khe", "ke").replace("khs", "ks")
    play = Play(within(deep), log=[])
    play.complete("A")
    play.complete("B")
    assert log(play) == ["undoB", "undoA"]


def test_a_handler_of_the_sub_process_itself_comes_in_place_of_those_inside() -> None:
    play = Play(within(inner("A", "B"), undone_by("H", "undoH")), log=[])
    play.complete("A")
    play.complete("B")
    assert log(play) == ["undoH"]


def test_then_what_is_inside_is_not_recorded() -> None:
    play = Play(within(inner("A"), undone_by("H", "undoH")).replace(THROW.encode(), user("U").encode()), log=[])
    play.complete("A")
    instance = Instance.restore(play.definition, play.state, play.environment)
    assert instance._run.undoable == [["H", 1]]


def test_items_of_a_handler_see_the_values_of_its_activity() -> None:
    environment = SimulatedEnvironment()
    handler = service(
        "undoA", "refund", extension(mapping({"to": "= party.id", "from": "= payer"})) + items("parties", "party"),
        isForCompensation="true",
    )  # fmt: skip
    xml = document(
        process(
            start(), user("A", extension(mapping({"parties": "= people", "payer": "= who"}))), THROW, end(),
            chain("S", "A", "U", "E"), undo_by("A", handler, "undoA"),
        )
    )  # fmt: skip
    play = Play(xml, environment=environment, people=[{"id": "a"}, {"id": "b"}], who="county")
    play.complete("A", people=[], who="nobody")
    assert [given for _, given in environment.calls] == [{"to": "a", "from": "county"}, {"to": "b", "from": "county"}]


def test_a_throw_event_inside_reaches_its_own_scope_only() -> None:
    throwing = (
        start("hs") + user("B") + node("intermediateThrowEvent", "V", compensate()) + end("he")
        + chain("hs", "B", "V", "he") + undone_by("B", "undoB")
    )  # fmt: skip
    xml = document(
        process(
            start(), user("A"), node("subProcess", "H", throwing), user("Z"), end(), chain("S", "A", "H", "Z", "E"),
            undone_by("A", "undoA"),
        )
    )  # fmt: skip
    play = Play(xml, log=[])
    play.complete("A")
    play.complete("B")
    assert log(play) == ["undoB"]
    assert play.opened == ["Z"]


def test_a_compensation_event_sub_process_decides_what_is_undone() -> None:
    """10.7.1: it may compensate what is around it, or do something else."""
    own = event_subprocess(
        "CE", compensate(), noting("X"), node("intermediateThrowEvent", "V", compensate("A")), end("CO"),
        chain("CE_in", "X", "V", "CO"),
    )  # fmt: skip
    play = Play(within(inner("A", "B") + own), log=[])
    assert play.opened == ["A"]
    play.complete("A")
    play.complete("B")
    assert log(play) == ["X", "undoA"]
    assert play.opened == ["Z"]


def test_an_error_event_sub_process_undoes_what_was_done_around_it() -> None:
    own = event_subprocess(
        "ES", error(), node("intermediateThrowEvent", "V", compensate()), end("EO"), chain("ES_in", "V", "EO")
    )
    failing = start("hs") + user("A") + user("B") + end("he", error()) + chain("hs", "A", "B", "he")
    failing += undone_by("A", "undoA") + undone_by("B", "undoB") + own
    play = Play(within(failing), log=[])
    play.complete("A")
    play.complete("B")
    assert log(play) == ["undoB", "undoA"]
    assert play.opened == ["Z"]
    assert play.failed == []


def test_an_error_that_leaves_a_sub_process_undoes_it_first() -> None:
    """10.7.3; Camunda 7 does not, and the check warns."""
    failing = start("hs") + user("A") + user("B") + end("he", error()) + chain("hs", "A", "B", "he")
    failing += undo_by("A", user("undoA", isForCompensation="true"), "undoA")
    play = Play(within(failing, boundary("B1", "H", error()), user("X"), chain("B1", "X", "E")))
    play.complete("A")
    play.complete("B")
    assert play.opened == ["undoA"]
    play.complete("undoA")
    assert play.opened == ["X"]
    assert play.complete("X").finished


def test_an_error_reaches_what_was_completed_in_every_sub_process_that_it_leaves() -> None:
    deep = (
        start("ks") + user("B") + end("ke", error()) + chain("ks", "B", "ke") + undone_by("B", "undoB")
    )  # fmt: skip
    failing = start("hs") + user("A") + node("subProcess", "K", deep) + end("he") + chain("hs", "A", "K", "he")
    failing += undone_by("A", "undoA")
    play = Play(within(failing, boundary("B1", "H", error()), user("X"), chain("B1", "X", "E")), log=[])
    play.complete("A")
    play.complete("B")
    assert log(play) == ["undoB", "undoA"]
    assert play.opened == ["X"]


PARTIES: list[Mapping[str, object]] = [{"id": "a", "sum": Decimal("1.50")}, {"id": "b", "on": date(2026, 3, 1)}]


def parties(*, sequential: bool, handler: str) -> bytes:
    return document(
        process(
            start(), user("A", items("parties", "party", sequential=sequential)), THROW, user("Z"), end(),
            chain("S", "A", "U", "Z", "E"), undo_by("A", handler, "undoA"),
        )
    )  # fmt: skip


@pytest.mark.parametrize("sequential", [True, False])
def test_each_instance_of_a_multi_instance_is_undone_with_its_own_values(sequential: bool) -> None:
    environment = SimulatedEnvironment()
    handler = service(
        "undoA", "refund", extension(mapping({"to": "= party", "note": "= note", "at": "= loopCounter"})),
        isForCompensation="true",
    )  # fmt: skip
    play = Play(
        parties(sequential=sequential, handler=handler), environment=environment, parties=PARTIES, note="outside"
    )
    play.complete("A", note="changed")
    play.complete("A")
    assert [given for _, given in environment.calls] == [
        {"to": PARTIES[1], "note": "changed", "at": 1},
        {"to": PARTIES[0], "note": "changed", "at": 0},
    ]
    assert play.opened == ["Z"]
    assert set(environment.store) == {""}


def test_a_multi_instance_that_was_taken_away_is_not_undone() -> None:
    xml = document(
        process(
            start(), user("A", items("parties", "party")), boundary("B", "A", message()), THROW, end(),
            chain("S", "A", "E"), chain("B", "U", "E"), undone_by("A", "undoA"),
        )
    )  # fmt: skip
    play = Play(xml, parties=PARTIES, log=[])
    play.complete("A")
    play.send("note")
    assert play.finished
    assert log(play) == []


def test_what_was_done_in_an_item_is_undone_in_the_scope_of_that_item() -> None:
    inside = start("hs") + user("A") + end("he") + chain("hs", "A", "he")
    inside += undo_by(
        "A", script("undoA", "= {log: append(log, party.id + answer)}", isForCompensation="true"), "undoA"
    )
    xml = document(
        process(
            start(), node("subProcess", "H", inside + items("parties", "party")), THROW, user("Z"), end(),
            chain("S", "H", "U", "Z", "E"),
        )
    )  # fmt: skip
    play = Play(xml, parties=PARTIES, log=[])
    play.complete("A", 1, answer="2nd")
    play.complete("A", answer="1st")
    assert log(play) == ["a1st", "b2nd"]
    assert play.value("answer") is None


def test_a_handler_sees_the_inputs_that_its_activity_had() -> None:
    environment = SimulatedEnvironment()
    handler = service(
        "undoA", "refund", extension(mapping({"sum": "= amount", "whom": "= payer"})), isForCompensation="true"
    )
    xml = document(
        process(
            start(), user("A", extension(mapping({"amount": "= price * 2"}))), THROW, end(), chain("S", "A", "U", "E"),
            undo_by("A", handler, "undoA"),
        )
    )  # fmt: skip
    play = Play(xml, environment=environment, price=5, payer="x")
    play.complete("A", price=100, payer="y")
    assert environment.calls == [("refund", {"sum": 10, "whom": "y"})]
    assert play.finished


def test_a_handler_may_be_a_sub_process_a_job_or_a_multi_instance() -> None:
    inside = start("hs") + user("back") + end("he") + chain("hs", "back", "he")
    job = service("undoB", "refund", isForCompensation="true", camunda__asyncBefore="true")
    xml = document(
        process(
            start(), user("A", extension(mapping({"parties": "= people"}))), user("B"), user("C"), THROW, user("Z"),
            end(), chain("S", "A", "B", "C", "U", "Z", "E"),
            undo_by("A", user("undoA", items("parties", "party"), isForCompensation="true"), "undoA"),
            undo_by("B", job, "undoB"),
            undo_by("C", node("subProcess", "undoC", inside, isForCompensation="true"), "undoC"),
        )
    )  # fmt: skip
    play = Play(xml, people=PARTIES)
    for name in "ABC":
        play.complete(name)
    assert play.opened == ["back"]
    play.complete("back")
    assert play.opened == []
    play.finish({})
    assert play.opened == ["undoA", "undoA"]
    play.complete("undoA")
    play.complete("undoA")
    assert play.opened == ["Z"]


def test_a_called_process_is_undone_by_the_handler_of_its_call_alone() -> None:
    called = process(start("qs"), user("A"), end("qe"), chain("qs", "A", "qe"), undone_by("A", "undoA"), id="Q")
    for handler, expected in ((undone_by("H", "undoH"), ["undoH"]), ("", [])):
        xml = document(
            process(
                start(), node("callActivity", "H", calledElement="Q"), THROW, user("Z"), end(),
                chain("S", "H", "U", "Z", "E"), handler,
            ),
            called,
        )  # fmt: skip
        play = Play(xml, log=[])
        play.complete("A")
        assert log(play) == expected
        assert play.opened == ["Z"]


def test_a_boundary_event_may_end_a_handler() -> None:
    handler = user("undoA", isForCompensation="true")
    xml = document(
        process(
            start(), user("A"), user("B"), THROW, user("Z"), user("late"), end(), chain("S", "A", "B", "U", "Z", "E"),
            undone_by("A", "undoX"), undo_by("B", handler, "undoA"),
            boundary("T", "undoA", timer("timeDuration", "P1D")), chain("T", "late", "E"),
        )
    )  # fmt: skip
    play = Play(xml, log=[])
    play.complete("A")
    play.complete("B")
    assert play.opened == ["undoA"]
    play.wait(days=1)
    assert log(play) == ["undoX"]
    assert play.opened == ["Z", "late"]


def test_a_note_tied_to_the_event_is_not_its_handler() -> None:
    xml = document(
        process(
            start(), user("A"), THROW, end(), chain("S", "A", "U", "E"), boundary("uA", "A", compensate()),
            node("textAnnotation", "N"), tie("uA", "N"), tie("undoA", "uA"), noting("undoA", isForCompensation="true"),
        )
    )  # fmt: skip
    play = Play(xml, log=[])
    play.complete("A")
    assert log(play) == ["undoA"]


def test_an_error_of_one_item_undoes_what_was_completed_in_all_items_each_in_its_scope() -> None:
    inside = start("hs") + user("A") + user("B") + end("he", error()) + chain("hs", "A", "B", "he")
    inside += undo_by(
        "A", script("undoA", "= {log: append(log, party.id + answer)}", isForCompensation="true"), "undoA"
    )
    xml = document(
        process(
            start(), node("subProcess", "H", inside + items("parties", "party")), boundary("X", "H", error()),
            user("Z"), end(), chain("S", "H", "E"), chain("X", "Z", "E"),
        )
    )  # fmt: skip
    play = Play(xml, parties=PARTIES, log=[])
    play.complete("A", answer="1")
    play.complete("A", answer="2")
    play.complete("B", 1)
    assert log(play) == ["b2", "a1"]
    assert play.opened == ["Z"]
    assert set(play.environment.store) == {""}


def test_a_simulation_plays_what_is_undone() -> None:
    handler = service("undoA", "refund", extension(mapping({"sum": "= amount"})), isForCompensation="true")
    xml = document(
        process(
            start(), user("A", extension(mapping({"amount": "= price"}))), user("B"), THROW, end(),
            chain("S", "A", "B", "U", "E"), undo_by("A", handler, "undoA"),
            undo_by("B", user("undoB", isForCompensation="true"), "undoB"),
        )
    )  # fmt: skip
    definition = ProcessDefinition.compile({"p.bpmn": xml}, "P")
    script_: list[Move] = [Answer("A"), Answer("B"), Answer("undoB")]
    trail = simulate(definition, script_, SimulatedEnvironment(), start={"price": 5})
    assert trail.finished
    assert trail.calls == [("refund", {"sum": 5})]
    assert [name for name, _ in trail.visited] == ["S", "A", "B", "U", "undoB", "undoA", "E"]
