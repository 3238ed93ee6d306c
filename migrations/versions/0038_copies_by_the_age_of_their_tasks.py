"""What is beside a task stands in its index by the age of the task.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_NAME = "ix_work_item_people_person"
_PRESENT = sa.text("ended_at is null")


def upgrade() -> None:
    _again("work_item_id")


def downgrade() -> None:
    _again("id")


def _again(last: str) -> None:
    op.drop_index(_NAME, table_name="work_item_people")
    op.create_index(
        _NAME,
        "work_item_people",
        ["county_id", "person_id", "kind", last],
        postgresql_where=_PRESENT,
        sqlite_where=_PRESENT,
    )
