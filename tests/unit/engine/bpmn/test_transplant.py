"""Instances that go on in another version of their process: tasks, timers, sub-processes and called processes."""

from datetime import timedelta

from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    document,
    end,
    extension,
    flow,
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
from tests.unit.engine.bpmn.transplanting import AB, blocked, line, move, timed


def test_an_open_task_stays_the_same_task_and_goes_on_as_the_new_version_says() -> None:
    play = Play(AB)
    item = play.at("A")
    new = line(user("A"), user("C"), user("B"), path=("S", "A", "C", "B", "E"))
    result = move(play, new)
    assert result.step.updated == result.step.opened == result.step.closed == result.step.visits == ()
    assert not result.mapped
    assert play.at("A") == item
    play.complete("A")
    assert play.opened == ["C"]


def test_what_a_task_shows_and_who_does_it_by_when_is_updated() -> None:
    play = Play(line(user("A", camunda__candidateGroups="clerk", camunda__dueDate="P3D"), path=("S", "A", "E")))
    due = play.at("A").due_date
    play.wait(days=1)
    given = extension(properties(title="新标题 ${n}", stage="two"))
    new = line(
        user("A", given, camunda__candidateGroups="leader", camunda__dueDate="P3D", camunda__formKey="p/other"),
        path=("S", "A", "E"),
    )
    play.environment.store[""]["n"] = 4
    result = move(play, new)
    ((was, item),) = result.items
    assert was is not None
    assert (was.candidate_groups, item.candidate_groups) == (("clerk",), ("leader",))
    assert (item.title, item.form_key, item.stage) == ("新标题 4", "p/other", "two")
    assert item.due_date == due, "the date counts from the opening, not from the move"
    assert result.step.updated == (item,)
    later = line(user("A", camunda__dueDate="P5D"), path=("S", "A", "E"))
    assert due is not None
    assert move(play, later).step.updated[0].due_date == due + timedelta(days=2)


def test_new_inputs_are_worked_out() -> None:
    play = Play(line(user("A", extension(mapping({"x": "= n"}))), path=("S", "A", "E")), n=1)
    play.environment.store[""]["n"] = 2
    move(play, line(user("A", extension(mapping({"x": "= n"})), camunda__formKey="p/f"), path=("S", "A", "E")))
    assert dict(play.at("A").inputs) == {"x": 1}, "an unchanged input keeps its value"
    move(play, line(user("A", extension(mapping({"x": "= n", "y": "= n + 1"}))), path=("S", "A", "E")))
    assert dict(play.at("A").inputs) == {"x": 2, "y": 3}


def test_a_missing_element_blocks_until_it_is_mapped_to_one_of_its_kind() -> None:
    play = Play(AB)
    new = line(user("A2"), script("X", "= {n: 1}"), path=("S", "A2", "X", "E"))
    assert blocked(play, new) == [("move_missing", "A")]
    assert blocked(play, new, A="X") == [("move_other_kind", "A")]
    assert blocked(play, new, A="nowhere") == [("move_mapping_unknown", "A")]
    token = play.at("A").id
    result = move(play, new, A="A2")
    assert result.mapped == ("A",)
    assert (play.at("A2").id, result.items[0][1].element_id) == (token, "A2")
    play.complete("A2")
    assert play.finished


def test_the_same_id_of_another_kind_blocks() -> None:
    play = Play(AB)
    assert blocked(play, line(service("A", "t"), path=("S", "A", "E"))) == [("move_other_kind", "A")]
    waiting = Play(line(node("intermediateCatchEvent", "T", timer("timeDuration", "PT1H")), path=("S", "T", "E")))
    other = line(node("intermediateCatchEvent", "T", message()), path=("S", "T", "E"))
    assert blocked(waiting, other) == [("move_other_kind", "T")]


def test_a_manual_task_is_a_task_for_a_person_too() -> None:
    play = Play(AB)
    move(play, line(node("manualTask", "A"), path=("S", "A", "E")))
    play.complete("A")
    assert play.finished


# Timers


def test_an_unchanged_timer_keeps_its_date() -> None:
    play = Play(timed("P2D"))
    due = play.last.due_at
    play.wait(days=1)
    result = move(play, line(user("A"), boundary("T", "A", timer("timeDuration", "P2D")), user("L", extension(
        properties(title="new"))), flow("T", "L"), flow("L", "E"), path=("S", "A", "E")))  # fmt: skip
    assert result.step.due_at == due
    play.wait(days=1, minutes=1)
    assert play.opened == ["L"]


def test_a_changed_timer_counts_from_the_moment_the_token_came() -> None:
    play = Play(timed("P2D"))
    entered = play.now
    play.wait(days=1)
    assert move(play, timed("P3D")).step.due_at == entered + timedelta(days=3)
    assert move(play, timed("PT2H")).step.due_at == entered + timedelta(hours=2)
    play.wait(minutes=1)
    assert play.opened == ["L"], "it is overdue, and fires with the next step"


def test_a_timer_added_to_the_open_task_counts_from_now() -> None:
    play = Play(line(user("A"), path=("S", "A", "E")))
    play.wait(days=5)
    assert move(play, timed("P1D", interrupting=False)).step.due_at == play.now + timedelta(days=1)
    assert play.opened == ["A"]
    play.wait(days=1)
    assert play.opened == ["A", "L"]


def test_a_removed_boundary_event_waits_no_more() -> None:
    play = Play(timed("P1D"))
    assert move(play, line(user("A"), path=("S", "A", "E"))).step.due_at is None
    play.wait(days=2)
    assert play.opened == ["A"]
    play.complete("A")
    assert play.finished


def test_a_cycle_that_is_over_does_not_begin_again() -> None:
    play = Play(timed("R1/P1D", interrupting=False, kind="timeCycle"))
    play.wait(days=1)
    assert play.last.due_at is None
    result = move(play, timed("R1/P1D", interrupting=False, kind="timeCycle"))
    assert result.step.due_at is None
    assert play.opened == ["A", "L"]


def test_a_changed_cycle_counts_missed_turns_as_fired() -> None:
    play = Play(timed("R/P10D", interrupting=False, kind="timeCycle"))
    begun = play.now
    play.wait(days=5)
    step = move(play, timed("R/P2D", interrupting=False, kind="timeCycle")).step
    assert step.due_at == begun + timedelta(days=6)


def test_a_timer_that_cannot_be_worked_out_blocks() -> None:
    play = Play(line(user("A"), path=("S", "A", "E")))
    assert blocked(play, timed("= missing_name")) == [("move_fails", "T")]
    assert blocked(Play(timed("P1D")), timed("= missing_name")) == [("move_fails", "T")]


def test_boundary_events_become_of_another_kind() -> None:
    play = Play(timed("P1D"))
    new = line(
        user("A"), boundary("T", "A", message(), interrupting=False), user("L"), flow("T", "L"), flow("L", "E"),
        path=("S", "A", "E"),
    )  # fmt: skip
    step = move(play, new).step
    assert step.due_at is None
    assert [(one.name, one.element_id) for one in step.waiting_for] == [("note", "T")]
    play.send("note")
    assert play.opened == ["A", "L"]


# Scopes


def nested(inner: str, *path: str, kind: str = "subProcess") -> bytes:
    body = start("s") + inner + end("e") + chain("s", *path, "e")
    return document(process(start(), node(kind, "B", body), end(), chain("S", "B", "E")))


def test_inside_a_sub_process() -> None:
    play = Play(nested(user("U"), "U"))
    move(play, nested(user("U") + user("V"), "U", "V"))
    play.complete("U")
    assert play.opened == ["V"]
    assert blocked(play, nested(user("U"), "U")) == [("move_missing", "V")]
    assert blocked(play, nested(user("V"), "V", kind="transaction")) == [("move_other_subprocess", "B")]
    outside = line(node("subProcess", "B", start("s") + user("W") + end("e") + chain("s", "W", "e")), user("V"),
                   path=("S", "B", "V", "E"))  # fmt: skip
    assert blocked(play, outside) == [("move_elsewhere", "V")]
    assert blocked(play, line(user("V"), path=("S", "V", "E"))) == [("move_missing", "B")]


def calling(*inner: str, called: str = "Q", call: str = "") -> dict[str, bytes]:
    main = process(start(), node("callActivity", "C", call, calledElement=called), end(), chain("S", "C", "E"))
    parts = [user(one) for one in inner]
    return {
        "p.bpmn": document(main),
        "q.bpmn": document(process(start("qs"), *parts, end("qe"), chain("qs", *inner, "qe"), id=called)),
    }


def test_inside_a_called_process() -> None:
    play = Play(calling("U"))
    move(play, calling("U", "V"))
    play.complete("U")
    assert play.opened == ["V"]
    assert blocked(play, calling("V", called="R")) == [("move_called_missing", "C")]
    result = move(play, calling("V2", called="R"), Q="R", **{"Q/V": "V2"})
    assert result.mapped == ("Q", "Q/V")
    assert (play.at("V2").process_id, play.at("V2").path) == ("R", ("C",))
    play.complete("V2")
    assert play.finished


def test_a_call_that_gets_variables_of_its_own_blocks_and_one_with_them_keeps_them() -> None:
    mapped = extension('<camunda:in source="n" target="x"/><camunda:out source="x" target="m"/>')
    play = Play(calling("U"), n=1)
    assert blocked(play, calling("U", call=mapped)) == [("move_call_scope", "C")]
    own = Play(calling("U", call=mapped), n=1)
    assert blocked(own, calling("U")) == [("move_call_scope", "C")]
    other = extension('<camunda:in source="n" target="x"/><camunda:out sourceExpression="= x + 1" target="m"/>')
    move(own, calling("U", call=other))
    own.complete("U", x=7)
    assert own.value("m") == 8


def test_the_main_process_must_be_there() -> None:
    play = Play(AB)
    renamed = document(process(start(), user("A"), end(), chain("S", "A", "E"), id="P2"))
    assert blocked(play, renamed, "P2") == [("move_process_missing", "P")]
    move(play, renamed, "P2", P="P2")
    play.complete("A")
    assert play.finished
