"""Who and what begins processes or sets something off in them."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, PrimaryKeyConstraint, String, text
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


class Initiator(Base):
    """Somebody who set something off by hand in a running process: an optional action, or what a message begins.

    One row, however often they did. Who began the process itself stands with it (`Instance.started_by`).
    """

    __tablename__ = "initiators"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "person_id", "instance_id"),
        county_ref("instances", "instance_id"),
        Index("ix_initiators_instance", "county_id", "instance_id"),
    )

    county_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    person_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    instance_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
