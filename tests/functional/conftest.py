"""The real application on a real database: each test runs on SQLite and, where a server answers, on PostgreSQL."""

import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from app.core import clock
from app.core.database import Base, db
from app.core.unit_of_work import run_unit, unit_of_work
from app.devdata.cases import play_stories
from app.devdata.county import COUNTY_ID, PASSWORD, create_people_and_places, person_named
from app.devdata.demo import import_packages
from app.directory import passwords
from app.directory.services import create_api_token
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
        connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
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


QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Argon2 as it is, without the memory and the time that make guessing dear."""


@pytest.fixture
def app(shared_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application with empty tables, inside its context."""
    monkeypatch.setattr(passwords, "hasher", QUICK)
    with shared_app.app_context():
        yield shared_app
        db.session.rollback()
        db.session.remove()
        _empty_tables()


@pytest.fixture
def county(app: Flask) -> int:
    """The demo county's people and places; returns the county's id."""
    kept(app, "people", create_people_and_places)
    return COUNTY_ID


@pytest.fixture
def dispute_county(app: Flask) -> int:
    """The demo county with the dispute package as its first release, and no case yet."""

    def build() -> None:
        create_people_and_places()
        import_packages(COUNTY_ID)

    kept(app, "packages", build)
    return COUNTY_ID


@pytest.fixture
def played_county(app: Flask) -> int:
    """The demo county with its stories: cases in every state."""

    def build() -> None:
        create_people_and_places()
        import_packages(COUNTY_ID)
        play_stories(now=clock.now())

    kept(app, "stories", build)
    return COUNTY_ID


BrowserAs = Callable[[str], FlaskClient]
ApiToken = Callable[..., dict[str, str]]


@pytest.fixture
def browser_as(app: Flask) -> BrowserAs:
    """A browser in which the demo person with this account is signed in."""

    def sign_in(login: str) -> FlaskClient:
        browser = app.test_client()
        answer = browser.post("/sign-in", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 302, login
        return browser

    return sign_in


@pytest.fixture
def api_token(app: Flask) -> ApiToken:
    """The header of a token that acts as the demo person with this account."""

    def make(
        login: str,
        scopes: Sequence[str],
        *,
        channel: str | None = None,
        days: int = 30,
        made: datetime | None = None,
    ) -> dict[str, str]:
        def create() -> str:
            person = person_named(login)
            now = made or clock.now()
            return create_api_token(person, name="test", scopes=scopes, channel=channel, days=days, now=now)[1]

        db.session.remove()
        return {"Authorization": f"Bearer {run_unit(create)}"}

    return make


def kept(app: Flask, name: str, build: Callable[[], object], *, one_unit: bool = True) -> None:
    """Fill the empty tables by `build` once in the session, and by a copy of its rows from then on.

    Without `one_unit` the builder commits what it does by itself.
    """
    kept = app.extensions.setdefault("kept_rows", {})
    tables = [table for table in Base.metadata.sorted_tables if not table.info.get("derived")]
    if name in kept:
        _put_back(kept[name])
        return
    with unit_of_work() if one_unit else nullcontext():
        build()
    copies: dict[str, tuple[str, str]] = {}
    with db.engine.connect() as connection:
        for table in tables:
            copy = f"kept_{name}_{table.name}"
            connection.execute(text(f'DROP TABLE IF EXISTS "{copy}"'))
            if connection.execute(text(f'SELECT 1 FROM "{table.name}" LIMIT 1')).first():
                connection.execute(text(f'CREATE TABLE "{copy}" AS SELECT * FROM "{table.name}"'))
                columns = ", ".join(f'"{column.name}"' for column in table.columns)
                copies[table.name] = (copy, columns)
        connection.commit()
    kept[name] = copies


def _put_back(copies: dict[str, tuple[str, str]]) -> None:
    with db.engine.connect() as connection:
        _foreign_keys(connection, "off")
        for table, (copy, columns) in copies.items():
            connection.execute(text(f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM "{copy}"'))
        _foreign_keys(connection, "on")
        connection.commit()


def _foreign_keys(connection: Connection, state: str) -> None:
    """SQLite changes this outside a transaction only; PostgreSQL checks at the end of each statement."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("COMMIT"))
        connection.execute(text(f"PRAGMA foreign_keys={state}"))
        connection.execute(text("BEGIN"))


def _empty_tables() -> None:
    emptied = [f'DELETE FROM "{table.name}"' for table in reversed(Base.metadata.sorted_tables)]
    with db.engine.connect() as connection:
        _foreign_keys(connection, "off")
        if connection.dialect.name == "postgresql":
            if _may_leave_out_checks(connection):
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            emptied = ["; ".join(emptied)]
        for statement in emptied:
            connection.exec_driver_sql(statement)
        _foreign_keys(connection, "on")
        connection.commit()


def _may_leave_out_checks(connection: Connection) -> bool:
    """Whether this account may delete without each row's references being looked for: `.ci/run` lets it."""
    version = connection.dialect.server_version_info or (0,)
    granted = "has_parameter_privilege('session_replication_role', 'SET')" if version >= (15,) else "false"
    asked = f"SELECT rolsuper OR {granted} FROM pg_roles WHERE rolname = current_user"
    return bool(connection.scalar(text(asked)))
