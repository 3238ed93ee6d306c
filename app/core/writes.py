"""What a transaction writes without asking back: gathered by statement, and sent together in one round trip.

Gathered writes are sent before the commit, and before anything else is put to the database: a read finds them, and a
savepoint that is rolled back takes none of them with it. Among themselves they go by table, not in the order in which
they were gathered: only what does not depend on another write of another table is gathered.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Engine, Table, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import Compiled, SQLCompiler
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.util import LRUCache

from app.core.bulk import insert_statement
from app.core.database import Base, db

WAITING = "writes"
MOST_ROWS = 64
"""Rows of one `INSERT`; more are cut into powers of two, so that few texts are in use."""

Processor = Callable[[Any], Any]


@dataclass(slots=True)
class _Gathered:
    """One statement with all that it is to be run with, or the rows of one table."""

    statement: ClauseElement | None
    table: Table | None
    rows: list[Mapping[str, Any]] = field(default_factory=list)
    then: Callable[[int], None] | None = None


def insert_later(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, which all name the same columns; column defaults do not apply."""
    if rows:
        _gather(db.session.connection(), (table.name, *rows[0]), lambda: _Gathered(None, table)).rows.extend(rows)


def execute_later(
    statement: ClauseElement, parameters: Mapping[str, Any], *, then: Callable[[int], None] | None = None
) -> None:
    """Run a statement that returns nothing; `then` is told how many rows it met.

    The statement is one object that is used again and again, with `bindparam`s and without lists in them.
    """
    connection = db.session.connection()
    gathered = _gather(connection, (id(statement), id(then)), lambda: _Gathered(statement, None, then=then))
    gathered.rows.append(parameters)


def _gather(connection: Connection, key: object, make: Callable[[], _Gathered]) -> _Gathered:
    waiting = _waiting(connection)
    found = waiting.get(key)
    if found is None:
        found = waiting[key] = make()
    return found


def send(connection: Connection) -> None:
    """Send what was gathered, now, and what is gathered by those who are told how it went."""
    while gathered := _taken(connection):
        calls, counted = _all_calls(gathered)
        together = connection.dialect.driver == "psycopg"
        counts = _send_together(connection, calls, counted) if together else _send_each(connection, calls)
        for one, count in zip(gathered, _sums(gathered, counts), strict=True):
            if one.then is not None:
                one.then(count)


def send_and_ask(connection: Connection, question: ClauseElement, parameters: Mapping[str, Any]) -> list[list[Any]]:
    """Send what was gathered and a question behind it, to psycopg, in one round trip; the question's rows."""
    if any(one.then is not None for one in _waiting(connection).values()):
        send(connection)
    calls, counted = _all_calls(_taken(connection))
    driver: Any = connection.connection.driver_connection
    with in_driver(connection), driver.cursor() as cursor:
        with driver.pipeline() if calls else nullcontext():
            _put(connection, calls, counted)
            _execute(connection, cursor, driver_form(question, connection.dialect), [parameters])
        return [list(row) for row in cursor.fetchall()]


def _waiting(connection: Connection) -> dict[object, _Gathered]:
    waiting: dict[object, _Gathered] = connection.info.setdefault(WAITING, {})
    return waiting


def _taken(connection: Connection) -> list[_Gathered]:
    """What was gathered, in the order in which it is to be sent; it waits no longer."""
    waiting = _waiting(connection)
    gathered = sorted(waiting.values(), key=_order)
    waiting.clear()
    return gathered


def _all_calls(gathered: Sequence[_Gathered]) -> tuple[list["Call"], list[bool]]:
    """The calls, and of each whether the rows that it meets are to be counted by themselves."""
    calls: list[Call] = []
    counted: list[bool] = []
    for one in gathered:
        own = _calls(one)
        calls += own
        counted += [one.then is not None] * len(own)
    return calls, counted


@cache
def _places() -> dict[str, int]:
    return {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}


def _order(one: _Gathered) -> int:
    """Rows that others point to come first; a statement that names no table comes last."""
    table = one.table if one.table is not None else getattr(one.statement, "table", None)
    return _places().get(table.name, 0) if table is not None else len(_places())


Call = tuple[ClauseElement, Mapping[str, Any]]


def _calls(one: _Gathered) -> list[Call]:
    if one.table is None:
        assert one.statement is not None  # noqa: S101 - one of the two is given
        return [(one.statement, parameters) for parameters in one.rows]
    calls: list[Call] = []
    columns = tuple(one.rows[0])
    at = 0
    for size in _sizes(len(one.rows)):
        rows = one.rows[at : at + size]
        at += size
        calls.append(
            (
                insert_statement(one.table, columns, size, ""),
                {f"{column}_{number}": row[column] for number, row in enumerate(rows) for column in columns},
            )
        )
    return calls


def _sizes(rows: int) -> list[int]:
    """The parts in which so many rows are inserted: a few as they are, many in powers of two."""
    if rows <= 4:
        return [rows]
    sizes = [MOST_ROWS] * (rows // MOST_ROWS)
    rest = rows % MOST_ROWS
    return sizes + [1 << bit for bit in range(MOST_ROWS.bit_length(), -1, -1) if rest >> bit & 1]


def _sums(gathered: Sequence[_Gathered], counts: Sequence[int]) -> list[int]:
    """The rows met, of each gathered statement."""
    sums, at = [], 0
    for one in gathered:
        calls = len(one.rows) if one.table is None else len(_sizes(len(one.rows)))
        sums.append(sum(counts[at : at + calls]))
        at += calls
    return sums


def _send_each(connection: Connection, calls: Sequence[Call]) -> list[int]:
    return [connection.execute(statement, parameters).rowcount for statement, parameters in calls]  # type: ignore[call-overload]


def _send_together(connection: Connection, calls: Sequence[Call], counted: Sequence[bool]) -> list[int]:
    """All statements in one round trip, past SQLAlchemy. The rows that each met."""
    driver: Any = connection.connection.driver_connection
    with in_driver(connection), driver.pipeline():
        cursors = _put(connection, calls, counted)
    return [0 if cursor is None else cursor.rowcount for cursor in cursors]


def _put(connection: Connection, calls: Sequence[Call], counted: Sequence[bool]) -> list[Any]:
    """Put the statements into the driver's pipeline; a cursor for each, or None.

    Where one statement runs with many parameters the driver only tells how many rows they met together, and the first
    has them all: what is `counted` runs by itself.
    """
    driver: Any = connection.connection.driver_connection
    cursors: list[Any] = []
    for statement, several in _runs(calls, counted):
        cursor = driver.cursor()
        cursors += [cursor] + [None] * (len(several) - 1)
        _execute(connection, cursor, driver_form(statement, connection.dialect), several)
    return cursors


def _execute(connection: Connection, cursor: Any, form: "DriverForm", several: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement as often as there are parameters. Who listens for SQLAlchemy's statements is told of it too."""
    values = [form.values(parameters) for parameters in several]
    for tell in connection.dispatch.before_cursor_execute:
        tell(connection, cursor, form.words, values, None, len(values) > 1)
    if len(values) == 1:
        cursor.execute(form.words, values[0], prepare=True)
    else:
        cursor.executemany(form.words, values)


@contextmanager
def in_driver(connection: Connection) -> Iterator[None]:
    """Work with the driver itself: its errors are raised as SQLAlchemy's own, and a lost connection is given up."""
    dialect = connection.dialect
    try:
        yield
    except dialect.loaded_dbapi.Error as error:
        lost = bool(connection.connection.driver_connection.closed)  # type: ignore[union-attr]
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            "",
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        ) from error


def _runs(calls: Sequence[Call], counted: Sequence[bool]) -> Iterator[tuple[ClauseElement, list[Mapping[str, Any]]]]:
    """Calls of one statement behind each other, to be run as one; those that are counted stand alone."""
    numbered = [
        (call, (id(call[0]), number if alone else -1))
        for number, (call, alone) in enumerate(zip(calls, counted, strict=True))
    ]
    for _, several in groupby(numbered, key=itemgetter(1)):
        run = [call for call, _ in several]
        yield run[0][0], [parameters for _, parameters in run]


@dataclass(frozen=True, slots=True)
class DriverForm:
    """A statement as the driver takes it: its words, the parameters that stand in it or are asked for each time, what
    prepares each value."""

    compiled: SQLCompiler
    words: str
    given: Mapping[str, Any]
    called: Mapping[str, Callable[[], Any]]
    processors: Sequence[tuple[str, Processor]]

    def values(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        values = {**self.given, **parameters}
        for name, asked in self.called.items():
            values[name] = asked()
        for name, process in self.processors:
            values[name] = process(values[name])
        return values


_compiled: LRUCache[Any, Compiled] = LRUCache(500)


@lru_cache(maxsize=1000)
def driver_form(statement: ClauseElement, dialect: Dialect) -> DriverForm:
    """Questions that differ in their values alone, such as those of two people with like posts, are compiled once."""
    if isinstance(statement, SelectBase):
        compiled, values, _, _ = statement._compile_w_cache(dialect, compiled_cache=_compiled, column_keys=[])
    else:
        compiled, values = statement.compile(dialect=dialect), None
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - narrows the type: every statement is compiled to SQL
    first = compiled.cache_key.bindparams if compiled.cache_key and values is not None else ()
    own = dict(zip(first, values or (), strict=True))
    processors, called = [], {}
    for bind, plain in compiled.bind_names.items():
        name = compiled.escaped_bind_names.get(plain, plain)
        process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if process is not None:
            processors.append((name, process))
        asked = own.get(bind, bind).callable
        if asked is not None:
            called[name] = asked
    given = compiled.construct_params(extracted_parameters=values, _check=False)
    return DriverForm(compiled, str(compiled), dict(given), called, tuple(processors))


@event.listens_for(Engine, "before_cursor_execute")
def _before_statement(connection: Connection, *rest: Any) -> None:
    if connection.info.get(WAITING):
        send(connection)


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if not session.in_nested_transaction() and session.is_active:
        send(session.connection())


@event.listens_for(Engine, "rollback")
def _on_rollback(connection: Connection) -> None:
    connection.info.pop(WAITING, None)


@event.listens_for(Engine, "rollback_savepoint")
def _on_rollback_of_savepoint(connection: Connection, *rest: Any) -> None:
    """What waits was gathered since the savepoint began: what was there before has been sent when it began."""
    connection.info.pop(WAITING, None)
