"""Indexes of what somebody registered and of open orders.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_reports_received_by", "reports", ["county_id", "received_by_id", "case_id"], "received_by_id is not null"),
    ("ix_supervision_orders_open", "supervision_orders", ["county_id", "case_id"], "closed_at is null"),
)


def upgrade() -> None:
    for name, table, columns, condition in INDEXES:
        where = sa.text(condition)
        op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    for name, table, _columns, _condition in INDEXES:
        op.drop_index(name, table_name=table)
