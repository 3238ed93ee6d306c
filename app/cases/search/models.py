from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, NumberSet, county_ref


class CaseSearch(Base):
    """The tokens of one case. PostgreSQL looks them up in an inverted index; SQLite reads the narrow table through."""

    __tablename__ = "case_search"
    __table_args__ = (
        county_ref("cases", "case_id"),
        Index(
            "ix_case_search_tokens",
            "tokens",
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
            info={"only": "postgresql"},
        ).ddl_if(dialect="postgresql"),
    )

    county_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    tokens: Mapped[list[int]] = mapped_column(NumberSet)
