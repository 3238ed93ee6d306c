"""Tables that every step writes are swept often; the index of taken tasks holds those alone.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INDEX = "ix_work_items_open_assignee"
COLUMNS = ["county_id", "assignee_id", sa.text("risk desc"), "due_at", "id"]
SWEPT = ("instances", "work_items", "work_item_candidates")


def upgrade() -> None:
    _index("status = 'open' AND assignee_id IS NOT NULL")
    if op.get_bind().dialect.name == "postgresql":
        for table in SWEPT:
            op.execute(
                f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_threshold = 1000)"
            )


def downgrade() -> None:
    _index("status = 'open'")
    if op.get_bind().dialect.name == "postgresql":
        for table in SWEPT:
            op.execute(f"ALTER TABLE {table} RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)")


def _index(condition: str) -> None:
    op.drop_index(INDEX, table_name="work_items")
    where = sa.text(condition)
    op.create_index(INDEX, "work_items", COLUMNS, postgresql_where=where, sqlite_where=where)
