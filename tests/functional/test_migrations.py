from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, MetaData, inspect, text

from app.core.database import Base, db


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_migrations_make_the_tables_that_the_models_describe(app: Flask) -> None:
    """On an empty database; the tables of the session are put back afterwards."""
    db.session.remove()
    app.extensions.pop("kept_rows", None)
    everything = MetaData()
    everything.reflect(db.engine)
    everything.drop_all(db.engine)
    try:
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            differences = compare_metadata(context, Base.metadata)
            assert [one for one in differences if not _is_misread_index(one, connection)] == []
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        Base.metadata.create_all(db.engine)


def _is_misread_index(difference: Any, connection: Connection) -> bool:
    """SQLite's indexes over expressions are read back without the expression; that they are there is asked by name.
    An index of PostgreSQL alone is not missed.
    """
    if connection.dialect.name != "sqlite" or difference[0] not in ("add_index", "remove_index"):
        return False
    name = difference[1].name
    found_here = [index for table in Base.metadata.tables.values() for index in table.indexes if index.name == name]
    if any(index.info.get("only") == "postgresql" for index in found_here):
        return True
    if not any(len(index.expressions) > len(index.columns) for index in found_here):
        return False
    found = text("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name = :name")
    return bool(connection.scalar(found, {"name": name}))
