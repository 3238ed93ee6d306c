"""Two people, two workers, one task: what two real connections do to each other."""

import threading
from datetime import timedelta
from typing import Any, Self

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, select

from app.audit.services import Actor
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.workflow import jobs, messaging, queries, scopes, services
from app.workflow.commands import Complete
from app.workflow.errors import TaskAlreadyCompleted
from app.workflow.models import Instance
from tests.functional.workflow.errands import NOW, Errands, stored
from tests.functional.workflow.rivals import in_thread, wait_for_a_waiter

ANNA = Actor("person", 11, "安娜")
BERT = Actor("person", 12, "白先生")


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
def test_locking_trap_second_completion_sees_what_the_first_wrote(app: Flask, errands: Errands) -> None:
    """The second one waits for the held lock, then must see the item closed and the new variables, not old ones."""
    outcome = errands.start()
    held, go_on = threading.Event(), threading.Event()

    def first() -> object:
        def work() -> object:
            done = services.advance(
                errands.county_id, outcome.instance_id, Complete(outcome.opened[0], {"what": "茶", "price": 60}),
                actor=ANNA, now=NOW,
            )  # fmt: skip
            held.set()
            assert go_on.wait(60)
            return done

        return run_unit(work)

    def second() -> object:
        return errands.complete(outcome, actor=BERT, what="酒", price=1)

    one, first_result = in_thread(app, first)
    assert held.wait(60)
    other, second_result = in_thread(app, second)
    wait_for_a_waiter()
    go_on.set()
    one.join(60)
    other.join(60)
    assert isinstance(first_result[0], services.Outcome), first_result
    assert isinstance(second_result[0], TaskAlreadyCompleted), second_result
    assert second_result[0].params["name"].name == "安娜"
    db.session.rollback()
    values = queries.variables_by_scope(errands.county_id, outcome.instance_id)[""]
    assert (values["what"], values["total"]) == ("茶", 120)
    assert len(queries.open_items(errands.county_id, instance_id=outcome.instance_id)) == 1


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
def test_variables_are_read_after_the_lock(app: Flask, errands: Errands) -> None:
    """The next task's completion, which waited behind another step, works with that step's variables."""
    letter = errands.start("letter")
    held, go_on = threading.Event(), threading.Event()

    def first() -> object:
        def work() -> object:
            payload = {"price": 7}
            done = messaging.send_message(errands.county_id, "answer", payload=payload, actor=ANNA, now=NOW)
            held.set()
            assert go_on.wait(60)
            return done

        return run_unit(work)

    seen: list[object] = []
    real = queries.lock_instance

    def watched(county_id: int, instance_id: int) -> queries.LockedInstance:
        found = real(county_id, instance_id)
        seen.append(found)
        return found

    one, _ = in_thread(app, first)
    assert held.wait(60)
    queries.lock_instance = watched
    try:
        other, result = in_thread(app, lambda: errands.complete(letter, actor=BERT))
        wait_for_a_waiter()
        assert seen == [], "nothing is read before the lock is held"
        go_on.set()
        one.join(60)
        other.join(60)
    finally:
        queries.lock_instance = real
    assert isinstance(result[0], services.Outcome), result
    (row,) = seen
    found = scopes.read(row.variables)  # type: ignore[attr-defined]
    assert any(values.get("price") == 7 for values in found.values())


def test_of_many_who_complete_at_once_one_wins(app: Flask, errands: Errands) -> None:
    outcome = errands.start()
    people = [Actor("person", 20 + n, f"第{n}人") for n in range(6)]
    threads = [
        in_thread(app, lambda who=who: errands.complete(outcome, actor=who, what=who.name, price=60))  # type: ignore[misc]
        for who in people
    ]
    for thread, _ in threads:
        thread.join(30)
    results = [result[0] for _, result in threads]
    assert sum(isinstance(one, services.Outcome) for one in results) == 1, results
    assert sum(isinstance(one, TaskAlreadyCompleted) for one in results) == 5, results
    assert len(queries.open_items(errands.county_id, instance_id=outcome.instance_id)) == 1


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
def test_two_workers_fire_two_hundred_timers_once_each(app: Flask, errands: Errands) -> None:
    for _ in range(200):
        errands.start("nap")
    with clock.freeze(NOW + timedelta(minutes=5)):

        def worker() -> int:
            done = 0
            while claimed := jobs.wake_due(limit=20):
                done += claimed
            return done

        threads = [in_thread(app, worker) for _ in range(2)]
        for thread, _ in threads:
            thread.join(120)
    counts = [result[0] for _, result in threads]
    assert all(isinstance(count, int) and count > 0 for count in counts), counts
    assert sum(counts) == 200, counts
    turns = stored("turns")
    assert turns == [1] * 200
    assert len(queries.open_items(errands.county_id)) == 200
    assert db.session.scalars(select(Instance.due_at).where(Instance.due_at.is_not(None))).all() == []


def test_a_timer_that_two_have_seen_fires_once(app: Flask, errands: Errands) -> None:
    """The lock and the second look at `due_at` fire each timer once, whatever somebody saw before."""
    seen = [(errands.county_id, errands.start("nap").instance_id, None) for _ in range(5)]
    with clock.freeze(NOW + timedelta(minutes=5)):
        fired = [run_unit(lambda key=key: jobs._wake(*key)) for key in seen + seen]  # type: ignore[misc]
        assert jobs.wake_due() == 0
    assert fired == [True] * 5 + [False] * 5
    assert stored("turns") == [1] * 5


def test_one_broken_process_does_not_hold_up_the_others(errands: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, *others = [errands.start("nap").instance_id for _ in range(3)]
    real = services._move

    def move(held: services.Held, *rest: Any) -> Any:
        if held.row.id == broken:
            raise ZeroDivisionError
        return real(held, *rest)

    monkeypatch.setattr(services, "_move", move)
    with clock.freeze(NOW + timedelta(minutes=5)):
        assert sum(iter(jobs.wake_due, 0)) == 3
        assert jobs.wake_due() == 0, "the broken one rests until its lease ends, instead of being tried every second"
    assert sorted(item.instance_id for item in queries.open_items(errands.county_id)) == sorted(others)
    assert stored("turns") == [1, 1]
    monkeypatch.setattr(services, "_move", real)
    with clock.freeze(NOW + timedelta(minutes=6)):
        assert jobs.wake_due() == 1
    assert len(queries.open_items(errands.county_id)) == 3


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
def test_what_somebody_holds_is_left_for_the_next_beat(app: Flask, errands: Errands) -> None:
    held, free = (errands.start("nap").instance_id for _ in range(2))
    locked, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        services.hold(errands.county_id, held)
        locked.set()
        assert go_on.wait(60)

    thread, _ = in_thread(app, lambda: run_unit(hold))
    assert locked.wait(60)
    with clock.freeze(NOW + timedelta(minutes=5)):
        assert jobs.wake_due() == 1, "nobody is waited for"
        assert [item.instance_id for item in queries.open_items(errands.county_id)] == [free]
        go_on.set()
        thread.join(60)
        assert jobs.wake_due() == 1


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
def test_many_timers_take_few_round_trips(app: Flask, errands: Errands) -> None:
    """A batch of fifty asks what one of five asks; its rows go out by table, many in each, by powers of two."""

    def statements(many: int) -> int:
        for _ in range(many):
            errands.start("nap")
        told: list[str] = []

        def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
            told.append(statement)

        with clock.freeze(NOW + timedelta(minutes=5)):
            event.listen(db.engine, "before_cursor_execute", count)
            try:
                assert jobs.wake_due(limit=many) == many
            finally:
                event.remove(db.engine, "before_cursor_execute", count)
        return len(told)

    statements(1)
    assert statements(50) < 2 * statements(5)


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
def test_one_completion_takes_few_statements(app: Flask, errands: Errands) -> None:
    """Counted at the driver: nothing goes round the count."""
    outcome = errands.complete(errands.start(), what="茶", price=60)
    db.session.remove()
    told: list[str] = []

    class Counted(psycopg.Cursor[Any]):
        def execute(self, query: Any, *arguments: Any, **options: Any) -> Self:
            told.append(str(query))
            return super().execute(query, *arguments, **options)

    def count(connection: Any, *rest: object) -> None:
        connection.cursor_factory = Counted

    event.listen(db.engine, "checkout", count)
    try:
        errands.complete(outcome, approved=True)
    finally:
        event.remove(db.engine, "checkout", count)
        db.engine.dispose()
    assert 5 < len(told) <= 12, "\n".join(told)
