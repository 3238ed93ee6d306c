"""Who began a process, who set something off in it by hand, and which cases somebody has started by either.

Of processes that are there already, it was who took the report in at that moment.

Revision ID: 0034
Revises: 0033
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_SOURCES = {
    "reports": ("received_by_id", "case_id"),
    "instances": ("started_by", "subject_id"),
    "initiators": ("person_id", "subject_id"),
}

_FILL = (
    """
UPDATE instances SET started_by = r.received_by_id FROM reports r
WHERE r.county_id = instances.county_id AND r.case_id = instances.subject_id AND r.received_at = instances.started_at
    AND r.received_by_id IS NOT NULL
""",
    """
INSERT INTO starters (county_id, person_id, case_id)
SELECT DISTINCT county_id, received_by_id, case_id FROM reports WHERE received_by_id IS NOT NULL
""",
)


def upgrade() -> None:
    op.add_column("instances", sa.Column("started_by", sa.BigInteger(), nullable=True))
    op.create_table(
        "initiators",
        *_keys("person_id", "instance_id"),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id", "instance_id"],
            ["instances.county_id", "instances.id"],
            name=op.f("fk_initiators_county_id_instance_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "person_id", "instance_id", name=op.f("pk_initiators")),
    )
    op.create_index("ix_initiators_instance", "initiators", ["county_id", "instance_id"])
    op.create_table(
        "starters",
        *_keys("person_id", "case_id"),
        sa.PrimaryKeyConstraint("county_id", "person_id", "case_id", name=op.f("pk_starters")),
    )
    for statement in _FILL:
        op.execute(statement)
    for table, name, moment, condition, body in _triggers():
        _trigger(table, name, moment, condition, body)


def downgrade() -> None:
    for table, name, *_ in _triggers():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {table}_{name}")
        else:
            op.execute(f"DROP FUNCTION {table}_{name}() CASCADE")
    op.drop_table("starters")
    op.drop_table("initiators")
    op.drop_column("instances", "started_by")


def _keys(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in ("county_id", *names)]


def _triggers() -> Iterator[tuple[str, str, str, str, str]]:
    for table, (person, case) in _SOURCES.items():
        begun = f"NEW.{person} IS NOT NULL AND NEW.{case} IS NOT NULL"
        added = (
            "INSERT INTO starters (county_id, person_id, case_id) "
            f"VALUES (NEW.county_id, NEW.{person}, NEW.{case}) "
            "ON CONFLICT (county_id, person_id, case_id) DO NOTHING;"
        )
        yield table, "started", "INSERT", begun, added
        if table == "reports":
            others = " ".join(
                f"AND NOT EXISTS (SELECT 1 FROM {other} o WHERE o.county_id = OLD.county_id "
                f"AND o.{its_case} = OLD.{case} AND o.{its_person} = OLD.{person})"
                for other, (its_person, its_case) in _SOURCES.items()
            )
            taken = (
                f"DELETE FROM starters WHERE county_id = OLD.county_id AND person_id = OLD.{person} "
                f"AND case_id = OLD.{case} {others};"
            )
            yield table, "came_over", "UPDATE", f"{begun} AND OLD.{case} <> NEW.{case}", f"{taken} {added}"


def _trigger(table: str, name: str, moment: str, condition: str, body: str) -> None:
    trigger = f"{table}_{name}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER IF NOT EXISTS {trigger} AFTER {moment} ON {table} FOR EACH ROW WHEN {condition} "
            f"BEGIN {body} END"
        )
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE OR REPLACE TRIGGER {trigger} AFTER {moment} ON {table} FOR EACH ROW WHEN ({condition}) "
        f"EXECUTE FUNCTION {trigger}()"
    )
