"""Many rows in one statement, whose text is built once: an `insert().values([…])` is compiled anew every time."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, TextClause, bindparam, text
from sqlalchemy.orm import Session

from app.core.database import db


def insert_rows(
    table: Table, rows: Sequence[Mapping[str, Any]], *, conflict: str = "", session: Session | None = None
) -> None:
    """Insert `rows`, which all name the same columns, in one statement; none is no statement.

    Column defaults do not apply. `conflict` is what follows `ON CONFLICT`, the same on SQLite and PostgreSQL.
    """
    if not rows:
        return
    columns = tuple(rows[0])
    statement = insert_statement(table, columns, len(rows), conflict)
    (session or db.session).execute(
        statement, {f"{column}_{number}": row[column] for number, row in enumerate(rows) for column in columns}
    )


@lru_cache(maxsize=500)
def insert_statement(table: Table, columns: tuple[str, ...], count: int, conflict: str) -> TextClause:
    """`INSERT` of so many rows, with a parameter `<column>_<number>` for each value."""
    named = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join("(" + ", ".join(f":{column}_{number}" for column in columns) + ")" for number in range(count))
    words = f"INSERT INTO {table.name} ({named}) VALUES {values}"  # noqa: S608 - names of our own tables only
    if conflict:
        words += f" ON CONFLICT {conflict}"
    kinds = [
        bindparam(f"{column}_{number}", type_=table.c[column].type) for column in columns for number in range(count)
    ]
    return text(words).bindparams(*kinds)
