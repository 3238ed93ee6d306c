"""Co-workers and copies beside a task; to whom a task comes back.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("work_items", sa.Column("owner_id", sa.BigInteger(), nullable=True))
    op.create_table(
        "work_item_people",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("work_item_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id", "work_item_id"],
            ["work_items.county_id", "work_items.id"],
            name=op.f("fk_work_item_people_county_id_work_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["people.county_id", "people.id"],
            name=op.f("fk_work_item_people_county_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_work_item_people")),
    )
    present = sa.text("ended_at is null")
    op.create_index(
        "uq_work_item_people_present",
        "work_item_people",
        ["county_id", "work_item_id", "person_id", "kind"],
        unique=True,
        postgresql_where=present,
        sqlite_where=present,
    )
    op.create_index(
        "ix_work_item_people_person",
        "work_item_people",
        ["county_id", "person_id", "kind", "id"],
        postgresql_where=present,
        sqlite_where=present,
    )


def downgrade() -> None:
    op.drop_table("work_item_people")
    op.drop_column("work_items", "owner_id")
