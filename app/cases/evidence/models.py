from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, county_ref


class Evidence(Base):
    """What is known of a file that somebody brought as evidence; a file that came with a form may have no row yet."""

    __tablename__ = "evidence"
    __table_args__ = (
        county_ref("files", "file_id"),
        county_ref("cases", "case_id"),
        county_ref("parties", "party_id"),
        Index("ix_evidence_case", "county_id", "case_id"),
    )

    county_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    file_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[int]
    caption: Mapped[str] = mapped_column(String(200), default="")
    party_id: Mapped[int | None]
    private: Mapped[bool] = mapped_column(Boolean, default=False)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str] = mapped_column(String(80), default="")
    withdrawal_reason: Mapped[str] = mapped_column(String(300), default="")
