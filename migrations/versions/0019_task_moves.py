"""What is done with tasks between people.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lent = sa.text("status = 'open' AND owner_id IS NOT NULL")
    op.create_index(
        "ix_work_items_open_owner", "work_items", ["county_id", "owner_id"], postgresql_where=lent, sqlite_where=lent
    )
    op.create_table(
        "task_moves",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("work_item_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=True),
        sa.Column("to_id", sa.BigInteger(), nullable=True),
        sa.Column("to_role", sa.String(length=30), nullable=False),
        sa.Column("to_organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id", "work_item_id"],
            ["work_items.county_id", "work_items.id"],
            name=op.f("fk_task_moves_county_id_work_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "by_id"], ["people.county_id", "people.id"], name=op.f("fk_task_moves_county_id_by_id")
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_task_moves")),
    )
    op.create_index("ix_task_moves_item", "task_moves", ["county_id", "work_item_id", "id"])
    standing = sa.text("ended_at is null")
    op.create_index(
        "ix_task_moves_by",
        "task_moves",
        ["county_id", "by_id", "id"],
        postgresql_where=standing,
        sqlite_where=standing,
    )


def downgrade() -> None:
    op.drop_table("task_moves")
    op.drop_index("ix_work_items_open_owner", table_name="work_items")
