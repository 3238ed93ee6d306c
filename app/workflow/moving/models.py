"""Moves of many running processes, and what became of each."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, Json, county_ref
from app.workflow.models import Instance

_RUNNING = text("status = 'running'")

Index(
    "ix_instances_running",
    Instance.county_id,
    Instance.package,
    Instance.release_number,
    Instance.id,
    postgresql_where=_RUNNING,
    sqlite_where=_RUNNING,
)


class MoveStatus(StrEnum):
    RUNNING = "running"
    CANCELLED = "cancelled"
    DONE = "done"


class MoveResult(StrEnum):
    """`gone` ended or was moved by somebody else meanwhile; `undoing` waits to be taken back."""

    WAITING = "waiting"
    MOVED = "moved"
    BLOCKED = "blocked"
    FAILED = "failed"
    GONE = "gone"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


class Move(CountyKey, Base):
    """Somebody has the running processes of a package moved to a release; `from_number` null takes all others.

    `mapping` gives ids of elements and processes new ones.
    """

    __tablename__ = "moves"
    __table_args__ = (
        county_ref("releases", "to_release_id"),
        Index("ix_moves_package", "county_id", "package", "id"),
    )

    package: Mapped[str] = mapped_column(String(60))
    from_number: Mapped[int | None]
    to_release_id: Mapped[int]
    to_number: Mapped[int]
    mapping: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    status: Mapped[str] = mapped_column(String(10), default=MoveStatus.RUNNING)
    total: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[int | None]
    asked_by_name: Mapped[str] = mapped_column(String(120), default="")
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class MovedInstance(CountyKey, Base):
    """One process of a move. `reasons` say why it is blocked or has failed.

    `state_before` and `kept` (rows that the move changed) take it back as long as its `steps` are those that the move
    left it with. `mapped` says that the mapping was needed. No foreign key leads to the process: to write down many
    must not wait for their steps, nor hold them up.
    """

    __tablename__ = "move_instances"
    __table_args__ = (
        county_ref("moves", "move_id"),
        Index("ix_move_instances_move", "county_id", "move_id", "status", "id"),
        Index("ix_move_instances_instance", "county_id", "instance_id"),
    )

    move_id: Mapped[int] = mapped_column(BigInteger)
    instance_id: Mapped[int]
    subject_id: Mapped[int | None]
    from_release_id: Mapped[int]
    from_number: Mapped[int]
    process_id: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(10), default=MoveResult.WAITING)
    mapped: Mapped[bool] = mapped_column(default=False)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    state_before: Mapped[bytes | None] = mapped_column(LargeBinary)
    kept: Mapped[dict[str, Any] | None] = mapped_column(Json)
    steps: Mapped[int | None]
    done_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None]
