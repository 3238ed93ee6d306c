from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, county_ref

_STANDING = text("ended_at is null")


class TaskMove(CountyKey, Base):
    """What was done with a task between people: from whom, to whom, by whom and why. A row only where it happened.

    Without `from_id` it came out of the pool of its groups; without `to_id` it went to the pool of `to_role` at
    `to_organisation_id`, or back into its own. What passed it on stands until it comes back that way.
    """

    __tablename__ = "task_moves"
    __table_args__ = (
        county_ref("work_items", "work_item_id"),
        county_ref("people", "by_id"),
        Index("ix_task_moves_item", "county_id", "work_item_id", "id"),
        Index("ix_task_moves_by", "county_id", "by_id", "id", postgresql_where=_STANDING, sqlite_where=_STANDING),
    )

    work_item_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int]
    from_id: Mapped[int | None]
    to_id: Mapped[int | None]
    to_role: Mapped[str] = mapped_column(String(30), default="")
    to_organisation_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @property
    def sends_to_pool(self) -> bool:
        return bool(self.to_role)
