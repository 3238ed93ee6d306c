"""The real application on a real database: each test runs on SQLite and, where a server answers, on PostgreSQL."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from app.core.database import Base, db
from app.core.unit_of_work import unit_of_work
from app.devdata.county import create_people_and_places
from app.factory import create_app

SERVER = os.environ.get("TEST_DATABASE_URL", "postgresql+psycopg://root@127.0.0.1:5432/postgres")


def _server_answers() -> bool:
    engine = create_engine(SERVER, connect_args={"connect_timeout": 3})
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()


class SeparateClient(FlaskClient):
    """A browser whose requests share nothing with the test around them: no `g`, no database session."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        assert isinstance(self.application, Flask)
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A database of this test process's own on the PostgreSQL server."""
    if not _server_answers():
        message = f"No PostgreSQL answers at {make_url(SERVER).render_as_string()}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    name = f"maplebridge_test_{uuid.uuid4().hex[:12]}"
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def shared_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application with its tables for the whole session and database."""
    var: Path = tmp_path_factory.mktemp("var")
    url = f"sqlite:///{var}/test.db" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    app = create_app(
        {
            "VAR": var,
            "SQLALCHEMY_DATABASE_URI": url,
            "SECRET_KEY": "tests",
            "DEMO": True,
            "DEMO_ANYWHERE": True,
            "TESTING": True,
            "WTF_CSRF_ENABLED": False,
        }
    )
    app.test_client_class = SeparateClient
    with app.app_context():
        Base.metadata.create_all(db.engine)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """The application with empty tables, inside its context."""
    with shared_app.app_context():
        yield shared_app
        db.session.rollback()
        db.session.remove()
        _empty_tables()


@pytest.fixture
def county(app: Flask) -> int:
    """The demo county's people and places; returns the county's id."""
    with unit_of_work():
        county_id = create_people_and_places().id
    return county_id


def _empty_tables() -> None:
    names = [table.name for table in Base.metadata.sorted_tables]
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "postgresql":
            listed = ", ".join(f'"{name}"' for name in names)
            connection.execute(text(f"TRUNCATE {listed}"))
        else:
            connection.execute(text("ROLLBACK"))
            connection.execute(text("PRAGMA foreign_keys=OFF"))
            for name in names:
                connection.execute(text(f'DELETE FROM "{name}"'))
            connection.execute(text("PRAGMA foreign_keys=ON"))
            connection.execute(text("BEGIN"))
        connection.commit()
