"""Drafts with their revisions, requests to publish, and what is set for a package."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("package", sa.String(length=60), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("base_hash", sa.String(length=64), nullable=False),
        sa.Column("base_number", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_as", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_drafts")),
    )
    op.create_index("ix_drafts_package", "drafts", ["county_id", "package", "closed_at"])
    still_open = sa.text("closed_at is null")
    op.create_index(
        "uq_drafts_open",
        "drafts",
        ["county_id", "package", "path"],
        unique=True,
        postgresql_where=still_open,
        sqlite_where=still_open,
    )
    op.create_table(
        "draft_revisions",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_id", "draft_id"],
            ["drafts.county_id", "drafts.id"],
            name=op.f("fk_draft_revisions_county_id_draft_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_draft_revisions")),
    )
    op.create_index("ix_draft_revisions_draft", "draft_revisions", ["county_id", "draft_id", "id"])
    op.create_table(
        "publications",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("package", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("base_number", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.Column("manifest_hash", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_by", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_publications")),
        sa.UniqueConstraint("county_id", "release_id", name=op.f("uq_publications_county_id_release_id")),
    )
    op.create_index("ix_publications_package", "publications", ["county_id", "package", "id"])
    waiting = sa.text("state in ('waiting', 'scheduled')")
    op.create_index(
        "ix_publications_waiting",
        "publications",
        ["county_id", "package"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )
    op.create_table(
        "package_policies",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("package", sa.String(length=60), nullable=False),
        sa.Column("second_person", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county_id", "package", name=op.f("pk_package_policies")),
    )


def downgrade() -> None:
    op.drop_table("package_policies")
    op.drop_table("publications")
    op.drop_table("draft_revisions")
    op.drop_table("drafts")
