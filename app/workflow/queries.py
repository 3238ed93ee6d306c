"""Read running processes. What `services.advance` needs is read by Core, in as few statements as it takes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import undefer

from app.core.database import db, table_of
from app.core.layers import layered
from app.core.locking import locked
from app.core.reads import answers
from app.core.translations import BothNames, both_names, person_name
from app.definitions import queries as definitions
from app.definitions.queries import ReleaseInfo
from app.directory.models import Person
from app.engine.bpmn.state import layers_around
from app.engine.feel import load
from app.workflow import scopes, visits
from app.workflow.errors import InstanceNotFound, TaskNotFound
from app.workflow.models import (
    Decision,
    Incident,
    Instance,
    InstanceStatus,
    ItemStatus,
    Message,
    MessageStatus,
    Subscription,
    Visits,
    WorkItem,
    WorkItemCandidate,
)

instances = table_of(Instance)
work_items = table_of(WorkItem)
candidates = table_of(WorkItemCandidate)
subscriptions = table_of(Subscription)
messages = table_of(Message)


@dataclass(frozen=True, slots=True)
class LockedInstance:
    """The row of an instance that this transaction holds."""

    county_id: int
    id: int
    package: str
    process_id: str
    release_id: int
    subject_id: int | None
    organisation_id: int | None
    status: str
    stage: str
    state: bytes
    steps: int
    due_at: datetime | None
    waiting_hash: bytes
    variables: bytes | None


def subject_of(county_id: int, instance_id: int) -> int | None:
    """What the instance is about; it never changes, so that no lock is needed. Raises InstanceNotFound."""
    row = db.session.execute(
        select(instances.c.subject_id).where(instances.c.county_id == county_id, instances.c.id == instance_id)
    ).one_or_none()
    if row is None:
        raise InstanceNotFound
    return None if row.subject_id is None else int(row.subject_id)


def package_of(county_id: int, instance_id: int) -> str:
    """The package whose process it runs. Raises InstanceNotFound."""
    found = db.session.scalar(
        select(instances.c.package).where(instances.c.county_id == county_id, instances.c.id == instance_id)
    )
    if found is None:
        raise InstanceNotFound
    return str(found)


_HELD = (
    "county_id",
    "id",
    "package",
    "process_id",
    "release_id",
    "subject_id",
    "organisation_id",
    "status",
    "stage",
    "state",
    "steps",
    "due_at",
    "waiting_hash",
    "variables",
)


@cache
def _lock_statement(dialect: str) -> Select[*tuple[Any, ...]]:
    return locked(
        select(*(instances.c[name] for name in _HELD)).where(
            instances.c.county_id == bindparam("county"), instances.c.id == bindparam("instance")
        ),
        dialect,
    )


def lock_instance(county_id: int, instance_id: int) -> LockedInstance:
    """The instance's row, held until the transaction ends. Nothing else may be read in the same statement."""
    rows = answers(_lock_statement(db.engine.dialect.name), {"county": county_id, "instance": instance_id})
    if not rows:
        raise InstanceNotFound
    return LockedInstance(*rows[0])


_VARIABLES = select(instances.c.variables).where(
    instances.c.county_id == bindparam("county"), instances.c.id == bindparam("instance")
)


def variables_by_scope(county_id: int, instance_id: int) -> scopes.Scopes:
    """Everything stored for the instance, by scope and name, as FEEL values."""
    return scopes.read(db.session.scalar(_VARIABLES, {"county": county_id, "instance": instance_id}))


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A process that waits for a message or signal; a `key` of None takes any."""

    instance_id: int
    subject_id: int | None
    release_id: int
    key: str | None


def subscribers(county_id: int, kind: str, name: str) -> Sequence[Subscriber]:
    """Who waits for the message or signal, in the order in which to lock them: by subject, then the oldest first."""
    rows = db.session.execute(
        select(instances.c.id, instances.c.subject_id, instances.c.release_id, subscriptions.c.key)
        .join(
            subscriptions,
            and_(
                subscriptions.c.county_id == instances.c.county_id,
                subscriptions.c.instance_id == instances.c.id,
            ),
        )
        .where(
            subscriptions.c.county_id == county_id,
            subscriptions.c.kind == kind,
            subscriptions.c.name == name,
        )
        .distinct()
        .order_by(instances.c.subject_id, instances.c.id)
    )
    return [Subscriber(*list(row)) for row in rows]


def kept_messages(county_id: int, names: Collection[str], *, now: datetime, limit: int = 50) -> Sequence[int]:
    """Ids of messages of these names that are still kept, the oldest first."""
    return db.session.scalars(
        select(messages.c.id)
        .where(
            messages.c.county_id == county_id,
            messages.c.status == MessageStatus.KEPT,
            messages.c.name.in_(sorted(names)),
            messages.c.keep_until > now,
        )
        .order_by(messages.c.id)
        .limit(limit)
    ).all()


def kept_and_awaited(*, now: datetime, limit: int = 50) -> Sequence[tuple[int, int]]:
    """(county, id) of kept messages for whose name somebody waits, the oldest first."""
    rows = db.session.execute(
        select(messages.c.county_id, messages.c.id)
        .where(
            messages.c.status == MessageStatus.KEPT,
            messages.c.keep_until > now,
            exists().where(
                subscriptions.c.county_id == messages.c.county_id,
                subscriptions.c.kind == "message",
                subscriptions.c.name == messages.c.name,
                or_(subscriptions.c.key.is_(None), subscriptions.c.key == messages.c.key),
            ),
        )
        .order_by(messages.c.id)
        .limit(limit)
    )
    return [(row.county_id, row.id) for row in rows]


def place_of(county_id: int, instance_id: int) -> tuple[int | None, int | None]:
    """(subject, organisation) of an instance; a subject brings its own place. Raises InstanceNotFound."""
    row = db.session.execute(
        select(instances.c.subject_id, instances.c.organisation_id).where(
            instances.c.county_id == county_id, instances.c.id == instance_id
        )
    ).one_or_none()
    if row is None:
        raise InstanceNotFound
    return row.subject_id, row.organisation_id


def item(county_id: int, item_id: int) -> WorkItem:
    """A work item whoever asks: lookups for a person go through what that person may see."""
    found = db.session.get(WorkItem, (county_id, item_id))
    if found is None:
        raise TaskNotFound
    return found


def done_by(item: WorkItem) -> BothNames:
    """Who completed it; of somebody who is not of the house what was written down."""
    person = db.session.get(Person, (item.county_id, item.closed_by)) if item.closed_by is not None else None
    return both_names(person) if person is not None else BothNames(item.closed_by_name or "?")


def open_items(county_id: int, *, subject_id: int | None = None, instance_id: int | None = None) -> Sequence[WorkItem]:
    """Open work items of a subject or of an instance, oldest first."""
    query = select(WorkItem).where(WorkItem.county_id == county_id, WorkItem.status == ItemStatus.OPEN)
    if subject_id is not None:
        query = query.where(WorkItem.subject_id == subject_id)
    if instance_id is not None:
        query = query.where(WorkItem.instance_id == instance_id)
    return db.session.scalars(query.order_by(WorkItem.id)).all()


def element_properties(item: WorkItem, release: ReleaseInfo) -> Mapping[str, str]:
    """The extension properties of the task's element in the release that its process runs on."""
    process = definitions.contents(release).process(item.process_id)
    element = process.element(item.element_id, item.process_id)
    return element.properties if element else {}


def instances_of(county_id: int, subject_id: int, *, running: bool = False) -> Sequence[Instance]:
    """The processes about a subject, in the order in which they began."""
    query = select(Instance).where(Instance.county_id == county_id, Instance.subject_id == subject_id)
    if running:
        query = query.where(Instance.status == InstanceStatus.RUNNING)
    return db.session.scalars(query.order_by(Instance.id)).all()


@dataclass(frozen=True, slots=True)
class Work:
    """What goes on about a subject: its processes in the order in which they began, and every open task, oldest first.

    `holders` names who has a task, by the person's id.
    """

    instances: Sequence[Instance]
    items: Sequence[WorkItem]
    holders: Mapping[int, str]


_WORK = (
    select(Instance, WorkItem, Person.name, Person.name_en)
    .outerjoin(
        WorkItem,
        (WorkItem.county_id == Instance.county_id)
        & (WorkItem.instance_id == Instance.id)
        & (WorkItem.status == ItemStatus.OPEN),
    )
    .outerjoin(Person, (Person.county_id == WorkItem.county_id) & (Person.id == WorkItem.assignee_id))
    .where(Instance.county_id == bindparam("county"), Instance.subject_id == bindparam("subject"))
    .order_by(Instance.id, WorkItem.id)
    .options(undefer(Instance.variables))
)


def work_of(county_id: int, subject_id: int) -> Work:
    """Processes, open tasks and who has them, in one statement."""
    rows = db.session.execute(_WORK, {"county": county_id, "subject": subject_id}).all()
    items = [row[1] for row in rows if row[1] is not None]
    return Work(
        list({row[0].id: row[0] for row in rows}.values()),
        sorted(items, key=lambda item: item.id),
        {
            item.assignee_id: person_name(row[2] or "", row[3] or "")
            for row in rows
            if (item := row[1]) is not None and item.assignee_id is not None
        },
    )


def incidents_of(county_id: int, subject_id: int, *, open_only: bool = True) -> Sequence[Incident]:
    query = select(Incident).where(Incident.county_id == county_id, Incident.subject_id == subject_id)
    if open_only:
        query = query.where(Incident.closed_at.is_(None))
    return db.session.scalars(query.order_by(Incident.id)).all()


def decisions_of(county_id: int, subject_id: int) -> Sequence[Decision]:
    """The decisions that the subject's processes took, newest first."""
    return db.session.scalars(
        select(Decision)
        .where(Decision.county_id == county_id, Decision.subject_id == subject_id)
        .order_by(Decision.id.desc())
    ).all()


def last_decision(county_id: int, subject_id: int, reference: str) -> Decision | None:
    """The newest decision by this table about the subject."""
    return db.session.scalars(
        select(Decision)
        .where(Decision.county_id == county_id, Decision.subject_id == subject_id, Decision.reference == reference)
        .order_by(Decision.id.desc())
        .limit(1)
    ).first()


def visits_of(county_id: int, instance_id: int) -> Sequence[visits.Stay]:
    """The ended stays of an instance, in the order in which they ended; the present ones are `Instance.active`."""
    rows = db.session.execute(
        select(instances.c.process_id, Visits.log)
        .join(Visits, and_(Visits.county_id == instances.c.county_id, Visits.instance_id == instances.c.id))
        .where(instances.c.county_id == county_id, instances.c.id == instance_id)
        .order_by(Visits.part)
    )
    return [stay for row in rows for stay in visits.read(row.log, row.process_id)]


def values_seen_by(
    work_item: WorkItem,
    scopes: Mapping[str, Mapping[str, object]] | None = None,
    of_subject: Mapping[str, object] | None = None,
    state: bytes | None = None,
) -> Mapping[str, object]:
    """FEEL values that a form of the item may show: the root's, those of the scopes around it, its input parameters.

    `scopes` and `state` are the instance's where the caller has read them already, `of_subject` the subject's names,
    which stand in the root scope: what is nearer to the item hides what is farther.
    """
    if scopes is None:
        scopes = variables_by_scope(work_item.county_id, work_item.instance_id)
    layers: list[Mapping[str, object]] = []
    inputs = load(work_item.inputs)
    if isinstance(inputs, dict):
        layers.append(inputs)
    if work_item.scope:
        state = state or _state_of(work_item.county_id, work_item.instance_id)
        for scope, besides in layers_around(state, work_item.token):
            layers += [scopes.get(scope, {}), besides]
    return layered(*layers, of_subject or {}, scopes.get("", {}))


def _state_of(county_id: int, instance_id: int) -> bytes:
    row = instances.c.county_id == county_id, instances.c.id == instance_id
    return bytes(db.session.execute(select(instances.c.state).where(*row)).scalar_one())


@cache
def _due_statement(dialect: str) -> Select[*tuple[Any, ...]]:
    query = (
        select(*(instances.c[name] for name in _HELD))
        .where(
            instances.c.due_at <= bindparam("now", type_=instances.c.due_at.type),
            instances.c.status == InstanceStatus.RUNNING,
            or_(
                instances.c.leased_until.is_(None),
                instances.c.leased_until < bindparam("now", type_=instances.c.due_at.type),
            ),
        )
        .order_by(instances.c.due_at)
        .limit(bindparam("most", type_=Integer))
    )
    return locked(query, dialect, skip_locked=True)


def lock_due(*, now: datetime, limit: int) -> Sequence[LockedInstance]:
    """Instances with a due timer that nobody works on, held until the transaction ends; in the order of their ids."""
    rows = db.session.execute(_due_statement(db.engine.dialect.name), {"now": now, "most": limit})
    return sorted((LockedInstance(*list(row)) for row in rows), key=lambda one: (one.county_id, one.id))
