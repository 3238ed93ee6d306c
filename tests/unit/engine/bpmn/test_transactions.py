"""Transactions (BPMN 2.0.2, 10.3.5): cancelled as a whole, undone, and left at their boundary."""

from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    document,
    end,
    error,
    flow,
    items,
    node,
    process,
    start,
    undo_by,
    user,
)
from tests.unit.engine.bpmn.test_compensation import THROW, log, undone_by


def transaction(*, boundary_error: bool = False) -> bytes:
    inside = (
        start("ts") + node("parallelGateway", "F") + user("A") + user("B") + user("C")
        + node("exclusiveGateway", "G", default="G_te") + end("te") + end("tc", "<bpmn:cancelEventDefinition/>")
        + end("tx", error()) + chain("ts", "F", "A", "G") + flow("G", "te") + flow("G", "tc", "= x = 1")
        + flow("G", "tx", "= x = 2") + chain("F", "B", "te") + chain("F", "C", "te")
        + undo_by("B", user("undoB", isForCompensation="true"), "undoB")
        + undone_by("A", "undoA") + undone_by("C", "undoC")
    )  # fmt: skip
    return document(
        process(
            start(), node("transaction", "T", inside), boundary("X", "T", "<bpmn:cancelEventDefinition/>"),
            boundary("Y", "T", error()), user("cancelled"), user("hazard"), THROW, user("Z"), end(),
            chain("S", "T", "U", "Z", "E"), chain("X", "cancelled", "E"), chain("Y", "hazard", "E"),
        )
    )  # fmt: skip


def test_a_cancelled_transaction_ends_what_runs_and_undoes_what_was_done_before_it_goes_on() -> None:
    play = Play(transaction(), log=[])
    play.complete("B")
    step = play.complete("A", x=1)
    assert play.opened == ["undoB"]
    assert log(play) == ["undoA"]
    assert "cancelled" in [one.reason for one in step.closed]
    visits = {one.element_id: one.how for one in step.visits}
    assert (visits["tc"], visits["C"], visits["T"]) == ("completed", "cancelled", "cancelled")
    play.complete("undoB")
    assert play.opened == ["cancelled"]
    assert play.complete("cancelled").finished


def test_a_transaction_that_succeeds_is_undone_later_like_a_sub_process() -> None:
    play = Play(transaction(), log=[])
    for name in "BCA":
        play.complete(name, x=0)
    assert log(play) == ["undoA", "undoC"]
    play.complete("undoB")
    assert play.opened == ["Z"]


def test_a_hazard_leaves_a_transaction_without_compensation() -> None:
    play = Play(transaction(), log=[])
    play.complete("B")
    play.complete("A", x=2)
    assert play.opened == ["hazard"]
    assert log(play) == []


def test_one_of_several_transactions_is_cancelled_with_all() -> None:
    xml = transaction().replace(b"</bpmn:transaction>", items("parties").encode() + b"</bpmn:transaction>")
    play = Play(xml, log=[], parties=[1, 2])
    play.complete("C")
    play.complete("A", 1, x=1)
    assert play.opened == ["cancelled"]
    assert sorted(log(play)) == ["undoA", "undoC"]
