"""Where SQLite and PostgreSQL differ: how a transaction begins, how a row is locked, how work is claimed."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import Engine, Select, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core.outages import outages

writing: ContextVar[bool] = ContextVar("writing", default=False)
"""Whether the transaction that begins now means to write."""

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])

_committing: ContextVar[bool] = ContextVar("committing", default=False)

CONNECT_SECONDS = 5
LOCK_SECONDS = 10
"""How long anybody waits for a row that somebody else holds."""
FROZEN_SECONDS = 300
"""After this long a transaction that nobody goes on with is ended by PostgreSQL, and its locks with it."""
PAGES_AHEAD = 200
_READ_AHEAD = (
    f"SELECT set_config(name, '{PAGES_AHEAD}', false) FROM pg_settings "  # noqa: S608 - our own number
    "WHERE name = 'effective_io_concurrency' AND max_val::int > 0"
)


class FairLock:
    """A lock that lets its waiters in by order of arrival."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


_sqlite_writer = FairLock()


def prepare_engine(engine: Engine) -> None:
    """Set the connection habits of this database."""

    @event.listens_for(engine, "commit")
    def on_commit(connection: Any) -> None:
        _committing.set(True)

    @event.listens_for(engine, "connect")
    def on_any_connect(connection: Any, record: Any) -> None:
        outages.connected()

    if engine.dialect.name == "postgresql":
        _prepare_postgresql(engine)
    else:
        _prepare_sqlite(engine)


def _prepare_postgresql(engine: Engine) -> None:
    """Nobody waits for ever: not for a server that does not answer, not for a lock, not for a process that hangs.

    `jit` is off: the many-branched conditions of permission look dear to the planner and run in a millisecond, while
    compiling one takes fifty to a hundred. `random_page_cost` is that of memory and solid disks: by the default the
    planner would rather read a table of a million cases through than look up ten thousand by their key. Of the pages
    that hold what a search finds, PAGES_AHEAD are asked of the disk together, where the server's system can.
    """

    @event.listens_for(engine, "do_connect")
    def on_do_connect(dialect: Any, record: Any, arguments: Any, parameters: dict[str, Any]) -> None:
        parameters.setdefault("connect_timeout", CONNECT_SECONDS)
        parameters.setdefault("keepalives_idle", 30)
        parameters.setdefault("tcp_user_timeout", 20_000)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        connection.autocommit = True
        connection.execute(
            f"SET lock_timeout = '{LOCK_SECONDS}s'; SET idle_in_transaction_session_timeout = '{FROZEN_SECONDS}s'; "
            f"SET jit = off; SET random_page_cost = 1.1; {_READ_AHEAD}"
        )
        connection.autocommit = False


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "busy_timeout=10000",
            "foreign_keys=ON",
            "synchronous=NORMAL",
            "temp_store=MEMORY",
            "trusted_schema=OFF",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")


@contextmanager
def write_turn(engine: Engine, *, write: bool) -> Iterator[None]:
    """Mark the unit as writing or reading; on SQLite writing units of one process wait in a fair queue.

    A writing unit inside another would wait for itself for ever: RuntimeError says so instead.
    """
    if write and writing.get():
        raise RuntimeError("A writing unit begins inside another: its work belongs to the outer one")
    token = writing.set(write)
    _committing.set(False)
    queue = write and engine.dialect.name == "sqlite"
    if queue:
        _sqlite_writer.acquire()
    try:
        yield
    finally:
        if queue:
            _sqlite_writer.release()
        writing.reset(token)


def commit_was_sent() -> bool:
    """Whether the unit of this moment has already sent its commit: what fails then may have been kept."""
    return _committing.get()


def is_read_only(session: Session) -> bool:
    """Whether the database that answers takes no changes: a standby, or one that was set so."""
    if session.get_bind().dialect.name == "sqlite":
        return bool(session.execute(text("PRAGMA query_only")).scalar_one())
    told = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'"
    return bool(session.execute(text(told)).scalar_one())


def locked(statement: Query, dialect: str, *, skip_locked: bool = False) -> Query:
    """`FOR UPDATE` where the database has it; on SQLite the writing transaction already holds the lock."""
    if dialect == "sqlite":
        return statement
    return statement.with_for_update(skip_locked=skip_locked)


def insert_for(table: type[Any], dialect: str) -> Any:
    """An `INSERT` that knows `ON CONFLICT`, in the words of this database."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
