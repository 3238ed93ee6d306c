from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, Json, county_ref


class ReorganisationKind(StrEnum):
    MOVE = "move"
    MERGE = "merge"
    CLOSE = "close"


class ReorganisationStatus(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class Reorganisation(CountyKey, Base):
    """An organisation that goes below or into another one, or is closed and leaves all that hangs on it to another one.

    The worker does it in one transaction: it is done as a whole or not at all. `total` is what was counted before,
    `counts` what was rewritten.
    """

    __tablename__ = "reorganisations"
    __table_args__ = (
        county_ref("organisations", "organisation_id"),
        county_ref("organisations", "target_id"),
        Index("ix_reorganisations_status", "county_id", "status"),
    )

    kind: Mapped[str] = mapped_column(String(10))
    organisation_id: Mapped[int]
    target_id: Mapped[int]
    status: Mapped[str] = mapped_column(String(10), default=ReorganisationStatus.WAITING)
    total: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    reason: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    asked_by: Mapped[int]
    asked_by_name: Mapped[str] = mapped_column(String(60))
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
