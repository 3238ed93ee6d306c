from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, county_ref


class MediationSession(CountyKey, Base):
    """One meeting: planned, and then what came of it. The private record is for the mediators alone."""

    __tablename__ = "mediation_sessions"
    __table_args__ = (
        county_ref("cases", "case_id"),
        Index("ix_mediation_sessions_case", "county_id", "case_id"),
    )

    case_id: Mapped[int]
    planned_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(String(200), default="")
    mode: Mapped[str] = mapped_column(String(20), default="")
    held_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(30), default="")
    absent: Mapped[str] = mapped_column(String(20), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    private_note: Mapped[str] = mapped_column(Text, default="")
