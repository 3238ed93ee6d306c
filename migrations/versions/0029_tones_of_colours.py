"""The tone in which a colour of the palette is shown.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("register_entries", sa.Column("tone", sa.String(length=10), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("register_entries", "tone")
