"""Where SQLite and PostgreSQL differ: how a transaction begins, how a row is locked, how work is claimed."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import Engine, Select, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

writing: ContextVar[bool] = ContextVar("writing", default=False)
"""Whether the transaction that begins now means to write."""

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])

_RETRY_CODES = {"40P01", "40001"}


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
    if engine.dialect.name != "sqlite":
        return

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
    queue = write and engine.dialect.name == "sqlite"
    if queue:
        _sqlite_writer.acquire()
    try:
        yield
    finally:
        if queue:
            _sqlite_writer.release()
        writing.reset(token)


def is_retryable(error: BaseException) -> bool:
    """A deadlock or a serialisation failure: the whole unit may simply be done again."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _RETRY_CODES


def locked(statement: Query, dialect: str, *, skip_locked: bool = False) -> Query:
    """`FOR UPDATE` where the database has it; on SQLite the writing transaction already holds the lock."""
    if dialect == "sqlite":
        return statement
    return statement.with_for_update(skip_locked=skip_locked)


def insert_for(table: type[Any], dialect: str) -> Any:
    """An `INSERT` that knows `ON CONFLICT`, in the words of this database."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
