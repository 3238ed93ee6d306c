"""Repairs of many at once: a row for each incident that is to be tried again."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, county_ref


class RepairResult(StrEnum):
    WAITING = "waiting"
    MENDED = "mended"
    FAILED_AGAIN = "failed_again"
    GONE = "gone"
    REFUSED = "refused"


class Repair(CountyKey, Base):
    """One incident of a batch; `batch` is the same for all that were asked for together, `note` says why not."""

    __tablename__ = "repairs"
    __table_args__ = (county_ref("incidents", "incident_id"), Index("ix_repairs_batch", "county_id", "batch", "id"))

    batch: Mapped[int]
    incident_id: Mapped[int]
    asked_by: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500), default="")
    result: Mapped[str] = mapped_column(String(12), default=RepairResult.WAITING)
    note: Mapped[str] = mapped_column(String(500), default="")
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
