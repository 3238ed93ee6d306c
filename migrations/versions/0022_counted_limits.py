"""From which day a limit was last counted, and how many days.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clocks", sa.Column("counted_from", sa.Date(), nullable=True))
    op.add_column("clocks", sa.Column("counted_days", sa.BigInteger(), nullable=True))
    op.add_column("clocks", sa.Column("counted_promise", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for column in ("counted_promise", "counted_days", "counted_from"):
        op.drop_column("clocks", column)
