"""Running processes that go over to another release."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moves",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("package", sa.String(length=60), nullable=False),
        sa.Column("from_number", sa.BigInteger(), nullable=True),
        sa.Column("to_release_id", sa.BigInteger(), nullable=False),
        sa.Column("to_number", sa.BigInteger(), nullable=False),
        sa.Column("mapping", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_by_name", sa.String(length=120), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id", "to_release_id"],
            ["releases.county_id", "releases.id"],
            name=op.f("fk_moves_county_id_to_release_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_moves")),
    )
    op.create_index("ix_moves_package", "moves", ["county_id", "package", "id"])
    op.create_table(
        "move_instances",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("move_id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("from_release_id", sa.BigInteger(), nullable=False),
        sa.Column("from_number", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("mapped", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=False),
        sa.Column("state_before", sa.LargeBinary(), nullable=True),
        sa.Column("kept", sa.LargeBinary(), nullable=True),
        sa.Column("steps", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id", "move_id"], ["moves.county_id", "moves.id"], name=op.f("fk_move_instances_county_id_move_id")
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_move_instances")),
    )
    op.create_index("ix_move_instances_instance", "move_instances", ["county_id", "instance_id"])
    op.create_index("ix_move_instances_move", "move_instances", ["county_id", "move_id", "status", "id"])
    running = sa.text("status = 'running'")
    op.create_index(
        "ix_instances_running",
        "instances",
        ["county_id", "package", "release_number", "id"],
        postgresql_where=running,
        sqlite_where=running,
    )


def downgrade() -> None:
    op.drop_index("ix_instances_running", table_name="instances")
    op.drop_table("move_instances")
    op.drop_table("moves")
