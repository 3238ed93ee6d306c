"""Organisations move, merge and name their successors.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisations", sa.Column("successor_id", sa.BigInteger(), nullable=True))
    op.create_table(
        "reorganisations",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_by_name", sa.String(length=60), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_reorganisations")),
        sa.ForeignKeyConstraint(
            ["county_id", "organisation_id"],
            ["organisations.county_id", "organisations.id"],
            name=op.f("fk_reorganisations_county_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "target_id"],
            ["organisations.county_id", "organisations.id"],
            name=op.f("fk_reorganisations_county_id_target_id"),
        ),
    )
    op.create_index("ix_reorganisations_status", "reorganisations", ["county_id", "status"])


def downgrade() -> None:
    op.drop_table("reorganisations")
    op.drop_column("organisations", "successor_id")
