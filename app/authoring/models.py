"""What is being worked on and what waits to be published. What is published lives in `definitions`."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, LargeBinary, PrimaryKeyConstraint, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, Json, county_ref

_OPEN = text("closed_at is null")
_WAITING = text("state in ('waiting', 'scheduled')")


class Draft(CountyKey, Base):
    """A file of a package as it is being changed: one open draft for each path, whoever edits it.

    `base_hash` is the active file that it began from, "" for a new file; `base_number` the release that held it.
    `removed` takes the file out of the package. `revision` rises with each save: whoever saves names the one they saw.
    A closed draft (discarded or published) keeps its bytes, so that it can be taken up again.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        Index(
            "uq_drafts_open",
            "county_id",
            "package",
            "path",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        Index("ix_drafts_package", "county_id", "package", "closed_at"),
    )

    package: Mapped[str] = mapped_column(String(60))
    path: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[str] = mapped_column(String(64))
    base_hash: Mapped[str] = mapped_column(String(64), default="")
    base_number: Mapped[int] = mapped_column(default=0)
    removed: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[int]
    updated_by: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_as: Mapped[str] = mapped_column(String(20), default="")

    @property
    def changed(self) -> bool:
        """Whether publishing it would change anything against what it began from."""
        return self.removed or self.hash != self.base_hash

    @property
    def outcome(self) -> str:
        """The hash of what publishing it would bring, "" for a file that is taken out."""
        return "" if self.removed else self.hash


class RevisionKind(StrEnum):
    SAVED = "saved"
    ASIDE = "aside"


class DraftRevision(CountyKey, Base):
    """What a draft held after one save, packed; `aside` is a version that lost against another editor's."""

    __tablename__ = "draft_revisions"
    __table_args__ = (
        county_ref("drafts", "draft_id"),
        Index("ix_draft_revisions_draft", "county_id", "draft_id", "id"),
    )

    draft_id: Mapped[int]
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10), default=RevisionKind.SAVED)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    author_id: Mapped[int]
    saved_at: Mapped[datetime]


class PublicationState(StrEnum):
    """`scheduled` is approved and waits for its day."""

    WAITING = "waiting"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


class Publication(CountyKey, Base):
    """A request to publish: the whole package as it was asked for, so that what was approved is what is published.

    `base_number` is the release that was active then, 0 for none; `changes` maps each changed path to its hash, ""
    for a file that is taken out.
    """

    __tablename__ = "publications"
    __table_args__ = (
        Index("ix_publications_package", "county_id", "package", "id"),
        Index(
            "ix_publications_waiting",
            "county_id",
            "package",
            postgresql_where=_WAITING,
            sqlite_where=_WAITING,
        ),
        UniqueConstraint("county_id", "release_id"),
    )

    package: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(12), default=PublicationState.WAITING)
    base_number: Mapped[int] = mapped_column(default=0)
    changes: Mapped[dict[str, str]] = mapped_column(Json)
    manifest_hash: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500), default="")
    effective_at: Mapped[datetime | None]
    requested_by: Mapped[int]
    requested_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(500), default="")
    release_id: Mapped[int | None]
    published_at: Mapped[datetime | None]


class PackagePolicy(Base):
    """What an administrator has set for a package; without a row a second person approves."""

    __tablename__ = "package_policies"
    __table_args__ = (PrimaryKeyConstraint("county_id", "package"),)

    county_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    package: Mapped[str] = mapped_column(String(60))
    second_person: Mapped[bool] = mapped_column(default=True)
    changed_by: Mapped[int]
    changed_at: Mapped[datetime]
