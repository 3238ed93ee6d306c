"""Cases of an area from the newest on, cases by mediator and by type, everything that is offered to a group.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cases_area", "cases", ["county_id", "org_path", "id"], postgresql_include=["sensitivity"])
    where = sa.text("mediator_id is not null")
    columns = ["county_id", "mediator_id", "id"]
    op.create_index("ix_cases_mediator", "cases", columns, postgresql_where=where, sqlite_where=where)
    op.create_index("ix_cases_type", "cases", ["county_id", "dispute_type", "id"])
    op.create_index(
        "ix_work_item_candidates_pool",
        "work_item_candidates",
        ["county_id", "organisation_id", "role", "work_item_id"],
    )


def downgrade() -> None:
    op.drop_index("ix_work_item_candidates_pool", "work_item_candidates")
    op.drop_index("ix_cases_type", "cases")
    op.drop_index("ix_cases_mediator", "cases")
    op.drop_index("ix_cases_area", "cases")
