from datetime import date, datetime

from sqlalchemy import Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, county_ref


class Leave(CountyKey, Base):
    """A person is away from a day to a day, both included, and a deputy stands in; over at once when ended."""

    __tablename__ = "leaves"
    __table_args__ = (
        county_ref("people", "person_id"),
        county_ref("people", "deputy_id"),
        Index("ix_leaves_person", "county_id", "person_id"),
        Index("ix_leaves_deputy", "county_id", "deputy_id"),
    )

    person_id: Mapped[int]
    deputy_id: Mapped[int | None]
    from_date: Mapped[date] = mapped_column(Date)
    to_date: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200), default="")
    ended_at: Mapped[datetime | None]
