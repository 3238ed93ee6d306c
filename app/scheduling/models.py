"""Due work as rows, written in the transaction that caused it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, PrimaryKeyConstraint, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, Json


class JobStatus(StrEnum):
    DUE = "due"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(CountyKey, Base):
    """An effect outside the database: done at least once, under a lease.

    Whoever works on it holds it until `locked_until`; `attempts` counts the claims, and a result is accepted only from
    the latest. `key` is the same at every attempt, for receivers that know idempotency keys. `reference` is the
    owner's own name for it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "ix_jobs_due",
            "run_at",
            postgresql_where=text("status = 'due'"),
            sqlite_where=text("status = 'due'"),
        ),
        Index(
            "ix_jobs_failed",
            "county_id",
            "id",
            postgresql_where=text("status = 'failed'"),
            sqlite_where=text("status = 'failed'"),
        ),
        Index("ix_jobs_reference", "county_id", "reference"),
    )

    kind: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str | None] = mapped_column(String(120))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    status: Mapped[str] = mapped_column(String(10), default=JobStatus.DUE)
    run_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(2000))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class TimetableRun(Base):
    """A firing of the timetable that somebody has taken; a second worker finds the row and leaves it."""

    __tablename__ = "timetable_runs"
    __table_args__ = (PrimaryKeyConstraint("job", "slot"),)

    job: Mapped[str] = mapped_column(String(60))
    slot: Mapped[datetime]
    taken_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(String(80))


class Heartbeat(Base):
    """When a worker last showed itself."""

    __tablename__ = "heartbeats"
    __table_args__ = (PrimaryKeyConstraint("worker"),)

    worker: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime]
    at: Mapped[datetime]
