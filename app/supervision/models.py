from datetime import date, datetime

from sqlalchemy import Date, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, county_ref

_UNANSWERED = text("closed_at is null")


class SupervisionOrder(CountyKey, Base):
    """One order about a case; closed when its answer was accepted."""

    __tablename__ = "supervision_orders"
    __table_args__ = (
        county_ref("cases", "case_id"),
        Index("ix_supervision_orders_case", "county_id", "case_id"),
        Index(
            "ix_supervision_orders_open", "county_id", "case_id", postgresql_where=_UNANSWERED, sqlite_where=_UNANSWERED
        ),
    )

    case_id: Mapped[int]
    card: Mapped[str] = mapped_column(String(10))
    demand: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None] = mapped_column(Date)
    ordered_by_id: Mapped[int | None]
    ordered_by: Mapped[str] = mapped_column(String(60), default="")
    ordered_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
