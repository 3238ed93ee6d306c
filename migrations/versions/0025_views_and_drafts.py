"""Saved views and drafts of the inbox; open tasks by age, by type and by step.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_work_items_open_age", "work_items", ["county_id", "id"], "status = 'open'"),
    ("ix_work_items_open_type", "work_items", ["county_id", "dispute_type"], "status = 'open'"),
    ("ix_work_items_open_stage", "work_items", ["county_id", "stage"], "status = 'open'"),
    (
        "ix_work_item_candidates_age",
        "work_item_candidates",
        ["county_id", "organisation_id", "role", "work_item_id"],
        "waiting",
    ),
)


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(length=600), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["people.county_id", "people.id"],
            name=op.f("fk_saved_views_county_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "organisation_id"],
            ["organisations.county_id", "organisations.id"],
            name=op.f("fk_saved_views_county_id_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "id", name=op.f("pk_saved_views")),
    )
    op.create_index("ix_saved_views_person", "saved_views", ["county_id", "person_id"])
    op.create_index("ix_saved_views_organisation", "saved_views", ["county_id", "organisation_id"])
    op.create_table(
        "task_drafts",
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("work_item_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("typed", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_id", "work_item_id"],
            ["work_items.county_id", "work_items.id"],
            name=op.f("fk_task_drafts_county_id_work_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["people.county_id", "people.id"],
            name=op.f("fk_task_drafts_county_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("county_id", "work_item_id", "person_id", name=op.f("pk_task_drafts")),
    )
    for name, table, columns, condition in INDEXES:
        where = sa.text(condition)
        op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    for name, table, *_rest in INDEXES:
        op.drop_index(name, table_name=table)
    op.drop_table("task_drafts")
    op.drop_table("saved_views")
