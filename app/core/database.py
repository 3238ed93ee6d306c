"""The database: base class, session, column types and keys that every table shares."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

import orjson
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    and_,
    any_,
    bindparam,
    cast,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from app.core import ids

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "no date" where a page is cut by key: null would break the order."""


class UtcDateTime(TypeDecorator[datetime]):
    """Stores UTC, takes and returns aware values, on SQLite too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime never enters the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """Plain data kept as the very bytes that were written: never re-ordered, so it can be hashed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else orjson.dumps(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class NumberSet(TypeDecorator[list[int]]):
    """A set of 32-bit numbers: an array on PostgreSQL, on SQLite a text with spaces around each number."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Integer) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return f" {' '.join(map(str, value))} "

    def process_result_value(self, value: Any, dialect: Dialect) -> list[int] | None:
        if value is None:
            return None
        return list(value) if dialect.name == "postgresql" else [int(number) for number in value.split()]


class NumberList(TypeDecorator[Collection[int]]):
    """Very many numbers as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(BigInteger) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return list(value) if dialect.name == "postgresql" else orjson.dumps(list(value)).decode()


def holds_all(column: InstrumentedAttribute[list[int]], numbers: Collection[int], dialect: str) -> ColumnElement[bool]:
    """Whether a `NumberSet` holds each of the numbers. They stand in the statement, for the planner to weigh them."""
    if dialect == "sqlite":
        return and_(*(func.instr(column, f" {number} ") > 0 for number in sorted(numbers)))
    written = "{" + ",".join(map(str, sorted(numbers))) + "}"
    wanted = bindparam(None, written, type_=String, literal_execute=True, unique=True)
    return type_coerce(column, ARRAY(Integer)).contains(cast(wanted, ARRAY(Integer)))


def is_one_of(column: InstrumentedAttribute[Any], ids: Collection[int] | str, dialect: str) -> ColumnElement[bool]:
    """Whether a key is one of very many: one parameter, whatever their number. `ids` may be that parameter's name."""
    listed: BindParameter[Any]
    if isinstance(ids, str):
        listed = bindparam(ids, type_=NumberList())
    else:
        listed = bindparam(None, ids, type_=NumberList(), unique=True)
    if dialect == "sqlite":
        return column.in_(select(func.json_each(listed).table_valued("value").c.value))
    return column == any_(listed)


def any_holds(columns: Iterable[InstrumentedAttribute[Any]], text: str) -> ColumnElement[bool]:
    """Whether one of the columns holds the typed text somewhere, in capital or small letters.

    SQLite knows small letters of English alone: what was typed is made small before.
    """
    return or_(*(column.icontains(text.lower(), autoescape=True) for column in columns))


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this class attribute
        datetime: UtcDateTime(),
        int: BigInteger(),
    }


class CountyKey:
    """Key of every row that belongs to a county: (county_id, id), the id made in Python and rising with time."""

    county_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, sort_order=-20)
    id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, default=lambda: ids.new_id(), sort_order=-19
    )


def county_ref(table: str, column: str) -> ForeignKeyConstraint:
    """A foreign key (county_id, column) to the row of `table` in the same county."""
    return ForeignKeyConstraint(["county_id", column], [f"{table}.county_id", f"{table}.id"])


def table_of(model: type[Base]) -> Table:
    """The table of a model, for statements that do without the ORM."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - narrows the type: every model here has a table of its own
    return table


PathText = String(120, collation="C").with_variant(String(120, collation="BINARY"), "sqlite")
"""Materialised path of an organisation, compared by bytes on both databases."""

db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False, "autoflush": True})
