"""Comments among colleagues.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    references = {"case_id": "cases", "work_item_id": "work_items", "author_id": "people"}
    op.create_table(
        "comments",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("work_item_id", sa.BigInteger(), nullable=True),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentioned", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                ["county_id", column],
                [f"{table}.county_id", f"{table}.id"],
                name=op.f(f"fk_comments_county_id_{column}"),
            )
            for column, table in references.items()
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_comments")),
    )
    op.create_index("ix_comments_case", "comments", ["county_id", "case_id", "id"])
    op.create_index("ix_comments_item", "comments", ["county_id", "work_item_id", "id"])


def downgrade() -> None:
    op.drop_table("comments")
