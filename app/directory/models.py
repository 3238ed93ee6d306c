from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, Json, PathText, county_ref

TIERS = ("county", "town", "village", "grid")


class County(Base):
    __tablename__ = "counties"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(8), unique=True)
    zone: Mapped[str] = mapped_column(String(40), default="Asia/Shanghai")


class Organisation(CountyKey, Base):
    """A place in the tree: county, town, village, grid, or a department or committee that hangs on a tier.

    `path` holds one fixed-width segment for each ancestor and the organisation itself, with a trailing separator.
    One that was merged into another is closed and names its successor, to which its code leads.
    """

    __tablename__ = "organisations"
    __table_args__ = (
        county_ref("organisations", "parent_id"),
        UniqueConstraint("county_id", "code"),
        UniqueConstraint("county_id", "path"),
    )

    parent_id: Mapped[int | None]
    path: Mapped[str] = mapped_column(PathText)
    tier: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(30))
    code: Mapped[str] = mapped_column(String(30))
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str | None] = mapped_column(String(30))
    closed_at: Mapped[datetime | None]
    successor_id: Mapped[int | None]


class Person(CountyKey, Base):
    """Someone who works on this platform or follows a case of their own; `tags` are fields of ability."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("county_id", "login"), Index("ix_people_login", "login"))

    login: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str | None] = mapped_column(String(30))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_to_change: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None] = mapped_column(String(2))
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    languages: Mapped[list[str]] = mapped_column(Json, default=list)
    demo_order: Mapped[int | None]
    left_at: Mapped[datetime | None]


class Assignment(CountyKey, Base):
    """A role at an organisation, from a day to a day."""

    __tablename__ = "assignments"
    __table_args__ = (
        county_ref("people", "person_id"),
        county_ref("organisations", "organisation_id"),
        Index("ix_assignments_role", "county_id", "role", "organisation_id"),
        Index("ix_assignments_person", "county_id", "person_id"),
    )

    person_id: Mapped[int]
    organisation_id: Mapped[int]
    role: Mapped[str] = mapped_column(String(30))
    from_date: Mapped[date] = mapped_column(Date)
    to_date: Mapped[date | None] = mapped_column(Date)


class SignIn(CountyKey, Base):
    """One signed-in browser; revoked by ending it. The cookie holds a secret of which only the hash is kept.

    While it `owes` something (a code, a new password, a second factor) it opens nothing but the page that asks for it.
    `roles` is the mark of the roles it was opened with: when they change, the cookie gets a new secret.
    """

    __tablename__ = "sign_ins"
    __table_args__ = (
        county_ref("people", "person_id"),
        UniqueConstraint("secret_hash"),
        Index("ix_sign_ins_person", "county_id", "person_id"),
    )

    person_id: Mapped[int]
    secret_hash: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    agent: Mapped[str] = mapped_column(String(200), default="")
    network: Mapped[str] = mapped_column(String(45), default="")
    means: Mapped[str] = mapped_column(String(10), default="password")
    owes: Mapped[str] = mapped_column(String(10), default="")
    roles: Mapped[str] = mapped_column(String(16), default="")
    seen_at: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]


class ApiToken(CountyKey, Base):
    """A key for a program: hashed, with scopes and an end; it acts as a person or for one channel."""

    __tablename__ = "api_tokens"
    __table_args__ = (county_ref("people", "person_id"), UniqueConstraint("secret_hash"))

    name: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[int]
    channel: Mapped[str | None] = mapped_column(String(30))
    scopes: Mapped[list[str]] = mapped_column(Json, default=list)
    secret_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class SecondFactor(CountyKey, Base):
    """The secret that a person's phone makes codes with, sealed; `last_step` lets each code work once."""

    __tablename__ = "second_factors"
    __table_args__ = (county_ref("people", "person_id"), UniqueConstraint("county_id", "person_id"))

    person_id: Mapped[int]
    secret_cipher: Mapped[bytes]
    since: Mapped[datetime]
    last_step: Mapped[int]


class RecoveryCode(CountyKey, Base):
    """Stands in for the phone, once; only its hash is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (county_ref("people", "person_id"), UniqueConstraint("county_id", "person_id", "code_hash"))

    person_id: Mapped[int]
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class PasswordLink(CountyKey, Base):
    """A one-time address under which a person sets a new password; only its hash is kept."""

    __tablename__ = "password_links"
    __table_args__ = (
        county_ref("people", "person_id"),
        UniqueConstraint("secret_hash"),
        Index("ix_password_links_person", "county_id", "person_id"),
    )

    person_id: Mapped[int]
    secret_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Identity(CountyKey, Base):
    """An account at another provider that opens a person's account here: by issuer and subject, never by e-mail."""

    __tablename__ = "identities"
    __table_args__ = (
        county_ref("people", "person_id"),
        UniqueConstraint("issuer", "subject"),
        Index("ix_identities_person", "county_id", "person_id"),
    )

    person_id: Mapped[int]
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[datetime]


class Attempt(CountyKey, Base):
    """A counted try (signing in, a channel's push): limits live in the database, so every process sees them."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_key_at", "key", "at"),)

    key: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]


class CalendarDay(CountyKey, Base):
    """A local override: a day that is worked or free whatever the national calendar says."""

    __tablename__ = "calendar_days"
    __table_args__ = (UniqueConstraint("county_id", "day"),)

    day: Mapped[date] = mapped_column(Date)
    working: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(120), default="")
    reason_en: Mapped[str] = mapped_column(String(120), default="", server_default="")
