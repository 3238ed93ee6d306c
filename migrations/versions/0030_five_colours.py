"""A level between green and yellow: the ranks of the higher ones move up by one.

Candidates and counters follow by their triggers.

Revision ID: 0030
Revises: 0029
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE work_items SET risk = risk + 1 WHERE risk >= 2")


def downgrade() -> None:
    op.execute("UPDATE work_items SET risk = risk - 1 WHERE risk >= 2")
