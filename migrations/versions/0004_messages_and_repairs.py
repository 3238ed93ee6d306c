"""Messages at the door, repairs of many incidents at once, and indexes for what is open or has failed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reached", sa.LargeBinary(), nullable=False),
        sa.Column("sender_kind", sa.String(length=10), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=True),
        sa.Column("sender_name", sa.String(length=60), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_messages")),
        sa.UniqueConstraint("county_id", "message_id", name=op.f("uq_messages_county_id_message_id")),
    )
    kept = sa.text("status = 'kept'")
    op.create_index(
        "ix_messages_kept", "messages", ["county_id", "name"], postgresql_where=kept, sqlite_where=kept
    )
    op.create_index("ix_messages_status", "messages", ["county_id", "status", "id"])
    op.create_table(
        "repairs",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id", "incident_id"],
            ["incidents.county_id", "incidents.id"],
            name=op.f("fk_repairs_county_id_incident_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_repairs")),
    )
    op.create_index("ix_repairs_batch", "repairs", ["county_id", "batch", "id"])
    still_open = sa.text("closed_at is null")
    op.create_index(
        "ix_incidents_open", "incidents", ["county_id", "id"], postgresql_where=still_open, sqlite_where=still_open
    )
    failed = sa.text("status = 'failed'")
    op.create_index("ix_jobs_failed", "jobs", ["county_id", "id"], postgresql_where=failed, sqlite_where=failed)


def downgrade() -> None:
    op.drop_index("ix_jobs_failed", table_name="jobs")
    op.drop_index("ix_incidents_open", table_name="incidents")
    op.drop_table("repairs")
    op.drop_table("messages")
