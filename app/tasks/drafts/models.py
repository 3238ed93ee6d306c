from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, Json, county_ref


class TaskDraft(Base):
    """The fields of a task's form as one person typed them: (name, text) pairs in the order of the form.

    `revision` rises with each change, so that a window that knows an older one is told instead of writing over it.
    `given`: what a co-worker or delegate has laid before whoever completes the task, as it was then.
    """

    __tablename__ = "task_drafts"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "work_item_id", "person_id"),
        county_ref("work_items", "work_item_id"),
        county_ref("people", "person_id"),
    )

    county_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    work_item_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    person_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    typed: Mapped[list[list[Any]]] = mapped_column(Json, default=list)
    revision: Mapped[int]
    saved_at: Mapped[datetime]
    given: Mapped[list[list[Any]] | None] = mapped_column(Json)
    given_at: Mapped[datetime | None]
