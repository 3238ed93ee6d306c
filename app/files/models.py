from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey


class StoredFile(CountyKey, Base):
    """A name for stored bytes, belonging to one subject; rows that share a hash share the bytes.

    `subject_kind` names who decides over permission ("case"); `kind` is what it is in the file of the case
    ("identity", "evidence", …).
    """

    __tablename__ = "files"
    __table_args__ = (
        Index("ix_files_id", "id"),
        Index("ix_files_hash", "hash"),
        Index("ix_files_subject", "county_id", "subject_kind", "subject_id"),
    )

    hash: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(160))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40), default="")
    uploaded_by_id: Mapped[int | None]
    uploaded_by: Mapped[str] = mapped_column(String(80), default="")
    uploaded_at: Mapped[datetime]
