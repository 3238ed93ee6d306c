"""A report knows what stood in the form that brought it.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reports", sa.Column("form_mark", sa.String(64)))


def downgrade() -> None:
    op.drop_column("reports", "form_mark")
