"""A backup puts everything back, on either kind of database, and every hash still holds."""

import io
import os
import stat
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app.audit.anchoring import anchor_key
from app.audit.services import Actor, Stream, record
from app.audit.verification import verify
from app.core.database import Base, db
from app.core.unit_of_work import unit_of_work
from app.files import services
from app.files.models import StoredFile
from tests.functional.conftest import SERVER
from tests.functional.files.test_serving import NOW, keep, photo


@pytest.fixture
def filled(app: Flask, county: int) -> Flask:
    """The demo county with a history, an organisation whose parent is younger, two files that share their bytes."""
    var = Path(app.config["VAR"])
    (var / "secret.key").write_text("the county's secret")
    anchor_key(var)
    with unit_of_work():
        for number in range(3):
            record(Stream.person(county, 7), "person.seen", actor=Actor("system"), now=NOW, payload={"n": number})
        db.session.execute(
            text(
                "UPDATE organisations SET parent_id = (SELECT max(id) FROM organisations) "
                "WHERE id = (SELECT min(id) FROM organisations)"
            )
        )
    keep(photo(), "a.jpg")
    keep(photo(), "b.jpg")
    return app


def dump() -> dict[str, list[tuple[Any, ...]]]:
    """Every row as the driver gives it."""
    db.session.rollback()
    with db.engine.connect() as connection:
        return {
            table.name: sorted(
                (tuple(map(repr, row)) for row in connection.execute(text(f'SELECT * FROM "{table.name}"'))),
            )
            for table in Base.metadata.sorted_tables
        }


def invoke(app: Flask, *arguments: str) -> tuple[int, str]:
    db.session.remove()
    done = app.test_cli_runner().invoke(args=list(arguments))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_everything_comes_back_byte_by_byte(filled: Flask, tmp_path: Path) -> None:
    target = tmp_path / "county.tar.zst"
    before = dump()
    status, output = invoke(filled, "backup", str(target))
    assert status == 0, output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["county.tar.zst"]

    var = Path(filled.config["VAR"])
    kept = services.store().path(db.session.query(StoredFile).first().hash)  # type: ignore[union-attr]
    with unit_of_work():
        db.session.execute(text("DELETE FROM files"))
        db.session.execute(text("UPDATE people SET name = 'nobody'"))
    kept.unlink()
    (var / "secret.key").write_text("another")

    status, output = invoke(filled, "restore", str(target))
    assert status == 1
    assert "--force" in output
    status, output = invoke(filled, "restore", str(target), "--force")
    assert status == 0, output
    assert dump() == before
    assert kept.read_bytes() == photo()
    assert (var / "secret.key").read_text() == "the county's secret"
    with unit_of_work(write=False):
        assert verify(1, anchor_key(var).public_key()) == []


def test_a_backup_is_never_written_over(filled: Flask, tmp_path: Path) -> None:
    target = tmp_path / "county.tar.zst"
    target.write_bytes(b"the only one")
    status, _output = invoke(filled, "backup", str(target))
    assert status == 1
    assert target.read_bytes() == b"the only one"


def rewritten(source: Path, target: Path, change: dict[str, bytes | None]) -> None:
    """The archive with some of its files changed or left out."""
    with source.open("rb") as packed:
        raw = zstandard.ZstdDecompressor().stream_reader(packed).read()
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(raw)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            content: bytes | None = old.extractfile(member).read()  # type: ignore[union-attr]
            if member.name in change:
                content = change[member.name]
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    target.write_bytes(zstandard.ZstdCompressor().compress(out.getvalue()))


def test_a_damaged_backup_changes_nothing(filled: Flask, tmp_path: Path) -> None:
    source, damaged = tmp_path / "good.tar.zst", tmp_path / "damaged.tar.zst"
    assert invoke(filled, "backup", str(source))[0] == 0
    before = dump()
    assert before["people"]
    digest = db.session.query(StoredFile).first().hash  # type: ignore[union-attr]
    changes: list[dict[str, bytes | None]] = [
        {"tables/people.jsonl": b""},
        {"tables/history.jsonl": None},
        {f"files/{digest}": b"another picture"},
        {f"files/{digest}": None},
        {"manifest.json": b"{}"},
    ]
    for change in changes:
        rewritten(source, damaged, change)
        status, output = invoke(filled, "restore", str(damaged), "--force")
        assert status == 1, change
        assert "cannot be used" in output
        assert dump() == before
    damaged.write_bytes(source.read_bytes()[:-200])
    assert invoke(filled, "restore", str(damaged), "--force")[0] == 1
    damaged.write_bytes(b"no archive at all")
    assert invoke(filled, "restore", str(damaged), "--force")[0] == 1
    assert dump() == before


@pytest.fixture
def empty_postgresql(postgresql_url: str) -> Iterator[str]:
    name = f"maplebridge_restore_{uuid.uuid4().hex[:12]}"
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.mark.postgresql
def test_a_small_office_moves_from_sqlite_to_postgresql_and_back(empty_postgresql: str, tmp_path: Path) -> None:
    """As an operator does it: with the command, on migrated databases that were empty."""

    def flask(var: str, url: str, *arguments: str) -> str:
        (tmp_path / var).mkdir(exist_ok=True)
        environment = {**os.environ, "MAPLEBRIDGE_VAR": str(tmp_path / var), "DATABASE_URL": url, "DEMO": ""}
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    small, back = f"sqlite:///{tmp_path}/small/m.db", f"sqlite:///{tmp_path}/back/m.db"
    flask("small", small, "db", "upgrade")
    engine = create_engine(small)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO counties VALUES (1, '330681', '枫溪县', 'Fengxi', 'FX', 'Asia/Shanghai')"))
    engine.dispose()
    flask("small", small, "backup", str(tmp_path / "1.tar.zst"))
    assert "1 rows" in flask("large", empty_postgresql, "restore", str(tmp_path / "1.tar.zst"))
    flask("large", empty_postgresql, "backup", str(tmp_path / "2.tar.zst"))
    flask("back", back, "restore", str(tmp_path / "2.tar.zst"))
    engine = create_engine(back)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT name_zh FROM counties")) == "枫溪县"
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    engine.dispose()
    assert (tmp_path / "small" / "secret.key").read_text() == (tmp_path / "back" / "secret.key").read_text()
