"""The table of timers that begin processes."""

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, county_ref


class StartTimer(CountyKey, Base):
    """When a timer start event of an active release begins its process next; `due_at` is null when it does no more.

    `text` is what the diagram says: a later release with the same words goes on in the same beat. `every` and `left`
    are those of the cycle, -1 for no end.
    """

    __tablename__ = "start_timers"
    __table_args__ = (
        county_ref("releases", "release_id"),
        Index("ix_start_timers_package", "county_id", "package"),
        Index(
            "ix_start_timers_due",
            "due_at",
            postgresql_where=text("due_at is not null"),
            sqlite_where=text("due_at is not null"),
        ),
    )

    package: Mapped[str] = mapped_column(String(60))
    release_id: Mapped[int]
    process_id: Mapped[str] = mapped_column(String(120))
    element_id: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(String(500))
    due_at: Mapped[datetime | None]
    every: Mapped[str] = mapped_column(String(60), default="")
    left: Mapped[int] = mapped_column(default=1)
    leased_until: Mapped[datetime | None]
