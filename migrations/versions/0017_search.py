"""The tokens by which cases are found; `flask search rebuild` fills them for cases that are there already.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_search",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tokens", sa.Text().with_variant(postgresql.ARRAY(sa.Integer()), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["county_id", "case_id"], ["cases.county_id", "cases.id"], name="fk_case_search_county_id"),
        sa.PrimaryKeyConstraint("county_id", "case_id", name="pk_case_search"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_case_search_tokens",
            "case_search",
            ["tokens"],
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )


def downgrade() -> None:
    op.drop_table("case_search")
