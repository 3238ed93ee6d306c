"""A rehearsal: what was tried on what, how far it is, what it found."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, Json


class RehearsalStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    OUTDATED = "outdated"
    """The draft was changed while its rehearsal ran."""
    FAILED = "failed"


class Rehearsal(CountyKey, Base):
    """A draft tried on what has happened.

    `reference` is the decision of the table at `path`, or the process of the diagram; `draft_hash` the bytes that are
    tried, for a diagram those of all diagrams and tables that it may need. `span` says on what: {"cases": 1000} or
    {"days": 30}, with {"cancelled": 1} also on cancelled processes; or {"onwards": 1} for a shadow, which decides
    beside the active table from then on and keeps its `content`. `last_id` is how far it has come, `found` the tally.
    """

    __tablename__ = "rehearsals"
    __table_args__ = (Index("ix_rehearsals_package", "county_id", "package", "id"),)

    package: Mapped[str] = mapped_column(String(60))
    path: Mapped[str] = mapped_column(String(200))
    reference: Mapped[str] = mapped_column(String(120))
    draft_hash: Mapped[str] = mapped_column(String(64))
    release_number: Mapped[int]
    span: Mapped[dict[str, int]] = mapped_column(Json)
    asked_by: Mapped[int] = mapped_column(BigInteger)
    asked_by_name: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(10), default=RehearsalStatus.RUNNING)
    reason: Mapped[str] = mapped_column(String(500), default="")
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    last_id: Mapped[int] = mapped_column(BigInteger, default=0)
    found: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    finished_at: Mapped[datetime | None]
    milliseconds: Mapped[int] = mapped_column(default=0)

    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)

    @property
    def walks(self) -> bool:
        """Whether finished processes are walked again, rather than decisions decided again."""
        return self.path.endswith(".bpmn")

    @property
    def is_shadow(self) -> bool:
        return "onwards" in self.span
