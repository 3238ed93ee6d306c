"""Questions that every step asks in the same words: put to the driver as they were compiled once, past SQLAlchemy.

What SQLAlchemy does around a statement costs more time than the database takes to answer it by key. On PostgreSQL an
answer takes one round trip together with what waits to be written (`core.writes`), for which the order is kept: what
waits comes first.
"""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Select
from sqlalchemy.sql.dml import UpdateBase

from app.core.database import db
from app.core.writes import Processor, send_and_ask

Question = Select[*tuple[Any, ...]] | UpdateBase


def answers(question: Question, parameters: Mapping[str, Any]) -> Sequence[Any]:
    """The rows of a statement, as named tuples.

    The statement is one object that is used again and again, with `bindparam`s and without lists in them.
    """
    session = db.session()
    session.flush()
    connection = session.connection()
    make, processors = _form(question, connection.dialect)
    if connection.dialect.driver == "psycopg":
        rows = send_and_ask(connection, question, parameters)
        for place, process in processors:
            for row in rows:
                row[place] = process(row[place])
        return [make(*row) for row in rows]
    return [make(*row) for row in connection.execute(question, parameters)]


@lru_cache(maxsize=500)
def _form(question: Question, dialect: Dialect) -> tuple[Any, Sequence[tuple[int, Processor]]]:
    """What makes a row of what the driver returns: its class, and what turns the values of some places into Python."""
    columns = question.exported_columns
    processors = [
        (place, process)
        for place, column in enumerate(columns)
        if (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]
    return namedtuple("Answer", [str(column.key) for column in columns]), processors
