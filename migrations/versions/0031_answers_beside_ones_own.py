"""What a co-worker or delegate typed lies beside what the holder typed, not over it.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task_drafts", sa.Column("given", sa.LargeBinary(), nullable=True))
    op.add_column("task_drafts", sa.Column("given_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("task_drafts", "given_at")
    op.drop_column("task_drafts", "given")
