"""The reason of a county's own day has English words beside the Chinese ones.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calendar_days", sa.Column("reason_en", sa.String(120), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("calendar_days", "reason_en")
