"""Compensation (BPMN 2.0.2, 10.7 and 13.5.5): what was completed is undone, in reverse order, once."""

import pytest

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
    flow,
    mapping,
    message,
    node,
    process,
    script,
    start,
    undo_by,
    user,
)
from tests.unit.engine.bpmn.test_lint import BACK, TASK, line, warned, wrong

THROW = node("intermediateThrowEvent", "U", compensate())
NOTE = "= {log: append(log, &quot;%s&quot;)}"


def noting(id: str, inner: str = "", **more: str) -> str:
    """A script that writes its own name into `log`."""
    return script(id, NOTE % id, **more) + inner


def undone_by(host: str, handler: str) -> str:
    """A compensation boundary event on `host`, whose handler notes its name."""
    return undo_by(host, noting(handler, isForCompensation="true"), handler)


def log(play: Play) -> list[str]:
    value = play.value("log")
    assert isinstance(value, list)
    return value


def three(throw: str = THROW) -> bytes:
    """A, B and C with handlers, then the throw event, then a task."""
    return document(
        process(
            start(), user("A"), user("B"), user("C"), throw, user("Z"), end(), chain("S", "A", "B", "C", "U", "Z", "E"),
            *(undone_by(name, f"undo{name}") for name in "ABC"),
        )
    )  # fmt: skip


def test_what_was_completed_is_undone_in_reverse_order() -> None:
    play = Play(three(), log=[])
    for name in "ABC":
        play.complete(name)
    assert log(play) == ["undoC", "undoB", "undoA"]
    assert play.opened == ["Z"]
    assert play.complete("Z").ended_by == "E"


def test_handlers_are_visited_like_any_element() -> None:
    play = Play(three(), log=[])
    for name in "ABC":
        play.complete(name)
    assert [name for name in play.visited if name.startswith("undo")] == ["undoC", "undoB", "undoA"]
    assert "(undo)" not in play.visited
    assert all(not visit.element_id.startswith("(") for step in play.steps for visit in step.visits)


def test_one_activity_alone_may_be_undone() -> None:
    play = Play(three(node("intermediateThrowEvent", "U", compensate("B"))), log=[])
    for name in "ABC":
        play.complete(name)
    assert log(play) == ["undoB"]
    assert play.opened == ["Z"]


def test_nothing_happens_for_what_never_completed() -> None:
    xml = document(
        process(
            start(), node("parallelGateway", "F"), user("A"), user("B"), THROW, user("Z"), end(),
            chain("S", "F", "A", "E"), chain("F", "B", "U", "Z", "E"),
            undone_by("A", "undoA"), undone_by("B", "undoB"),
        )
    )  # fmt: skip
    play = Play(xml, log=[])
    play.complete("B")
    assert log(play) == ["undoB"]
    assert play.opened == ["A", "Z"]
    # nor when it completes later: the throw event has passed
    play.complete("A")
    assert log(play) == ["undoB"]


def test_what_was_taken_away_was_not_completed() -> None:
    xml = document(
        process(
            start(), user("A"), boundary("B", "A", message()), THROW, end(), chain("S", "A", "E"), chain("B", "U", "E"),
            undone_by("A", "undoA"),
        )
    )  # fmt: skip
    play = Play(xml, log=[])
    play.send("note")
    assert play.finished
    assert log(play) == []


def test_what_was_skipped_was_not_completed() -> None:
    play = Play(three(), log=[])
    item = play.at("A").id
    play.call(lambda instance: instance.skip(item, play.now))
    play.complete("B")
    play.complete("C")
    assert log(play) == ["undoC", "undoB"]


def test_it_is_undone_once() -> None:
    second = node("intermediateThrowEvent", "U2", compensate())
    xml = document(
        process(
            start(), user("A"), THROW, second, end(), chain("S", "A", "U", "U2", "E"), undone_by("A", "undoA"),
        )
    )  # fmt: skip
    play = Play(xml, log=[])
    play.complete("A")
    assert log(play) == ["undoA"]
    assert play.finished


def test_an_activity_in_a_loop_is_undone_as_often_as_it_was_completed() -> None:
    xml = document(
        process(
            start(), node("exclusiveGateway", "M"), user("A"), noting("B"),
            node("exclusiveGateway", "G", default="G_M"), THROW, user("Z"), end(),
            chain("S", "M", "A", "B", "G"), flow("G", "M"), flow("G", "U", "= go"), chain("U", "Z", "E"),
            undone_by("A", "undoA"), undone_by("B", "undoB"),
        )
    )  # fmt: skip
    play = Play(xml, log=[])
    for turn in (1, 2, 3):
        play.complete("A", go=turn == 3)
    assert log(play) == ["B"] * 3 + ["undoB", "undoA"] * 3
    assert play.opened == ["Z"]


def test_an_end_event_waits_for_its_handlers() -> None:
    xml = document(
        process(
            start(), user("A"), end("E", compensate()), chain("S", "A", "E"),
            undo_by("A", user("undoA", isForCompensation="true"), "undoA"),
        )
    )  # fmt: skip
    play = Play(xml)
    play.complete("A")
    assert play.opened == ["undoA"]
    assert not play.finished
    assert play.complete("undoA").ended_by == "E"
    assert play.finished


def persons(throw: str) -> bytes:
    return document(
        process(
            start(), user("A"), user("B"), throw, user("Z"), end(), chain("S", "A", "B", "U", "Z", "E"),
            undo_by("A", user("undoA", isForCompensation="true"), "undoA"),
            undo_by("B", user("undoB", isForCompensation="true"), "undoB"),
        )
    )  # fmt: skip


def test_handlers_of_persons_open_one_after_the_other_and_the_throw_event_waits() -> None:
    play = Play(persons(THROW))
    play.complete("A")
    play.complete("B")
    assert play.opened == ["undoB"]
    play.complete("undoB")
    assert play.opened == ["undoA"]
    play.complete("undoA")
    assert play.opened == ["Z"]


def test_a_throw_event_need_not_wait() -> None:
    play = Play(persons(node("intermediateThrowEvent", "U", compensate(waits=False))))
    play.complete("A")
    play.complete("B")
    assert play.opened == ["Z", "undoB"]
    play.complete("Z")
    assert not play.finished
    play.complete("undoB")
    play.complete("undoA")
    assert play.finished


def test_a_failing_handler_is_an_incident_and_goes_on_when_retried() -> None:
    xml = document(
        process(
            start(), user("A"), THROW, user("Z"), end(), chain("S", "A", "U", "Z", "E"),
            undo_by("A", script("undoA", "= {back: paid}", isForCompensation="true"), "undoA"),
        )
    )  # fmt: skip
    play = Play(xml)
    play.complete("A")
    assert play.failed == ["undoA"]
    play.environment.store[""]["paid"] = 7
    play.retry()
    assert play.value("back") == 7
    assert play.opened == ["Z"]


def test_a_handler_that_is_skipped_lets_the_next_one_run() -> None:
    play = Play(persons(THROW))
    play.complete("A")
    play.complete("B")
    item = play.at("undoB").id
    play.call(lambda instance: instance.skip(item, play.now))
    assert play.opened == ["undoA"]


def turning(activity: str, throw: str = THROW) -> bytes:
    return document(
        process(
            start(), node("exclusiveGateway", "M"), activity, node("exclusiveGateway", "G", default="G_M"), throw,
            end(), chain("S", "M", "A", "G"), flow("G", "M"), flow("G", "U", "= n &gt;= 2000"), chain("U", "E"),
            undo_by("A", script("undoA", "= {n: n - 1}", isForCompensation="true"), "undoA"),
        )
    )  # fmt: skip


def test_two_thousand_turns_are_recorded_in_one_line_and_undone_one_by_one() -> None:
    play = Play(turning(user("A")), n=0)
    size = len(play.state)
    for turn in range(1, 2000):
        play.complete("A", n=turn)
    assert len(play.state) < size * 1.2
    play.complete("A", n=2000)
    assert play.value("n") == 0
    assert play.finished


def test_records_with_values_grow_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.bpmn.records.MAX_RECORDS", 50)
    play = Play(
        turning(
            script("A", "= {n: n + 1}").replace("<bpmn:script>", extension(mapping({"was": "= n"})) + "<bpmn:script>")
        ),
        n=0,
    )
    assert play.failed == ["A"]
    assert play.last.incidents[0].code == "too_much_to_compensate"
    assert play.value("n") == 51
    play.retry()
    assert play.value("n") == 51
    assert play.failed == ["A"]


# The check


def test_compensation_that_does_nothing_is_a_warning() -> None:
    throw = node("intermediateThrowEvent", "U", compensate())
    assert ("compensation_of_nothing", "U") in warned(line(TASK, throw, chain("T", "U", "E")))
    of_one = throw.replace("Definition/", 'Definition activityRef="T"/')
    assert ("compensation_of_nothing", "U") in warned(line(TASK, of_one, chain("T", "U", "E")))
    well = line(TASK, of_one, chain("T", "U", "E"), undo_by("T", BACK, "back"))
    assert ("compensation_of_nothing", "U") not in warned(well)
    assert wrong(well) == []


def test_a_compensation_event_sub_process_may_be_marked_for_compensation() -> None:
    own = event_subprocess("CE", compensate(), end("c"), chain("CE_in", "c"))
    marked = own.replace('triggeredByEvent="true"', 'triggeredByEvent="true" isForCompensation="true"')
    assert wrong(line(node("subProcess", "T", start("a") + end("b") + chain("a", "b") + marked))) == []


def test_an_error_that_undoes_a_sub_process_is_a_warning() -> None:
    inside = start("a") + TASK + end("b", error()) + chain("a", "T", "b") + undo_by("T", BACK, "back")
    beside = boundary("B", "H", error()) + chain("B", "E")

    def around(more: str = "") -> bytes:
        return document(process(start(), node("subProcess", "H", inside + more), end(), chain("S", "H", "E"), beside))

    assert ("error_compensates", "B") in warned(around())
    caught = event_subprocess("ES", error(), end("c"), chain("ES_in", "c"))
    assert ("error_compensates", "B") not in warned(around(caught))
