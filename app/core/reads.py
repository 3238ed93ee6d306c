"""Questions that every step asks in the same words: put to the driver as they were compiled once, past SQLAlchemy.

What SQLAlchemy does around a statement costs more time than the database takes to answer it by key. On PostgreSQL an
answer takes one round trip together with what waits to be written (`core.writes`), for which the order is kept: what
waits comes first.
"""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

from app.core.database import db
from app.core.writes import Processor, driver_form, send_and_ask

Question = Select[*tuple[Any, ...]] | UpdateBase


def answers(question: Question, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
    """The rows of a statement, as named tuples.

    The statement is one object that is used again and again, with `bindparam`s. One that has lists in it, or values
    that are written into its words, goes by SQLAlchemy.
    """
    parameters = parameters or {}
    session = db.session()
    session.flush()
    connection = session.connection()
    compiled = driver_form(question, connection.dialect).compiled
    make, processors = _form(compiled, question, connection.dialect)
    written = compiled.post_compile_params or compiled.literal_execute_params
    if connection.dialect.driver == "psycopg" and not written:
        rows = send_and_ask(connection, question, parameters)
        for place, process in processors:
            for row in rows:
                row[place] = process(row[place])
        return [make(*row) for row in rows]
    return [make(*row) for row in connection.execute(question, parameters)]


_Form = tuple[Any, Sequence[tuple[int, Processor]]]
_forms: WeakKeyDictionary[SQLCompiler, _Form] = WeakKeyDictionary()


def _form(compiled: SQLCompiler, question: Question, dialect: Dialect) -> _Form:
    """What makes a row of what the driver returns: its class, and what turns the values of some places into Python."""
    found = _forms.get(compiled)
    if found is None:
        columns = question.exported_columns
        processors = [
            (place, process)
            for place, column in enumerate(columns)
            if (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ]
        found = _forms[compiled] = (row_class(tuple(str(column.key) for column in columns)), processors)
    return found


@lru_cache(maxsize=500)
def row_class(names: tuple[str, ...]) -> Any:
    return namedtuple("Answer", names)
