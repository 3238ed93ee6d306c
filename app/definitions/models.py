"""Files by content, their versions, releases as manifests, and which release is active."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, LargeBinary, PrimaryKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, Json, county_ref


class FileKind(StrEnum):
    PROCESS = "process"
    DECISION = "decision"
    FORM = "form"
    DOCUMENT = "document"
    DICTIONARY = "dictionary"
    SETTINGS = "settings"
    PATH_TEST = "path_test"
    OTHER = "other"


class VersionState(StrEnum):
    DRAFT = "draft"
    FINAL = "final"


class DefinitionFile(Base):
    """The bytes of a file under their SHA-256; shared by every county that uses them."""

    __tablename__ = "definition_files"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]


class DefinitionVersion(CountyKey, Base):
    """One version of one file of a package. A final version never changes."""

    __tablename__ = "definition_versions"
    __table_args__ = (UniqueConstraint("county_id", "package", "path", "number"),)

    package: Mapped[str] = mapped_column(String(60))
    path: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]


class Release(CountyKey, Base):
    """A package at one moment: path to content hash, immutable.

    `manifest_hash` names the whole content, so that counties with equal releases share what was compiled.
    """

    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("county_id", "package", "number"),)

    package: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    manifest: Mapped[dict[str, str]] = mapped_column(Json)
    manifest_hash: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    published_by: Mapped[int | None]
    approved_by: Mapped[int | None]


class ActiveRelease(Base):
    """Which release of a package new work takes, and since when."""

    __tablename__ = "active_releases"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "package"),
        county_ref("releases", "release_id"),
        Index("ix_active_releases_release_id", "county_id", "release_id"),
    )

    county_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    package: Mapped[str] = mapped_column(String(60))
    release_id: Mapped[int]
    number: Mapped[int]
    since: Mapped[datetime]
