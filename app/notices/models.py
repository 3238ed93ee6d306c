from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, Json, county_ref

_UNREAD = text("read_at is null")


class NoticeStatus(StrEnum):
    """`shown`: on the reader's page, nothing to send; the others are about a message outside."""

    SHOWN = "shown"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Notice(CountyKey, Base):
    """One thing told to one person, or to one party of a case. Worded when it is read, in the reader's language.

    `template` and `params` make the words; `url` leads to the matter; `address` is where a message outside went.
    """

    __tablename__ = "notices"
    __table_args__ = (
        county_ref("people", "person_id"),
        Index("ix_notices_person", "county_id", "person_id", "id"),
        Index("ix_notices_unread", "county_id", "person_id", postgresql_where=_UNREAD, sqlite_where=_UNREAD),
        Index("ix_notices_party", "county_id", "party_id", "id"),
    )

    person_id: Mapped[int | None]
    party_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(80), default="")
    template: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    url: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    status: Mapped[str] = mapped_column(String(10), default=NoticeStatus.SHOWN)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
