"""Who may see a party's numbers in clear, and until when; cases are found by their place.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reveals",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_id", "case_id"], ["cases.county_id", "cases.id"], name=op.f("fk_reveals_county_id_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "party_id"], ["parties.county_id", "parties.id"], name=op.f("fk_reveals_county_id_party_id")
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"], ["people.county_id", "people.id"], name=op.f("fk_reveals_county_id_person_id")
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_reveals")),
    )
    op.create_index("ix_reveals_person", "reveals", ["county_id", "person_id", "case_id"])
    op.create_index("ix_cases_place", "cases", ["county_id", "place"])


def downgrade() -> None:
    op.drop_index("ix_cases_place", "cases")
    op.drop_table("reveals")
