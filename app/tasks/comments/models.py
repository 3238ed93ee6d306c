from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, Json, county_ref


class Comment(CountyKey, Base):
    """Something said about a case, or about one task; `mentioned` are the ids of those who were called by @.

    Withdrawn it keeps its place and loses its words; an earlier wording is nowhere but in the history.
    """

    __tablename__ = "comments"
    __table_args__ = (
        county_ref("cases", "case_id"),
        county_ref("work_items", "work_item_id"),
        county_ref("people", "author_id"),
        Index("ix_comments_case", "county_id", "case_id", "id"),
        Index("ix_comments_item", "county_id", "work_item_id", "id"),
    )

    case_id: Mapped[int | None]
    work_item_id: Mapped[int | None]
    author_id: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    mentioned: Mapped[list[str]] = mapped_column(Json, default=list)
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
