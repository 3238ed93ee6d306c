"""The index of an office's open tasks tells what they are filtered by (PostgreSQL).

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_NAME = "ix_work_items_open_path"
_BEFORE = ["risk", "due_at", "id", "sensitivity", "subject_id"]
_ADDED = ["dispute_type", "stage", "channel", "tier", "amount"]


def upgrade() -> None:
    _again(_BEFORE + _ADDED)


def downgrade() -> None:
    _again(_BEFORE)


def _again(told: list[str]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(_NAME, table_name="work_items")
        op.create_index(
            _NAME,
            "work_items",
            ["county_id", "org_path"],
            postgresql_where=sa.text("status = 'open'"),
            postgresql_include=told,
        )
