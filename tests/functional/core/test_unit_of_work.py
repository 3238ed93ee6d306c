"""One request, one transaction: a refusal leaves nothing, a deadlock is done again, writers on SQLite take turns."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core.clock import now
from app.core.database import db
from app.core.errors import Busy, Refusal
from app.core.unit_of_work import Application, keep_changes, run_unit, unit_of_work
from app.directory.models import Attempt


def keys() -> list[str]:
    db.session.remove()
    return list(db.session.scalars(select(Attempt.key).order_by(Attempt.key)))


def note(key: str) -> None:
    db.session.add(Attempt(county_id=1, key=key, at=now()))
    db.session.flush()


def ask(app: Flask, view: Callable[[], object], **given: Any) -> int:
    """Answer one POST by `view`, as the application answers every request."""
    assert isinstance(app, Application)
    with app.app_context(), app.test_request_context("/tasks/1/claim", method="POST", **given):
        before = app.view_functions["tasks.claim"]
        app.view_functions["tasks.claim"] = lambda item_id: view()
        try:
            return app.make_response(app.dispatch_request()).status_code
        finally:
            app.view_functions["tasks.claim"] = before


def test_what_is_answered_well_is_kept(app: Flask) -> None:
    def view() -> str:
        note("kept")
        return "done"

    assert ask(app, view) == 200
    assert keys() == ["kept"]


@pytest.mark.parametrize("status", [400, 404, 409, 422, 500])
def test_an_answer_that_refuses_leaves_nothing(app: Flask, status: int) -> None:
    def view() -> tuple[str, int]:
        note("lost")
        return "no", status

    assert ask(app, view) == status
    assert keys() == []


def test_a_raised_refusal_leaves_nothing(app: Flask) -> None:
    def view() -> str:
        note("lost")
        raise Refusal

    with pytest.raises(Refusal):
        ask(app, view)
    assert keys() == []


@pytest.mark.parametrize("raised", [True, False])
def test_what_must_be_counted_is_kept_with_the_refusal(app: Flask, raised: bool) -> None:
    def view() -> tuple[str, int]:
        note("counted")
        keep_changes()
        if raised:
            raise Refusal
        return "no", 422

    if raised:
        with pytest.raises(Refusal):
            ask(app, view)
    else:
        assert ask(app, view) == 422
    assert keys() == ["counted"]


def test_background_work_that_fails_leaves_nothing(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        note("lost")
        raise ZeroDivisionError
    assert keys() == []


def test_writers_take_turns_and_none_is_lost(app: Flask) -> None:
    """Read, then write what was read plus one, from eight threads."""
    run_unit(lambda: note("000"))
    failures: list[BaseException] = []

    def count() -> None:
        try:
            with app.app_context():
                for _ in range(10):
                    run_unit(one_more)
        except BaseException as error:
            failures.append(error)

    def one_more() -> None:
        statement = select(Attempt)
        if db.engine.dialect.name == "postgresql":
            statement = statement.with_for_update()
        row = db.session.scalars(statement).one()
        row.key = f"{int(row.key) + 1:03d}"

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert keys() == ["080"]


def test_reading_does_not_wait_for_a_writer(app: Flask) -> None:
    run_unit(lambda: note("before"))
    holding, done = threading.Event(), threading.Event()
    told = []

    def write() -> None:
        with app.app_context(), unit_of_work():
            note("while")
            holding.set()
            told.append(done.wait(30))

    writer = threading.Thread(target=write)
    writer.start()
    assert holding.wait(5)
    assert keys() == ["before"]
    done.set()
    writer.join()
    assert told == [True], "the writer held its row until the reader had read"
    assert keys() == ["before", "while"]


def test_a_deadlock_is_done_again(app: Flask) -> None:
    """Two units lock two rows in opposite order; one is chosen as victim, and both end well."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time: no deadlock can happen")
    run_unit(lambda: (note("left"), note("right")))
    db.session.remove()
    meet = threading.Barrier(2, timeout=60)
    tries: list[str] = []

    def both(first: str, second: str) -> None:
        def work() -> None:
            tries.append(first)
            for number, key in enumerate((first, second)):
                db.session.execute(text("UPDATE attempts SET county_id = county_id + 1 WHERE key = :key"), {"key": key})
                if number == 0 and len(tries) <= 2:
                    meet.wait()

        with app.app_context():
            run_unit(work)

    threads = [threading.Thread(target=both, args=pair) for pair in (("left", "right"), ("right", "left"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) >= 3
    db.session.remove()
    assert list(db.session.scalars(select(Attempt.county_id))) == [3, 3]


def test_what_never_succeeds_ends_as_busy(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("only PostgreSQL tells of serialisation failures")
    tries: list[int] = []

    def fail() -> None:
        tries.append(1)
        db.session.execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$"))

    with pytest.raises(Busy):
        run_unit(fail)
    assert len(tries) == 4
