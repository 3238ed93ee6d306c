"""A ground for each test: a database with a county of clerks, on a PostgreSQL of the tests' own or on SQLite.

Each test has a short form, which `make test` runs, and a long one marked `soak`, for `make soak`.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import stamp

from app.core.database import Base, db
from app.core.unit_of_work import run_unit
from tests.soak.clients import Journal, Person
from tests.soak.cluster import Cluster, find_binaries, free_port
from tests.soak.parts import House
from tests.soak.served import PEOPLE, create_served, fill

TEMPLATE = "soak_template"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long forms run only when they are asked for: `-m soak`."""
    if "soak" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def short_or_long(short: float, long: float) -> pytest.MarkDecorator:
    """Run the test for `short` seconds (or rounds), and in `make soak` for `long`."""
    return pytest.mark.parametrize(
        "measure", [pytest.param(short, id="short"), pytest.param(long, id="long", marks=pytest.mark.soak)]
    )


@dataclass
class Ground:
    """Where a test plays: a filled database, a folder, the clerks' tokens."""

    url: str
    folder: Path
    tokens: dict[str, str]
    port: int
    journal: Journal = field(default_factory=Journal)
    _people: list[Person] = field(default_factory=list)
    _app: Flask | None = None

    def people(self, *names: str) -> list[Person]:
        made = [Person(name, self.tokens[name], self.port, self.journal) for name in names or PEOPLE]
        self._people += made
        return made

    def close(self) -> None:
        for person in self._people:
            person.leave()
        if self._app is not None:
            with self._app.app_context():
                db.session.remove()
                db.engine.dispose()

    def app(self) -> Flask:
        """The application on this database, to look at what is left."""
        if self._app is None:
            self._app = create_served(
                {"VAR": self.folder, "SQLALCHEMY_DATABASE_URI": self.url, "SECRET_KEY": "soak", "DEMO": False}
            )
        return self._app


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this test process's own."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("initdb and pg_ctl of PostgreSQL are not installed here")
    made = Cluster(binaries)
    yield made
    made.remove()


@pytest.fixture(scope="session")
def postgresql_template(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A filled database which others are copied from; returns the clerks' tokens."""
    cluster.do(f"CREATE DATABASE {TEMPLATE}")
    return _filled(cluster.url(TEMPLATE), tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("template")
    return folder / "maplebridge.db", _filled(f"sqlite:///{folder}/maplebridge.db", folder)


def _filled(url: str, folder: Path) -> dict[str, str]:
    app = create_served({"VAR": folder, "SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "soak", "DEMO": False})
    with app.app_context():
        Base.metadata.create_all(db.engine)
        stamp()
        tokens = run_unit(fill)
        db.engine.dispose()
    return tokens


@pytest.fixture
def ground(cluster: Cluster, postgresql_template: dict[str, str], tmp_path: Path) -> Iterator[Ground]:
    """A fresh database on the tests' own PostgreSQL."""
    name = f"soak_{os.getpid()}_{free_port()}"
    cluster.do(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    made = Ground(cluster.url(name), tmp_path, postgresql_template, free_port())
    yield made
    made.close()
    cluster.do(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_ground(sqlite_template: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Ground]:
    """A fresh SQLite file, where the program keeps its own by default."""
    template, tokens = sqlite_template
    shutil.copy(template, tmp_path / "maplebridge.db")
    made = Ground(f"sqlite:///{tmp_path}/maplebridge.db", tmp_path, tokens, free_port())
    yield made
    made.close()


HouseOn = Callable[..., House]


@pytest.fixture
def house_on() -> Iterator[HouseOn]:
    """Builds the house on a ground; whatever still runs at the end is killed."""
    houses: list[House] = []

    def build(ground: Ground, *, web_workers: int = 2, threads: int = 4, patience: int | None = None) -> House:
        houses.append(
            House(ground.url, ground.folder, ground.port, web_workers=web_workers, threads=threads, patience=patience)
        )
        return houses[-1]

    yield build
    for house in houses:
        house.kill_all()


def report(what: str, **figures: object) -> None:
    """One line of figures for `make soak` (shown with `-rP` or when a test fails)."""
    print(json.dumps({"soak": what, **figures}, ensure_ascii=False))  # noqa: T201 - what was measured
