"""Counters of what is open, kept by triggers; the pool's list has its own order beside its candidates."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_IS_OPEN = sa.text("status = 'open'")
_IS_RESTRICTED = sa.text("status = 'open' and sensitivity <> 'normal'")
_IS_WAITING = sa.text("waiting")

_COPY = """
UPDATE work_item_candidates SET waiting = true, risk = i.risk, due_at = i.due_at FROM work_items i
WHERE i.county_id = work_item_candidates.county_id AND i.id = work_item_candidates.work_item_id
AND i.status = 'open' AND i.assignee_id IS NULL
"""

_COUNT = """
INSERT INTO counts (county_id, organisation_id, kind, role, sensitivity, risk, n)
SELECT county_id, org_id, 'open', '', sensitivity, risk, count(*) FROM work_items
WHERE status = 'open' AND org_id IS NOT NULL GROUP BY county_id, org_id, sensitivity, risk
UNION ALL
SELECT i.county_id, c.organisation_id, 'pool', c.role, i.sensitivity, i.risk, count(*)
FROM work_items i JOIN work_item_candidates c ON c.county_id = i.county_id AND c.work_item_id = i.id
WHERE i.status = 'open' AND i.assignee_id IS NULL
GROUP BY i.county_id, c.organisation_id, c.role, i.sensitivity, i.risk
"""

_TRIGGERS = {
    "postgresql": (
        (
            "CREATE OR REPLACE FUNCTION work_items_opened() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO count_deltas (county_id, organisation_id, kind, role, sensitivity, risk, n) SELECT "
            "NEW.county_id, NEW.org_id, 'open', '', NEW.sensitivity, NEW.risk, 1 WHERE NEW.status = 'open' "
            "AND NEW.org_id IS NOT NULL; RETURN NULL; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER work_items_opened AFTER INSERT ON work_items FOR EACH ROW EXECUTE "
            "FUNCTION work_items_opened()"
        ),
        (
            "CREATE OR REPLACE FUNCTION work_items_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO count_deltas (county_id, organisation_id, kind, role, sensitivity, risk, n) SELECT "
            "OLD.county_id, OLD.org_id, 'open', '', OLD.sensitivity, OLD.risk, -1 WHERE OLD.status = 'open' "
            "AND OLD.org_id IS NOT NULL; RETURN NULL; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER work_items_deleted AFTER DELETE ON work_items FOR EACH ROW EXECUTE "
            "FUNCTION work_items_deleted()"
        ),
        (
            "CREATE OR REPLACE FUNCTION work_items_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO count_deltas (county_id, organisation_id, kind, role, sensitivity, risk, n) SELECT "
            "OLD.county_id, OLD.org_id, 'open', '', OLD.sensitivity, OLD.risk, -1 WHERE OLD.status = 'open' "
            "AND OLD.org_id IS NOT NULL; INSERT INTO count_deltas (county_id, organisation_id, kind, role, "
            "sensitivity, risk, n) SELECT NEW.county_id, NEW.org_id, 'open', '', NEW.sensitivity, NEW.risk, 1"
            " WHERE NEW.status = 'open' AND NEW.org_id IS NOT NULL; RETURN NULL; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER work_items_counted AFTER UPDATE ON work_items FOR EACH ROW WHEN "
            "((OLD.status, OLD.org_id, OLD.sensitivity, OLD.risk) IS DISTINCT FROM (NEW.status, NEW.org_id, "
            "NEW.sensitivity, NEW.risk)) EXECUTE FUNCTION work_items_counted()"
        ),
        (
            "CREATE OR REPLACE FUNCTION work_items_pooled() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO count_deltas (county_id, organisation_id, kind, role, sensitivity, risk, n) SELECT "
            "c.county_id, c.organisation_id, 'pool', c.role, OLD.sensitivity, OLD.risk, -1 FROM "
            "work_item_candidates c WHERE c.county_id = OLD.county_id AND c.work_item_id = OLD.id AND "
            "OLD.status = 'open' AND OLD.assignee_id IS NULL; INSERT INTO count_deltas (county_id, "
            "organisation_id, kind, role, sensitivity, risk, n) SELECT c.county_id, c.organisation_id, "
            "'pool', c.role, NEW.sensitivity, NEW.risk, 1 FROM work_item_candidates c WHERE c.county_id = "
            "NEW.county_id AND c.work_item_id = NEW.id AND NEW.status = 'open' AND NEW.assignee_id IS NULL; "
            "RETURN NULL; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER work_items_pooled AFTER UPDATE ON work_items FOR EACH ROW WHEN "
            "(((OLD.status = 'open' AND OLD.assignee_id IS NULL) OR (NEW.status = 'open' AND NEW.assignee_id "
            "IS NULL)) AND (OLD.status, OLD.assignee_id, OLD.risk, OLD.sensitivity) IS DISTINCT FROM "
            "(NEW.status, NEW.assignee_id, NEW.risk, NEW.sensitivity)) EXECUTE FUNCTION work_items_pooled()"
        ),
        (
            "CREATE OR REPLACE FUNCTION work_items_copied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "UPDATE work_item_candidates SET waiting = (NEW.status = 'open' AND NEW.assignee_id IS NULL), "
            "risk = NEW.risk, due_at = NEW.due_at WHERE county_id = NEW.county_id AND work_item_id = NEW.id; "
            "RETURN NULL; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER work_items_copied AFTER UPDATE ON work_items FOR EACH ROW WHEN "
            "(((OLD.status = 'open' AND OLD.assignee_id IS NULL) OR (NEW.status = 'open' AND NEW.assignee_id "
            "IS NULL)) AND (OLD.status, OLD.assignee_id, OLD.risk, OLD.due_at) IS DISTINCT FROM (NEW.status, "
            "NEW.assignee_id, NEW.risk, NEW.due_at)) EXECUTE FUNCTION work_items_copied()"
        ),
        (
            "CREATE OR REPLACE FUNCTION work_item_candidates_offered() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN INSERT INTO count_deltas (county_id, organisation_id, kind, role, sensitivity, risk, n) "
            "SELECT NEW.county_id, NEW.organisation_id, 'pool', NEW.role, i.sensitivity, i.risk, 1 FROM "
            "work_items i WHERE i.county_id = NEW.county_id AND i.id = NEW.work_item_id AND i.status = 'open'"
            " AND i.assignee_id IS NULL; RETURN NULL; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER work_item_candidates_offered AFTER INSERT ON work_item_candidates FOR "
            "EACH ROW EXECUTE FUNCTION work_item_candidates_offered()"
        ),
        (
            "CREATE OR REPLACE FUNCTION work_item_candidates_withdrawn() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN INSERT INTO count_deltas (county_id, organisation_id, kind, role, sensitivity, risk, n)"
            " SELECT OLD.county_id, OLD.organisation_id, 'pool', OLD.role, i.sensitivity, i.risk, -1 FROM "
            "work_items i WHERE i.county_id = OLD.county_id AND i.id = OLD.work_item_id AND i.status = 'open'"
            " AND i.assignee_id IS NULL; RETURN NULL; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER work_item_candidates_withdrawn AFTER DELETE ON work_item_candidates "
            "FOR EACH ROW EXECUTE FUNCTION work_item_candidates_withdrawn()"
        ),
        (
            "CREATE OR REPLACE FUNCTION work_item_candidates_filled() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN SELECT i.status = 'open' AND i.assignee_id IS NULL, i.risk, i.due_at INTO NEW.waiting, "
            "NEW.risk, NEW.due_at FROM work_items i WHERE i.county_id = NEW.county_id AND i.id = "
            "NEW.work_item_id; RETURN NEW; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER work_item_candidates_filled BEFORE INSERT ON work_item_candidates FOR "
            "EACH ROW EXECUTE FUNCTION work_item_candidates_filled()"
        ),
    ),
    "sqlite": (
        (
            "CREATE TRIGGER IF NOT EXISTS work_items_opened AFTER INSERT ON work_items FOR EACH ROW BEGIN "
            "INSERT INTO count_deltas (county_id, organisation_id, kind, role, sensitivity, risk, n) SELECT "
            "NEW.county_id, NEW.org_id, 'open', '', NEW.sensitivity, NEW.risk, 1 WHERE NEW.status = 'open' "
            "AND NEW.org_id IS NOT NULL; END"
        ),
        (
            "CREATE TRIGGER IF NOT EXISTS work_items_deleted AFTER DELETE ON work_items FOR EACH ROW BEGIN "
            "INSERT INTO count_deltas (county_id, organisation_id, kind, role, sensitivity, risk, n) SELECT "
            "OLD.county_id, OLD.org_id, 'open', '', OLD.sensitivity, OLD.risk, -1 WHERE OLD.status = 'open' "
            "AND OLD.org_id IS NOT NULL; END"
        ),
        (
            "CREATE TRIGGER IF NOT EXISTS work_items_counted AFTER UPDATE ON work_items FOR EACH ROW WHEN "
            "(OLD.status, OLD.org_id, OLD.sensitivity, OLD.risk) IS NOT (NEW.status, NEW.org_id, "
            "NEW.sensitivity, NEW.risk) BEGIN INSERT INTO count_deltas (county_id, organisation_id, kind, "
            "role, sensitivity, risk, n) SELECT OLD.county_id, OLD.org_id, 'open', '', OLD.sensitivity, "
            "OLD.risk, -1 WHERE OLD.status = 'open' AND OLD.org_id IS NOT NULL; INSERT INTO count_deltas "
            "(county_id, organisation_id, kind, role, sensitivity, risk, n) SELECT NEW.county_id, NEW.org_id,"
            " 'open', '', NEW.sensitivity, NEW.risk, 1 WHERE NEW.status = 'open' AND NEW.org_id IS NOT NULL; "
            "END"
        ),
        (
            "CREATE TRIGGER IF NOT EXISTS work_items_pooled AFTER UPDATE ON work_items FOR EACH ROW WHEN "
            "((OLD.status = 'open' AND OLD.assignee_id IS NULL) OR (NEW.status = 'open' AND NEW.assignee_id "
            "IS NULL)) AND (OLD.status, OLD.assignee_id, OLD.risk, OLD.sensitivity) IS NOT (NEW.status, "
            "NEW.assignee_id, NEW.risk, NEW.sensitivity) BEGIN INSERT INTO count_deltas (county_id, "
            "organisation_id, kind, role, sensitivity, risk, n) SELECT c.county_id, c.organisation_id, "
            "'pool', c.role, OLD.sensitivity, OLD.risk, -1 FROM work_item_candidates c WHERE c.county_id = "
            "OLD.county_id AND c.work_item_id = OLD.id AND OLD.status = 'open' AND OLD.assignee_id IS NULL; "
            "INSERT INTO count_deltas (county_id, organisation_id, kind, role, sensitivity, risk, n) SELECT "
            "c.county_id, c.organisation_id, 'pool', c.role, NEW.sensitivity, NEW.risk, 1 FROM "
            "work_item_candidates c WHERE c.county_id = NEW.county_id AND c.work_item_id = NEW.id AND "
            "NEW.status = 'open' AND NEW.assignee_id IS NULL; END"
        ),
        (
            "CREATE TRIGGER IF NOT EXISTS work_items_copied AFTER UPDATE ON work_items FOR EACH ROW WHEN "
            "((OLD.status = 'open' AND OLD.assignee_id IS NULL) OR (NEW.status = 'open' AND NEW.assignee_id "
            "IS NULL)) AND (OLD.status, OLD.assignee_id, OLD.risk, OLD.due_at) IS NOT (NEW.status, "
            "NEW.assignee_id, NEW.risk, NEW.due_at) BEGIN UPDATE work_item_candidates SET waiting = "
            "(NEW.status = 'open' AND NEW.assignee_id IS NULL), risk = NEW.risk, due_at = NEW.due_at WHERE "
            "county_id = NEW.county_id AND work_item_id = NEW.id; END"
        ),
        (
            "CREATE TRIGGER IF NOT EXISTS work_item_candidates_offered AFTER INSERT ON work_item_candidates "
            "FOR EACH ROW BEGIN INSERT INTO count_deltas (county_id, organisation_id, kind, role, "
            "sensitivity, risk, n) SELECT NEW.county_id, NEW.organisation_id, 'pool', NEW.role, "
            "i.sensitivity, i.risk, 1 FROM work_items i WHERE i.county_id = NEW.county_id AND i.id = "
            "NEW.work_item_id AND i.status = 'open' AND i.assignee_id IS NULL; END"
        ),
        (
            "CREATE TRIGGER IF NOT EXISTS work_item_candidates_withdrawn AFTER DELETE ON work_item_candidates"
            " FOR EACH ROW BEGIN INSERT INTO count_deltas (county_id, organisation_id, kind, role, "
            "sensitivity, risk, n) SELECT OLD.county_id, OLD.organisation_id, 'pool', OLD.role, "
            "i.sensitivity, i.risk, -1 FROM work_items i WHERE i.county_id = OLD.county_id AND i.id = "
            "OLD.work_item_id AND i.status = 'open' AND i.assignee_id IS NULL; END"
        ),
        (
            "CREATE TRIGGER IF NOT EXISTS work_item_candidates_filled AFTER INSERT ON work_item_candidates "
            "FOR EACH ROW BEGIN UPDATE work_item_candidates SET (waiting, risk, due_at) = (SELECT i.status = "
            "'open' AND i.assignee_id IS NULL, i.risk, i.due_at FROM work_items i WHERE i.county_id = "
            "NEW.county_id AND i.id = NEW.work_item_id) WHERE county_id = NEW.county_id AND work_item_id = "
            "NEW.work_item_id AND role = NEW.role AND organisation_id = NEW.organisation_id; END"
        ),
    ),
}


def upgrade() -> None:
    for name, key in (("counts", True), ("count_deltas", False)):
        columns = _counter_columns()
        if key:
            names = [column.name for column in columns if column.name != "n"]
            op.create_table(name, *columns, sa.PrimaryKeyConstraint(*names, name=op.f("pk_counts")))
        else:
            op.create_table(name, *columns)
    op.add_column("work_item_candidates", sa.Column("waiting", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column(
        "work_item_candidates", sa.Column("risk", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    forever = sa.text("'9999-01-01 00:00:00+00:00'")
    op.add_column(
        "work_item_candidates",
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=forever, nullable=False),
    )
    op.execute(_COPY)
    op.execute(_COUNT)
    for statement in _TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_index("ix_work_item_candidates_organisation", table_name="work_item_candidates")
    op.create_index(
        "ix_work_item_candidates_waiting",
        "work_item_candidates",
        ["county_id", "organisation_id", "role", sa.literal_column("risk desc"), "due_at", "work_item_id"],
        postgresql_where=_IS_WAITING,
        sqlite_where=_IS_WAITING,
    )
    op.drop_index("ix_work_items_open_organisation", table_name="work_items")
    _index("ix_work_items_open_risk", [sa.literal_column("risk desc"), "due_at", "id"], _OF_RISK[1])
    _index("ix_work_items_open_path", ["org_path"], _OF_PATH[1])
    op.create_index(
        "ix_work_items_open_restricted",
        "work_items",
        ["county_id", "org_path"],
        postgresql_where=_IS_RESTRICTED,
        sqlite_where=_IS_RESTRICTED,
        postgresql_include=["id", "subject_id"],
    )


_OF_RISK = (["org_path", "sensitivity"], ["org_path", "sensitivity", "subject_id"])
_OF_PATH = (["sensitivity", "assignee_id"], ["risk", "due_at", "id", "sensitivity", "subject_id"])


def _index(name: str, columns: list[object], include: list[str]) -> None:
    """Make an index over open tasks again, with other columns beside it."""
    op.drop_index(name, table_name="work_items")
    op.create_index(
        name,
        "work_items",
        ["county_id", *columns],
        postgresql_where=_IS_OPEN,
        sqlite_where=_IS_OPEN,
        postgresql_include=include,
    )


def _counter_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("sensitivity", sa.String(length=20), nullable=False),
        sa.Column("risk", sa.SmallInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
    ]


_NAMES = {
    "work_items": ("opened", "deleted", "counted", "pooled", "copied"),
    "work_item_candidates": ("offered", "withdrawn", "filled"),
}


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, names in _NAMES.items():
        for name in names:
            op.execute(f"DROP TRIGGER {table}_{name}" + (f" ON {table}" if postgresql else ""))
            if postgresql:
                op.execute(f"DROP FUNCTION {table}_{name}()")
    op.drop_index("ix_work_items_open_restricted", table_name="work_items")
    _index("ix_work_items_open_path", ["org_path"], _OF_PATH[0])
    _index("ix_work_items_open_risk", [sa.literal_column("risk desc"), "due_at", "id"], _OF_RISK[0])
    op.create_index(
        "ix_work_items_open_organisation",
        "work_items",
        ["county_id", "org_id", sa.literal_column("risk desc"), "due_at", "id"],
        postgresql_where=_IS_OPEN,
        sqlite_where=_IS_OPEN,
    )
    op.drop_index("ix_work_item_candidates_waiting", table_name="work_item_candidates")
    op.create_index(
        "ix_work_item_candidates_organisation",
        "work_item_candidates",
        ["county_id", "organisation_id", "role", "work_item_id"],
    )
    with op.batch_alter_table("work_item_candidates") as batch:
        for column in ("due_at", "risk", "waiting"):
            batch.drop_column(column)
    op.drop_table("count_deltas")
    op.drop_table("counts")
