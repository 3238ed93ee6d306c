"""Running processes that go over to another release, and back."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.queries import entries
from app.audit.services import Stream
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.scheduling.jobs import run_due_jobs
from app.scheduling.models import Job
from app.workflow import jobs, queries
from app.workflow.commands import Retry, Wake
from app.workflow.models import Incident
from app.workflow.moving import jobs as moving_jobs
from app.workflow.moving import queries as moving
from app.workflow.moving import services
from app.workflow.moving.errors import MoveOver, NothingToMove, UndoTooLate
from app.workflow.moving.models import Move, MoveResult, MoveStatus
from app.workflow.services import Outcome
from tests.functional.workflow.errands import NOW, Errands
from tests.functional.workflow.moves import (
    OWNER,
    RENAMED,
    RETITLED,
    begun,
    claimed,
    drained,
    everything,
    instance,
    item,
    only,
    results,
    roles,
    second_release,
)
from tests.functional.workflow.rivals import in_thread, wait_for_a_waiter


def test_a_moved_task_keeps_who_holds_it_and_its_timer_and_shows_the_new_words(errands: Errands) -> None:
    outcome = errands.start(what="茶")
    before = item(errands, outcome.opened[0])
    claimed(errands, before.id)
    token, opened, due = before.token, before.opened_at, instance(errands, outcome.instance_id).due_at
    number = second_release(errands, RETITLED[0])
    move, got = begun(errands, number)
    assert (move.status, got) == (MoveStatus.DONE, [MoveResult.MOVED])
    row = instance(errands, outcome.instance_id)
    assert (row.release_number, row.due_at) == (number, due)
    after = item(errands, outcome.opened[0])
    assert (after.token, after.opened_at, after.assignee_id) == (token, opened, 7)
    assert (after.name_zh, after.release, after.groups) == ("讲清楚", number, ["leader@county"])
    assert roles(errands, after.id) == ["leader"]
    done = errands.complete(outcome, what="茶", price=1)
    assert done.finished


def test_a_changed_timer_is_counted_from_the_opening(errands: Errands) -> None:
    outcome = errands.start(what="茶")
    begun(errands, second_release(errands, RETITLED[1]))
    assert instance(errands, outcome.instance_id).due_at == NOW + timedelta(days=5)


def test_trying_tells_what_would_happen_and_writes_nothing(errands: Errands) -> None:
    outcome = errands.start(what="茶")
    number = second_release(errands, *RETITLED, RENAMED)
    before = everything(errands, outcome.instance_id)

    def tried(**mapping: str) -> moving.DryRun:
        return moving.dry_run(errands.county_id, "errand", to_number=number, mapping=mapping, now=NOW)

    (look,) = tried().looks
    assert (look.outcome, [one.code for one in look.reasons]) == ("blocked", ["move_missing"])
    assert (tried(ask="say").count("mapped"), tried(ask="say").total) == (1, 1)
    assert everything(errands, outcome.instance_id) == before


def test_what_is_blocked_stays_where_it_is_and_says_why(errands: Errands) -> None:
    staying, going = errands.start(what="茶"), errands.start(what="酒")
    errands.complete(going, what="酒", price=400)
    number = second_release(errands, RENAMED)
    before = everything(errands, staying.instance_id)
    move, _ = begun(errands, number)
    by_instance = {one.instance_id: one for one in moving.moved_instances(move)}
    assert by_instance[going.instance_id].status == MoveResult.MOVED
    blocked = by_instance[staying.instance_id]
    assert (blocked.status, blocked.reasons[0]["code"], blocked.reasons[0]["element_id"]) == (
        MoveResult.BLOCKED, "move_missing", "ask"
    )  # fmt: skip
    assert everything(errands, staying.instance_id) == before
    mapped, got = begun(errands, number, {"ask": "say"})
    assert (got, mapped.total) == ([MoveResult.MOVED], 1)
    assert item(errands, staying.opened[0]).element_id == "say"
    assert errands.complete(staying, what="茶", price=1).finished


def test_it_can_be_taken_back_until_the_next_step(errands: Errands) -> None:
    outcome = errands.start(what="茶")
    claimed(errands, outcome.opened[0])
    before = everything(errands, outcome.instance_id)
    number = second_release(errands, *RETITLED, RENAMED)
    move, _ = begun(errands, number, {"ask": "say"})
    assert everything(errands, outcome.instance_id) != before
    moved = only(move)
    assert moving.still_undoable(move) == {moved}
    run_unit(lambda: services.undo_one(move.county_id, moved, actor=OWNER, now=NOW))
    assert everything(errands, outcome.instance_id) == before
    assert results(move)[1] == [MoveResult.UNDONE]
    again, _ = begun(errands, number, {"ask": "say"})
    moved = only(again)
    errands.complete(outcome, what="茶", price=500)
    db.session.rollback()
    assert moving.still_undoable(again) == frozenset()
    after = everything(errands, outcome.instance_id)
    with pytest.raises(UndoTooLate):
        run_unit(lambda: services.undo_one(again.county_id, moved, actor=OWNER, now=NOW))
    assert everything(errands, outcome.instance_id) == after
    assert instance(errands, outcome.instance_id).release_number == number


def test_a_move_after_the_move_closes_the_way_back_of_the_first(errands: Errands) -> None:
    errands.start(what="茶")
    first, _ = begun(errands, second_release(errands, RETITLED[0]))
    begun(errands, second_release(errands, RETITLED[1]))
    moved = only(first)
    with pytest.raises(UndoTooLate):
        run_unit(lambda: services.undo_one(first.county_id, moved, actor=OWNER, now=NOW))


def test_all_that_can_be_is_taken_back_at_once(errands: Errands) -> None:
    some = [errands.start(what=str(number)) for number in range(3)]
    before = everything(errands, some[0].instance_id)
    move, _ = begun(errands, second_release(errands, RETITLED[0]))
    errands.complete(some[1], what="x", price=500)
    assert run_unit(lambda: services.undo_all(move, actor=OWNER, now=clock.now())) == 2
    drained()
    by_instance = {one.instance_id: one.status for one in moving.moved_instances(results(move)[0])}
    assert [by_instance[one.instance_id] for one in some] == [MoveResult.UNDONE, MoveResult.MOVED, MoveResult.UNDONE]
    assert everything(errands, some[0].instance_id) == before


def test_whoever_is_killed_half_way_is_followed_by_another(errands: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [errands.start(what=str(number)) for number in range(5)]
    number = second_release(errands, RETITLED[0])

    class Killed(BaseException):
        pass

    done: list[int] = []
    real: Callable[..., str] = services.move_one

    def killed(county_id: int, moved_id: int, **more: Any) -> str:
        result = real(county_id, moved_id, **more)
        if len(done) == 2:
            raise Killed  # inside the third one's transaction
        done.append(moved_id)
        return result

    monkeypatch.setattr(services, "move_one", killed)
    with pytest.raises(Killed):
        begun(errands, number)
    monkeypatch.undo()
    move = db.session.scalars(select(Move)).one()
    assert sorted(results(move)[1]) == [MoveResult.MOVED] * 2 + [MoveResult.WAITING] * 3
    drained()
    assert results(move)[1].count(MoveResult.WAITING) == 3, "its job is still leased"
    run_unit(lambda: _end_leases())
    drained()
    move, got = results(move)
    assert (move.status, got) == (MoveStatus.DONE, [MoveResult.MOVED] * 5)
    assert {instance(errands, one.instance_id).release_number for one in some} == {number}
    assert {instance(errands, one.instance_id).steps for one in some} == {2}, "none was moved twice"


def _end_leases() -> None:
    for job in db.session.scalars(select(Job).where(Job.locked_until.is_not(None))):
        job.locked_until = clock.now() - timedelta(seconds=1)


def test_more_than_one_batch_and_a_stop(errands: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        errands.start(what=str(number))
    monkeypatch.setattr(moving_jobs, "BATCH", 2)
    to = second_release(errands, RETITLED[0])

    def work() -> Move:
        return services.begin_move(errands.county_id, "errand", to_number=to, mapping={}, actor=OWNER, now=clock.now())

    move = run_unit(work)
    run_due_jobs()
    assert sorted(results(move)[1]) == [MoveResult.MOVED] * 2 + [MoveResult.WAITING] * 3
    run_unit(lambda: services.cancel_move(moving.move_of(move.county_id, move.id), actor=OWNER, now=clock.now()))
    drained()
    move, got = results(move)
    assert (move.status, sorted(got)) == (MoveStatus.CANCELLED, [MoveResult.CANCELLED] * 3 + [MoveResult.MOVED] * 2)
    with pytest.raises(MoveOver):
        services.cancel_move(move, actor=OWNER, now=clock.now())
    db.session.rollback()
    rest, got = begun(errands, to)
    assert (rest.total, got) == (3, [MoveResult.MOVED] * 3)
    with pytest.raises(NothingToMove):
        begun(errands, to)


def test_one_that_ended_meanwhile_is_left_alone(errands: Errands) -> None:
    outcome = errands.start(what="茶")
    to = second_release(errands, RETITLED[0])
    move = run_unit(lambda: services.begin_move(
        errands.county_id, "errand", to_number=to, mapping={}, actor=OWNER, now=clock.now()))  # fmt: skip
    errands.complete(outcome, what="茶", price=1)
    drained()
    assert results(move)[1] == [MoveResult.GONE]


def test_a_fault_of_one_does_not_stop_the_others(errands: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [errands.start(what=str(number)) for number in range(3)]
    to = second_release(errands, RETITLED[0])
    real = moving.transplanted

    def failing(state: bytes, *more: Any) -> Any:
        if state == broken:
            raise ValueError("a fault")
        return real(state, *more)

    broken = instance(errands, some[1].instance_id).state
    monkeypatch.setattr(moving, "transplanted", failing)
    move, got = begun(errands, to)
    assert sorted(got) == [MoveResult.FAILED, MoveResult.MOVED, MoveResult.MOVED]
    failed = next(one for one in moving.moved_instances(move) if one.status == MoveResult.FAILED)
    assert (failed.instance_id, failed.reasons[0]["words"]) == (some[1].instance_id, "ValueError: a fault")
    assert errands.complete(some[1], what="x", price=1).finished


def test_an_incident_goes_along_and_is_mended_there(errands: Errands) -> None:
    errands.fail_with = ValueError("closed")
    outcome = errands.start(what="茶")
    errands.complete(outcome, what="茶", price=1)
    errands.fail_with = None
    number = second_release(errands, (b'id="note" name="', b'id="put_down" name="New '), (b'"note"', b'"put_down"'))
    move, got = begun(errands, number, {"note": "put_down"})
    assert got == [MoveResult.MOVED]

    def incident() -> tuple[int, str, str, object]:
        db.session.rollback()
        one = db.session.scalars(select(Incident).execution_options(populate_existing=True)).one()
        return one.id, one.element_id, one.element_name, one.closed_at

    incident_id, *where = incident()
    assert where == ["put_down", "New 记录", None]
    moved = only(move)
    run_unit(lambda: services.undo_one(move.county_id, moved, actor=OWNER, now=NOW))
    assert incident()[1:] == ("note", "记录", None)
    assert errands.move(outcome.instance_id, Retry(incident_id)).finished


def test_a_timer_that_is_overdue_in_the_new_version_fires_with_the_next_beat(errands: Errands) -> None:
    outcome = errands.start(what="茶", now=clock.now() - timedelta(days=2))
    begun(errands, second_release(errands, (b"P3D", b"P1D")))
    assert item(errands, outcome.opened[0]).status == "open"
    jobs.wake_due()
    assert item(errands, outcome.opened[0]).status == "cancelled"
    assert instance(errands, outcome.instance_id).ended_by == "forgotten"


def test_what_holds_already_in_the_new_version_happens_with_the_next_beat(errands: Errands) -> None:
    outcome = errands.start(what="茶", now=clock.now())
    condition = (
        b'<bpmn:boundaryEvent id="tea" attachedToRef="ask"><bpmn:conditionalEventDefinition><bpmn:condition>'
        b'= what = "\xe8\x8c\xb6"</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:boundaryEvent>'
        b'<bpmn:endEvent id="drunk"/><bpmn:sequenceFlow id="f_tea" sourceRef="tea" targetRef="drunk"/>'
        b'<bpmn:endEvent id="forgotten"'
    )
    move, _ = begun(errands, second_release(errands, (b'<bpmn:endEvent id="forgotten"', condition)))
    assert moving.still_undoable(move)
    jobs.wake_due()
    assert instance(errands, outcome.instance_id).ended_by == "drunk"


def test_a_step_that_does_nothing_is_a_step_too(errands: Errands) -> None:
    """A wake that finds nothing due is refused, and does not close the way back."""
    outcome = errands.start(what="茶", now=clock.now())
    move, _ = begun(errands, second_release(errands, RETITLED[0]))
    with pytest.raises(Exception, match="timer"):
        errands.move(outcome.instance_id, Wake(), now=clock.now())
    assert moving.still_undoable(results(move)[0])


def test_history_names_who_moved_it_and_whence(errands: Errands) -> None:
    outcome = errands.start(what="茶")
    move, _ = begun(errands, second_release(errands, RETITLED[0]))
    moved = only(move)
    run_unit(lambda: services.undo_one(move.county_id, moved, actor=OWNER, now=NOW))
    lines = entries(Stream(errands.county_id, f"instance:{outcome.instance_id}"))
    told = [(line.event, line.actor_name, line.payload["from"], line.payload["to"]) for line in lines[:2]]
    assert told == [("process.move_undone", "林敏", 2, 1), ("process.moved", "林敏", 1, 2)]
    (asked, *_) = entries(Stream.package(errands.county_id, "errand"))
    assert (asked.event, asked.actor_name, asked.payload["processes"]) == ("instances.move_asked", "林敏", 1)


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
def test_who_completes_while_it_is_moved_is_answered_by_the_new_version(app: Flask, errands: Errands) -> None:
    """The completion waits for the held lock and then finds the task in the release that the process is on by then."""
    outcome = errands.start(what="茶")
    renamed = (b'"ask"', b'"say"')
    number = second_release(errands, renamed, (b"price * 2", b"price * 3"))

    def begin() -> tuple[int, int]:
        move = services.begin_move(
            errands.county_id, "errand", to_number=number, mapping={"ask": "say"}, actor=OWNER, now=clock.now(),
            enqueue=False,
        )  # fmt: skip
        return move.id, only(move)

    _move_id, moved = run_unit(begin)
    held, go_on = threading.Event(), threading.Event()

    def moving_it() -> object:
        def work() -> str:
            result = services.move_one(errands.county_id, moved, now=clock.now())
            held.set()
            assert go_on.wait(60)
            return result

        return run_unit(work)

    one, first = in_thread(app, moving_it)
    assert held.wait(60)
    other, second = in_thread(app, lambda: errands.complete(outcome, what="茶", price=1))
    wait_for_a_waiter()
    go_on.set()
    one.join(60)
    other.join(60)
    assert first == [MoveResult.MOVED]
    assert isinstance(second[0], Outcome), second
    row = instance(errands, outcome.instance_id)
    assert (row.status, row.release_number, row.steps) == ("finished", number, 3)
    assert queries.variables_by_scope(errands.county_id, row.id)[""]["total"] == 3
