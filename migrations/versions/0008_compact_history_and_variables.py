"""History rows, variables and visits take little room.

Revision ID: 0008
Revises: 0007
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import orjson
import sqlalchemy as sa
import zstandard
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STEPS_OF_A_ROW = 16
SMALL = 256
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.add_column("instances", sa.Column("variables", sa.LargeBinary(), nullable=True))
    _pack_variables()
    op.drop_table("variables")
    op.rename_table("visits", "visits_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE visits_before RENAME CONSTRAINT pk_visits TO pk_visits_before")
    op.create_table(
        "visits",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_id", "instance_id"],
            ["instances.county_id", "instances.id"],
            name=op.f("fk_visits_county_id_instance_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "instance_id", "part", name=op.f("pk_visits")),
    )
    _write_lines()
    op.drop_table("visits_before")
    _narrow_history()


def _pack_variables() -> None:
    """All scopes of an instance become one piece of bytes beside its state."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("SELECT county_id, instance_id, scope, name, value FROM variables ORDER BY county_id, instance_id")
    )
    store = sa.text("UPDATE instances SET variables = :kept WHERE county_id = :county AND id = :instance")
    for (county, instance), several in groupby(rows.all(), key=lambda row: (row.county_id, row.instance_id)):
        scopes: dict[str, dict[str, Any]] = {}
        for row in several:
            value = None if row.value is None else orjson.loads(bytes(row.value))
            scopes.setdefault(row.scope, {})[row.name] = value
        connection.execute(store, {"kept": _packed(scopes), "county": county, "instance": instance})


def _packed(scopes: dict[str, dict[str, Any]]) -> bytes:
    body = orjson.dumps(scopes)
    return b"\0" + body if len(body) <= SMALL else b"\1" + zstandard.ZstdCompressor(level=3).compress(body)


def _write_lines() -> None:
    """The stays of one moment become a line, sixteen lines a row."""
    connection = op.get_bind()
    visits = sa.table(
        "visits_before",
        sa.column("county_id", sa.BigInteger()),
        sa.column("instance_id", sa.BigInteger()),
        sa.column("id", sa.BigInteger()),
        sa.column("process_id", sa.String()),
        sa.column("element_id", sa.String()),
        sa.column("entered", sa.DateTime(timezone=True)),
        sa.column("left", sa.DateTime(timezone=True)),
        sa.column("how", sa.String()),
    )
    processes = {
        (row.county_id, row.id): row.process_id
        for row in connection.execute(sa.text("SELECT county_id, id, process_id FROM instances"))
    }
    rows = connection.execute(sa.select(visits).order_by(visits.c.county_id, visits.c.instance_id, visits.c.id)).all()
    store = sa.text("INSERT INTO visits (county_id, instance_id, part, log) VALUES (:county, :instance, :part, :log)")
    for key, several in groupby(rows, key=lambda row: (row.county_id, row.instance_id)):
        lines = list(_lines(list(several), processes[key]))
        for part in range(0, len(lines), STEPS_OF_A_ROW):
            log = "".join(lines[part : part + STEPS_OF_A_ROW])
            connection.execute(
                store, {"county": key[0], "instance": key[1], "part": part // STEPS_OF_A_ROW, "log": log}
            )


def _lines(rows: list[Any], own: str) -> Iterator[str]:
    for moment, several in groupby(rows, key=lambda row: _microseconds(row.left)):
        stays = []
        for row in several:
            stay = [row.element_id, moment - _microseconds(row.entered)]
            if row.how != "completed" or row.process_id != own:
                stay.append(row.how)
            if row.process_id != own:
                stay.append(row.process_id)
            stays.append(stay)
        yield orjson.dumps([moment, *stays]).decode() + "\n"


def _microseconds(moment: datetime) -> int:
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (aware - EPOCH) // timedelta(microseconds=1)


def _narrow_history() -> None:
    """The columns beside the envelope say nothing that it does not; the hash of a payload is kept once that is erased.

    Envelopes and payloads stay as they are: their bytes are what was hashed.
    """
    kept = "county_id, stream, sequence, envelope, payload, salt, payload_hash, hash"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE history DROP CONSTRAINT pk_history, DROP CONSTRAINT uq_history_county_id_stream_sequence"
        )
        op.execute('ALTER TABLE history DROP COLUMN id, DROP COLUMN "at", DROP COLUMN event')
        op.execute("ALTER TABLE history ALTER COLUMN payload_hash DROP NOT NULL")
        op.execute("ALTER TABLE history ADD CONSTRAINT pk_history PRIMARY KEY (county_id, stream, sequence)")
        return
    op.rename_table("history", "history_before")
    op.create_table(
        "history",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("payload_hash", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "stream", "sequence", name=op.f("pk_history")),
    )
    op.execute(f"INSERT INTO history ({kept}) SELECT {kept} FROM history_before")  # noqa: S608 - our own names
    op.drop_table("history_before")


def downgrade() -> None:
    """Of an empty database only: what was packed is not spread out again."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM history")):
        raise NotImplementedError("the history cannot be written in its older form")
    op.drop_table("history")
    op.create_table(
        "history",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("payload_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_history")),
        sa.UniqueConstraint("county_id", "stream", "sequence", name=op.f("uq_history_county_id_stream_sequence")),
    )
    op.drop_table("visits")
    op.create_table(
        "visits",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("process_id", sa.String(length=120), nullable=False),
        sa.Column("element_id", sa.String(length=120), nullable=False),
        sa.Column("entered", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_id", "instance_id"],
            ["instances.county_id", "instances.id"],
            name=op.f("fk_visits_county_id_instance_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "instance_id", "id", name=op.f("pk_visits")),
    )
    op.create_table(
        "variables",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id", "instance_id"],
            ["instances.county_id", "instances.id"],
            name=op.f("fk_variables_county_id_instance_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "instance_id", "scope", "name", name=op.f("pk_variables")),
    )
    op.drop_column("instances", "variables")
