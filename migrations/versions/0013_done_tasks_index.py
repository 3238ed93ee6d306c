"""The index of done tasks holds those alone.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEX = "ix_work_items_closed_by"
COLUMNS = ["county_id", "closed_by", "closed_at"]


def upgrade() -> None:
    op.drop_index(INDEX, table_name="work_items")
    done = sa.text("closed_by IS NOT NULL")
    op.create_index(INDEX, "work_items", COLUMNS, postgresql_where=done, sqlite_where=done)


def downgrade() -> None:
    op.drop_index(INDEX, table_name="work_items")
    op.create_index(INDEX, "work_items", COLUMNS)
