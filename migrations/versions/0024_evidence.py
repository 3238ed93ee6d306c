"""What is known of evidence: what it shows, whose it is, whether it was withdrawn.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("file_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("caption", sa.String(200), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=True),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(80), nullable=False),
        sa.Column("withdrawal_reason", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["county_id", "file_id"], ["files.county_id", "files.id"]),
        sa.ForeignKeyConstraint(["county_id", "case_id"], ["cases.county_id", "cases.id"]),
        sa.ForeignKeyConstraint(["county_id", "party_id"], ["parties.county_id", "parties.id"]),
        sa.PrimaryKeyConstraint("county_id", "file_id"),
    )
    op.create_index("ix_evidence_case", "evidence", ["county_id", "case_id"])


def downgrade() -> None:
    op.drop_table("evidence")
