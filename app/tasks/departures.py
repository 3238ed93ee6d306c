"""What becomes of the tasks of somebody who leaves: the successor has them, or they wait in their pools again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, insert, or_, select, update

from app.audit.services import Actor, Stream, record
from app.cases.queries import recused_people
from app.core.database import db
from app.directory.models import Person
from app.directory.rules import PERSON
from app.tasks.errors import NobodyElseTakes
from app.workflow.candidates import BY_NAME
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate, WorkItemPerson


@dataclass(frozen=True, slots=True)
class PassedOn:
    """How many tasks went to the successor, and how many back to their pools."""

    to_successor: int
    to_pools: int


def tasks_in_hand(county_id: int, person_id: int) -> Sequence[WorkItem]:
    """The open tasks that a person has, and those that are offered to them by name, the oldest first."""
    by_name = exists().where(
        WorkItemCandidate.county_id == WorkItem.county_id,
        WorkItemCandidate.work_item_id == WorkItem.id,
        WorkItemCandidate.role == PERSON,
        WorkItemCandidate.organisation_id == person_id,
    )
    return db.session.scalars(
        select(WorkItem)
        .where(
            WorkItem.county_id == county_id,
            WorkItem.status == ItemStatus.OPEN,
            or_(WorkItem.assignee_id == person_id, (WorkItem.assignee_id.is_(None)) & by_name),
        )
        .order_by(WorkItem.id)
    ).all()


def pass_on_tasks(person: Person, successor: Person | None, *, actor: Actor, now: datetime) -> PassedOn:
    """Every open task of a person who leaves goes to the successor; without one, or where the successor has a conflict
    of interest, back to its pool. Raises NobodyElseTakes for a task that nobody else could take.
    """
    given = returned = 0
    for item in tasks_in_hand(person.county_id, person.id):
        heir = successor if successor is not None and _may_have(successor, item) else None
        _take_name_off(item, person, heir)
        if heir is None and not _has_pool(item):
            raise NobodyElseTakes(task=item.name_zh or item.element_id)
        if item.assignee_id == person.id:
            item.assignee_id = heir.id if heir else None
        given, returned = given + (heir is not None), returned + (heir is None)
        db.session.flush()
        _note(item, person, heir, actor, now)
    _end_the_rest(person, now)
    return PassedOn(given, returned)


def _may_have(successor: Person, item: WorkItem) -> bool:
    return item.subject_id is None or successor.id not in recused_people(item.county_id, item.subject_id)


def _take_name_off(item: WorkItem, person: Person, heir: Person | None) -> None:
    """Where the task is offered to the person by name, it is offered to the heir instead, or to nobody by name."""
    own = f"{BY_NAME}{person.id}"
    if own not in item.groups:
        return
    heirs = [f"{BY_NAME}{heir.id}"] if heir else []
    item.groups = list(dict.fromkeys([*(group for group in item.groups if group != own), *heirs]))
    key = {"county_id": item.county_id, "work_item_id": item.id, "role": PERSON}
    of_item = (WorkItemCandidate.county_id == item.county_id, WorkItemCandidate.work_item_id == item.id)
    named = (WorkItemCandidate.role == PERSON, WorkItemCandidate.organisation_id == person.id)
    db.session.execute(delete(WorkItemCandidate).where(*of_item, *named))
    if heir is not None:
        there = select(WorkItemCandidate.role).where(
            *of_item, WorkItemCandidate.role == PERSON, WorkItemCandidate.organisation_id == heir.id
        )
        if db.session.scalar(there) is None:
            db.session.execute(insert(WorkItemCandidate).values(**key, organisation_id=heir.id))


def _has_pool(item: WorkItem) -> bool:
    return bool(
        db.session.scalar(
            select(
                exists().where(WorkItemCandidate.county_id == item.county_id, WorkItemCandidate.work_item_id == item.id)
            )
        )
    )


def _end_the_rest(person: Person, now: datetime) -> None:
    """Nothing comes back to somebody who has gone, and they read and help nowhere any more."""
    db.session.execute(
        update(WorkItem)
        .where(
            WorkItem.county_id == person.county_id, WorkItem.owner_id == person.id, WorkItem.status == ItemStatus.OPEN
        )
        .values(owner_id=None)
    )
    db.session.execute(
        update(WorkItemPerson)
        .where(
            WorkItemPerson.county_id == person.county_id,
            WorkItemPerson.person_id == person.id,
            WorkItemPerson.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def _note(item: WorkItem, person: Person, heir: Person | None, actor: Actor, now: datetime) -> None:
    stream = (
        Stream.case(item.county_id, item.subject_id)
        if item.subject_id is not None
        else Stream.organisation(item.county_id, item.org_id or 0)
    )
    record(
        stream,
        "task.inherited" if heir else "task.left_behind",
        actor=actor,
        now=now,
        payload={
            "name_zh": item.name_zh,
            "name_en": item.name_en,
            "person": person.name,
            "heir": heir.name if heir else "",
        },
        about={"task": item.id},
    )
