"""What of a pool is of restricted matters has an index of its own, and who mediates them too."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_IS_RESTRICTED = sa.text("restricted")
_OF_RESTRICTED = sa.text("sensitivity <> 'normal'")

_COPY = """
UPDATE work_item_candidates SET restricted = true FROM work_items i
WHERE i.county_id = work_item_candidates.county_id AND i.id = work_item_candidates.work_item_id
AND i.status = 'open' AND i.sensitivity <> 'normal'
"""

_TRIGGERS = {
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


_BEFORE = {
    "postgresql": (
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
        "DROP TRIGGER work_items_copied",
        "DROP TRIGGER work_item_candidates_filled",
        (
            "CREATE TRIGGER IF NOT EXISTS work_items_copied AFTER UPDATE ON work_items FOR EACH ROW WHEN "
            "((OLD.status = 'open' AND OLD.assignee_id IS NULL) OR (NEW.status = 'open' AND NEW.assignee_id "
            "IS NULL)) AND (OLD.status, OLD.assignee_id, OLD.risk, OLD.due_at) IS NOT (NEW.status, "
            "NEW.assignee_id, NEW.risk, NEW.due_at) BEGIN UPDATE work_item_candidates SET waiting = "
            "(NEW.status = 'open' AND NEW.assignee_id IS NULL), risk = NEW.risk, due_at = NEW.due_at WHERE "
            "county_id = NEW.county_id AND work_item_id = NEW.id; END"
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
    op.add_column(
        "work_item_candidates", sa.Column("restricted", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute(_COPY)
    for statement in _TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_index(
        "ix_work_item_candidates_restricted",
        "work_item_candidates",
        ["county_id", "organisation_id", "role"],
        postgresql_where=_IS_RESTRICTED,
        sqlite_where=_IS_RESTRICTED,
    )
    op.create_index(
        "ix_cases_restricted",
        "cases",
        ["county_id", "mediator_id"],
        postgresql_where=_OF_RESTRICTED,
        sqlite_where=_OF_RESTRICTED,
    )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.drop_index("ix_cases_restricted", table_name="cases")
    op.drop_index("ix_work_item_candidates_restricted", table_name="work_item_candidates")
    for statement in _BEFORE["postgresql" if postgresql else "sqlite"]:
        op.execute(statement)
    if postgresql:
        op.drop_column("work_item_candidates", "restricted")
    else:
        op.execute("ALTER TABLE work_item_candidates DROP COLUMN restricted")
