"""Timers that begin processes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_IS_SET = sa.text("due_at is not null")


def upgrade() -> None:
    op.create_table(
        "start_timers",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("package", sa.String(length=60), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.String(length=120), nullable=False),
        sa.Column("element_id", sa.String(length=120), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("every", sa.String(length=60), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id", "release_id"],
            ["releases.county_id", "releases.id"],
            name=op.f("fk_start_timers_county_id_release_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_start_timers")),
    )
    op.create_index("ix_start_timers_package", "start_timers", ["county_id", "package"])
    op.create_index("ix_start_timers_due", "start_timers", ["due_at"], postgresql_where=_IS_SET, sqlite_where=_IS_SET)


def downgrade() -> None:
    op.drop_table("start_timers")
