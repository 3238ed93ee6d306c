"""Cases by their channel and by the sum in dispute.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cases_channel", "cases", ["county_id", "channel"])
    where = sa.text("amount is not null")
    op.create_index("ix_cases_amount", "cases", ["county_id", "amount"], postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    op.drop_index("ix_cases_amount", table_name="cases")
    op.drop_index("ix_cases_channel", table_name="cases")
