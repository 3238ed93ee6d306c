"""Where a benchmark runs: a database of its own on the server, and the application on it."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url


@contextlib.contextmanager
def own_database(server: str, name: str = "", *, keep: bool = False) -> Iterator[tuple[URL, bool]]:
    """A database of this run's own and whether it was there already; dropped at the end unless it is to be kept."""
    url = make_url(server)
    name = name or f"maplebridge_bench_{secrets.token_hex(5)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    done = False
    with engine.connect() as connection:
        found = bool(connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}))
        if not found:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield url.set(database=name), found
        done = True
    finally:
        if not (keep and (done or found)):
            with engine.connect() as connection:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        engine.dispose()


def environment_for(url: URL, var: Path) -> dict[str, str]:
    """What the programs of a run are told: their database, their folder, a key of their own."""
    return os.environ | {
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "MAPLEBRIDGE_VAR": str(var),
        "SECRET_KEY": secrets.token_hex(16),
        "DEMO": "0",
    }
