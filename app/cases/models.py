from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Index, LargeBinary, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, Json, PathText, county_ref

_RESTRICTED = text("sensitivity <> 'normal'")
_IN_MONEY = text("amount is not null")
_MEDIATED = text("mediator_id is not null")
_BY_SOMEBODY = text("received_by_id is not null")


class Case(CountyKey, Base):
    """One matter. What its process knows by name and has no column of its own lives in `facts`."""

    __tablename__ = "cases"
    __table_args__ = (
        county_ref("organisations", "lead_organisation_id"),
        county_ref("organisations", "received_by_id"),
        county_ref("organisations", "place_organisation_id"),
        county_ref("people", "mediator_id"),
        county_ref("cases", "successor_id"),
        UniqueConstraint("code"),
        Index("ix_cases_place_in_tree", "county_id", "org_path", "status"),
        Index("ix_cases_area", "county_id", "org_path", "id", postgresql_include=["sensitivity"]),
        Index(
            "ix_cases_mediator",
            "county_id",
            "mediator_id",
            "id",
            postgresql_where=_MEDIATED,
            sqlite_where=_MEDIATED,
        ),
        Index("ix_cases_type", "county_id", "dispute_type", "id"),
        Index("ix_cases_opened", "county_id", "opened_at"),
        Index("ix_cases_place", "county_id", "place"),
        Index("ix_cases_channel", "county_id", "channel"),
        Index("ix_cases_amount", "county_id", "amount", postgresql_where=_IN_MONEY, sqlite_where=_IN_MONEY),
        Index(
            "ix_cases_restricted", "county_id", "mediator_id", postgresql_where=_RESTRICTED, sqlite_where=_RESTRICTED
        ),
    )

    code: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(12), default="open")
    report_kind: Mapped[str] = mapped_column(String(20), default="dispute")
    channel: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(200), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    dispute_type: Mapped[str | None] = mapped_column(String(40))
    suggested_type: Mapped[str | None] = mapped_column(String(40))
    procedure: Mapped[str | None] = mapped_column(String(40))
    tier: Mapped[str] = mapped_column(String(10), default="county")
    risk_colour: Mapped[str] = mapped_column(String(10), default="green")
    risk_reasons: Mapped[list[Any]] = mapped_column(Json, default=list)
    sensitivity: Mapped[str] = mapped_column(String(12), default="normal")
    stage: Mapped[str] = mapped_column(String(30), default="registration")
    outcome: Mapped[str | None] = mapped_column(String(40))
    amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    people_count: Mapped[int | None]
    danger: Mapped[bool] = mapped_column(Boolean, default=False)
    lead_organisation_id: Mapped[int]
    org_path: Mapped[str] = mapped_column(PathText)
    received_by_id: Mapped[int]
    place_organisation_id: Mapped[int]
    assisting_ids: Mapped[list[str]] = mapped_column(Json, default=list)
    mediator_id: Mapped[int | None]
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    successor_id: Mapped[int | None]
    opened_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]


class CodeSequence(Base):
    """The last case number that a county gave out in a year."""

    __tablename__ = "code_sequences"

    county_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Report(CountyKey, Base):
    """One message from one channel; the same channel and source number is the same report.

    A report that a form brought has the number of the form as its id, and the mark of what stood in it.
    """

    __tablename__ = "reports"
    __table_args__ = (
        county_ref("cases", "case_id"),
        UniqueConstraint("county_id", "channel", "source_number"),
        Index("ix_reports_case", "county_id", "case_id"),
        Index(
            "ix_reports_received_by",
            "county_id",
            "received_by_id",
            "case_id",
            postgresql_where=_BY_SOMEBODY,
            sqlite_where=_BY_SOMEBODY,
        ),
    )

    case_id: Mapped[int]
    channel: Mapped[str] = mapped_column(String(30))
    source_number: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(200), default="")
    reporter_name: Mapped[str] = mapped_column(String(60), default="")
    reporter_phone: Mapped[str] = mapped_column(String(30), default="")
    happened_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    received_by_id: Mapped[int | None]
    form_mark: Mapped[str | None] = mapped_column(String(64))
    extra: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class Party(CountyKey, Base):
    """Someone in the matter: applicant or respondent side, a person or an organisation, with who acts for them."""

    __tablename__ = "parties"
    __table_args__ = (
        county_ref("cases", "case_id"),
        county_ref("people", "person_id"),
        Index("ix_parties_case", "county_id", "case_id"),
        Index("ix_parties_identity", "county_id", "identity_index"),
        Index("ix_parties_phone", "county_id", "phone"),
        Index("ix_parties_name", "county_id", "name"),
    )

    case_id: Mapped[int]
    side: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(14), default="person")
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(30), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    age: Mapped[int | None]
    identity_kind: Mapped[str] = mapped_column(String(20), default="")
    identity_cipher: Mapped[bytes | None] = mapped_column(LargeBinary)
    identity_index: Mapped[str | None] = mapped_column(String(64))
    identity_tail: Mapped[str] = mapped_column(String(4), default="")
    agent_name: Mapped[str] = mapped_column(String(80), default="")
    agent_phone: Mapped[str] = mapped_column(String(30), default="")
    guardian_name: Mapped[str] = mapped_column(String(80), default="")
    guardian_phone: Mapped[str] = mapped_column(String(30), default="")
    person_id: Mapped[int | None]
    consent: Mapped[str | None] = mapped_column(String(20))
    signed_at: Mapped[datetime | None]
    link_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    left_at: Mapped[datetime | None]


class Relation(CountyKey, Base):
    """Two cases that belong together: related, duplicate (kept) or merged; undone by ending it."""

    __tablename__ = "relations"
    __table_args__ = (
        county_ref("cases", "case_id"),
        county_ref("cases", "other_id"),
        UniqueConstraint("county_id", "case_id", "other_id", "kind"),
    )

    case_id: Mapped[int]
    other_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    reasons: Mapped[list[str]] = mapped_column(Json, default=list)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None]
    ended_at: Mapped[datetime | None]


class RiskRow(CountyKey, Base):
    """One judgement of the risk colour, with its reasons; never changed."""

    __tablename__ = "risk_rows"
    __table_args__ = (county_ref("cases", "case_id"), Index("ix_risk_rows_case", "county_id", "case_id"))

    case_id: Mapped[int]
    colour: Mapped[str] = mapped_column(String(10))
    score: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    reasons: Mapped[list[Any]] = mapped_column(Json, default=list)
    at: Mapped[datetime]


class Clock(CountyKey, Base):
    """A time limit that runs: the statutory date and the stricter local promise, with its pauses.

    `provisional` says that part of its working days lies in a year whose holidays are not yet announced. What it was
    last counted from, and how many days, is kept so that it can be counted again when the calendar changes.
    """

    __tablename__ = "clocks"
    __table_args__ = (county_ref("cases", "case_id"), Index("ix_clocks_case", "county_id", "case_id"))

    case_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(200), default="")
    days: Mapped[int]
    day_kind: Mapped[str] = mapped_column(String(10))
    promise_days: Mapped[int | None]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    promise_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str] = mapped_column(String(40), default="")
    days_left: Mapped[int | None]
    promise_days_left: Mapped[int | None]
    stopped_at: Mapped[datetime | None]
    provisional: Mapped[bool] = mapped_column(Boolean, default=False)
    counted_from: Mapped[date | None] = mapped_column(Date)
    counted_days: Mapped[int | None]
    counted_promise: Mapped[int | None]


class CaseAccess(CountyKey, Base):
    """Access of a person to one case beyond their jurisdiction (admitted), or its denial (recused)."""

    __tablename__ = "case_access"
    __table_args__ = (
        county_ref("cases", "case_id"),
        county_ref("people", "person_id"),
        Index("ix_case_access_person", "county_id", "person_id", "case_id"),
    )

    case_id: Mapped[int]
    person_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(200), default="")
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]


class Reveal(CountyKey, Base):
    """One person may see one party's numbers in clear for a while; the history says who asked and why."""

    __tablename__ = "reveals"
    __table_args__ = (
        county_ref("cases", "case_id"),
        county_ref("parties", "party_id"),
        county_ref("people", "person_id"),
        Index("ix_reveals_person", "county_id", "person_id", "case_id"),
    )

    case_id: Mapped[int]
    party_id: Mapped[int]
    person_id: Mapped[int]
    at: Mapped[datetime]
    until_at: Mapped[datetime]
