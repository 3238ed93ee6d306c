"""Who is away, and who stands in.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leaves",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("deputy_id", sa.BigInteger(), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_leaves")),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["people.county_id", "people.id"],
            name=op.f("fk_leaves_county_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "deputy_id"],
            ["people.county_id", "people.id"],
            name=op.f("fk_leaves_county_id_deputy_id"),
        ),
    )
    op.create_index("ix_leaves_person", "leaves", ["county_id", "person_id"])
    op.create_index("ix_leaves_deputy", "leaves", ["county_id", "deputy_id"])


def downgrade() -> None:
    op.drop_table("leaves")
