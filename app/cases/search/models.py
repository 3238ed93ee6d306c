from sqlalchemy import DDL, BigInteger, Index, event, text
from sqlalchemy.orm import Mapped, mapped_column

from app.cases.models import Case
from app.core.database import Base, NumberSet, PathText, county_ref, table_of
from app.workflow.triggers import changed, created_with, trigger


class CaseSearch(Base):
    """The tokens of one case, and a copy of where it is led, kept by a trigger.

    PostgreSQL looks up both in one inverted index, the place with all that is above it: who sees few of the cases finds
    theirs without a look at those of others. SQLite reads the narrow table through.
    """

    __tablename__ = "case_search"
    __table_args__ = (
        county_ref("cases", "case_id"),
        Index(
            "ix_case_search_tokens",
            "tokens",
            text("offices_of(org_path)"),
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
            info={"only": "postgresql"},
        ).ddl_if(dialect="postgresql"),
    )

    county_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    tokens: Mapped[list[int]] = mapped_column(NumberSet)
    org_path: Mapped[str] = mapped_column(PathText, server_default="")


OFFICES_OF = """
CREATE OR REPLACE FUNCTION offices_of(path text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(substr(path, 1, n)) FROM generate_series(1, length(path)) n WHERE substr(path, n, 1) = '/'
$$
"""
"""The paths of a place and of all that is above it."""

_FOLLOW = "UPDATE case_search SET org_path = NEW.org_path WHERE county_id = NEW.county_id AND case_id = NEW.id;"


def _triggers(dialect: str, cases: str) -> list[str]:
    return trigger(dialect, cases, "found_where_led", "UPDATE", changed("org_path"), _FOLLOW)


event.listen(
    table_of(CaseSearch),
    "before_create",
    DDL(OFFICES_OF.replace("%", "%%")).execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]
)
created_with(table_of(Case), _triggers)
