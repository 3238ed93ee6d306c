"""What a case is found by holds where it is led, so that who sees few cases finds theirs by the index.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_INDEX = "ix_case_search_tokens"
_PATH = sa.String(120, collation="C").with_variant(sa.String(120, collation="BINARY"), "sqlite")
_OFFICES_OF = """
CREATE OR REPLACE FUNCTION offices_of(path text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(substr(path, 1, n)) FROM generate_series(1, length(path)) n WHERE substr(path, n, 1) = '/'
$$
"""
_COPY = """
UPDATE case_search SET org_path = (
    SELECT c.org_path FROM cases c WHERE c.county_id = case_search.county_id AND c.id = case_search.case_id)
"""
_FOLLOW = "UPDATE case_search SET org_path = NEW.org_path WHERE county_id = NEW.county_id AND case_id = NEW.id;"


def upgrade() -> None:
    op.add_column("case_search", sa.Column("org_path", _PATH, nullable=False, server_default=""))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_COPY)
        op.execute(
            "CREATE TRIGGER cases_found_where_led AFTER UPDATE ON cases FOR EACH ROW "
            f"WHEN OLD.org_path IS NOT NEW.org_path BEGIN {_FOLLOW} END"
        )
        return
    op.drop_index(_INDEX, table_name="case_search")
    op.execute(_COPY)
    op.execute(_OFFICES_OF)
    op.execute(
        f"CREATE INDEX {_INDEX} ON case_search USING gin (tokens, offices_of(org_path)) "
        "WITH (gin_pending_list_limit = 256)"
    )
    op.execute(
        "CREATE OR REPLACE FUNCTION cases_found_where_led() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {_FOLLOW} RETURN NULL; END $$"
    )
    op.execute(
        "CREATE OR REPLACE TRIGGER cases_found_where_led AFTER UPDATE ON cases FOR EACH ROW "
        "WHEN (OLD.org_path IS DISTINCT FROM NEW.org_path) EXECUTE FUNCTION cases_found_where_led()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER cases_found_where_led")
        op.drop_column("case_search", "org_path")
        return
    op.execute("DROP TRIGGER cases_found_where_led ON cases")
    op.execute("DROP FUNCTION cases_found_where_led()")
    op.drop_index(_INDEX, table_name="case_search")
    op.execute("DROP FUNCTION offices_of(text)")
    op.drop_column("case_search", "org_path")
    op.create_index(
        _INDEX,
        "case_search",
        ["tokens"],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
