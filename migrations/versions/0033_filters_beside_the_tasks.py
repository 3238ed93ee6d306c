"""What a pool's list is narrowed to stands in the rows by which its tasks are offered.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_IS_WAITING = sa.text("waiting")
_IS_RESTRICTED = sa.text("restricted")

_COPY = (
    """
UPDATE work_items SET channel = c.channel, tier = c.tier, amount = c.amount FROM cases c
WHERE c.county_id = work_items.county_id AND c.id = work_items.subject_id
""",
    """
UPDATE work_item_candidates SET subject_id = i.subject_id, dispute_type = i.dispute_type, stage = i.stage,
    channel = i.channel, tier = i.tier, amount = i.amount
FROM work_items i
WHERE i.county_id = work_item_candidates.county_id AND i.id = work_item_candidates.work_item_id
""",
)

_TRIGGERS = {
    "postgresql": (
        (
            "CREATE OR REPLACE FUNCTION work_items_copied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "UPDATE work_item_candidates SET waiting = (NEW.status = 'open' AND NEW.assignee_id IS NULL), "
            "restricted = (NEW.status = 'open' AND NEW.sensitivity <> 'normal'), risk = NEW.risk, due_at = "
            "NEW.due_at, dispute_type = NEW.dispute_type, stage = NEW.stage, channel = NEW.channel, tier = "
            "NEW.tier, amount = NEW.amount WHERE county_id = NEW.county_id AND work_item_id = NEW.id; RETURN "
            "NULL; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER work_items_copied AFTER UPDATE ON work_items FOR EACH ROW WHEN "
            "(((OLD.status = 'open' AND OLD.assignee_id IS NULL) OR (NEW.status = 'open' AND NEW.assignee_id "
            "IS NULL) OR (OLD.status = 'open' AND OLD.sensitivity <> 'normal') OR (NEW.status = 'open' AND "
            "NEW.sensitivity <> 'normal')) AND (OLD.status, OLD.assignee_id, OLD.risk, OLD.sensitivity, "
            "OLD.due_at, OLD.dispute_type, OLD.stage, OLD.channel, OLD.tier, OLD.amount) IS DISTINCT FROM "
            "(NEW.status, NEW.assignee_id, NEW.risk, NEW.sensitivity, NEW.due_at, NEW.dispute_type, "
            "NEW.stage, NEW.channel, NEW.tier, NEW.amount)) EXECUTE FUNCTION work_items_copied()"
        ),
        (
            "CREATE OR REPLACE FUNCTION work_item_candidates_filled() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN SELECT i.status = 'open' AND i.assignee_id IS NULL, i.status = 'open' AND i.sensitivity <>"
            " 'normal', i.risk, i.due_at, i.subject_id, i.dispute_type, i.stage, i.channel, i.tier, i.amount "
            "INTO NEW.waiting, NEW.restricted, NEW.risk, NEW.due_at, NEW.subject_id, NEW.dispute_type, "
            "NEW.stage, NEW.channel, NEW.tier, NEW.amount FROM work_items i WHERE i.county_id = NEW.county_id"
            " AND i.id = NEW.work_item_id; RETURN NEW; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER work_item_candidates_filled BEFORE INSERT ON work_item_candidates FOR "
            "EACH ROW EXECUTE FUNCTION work_item_candidates_filled()"
        ),
    ),
    "sqlite": (
        "DROP TRIGGER work_items_copied",
        "DROP TRIGGER work_item_candidates_filled",
        (
            "CREATE TRIGGER IF NOT EXISTS work_items_copied AFTER UPDATE ON work_items FOR EACH ROW WHEN "
            "((OLD.status = 'open' AND OLD.assignee_id IS NULL) OR (NEW.status = 'open' AND NEW.assignee_id "
            "IS NULL) OR (OLD.status = 'open' AND OLD.sensitivity <> 'normal') OR (NEW.status = 'open' AND "
            "NEW.sensitivity <> 'normal')) AND (OLD.status, OLD.assignee_id, OLD.risk, OLD.sensitivity, "
            "OLD.due_at, OLD.dispute_type, OLD.stage, OLD.channel, OLD.tier, OLD.amount) IS NOT (NEW.status, "
            "NEW.assignee_id, NEW.risk, NEW.sensitivity, NEW.due_at, NEW.dispute_type, NEW.stage, "
            "NEW.channel, NEW.tier, NEW.amount) BEGIN UPDATE work_item_candidates SET waiting = (NEW.status ="
            " 'open' AND NEW.assignee_id IS NULL), restricted = (NEW.status = 'open' AND NEW.sensitivity <> "
            "'normal'), risk = NEW.risk, due_at = NEW.due_at, dispute_type = NEW.dispute_type, stage = "
            "NEW.stage, channel = NEW.channel, tier = NEW.tier, amount = NEW.amount WHERE county_id = "
            "NEW.county_id AND work_item_id = NEW.id; END"
        ),
        (
            "CREATE TRIGGER IF NOT EXISTS work_item_candidates_filled AFTER INSERT ON work_item_candidates "
            "FOR EACH ROW BEGIN UPDATE work_item_candidates SET (waiting, restricted, risk, due_at, "
            "subject_id, dispute_type, stage, channel, tier, amount) = (SELECT i.status = 'open' AND "
            "i.assignee_id IS NULL, i.status = 'open' AND i.sensitivity <> 'normal', i.risk, i.due_at, "
            "i.subject_id, i.dispute_type, i.stage, i.channel, i.tier, i.amount FROM work_items i WHERE "
            "i.county_id = NEW.county_id AND i.id = NEW.work_item_id) WHERE county_id = NEW.county_id AND "
            "work_item_id = NEW.work_item_id AND role = NEW.role AND organisation_id = NEW.organisation_id; "
            "END"
        ),
    ),
}


_BEFORE = {
    "postgresql": (
        (
            "CREATE OR REPLACE FUNCTION work_items_copied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "UPDATE work_item_candidates SET waiting = (NEW.status = 'open' AND NEW.assignee_id IS NULL), "
            "restricted = (NEW.status = 'open' AND NEW.sensitivity <> 'normal'), risk = NEW.risk, due_at = "
            "NEW.due_at WHERE county_id = NEW.county_id AND work_item_id = NEW.id; RETURN NULL; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER work_items_copied AFTER UPDATE ON work_items FOR EACH ROW WHEN "
            "(((OLD.status = 'open' AND OLD.assignee_id IS NULL) OR (NEW.status = 'open' AND NEW.assignee_id "
            "IS NULL) OR (OLD.status = 'open' AND OLD.sensitivity <> 'normal') OR (NEW.status = 'open' AND "
            "NEW.sensitivity <> 'normal')) AND (OLD.status, OLD.assignee_id, OLD.risk, OLD.sensitivity, "
            "OLD.due_at) IS DISTINCT FROM (NEW.status, NEW.assignee_id, NEW.risk, NEW.sensitivity, "
            "NEW.due_at)) EXECUTE FUNCTION work_items_copied()"
        ),
        (
            "CREATE OR REPLACE FUNCTION work_item_candidates_filled() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN SELECT i.status = 'open' AND i.assignee_id IS NULL, i.status = 'open' AND i.sensitivity <>"
            " 'normal', i.risk, i.due_at INTO NEW.waiting, NEW.restricted, NEW.risk, NEW.due_at FROM "
            "work_items i WHERE i.county_id = NEW.county_id AND i.id = NEW.work_item_id; RETURN NEW; END $$"
        ),
        (
            "CREATE OR REPLACE TRIGGER work_item_candidates_filled BEFORE INSERT ON work_item_candidates FOR "
            "EACH ROW EXECUTE FUNCTION work_item_candidates_filled()"
        ),
    ),
    "sqlite": (
        "DROP TRIGGER work_items_copied",
        "DROP TRIGGER work_item_candidates_filled",
        (
            "CREATE TRIGGER IF NOT EXISTS work_items_copied AFTER UPDATE ON work_items FOR EACH ROW WHEN "
            "((OLD.status = 'open' AND OLD.assignee_id IS NULL) OR (NEW.status = 'open' AND NEW.assignee_id "
            "IS NULL) OR (OLD.status = 'open' AND OLD.sensitivity <> 'normal') OR (NEW.status = 'open' AND "
            "NEW.sensitivity <> 'normal')) AND (OLD.status, OLD.assignee_id, OLD.risk, OLD.sensitivity, "
            "OLD.due_at) IS NOT (NEW.status, NEW.assignee_id, NEW.risk, NEW.sensitivity, NEW.due_at) BEGIN "
            "UPDATE work_item_candidates SET waiting = (NEW.status = 'open' AND NEW.assignee_id IS NULL), "
            "restricted = (NEW.status = 'open' AND NEW.sensitivity <> 'normal'), risk = NEW.risk, due_at = "
            "NEW.due_at WHERE county_id = NEW.county_id AND work_item_id = NEW.id; END"
        ),
        (
            "CREATE TRIGGER IF NOT EXISTS work_item_candidates_filled AFTER INSERT ON work_item_candidates "
            "FOR EACH ROW BEGIN UPDATE work_item_candidates SET (waiting, restricted, risk, due_at) = (SELECT"
            " i.status = 'open' AND i.assignee_id IS NULL, i.status = 'open' AND i.sensitivity <> 'normal', "
            "i.risk, i.due_at FROM work_items i WHERE i.county_id = NEW.county_id AND i.id = "
            "NEW.work_item_id) WHERE county_id = NEW.county_id AND work_item_id = NEW.work_item_id AND role ="
            " NEW.role AND organisation_id = NEW.organisation_id; END"
        ),
    ),
}

_OF_CASE = (("channel", sa.String(30), ""), ("tier", sa.String(10), ""), ("amount", sa.Numeric(18, 2), None))
_OF_ITEM = (("subject_id", sa.BigInteger(), None), ("dispute_type", sa.String(60), ""), ("stage", sa.String(60), ""))
_ADDED = (("work_items", _OF_CASE), ("work_item_candidates", (*_OF_ITEM, *_OF_CASE)))


def upgrade() -> None:
    for table, columns in _ADDED:
        for name, kind, default in columns:
            op.add_column(table, sa.Column(name, kind, server_default=default, nullable=default is None))
    for statement in _COPY:
        op.execute(statement)
    for statement in _TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_index("ix_work_item_candidates_waiting", table_name="work_item_candidates")
    op.drop_index("ix_work_item_candidates_restricted", table_name="work_item_candidates")
    _index_waiting([name for name, _, _ in (*_OF_ITEM, *_OF_CASE)])
    _index_restricted("subject_id")


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.drop_index("ix_work_item_candidates_waiting", table_name="work_item_candidates")
    op.drop_index("ix_work_item_candidates_restricted", table_name="work_item_candidates")
    for statement in _BEFORE["postgresql" if postgresql else "sqlite"]:
        op.execute(statement)
    for table, columns in _ADDED:
        for name, _, _ in columns:
            op.drop_column(table, name)
    _index_waiting([])
    _index_restricted()


def _index_waiting(include: list[str]) -> None:
    op.create_index(
        "ix_work_item_candidates_waiting",
        "work_item_candidates",
        ["county_id", "organisation_id", "role", sa.text("risk desc"), "due_at", "work_item_id"],
        postgresql_where=_IS_WAITING,
        sqlite_where=_IS_WAITING,
        postgresql_include=include,
    )


def _index_restricted(*more: str) -> None:
    op.create_index(
        "ix_work_item_candidates_restricted",
        "work_item_candidates",
        ["county_id", "organisation_id", "role", *more],
        postgresql_where=_IS_RESTRICTED,
        sqlite_where=_IS_RESTRICTED,
    )
