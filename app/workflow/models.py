"""The tables of running processes.

A row that the engine knows keeps the engine's own id in `token`. Work items carry a copy of everything that the inbox
sorts and filters by, written in the transaction that changes it.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    event,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import FOREVER, Base, CountyKey, Json, PathText, county_ref, table_of
from app.directory.registers.rules import PALETTE

RISK_RANKS = {"": 0, **{colour: rank for rank, colour in enumerate(PALETTE, start=1)}}
"""Risk colours in the order of the inbox; the higher the sooner."""

_OPEN = text("status = 'open'")
_OPEN_AND_TAKEN = text("status = 'open' AND assignee_id IS NOT NULL")
_OPEN_AND_LENT = text("status = 'open' AND owner_id IS NOT NULL")
_BY_SOMEBODY = text("closed_by IS NOT NULL")
_RESTRICTED = text("status = 'open' and sensitivity <> 'normal'")
_PUT_OFF = text("status = 'open' and follow_up_at is not null")
_WAITING = text("waiting")
_PRESENT = text("ended_at is null")


class InstanceStatus(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class ItemStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Instance(CountyKey, Base):
    """One running process, with the processes it calls: the engine's state, and what is asked about it from outside.

    `active` and `optional` are the engine's present picture: where tokens stand, what may be started besides.
    `variables` are all scopes as `app.workflow.scopes` packs them: `queries.variables_by_scope` reads them.
    `organisation_id` is for an instance without a subject; a subject brings its own. `started_by` is the person whose
    hand began it: nobody for what a party, a channel, a timer or another process began.
    """

    __tablename__ = "instances"
    __table_args__ = (
        county_ref("releases", "release_id"),
        Index("ix_instances_subject", "county_id", "subject_id"),
        Index("ix_instances_due", "due_at", postgresql_where=text("due_at is not null")),
    )

    package: Mapped[str] = mapped_column(String(60))
    process_id: Mapped[str] = mapped_column(String(120))
    release_id: Mapped[int]
    release_number: Mapped[int]
    subject_id: Mapped[int | None]
    organisation_id: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(10), default=InstanceStatus.RUNNING)
    stage: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[bytes] = mapped_column(LargeBinary)
    variables: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    steps: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    waiting_hash: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    active: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    optional: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    started_at: Mapped[datetime]
    started_by: Mapped[int | None]
    finished_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(120))


class WorkItem(CountyKey, Base):
    """A task in somebody's inbox.

    `title_en` is empty where it says what `title_zh` says. `risk` is a rank (RISK_RANKS); `due_at` is FOREVER when
    there is none; `owner_id` is to whom it comes back from the assignee who does it for them; `party_id` names the
    party who may answer by their own link, with the form `party_form`.
    """

    __tablename__ = "work_items"
    __table_args__ = (
        county_ref("instances", "instance_id"),
        Index(
            "ix_work_items_open_risk",
            "county_id",
            text("risk desc"),
            "due_at",
            "id",
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
            postgresql_include=["org_path", "sensitivity", "subject_id"],
        ),
        Index(
            "ix_work_items_open_assignee",
            "county_id",
            "assignee_id",
            text("risk desc"),
            "due_at",
            "id",
            postgresql_where=_OPEN_AND_TAKEN,
            sqlite_where=_OPEN_AND_TAKEN,
        ),
        Index(
            "ix_work_items_open_owner",
            "county_id",
            "owner_id",
            postgresql_where=_OPEN_AND_LENT,
            sqlite_where=_OPEN_AND_LENT,
        ),
        Index(
            "ix_work_items_open_path",
            "county_id",
            "org_path",
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
            postgresql_include=[
                *("risk", "due_at", "id", "sensitivity", "subject_id"),
                *("dispute_type", "stage", "channel", "tier", "amount"),
            ],
        ),
        Index(
            "ix_work_items_open_restricted",
            "county_id",
            "org_path",
            postgresql_where=_RESTRICTED,
            sqlite_where=_RESTRICTED,
            postgresql_include=["id", "subject_id"],
        ),
        Index(
            "ix_work_items_put_off",
            "county_id",
            "assignee_id",
            postgresql_where=_PUT_OFF,
            sqlite_where=_PUT_OFF,
        ),
        Index("ix_work_items_open_age", "county_id", "id", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_work_items_open_type", "county_id", "dispute_type", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_work_items_open_stage", "county_id", "stage", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_work_items_instance", "county_id", "instance_id"),
        Index("ix_work_items_subject", "county_id", "subject_id"),
        Index(
            "ix_work_items_closed_by",
            "county_id",
            "closed_by",
            "closed_at",
            postgresql_where=_BY_SOMEBODY,
            sqlite_where=_BY_SOMEBODY,
        ),
    )

    instance_id: Mapped[int]
    subject_id: Mapped[int | None]
    token: Mapped[str] = mapped_column(String(60))
    package: Mapped[str] = mapped_column(String(60))
    process_id: Mapped[str] = mapped_column(String(120))
    element_id: Mapped[str] = mapped_column(String(120))
    release: Mapped[int]
    title_zh: Mapped[str] = mapped_column(String(300), default="")
    title_en: Mapped[str] = mapped_column(String(300), default="")
    name_zh: Mapped[str] = mapped_column(String(120), default="")
    name_en: Mapped[str] = mapped_column(String(120), default="")
    stage: Mapped[str] = mapped_column(String(60), default="")
    form_key: Mapped[str] = mapped_column(String(120), default="")
    scope: Mapped[str] = mapped_column(String(60), default="")
    inputs: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    status: Mapped[str] = mapped_column(String(10), default=ItemStatus.OPEN)
    assignee_id: Mapped[int | None]
    owner_id: Mapped[int | None]
    party_id: Mapped[int | None]
    party_form: Mapped[str] = mapped_column(String(120), default="")
    org_id: Mapped[int | None]
    org_path: Mapped[str] = mapped_column(PathText, default="")
    sensitivity: Mapped[str] = mapped_column(String(20), default="normal")
    risk: Mapped[int] = mapped_column(SmallInteger, default=0)
    dispute_type: Mapped[str] = mapped_column(String(60), default="")
    channel: Mapped[str] = mapped_column(String(30), default="", server_default="")
    tier: Mapped[str] = mapped_column(String(10), default="", server_default="")
    amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    groups: Mapped[list[str]] = mapped_column(Json, default=list)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(default=FOREVER)
    follow_up_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None]
    closed_by_name: Mapped[str] = mapped_column(String(60), default="")


class Beside(StrEnum):
    """What somebody beside a task may do: help with it while it is open, or read."""

    CO_WORKER = "co_worker"
    COPIED = "copied"


class WorkItemPerson(CountyKey, Base):
    """Somebody beside the one who does a task: who brought them in, when and why. A row only where it happened.

    What a co-worker may see by it ends with the task, whoever ends it: whoever reads this asks for the item's status.
    `read_at` is when a copy was read.
    """

    __tablename__ = "work_item_people"
    __table_args__ = (
        county_ref("work_items", "work_item_id"),
        county_ref("people", "person_id"),
        Index(
            "uq_work_item_people_present",
            "county_id",
            "work_item_id",
            "person_id",
            "kind",
            unique=True,
            postgresql_where=_PRESENT,
            sqlite_where=_PRESENT,
        ),
        Index(
            "ix_work_item_people_person",
            "county_id",
            "person_id",
            "kind",
            "work_item_id",
            postgresql_where=_PRESENT,
            sqlite_where=_PRESENT,
        ),
    )

    work_item_id: Mapped[int]
    subject_id: Mapped[int | None]
    person_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(500), default="")
    added_by: Mapped[int]
    added_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class WorkItemCandidate(Base):
    """Holders of `role` at `organisation_id` may claim the item; the role `person` is the person with that id.

    `waiting` (the item is open and nobody's), `restricted` (it is open and of a restricted matter) and what the pool's
    list is sorted by and narrowed to are copies, kept by `triggers`.
    """

    __tablename__ = "work_item_candidates"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "work_item_id", "role", "organisation_id"),
        county_ref("work_items", "work_item_id"),
        Index("ix_work_item_candidates_pool", "county_id", "organisation_id", "role", "work_item_id"),
        Index(
            "ix_work_item_candidates_waiting",
            "county_id",
            "organisation_id",
            "role",
            text("risk desc"),
            "due_at",
            "work_item_id",
            postgresql_where=_WAITING,
            sqlite_where=_WAITING,
            postgresql_include=["subject_id", "dispute_type", "stage", "channel", "tier", "amount"],
        ),
        Index(
            "ix_work_item_candidates_age",
            "county_id",
            "organisation_id",
            "role",
            "work_item_id",
            postgresql_where=_WAITING,
            sqlite_where=_WAITING,
        ),
        Index(
            "ix_work_item_candidates_restricted",
            "county_id",
            "organisation_id",
            "role",
            "subject_id",
            postgresql_where=text("restricted"),
            sqlite_where=text("restricted"),
        ),
    )

    county_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    work_item_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    role: Mapped[str] = mapped_column(String(30))
    organisation_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    waiting: Mapped[bool] = mapped_column(server_default=false())
    restricted: Mapped[bool] = mapped_column(server_default=false())
    risk: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    due_at: Mapped[datetime] = mapped_column(server_default=text("'9999-01-01 00:00:00+00:00'"))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    dispute_type: Mapped[str] = mapped_column(String(60), server_default="")
    stage: Mapped[str] = mapped_column(String(60), server_default="")
    channel: Mapped[str] = mapped_column(String(30), server_default="")
    tier: Mapped[str] = mapped_column(String(10), server_default="")
    amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))


class Subscription(CountyKey, Base):
    """A message or signal that an instance waits for. A `key` of null takes every message of that name."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        county_ref("instances", "instance_id"),
        Index("ix_subscriptions_instance", "county_id", "instance_id"),
        Index("ix_subscriptions_name", "county_id", "name", "key"),
    )

    instance_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    key: Mapped[str | None] = mapped_column(String(120))
    element_id: Mapped[str] = mapped_column(String(120))


class MessageStatus(StrEnum):
    DELIVERED = "delivered"
    STARTED = "started"
    KEPT = "kept"
    NOBODY = "nobody"
    EXPIRED = "expired"


class Message(CountyKey, Base):
    """A message or signal that came to the door: what became of it, and what its sender was told.

    `message_id` is the sender's own; the same one again gets the same answer. `digest` tells whether the body is the
    same too. A message that nobody waits for is kept until `keep_until` when a diagram says so; its payload is
    forgotten as soon as it is no longer kept. `subject_id` narrows it to one case, `organisation_id` is where the tasks
    of a process belong that it starts.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("county_id", "message_id"),
        Index(
            "ix_messages_kept",
            "county_id",
            "name",
            postgresql_where=text("status = 'kept'"),
            sqlite_where=text("status = 'kept'"),
        ),
        Index("ix_messages_status", "county_id", "status", "id"),
    )

    message_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    key: Mapped[str | None] = mapped_column(String(120))
    subject_id: Mapped[int | None]
    organisation_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(10))
    reached: Mapped[list[int]] = mapped_column(Json, default=list)
    sender_kind: Mapped[str] = mapped_column(String(10))
    sender_id: Mapped[int | None]
    sender_name: Mapped[str] = mapped_column(String(60), default="")
    received_at: Mapped[datetime]
    keep_until: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class Incident(CountyKey, Base):
    """An element that could not run; `code` and `params` are worded by the engine."""

    __tablename__ = "incidents"
    __table_args__ = (
        county_ref("instances", "instance_id"),
        UniqueConstraint("county_id", "instance_id", "token"),
        Index("ix_incidents_subject", "county_id", "subject_id"),
        Index(
            "ix_incidents_open",
            "county_id",
            "id",
            postgresql_where=text("closed_at is null"),
            sqlite_where=text("closed_at is null"),
        ),
    )

    instance_id: Mapped[int]
    subject_id: Mapped[int | None]
    token: Mapped[str] = mapped_column(String(60))
    process_id: Mapped[str] = mapped_column(String(120))
    element_id: Mapped[str] = mapped_column(String(120))
    element_name: Mapped[str] = mapped_column(String(200), default="")
    code: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    cause: Mapped[str] = mapped_column(String(2000), default="")
    file: Mapped[str] = mapped_column(String(200), default="")
    line: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None]


class Decision(CountyKey, Base):
    """A decision that a process took: what came in, what came out, which table in which version, which rows hit."""

    __tablename__ = "decisions"
    __table_args__ = (
        county_ref("instances", "instance_id"),
        Index("ix_decisions_instance", "county_id", "instance_id"),
        Index("ix_decisions_subject", "county_id", "subject_id"),
    )

    instance_id: Mapped[int]
    subject_id: Mapped[int | None]
    process_id: Mapped[str] = mapped_column(String(120))
    element_id: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str] = mapped_column(String(120))
    release: Mapped[int]
    table_hash: Mapped[str] = mapped_column(String(64), default="")
    result: Mapped[Any] = mapped_column(Json, nullable=True)
    trace: Mapped[Any] = mapped_column(Json, nullable=True)
    at: Mapped[datetime]


class Visits(Base):
    """Stays at elements that have ended: what lights the diagram and measures the time in each step.

    A row takes up `STEPS_OF_A_ROW` steps, a line for each: `app.workflow.visits` writes and reads them.
    """

    __tablename__ = "visits"
    __table_args__ = (
        PrimaryKeyConstraint("county_id", "instance_id", "part"),
        county_ref("instances", "instance_id"),
    )

    county_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    instance_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    part: Mapped[int] = mapped_column(Integer, autoincrement=False)
    log: Mapped[str] = mapped_column(Text)


SWEPT_OFTEN = "SET (autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_threshold = 1000)"
"""Tables of which each step leaves dead rows behind: their room is used again after about a thousand."""

for _table in (Instance, WorkItem, WorkItemCandidate):
    _sweep = DDL(f"ALTER TABLE {_table.__tablename__} {SWEPT_OFTEN}").execute_if(dialect="postgresql")  # type: ignore[no-untyped-call]
    event.listen(table_of(_table), "after_create", _sweep)
