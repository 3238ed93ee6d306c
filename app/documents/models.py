from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, county_ref


class Document(CountyKey, Base):
    """A paper that was made from a template of the case's release; `replaced_at` when a newer version took its place.

    `kind` is what it is in the file of the case, `place` where it stands there; `party_id` whom it is for, if one.
    """

    __tablename__ = "documents"
    __table_args__ = (
        county_ref("cases", "case_id"),
        county_ref("files", "file_id"),
        UniqueConstraint("county_id", "case_id", "number"),
    )

    case_id: Mapped[int]
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    place: Mapped[int]
    template: Mapped[str] = mapped_column(String(60))
    title_zh: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    file_id: Mapped[int]
    pages: Mapped[int]
    version: Mapped[int]
    release: Mapped[int]
    party_id: Mapped[int | None]
    made_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class Archive(CountyKey, Base):
    """A sealed volume: the first is the file of the case, the later ones are supplements. Never changed.

    `manifest_hash` is the SHA-256 of the manifest's bytes, `history_hash` the head of the case's history when sealed.
    """

    __tablename__ = "archives"
    __table_args__ = (
        county_ref("cases", "case_id"),
        county_ref("files", "manifest_file_id"),
        UniqueConstraint("county_id", "case_id", "volume"),
        Index("ix_archives_sealed", "county_id", "sealed_at"),
    )

    case_id: Mapped[int]
    volume: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    manifest_file_id: Mapped[int]
    manifest_hash: Mapped[str] = mapped_column(String(64))
    items: Mapped[int]
    pages: Mapped[int]
    history_sequence: Mapped[int]
    history_hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]
    sealed_by_id: Mapped[int | None]
    sealed_by: Mapped[str] = mapped_column(String(80))
