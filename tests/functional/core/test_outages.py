"""What the database cannot do is told in words, changes nothing, and is over when it is over."""

import io
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import event, text
from structlog.testing import capture_logs

from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream, record
from app.core.clock import now
from app.core.database import db
from app.core.errors import Busy, DatabaseAway, NotWritable, Overcrowded, Refusal, Unsure
from app.core.outages import PATIENCE, Trouble, outages
from app.core.unit_of_work import run_unit, unit_of_work
from app.directory.models import Attempt
from app.factory import create_app
from tests.functional.conftest import SeparateClient
from tests.functional.core.test_unit_of_work import ask

ROLLED_BACK = "DO $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '{state}'; END $$"
only_postgresql = pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
only_sqlite = pytest.mark.parametrize("shared_app", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def calm() -> Iterator[None]:
    yield
    outages.connected()
    outages.wrote()


def note(key: str) -> None:
    db.session.add(Attempt(county_id=1, key=key, at=now()))
    db.session.flush()


def keys() -> list[str]:
    with unit_of_work(write=False):
        return [row.key for row in db.session.query(Attempt).order_by(Attempt.key)]


def my_connection() -> int:
    return int(db.session.execute(text("SELECT pg_backend_pid()")).scalar_one())


def end(pid: int) -> None:
    """As when PostgreSQL was restarted since this connection was made."""
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


@only_postgresql
def test_a_unit_whose_connection_ended_is_done_again(app: Flask) -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        note(f"try {len(tries)}")
        if len(tries) == 1:
            end(my_connection())
            note("never")

    run_unit(work)
    assert len(tries) == 2
    assert keys() == ["try 2"]


@only_postgresql
def test_a_unit_that_is_done_again_is_told_once(app: Flask) -> None:
    """Whichever statement meets the end of the connection, the history that the lost attempt gathered goes with it."""
    stream = Stream.organisation(1, 1)
    statements: list[str] = []
    fatal, lost = 0, 0

    def count(connection: Any, cursor: Any, statement: str, *rest: object) -> None:
        statements.append(statement)
        if len(statements) == fatal and "pg_backend_pid" not in statement:
            end(connection.connection.driver_connection.info.backend_pid)

    def work() -> str:
        name = f"told.{fatal}.{len(statements)}"
        record(stream, name, actor=SYSTEM, now=now())
        with db.session.begin_nested():
            note(name)
        with suppress(ZeroDivisionError), db.session.begin_nested():
            record(stream, "undone", actor=SYSTEM, now=now())
            raise ZeroDivisionError
        return name

    expected = [run_unit(work)]
    event.listen(db.engine, "before_cursor_execute", count)
    try:
        for fatal in range(1, 12):  # noqa: B007 - `count` reads it
            statements.clear()
            expected.append(run_unit(work))
            lost += not expected[-1].endswith(".0")
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert lost >= 4, "some attempts were lost"
    with unit_of_work(write=False):
        assert [entry.event for entry in reversed(entries(stream))] == expected


@only_postgresql
def test_connections_left_in_the_pool_from_before_a_restart_disturb_nobody(app: Flask) -> None:
    pids: list[int] = []
    connections = [db.engine.connect() for _ in range(3)]
    for connection in connections:
        pids.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
    for connection in connections:
        connection.close()
    db.session.remove()
    with db.engine.connect() as killer:
        killer.detach()
        own = killer.execute(text("SELECT pg_backend_pid()")).scalar_one()
        for pid in pids:
            if pid != own:
                killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    for number in range(3):
        run_unit(lambda number=number: note(f"{number}"))  # type: ignore[misc]
    assert keys() == ["0", "1", "2"]


@only_postgresql
def test_a_commit_that_was_lost_is_never_done_again(app: Flask) -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        note("perhaps")
        pid = my_connection()
        event.listen(db.engine, "commit", lambda connection: end(pid), once=True)

    with pytest.raises(Unsure):
        run_unit(work)
    assert len(tries) == 1
    assert keys() == []


def test_an_outage_is_over_with_the_first_unit_that_is_kept(app: Flask) -> None:
    """Another thread may have made the new connection before this one noticed that the old one had ended."""

    def ask_something() -> None:
        db.session.execute(text("SELECT 1"))

    run_unit(ask_something)
    outages.note(Trouble.AWAY, OSError("ended"))
    outages._away_since = time.monotonic() - PATIENCE - 1
    assert outages.pause(Trouble.AWAY, 1) is None, "whoever comes late in an outage is told at once"
    run_unit(ask_something)
    assert outages.pause(Trouble.AWAY, 1) == 0.0


@only_postgresql
@pytest.mark.parametrize(
    ("state", "refusal"), [("53100", NotWritable), ("55P03", Busy), ("53300", Overcrowded), ("57P03", DatabaseAway)]
)
def test_each_trouble_has_its_words(app: Flask, state: str, refusal: type[Refusal]) -> None:
    def work() -> None:
        note("lost")
        db.session.execute(text(ROLLED_BACK.format(state=state)))

    with pytest.raises(refusal):
        run_unit(work)
    with pytest.raises(refusal), unit_of_work():
        work()
    assert keys() == []


@only_postgresql
def test_a_read_only_database_is_told_and_read(app: Flask) -> None:
    def work() -> None:
        db.session.execute(text("SET TRANSACTION READ ONLY"))
        note("lost")

    with pytest.raises(NotWritable):
        run_unit(work)
    assert outages.unwritable
    run_unit(lambda: note("kept"))
    assert not outages.unwritable
    assert keys() == ["kept"]


@only_sqlite
def test_a_full_disk_is_told(app: Flask) -> None:
    def work(pages: int) -> None:
        used = db.session.execute(text("PRAGMA page_count")).scalar_one()
        db.session.execute(text(f"PRAGMA max_page_count = {used + pages}"))
        for number in range(300):
            note("x" * 90 + str(number))

    db.session.remove()
    with db.engine.connect() as connection:
        connection.execute(text("COMMIT"))
        connection.execute(text("VACUUM"))  # pages that earlier tests left free would take the notes
        connection.execute(text("BEGIN"))
    with pytest.raises(NotWritable):
        run_unit(lambda: work(1))
    assert keys() == []
    run_unit(lambda: work(10_000))
    assert len(keys()) == 300


@only_sqlite
def test_a_writer_that_never_ends_is_told(app: Flask) -> None:
    with db.engine.connect() as other:
        other.execute(text("COMMIT"))
        other.execute(text("BEGIN IMMEDIATE"))

        def work() -> None:
            db.session.execute(text("SELECT 1"))

        def impatient(connection: object, record: object) -> None:
            connection.execute("PRAGMA busy_timeout=100")  # type: ignore[attr-defined]

        db.session.remove()
        event.listen(db.engine, "connect", impatient)
        db.engine.pool.dispose()
        try:
            with pytest.raises(Busy):
                run_unit(work)
        finally:
            event.remove(db.engine, "connect", impatient)
            other.execute(text("ROLLBACK"))
    db.engine.pool.dispose()
    run_unit(lambda: note("kept"))
    assert keys() == ["kept"]


@only_postgresql
def test_nobody_waits_for_a_lock_for_ever(app: Flask) -> None:
    with db.engine.connect() as connection:
        told = [
            connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("lock_timeout", "idle_in_transaction_session_timeout")
        ]
    assert told == ["10s", "5min"]


@pytest.fixture
def small_pool(app: Flask, tmp_path: Path) -> Flask:
    """The application with a single connection."""
    return create_app(
        {
            "VAR": tmp_path,
            "SQLALCHEMY_DATABASE_URI": app.config["SQLALCHEMY_DATABASE_URI"],
            "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.2},
            "SECRET_KEY": "tests",
            "DEMO": False,
            "TESTING": True,
            "WTF_CSRF_ENABLED": False,
        }
    )


def test_when_every_connection_is_in_use_people_are_told_what_to_do(app: Flask, small_pool: Flask) -> None:
    small_pool.test_client_class = SeparateClient
    with small_pool.app_context():
        held = db.engine.connect()
        asked = small_pool.test_client().get("/api/v1/tasks?tab=mine", headers={"Authorization": "Bearer x"})
        health = small_pool.test_client().get("/healthz")
        held.close()
        after = small_pool.test_client().get("/api/v1/tasks?tab=mine", headers={"Authorization": "Bearer x"})
        db.engine.dispose()
    assert asked.status_code == 503
    assert asked.headers["Retry-After"] == "5"
    assert asked.mimetype == "application/problem+json"
    assert "人太多" in asked.json["detail"]
    assert health.status_code == 503
    assert health.json["database"] == "every connection is in use"
    assert after.status_code == 401


def test_a_dead_database_is_a_page_that_says_what_to_do(app: Flask, tmp_path: Path) -> None:
    """Nothing listens there, or nothing can be opened."""
    outages.connected()
    postgresql = "postgresql" in app.config["SQLALCHEMY_DATABASE_URI"]
    (tmp_path / "folder.db").mkdir()
    dead = create_app(
        {
            "VAR": tmp_path,
            "SQLALCHEMY_DATABASE_URI": "postgresql+psycopg://root@127.0.0.1:9/none"
            if postgresql
            else f"sqlite:///{tmp_path}/folder.db",
            "SECRET_KEY": "tests",
            "DEMO": False,
            "TESTING": True,
            "WTF_CSRF_ENABLED": False,
        }
    )
    with capture_logs() as told:
        for language, words in (("en", "The database does not answer at the moment."), ("zh", "数据库暂时没有响应。")):
            page = dead.test_client().post(f"/sign-in?lang={language}", data={"login": "a", "password": "b"})
            assert page.status_code == 503, page.text
            assert words in page.text
            assert page.headers["Retry-After"] == "5"
        health = dead.test_client().get("/healthz")
        assert (health.status_code, health.json["status"]) == (503, "down")
    away = [line for line in told if line["event"] == "database.away"]
    assert len(away) == 1, "one line for one outage"
    assert ("refused" if postgresql else "unable to open") in away[0]["reason"]


@only_postgresql
def test_a_request_that_is_done_again_reads_its_file_from_the_beginning(app: Flask) -> None:
    read: list[bytes] = []

    def view() -> str:
        read.append(request.files["photo"].read())
        if len(read) == 1:
            end(my_connection())
        note("kept")
        return "done"

    given = {"data": {"photo": (io.BytesIO(b"the whole photo"), "photo.jpg")}}
    assert ask(app, view, **given) == 200
    assert read == [b"the whole photo"] * 2
