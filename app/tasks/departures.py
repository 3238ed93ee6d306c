"""What becomes of the tasks of somebody who leaves: the successor has them, or they wait in their pools again.

They are passed on in pieces, the oldest first: between two pieces a task is as it was or as it is to be.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, update

from app.audit.services import Actor, Stream, record
from app.cases.queries import codes_of, kept_out_of
from app.core.database import db
from app.core.locking import insert_for
from app.core.pieces import hold_piece
from app.core.translations import both_names
from app.directory.models import Person
from app.directory.queries import viewer_of_person
from app.directory.rules import PERSON
from app.tasks.errors import NobodyElseTakes
from app.tasks.moves.eligibility import ForWhom, Post, doers_of_what_they_approve, for_whom
from app.workflow.candidates import BY_NAME
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate, WorkItemPerson

AT_ONCE = 500
_SILENTLY = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class PassedOn:
    """How many tasks of a piece went to the successor, and how many back to their pools.

    `kept` are those that nobody else may have: they stay with who has left, for the heads of their teams to give out.
    `last` is the last task that was looked at; `more`: others come behind it.
    """

    to_successor: int
    to_pools: int
    kept: int
    last: int
    more: bool


@dataclass(frozen=True, slots=True)
class Heir:
    """Who takes over, and what they may not have: a conflict of interest, or their own work to approve."""

    person: Person
    roles: frozenset[str]
    kept_out: frozenset[int]

    def may_have(self, item: WorkItem, whom: ForWhom, doers: Collection[int]) -> bool:
        """What a hand-over asks for, too."""
        return (
            not whom.roles.isdisjoint(self.roles)
            and item.subject_id not in self.kept_out
            and self.person.id not in doers
        )


def tasks_in_hand(county_id: int, person_id: int) -> Sequence[WorkItem]:
    """The open tasks that a person has, and those that are offered to them by name, the oldest first."""
    return db.session.scalars(_in_hand(county_id, person_id)).all()


def count_in_hand(county_id: int, person_id: int) -> int:
    found = _in_hand(county_id, person_id).order_by(None).with_only_columns(func.count())
    return int(db.session.scalar(found) or 0)


def refuse_what_nobody_takes(person: Person, successor: Person | None, *, now: datetime) -> None:
    """Raises NobodyElseTakes for a task that only the person who leaves could have."""
    heir = _heir(successor, now)
    others = exists().where(*_of_item(), ~_by_name(person.id))
    alone = db.session.scalars(_in_hand(person.county_id, person.id).where(~others)).all()
    for item, to_heir in _look(alone, heir, since=now).items():
        if not to_heir:
            code = codes_of(item.county_id, [item.subject_id]).get(item.subject_id) if item.subject_id else None
            raise NobodyElseTakes(case=code or both_names(item))


def pass_on_tasks(
    person: Person, successor: Person | None, *, after: int, since: datetime, actor: Actor, now: datetime
) -> PassedOn:
    """The next tasks of a person who leaves go to the successor; without one, or where the successor may not have
    them, back to their pools. `since` is when the person left: by what they were then a task may be judged.
    """
    piece = hold_piece(_in_hand(person.county_id, person.id), after=after, most=AT_ONCE)
    to_heir, to_pools, kept = _apart(piece.rows, person, _heir(successor, now), since=since)
    for several, heir in ((to_heir, successor), (to_pools, None)):
        _give(several, person, heir)
        for item in several:
            _note(item, person, heir, actor, now)
    return PassedOn(len(to_heir), len(to_pools), len(kept), piece.last, piece.let_go())


def end_company(person: Person, *, now: datetime) -> None:
    """Nothing comes back to somebody who has gone, and they read and help nowhere any more."""
    of_county = WorkItem.county_id == person.county_id
    db.session.execute(
        update(WorkItem)
        .where(of_county, WorkItem.owner_id == person.id, WorkItem.status == ItemStatus.OPEN)
        .values(owner_id=None)
        .execution_options(**_SILENTLY)
    )
    db.session.execute(
        update(WorkItemPerson)
        .where(
            WorkItemPerson.county_id == person.county_id,
            WorkItemPerson.person_id == person.id,
            WorkItemPerson.ended_at.is_(None),
        )
        .values(ended_at=now)
        .execution_options(**_SILENTLY)
    )


def _in_hand(county_id: int, person_id: int) -> Select[WorkItem]:
    named = and_(WorkItem.assignee_id.is_(None), exists().where(*_of_item(), _by_name(person_id)))
    return (
        select(WorkItem)
        .where(
            WorkItem.county_id == county_id,
            WorkItem.status == ItemStatus.OPEN,
            or_(WorkItem.assignee_id == person_id, named),
        )
        .order_by(WorkItem.id)
    )


def _of_item() -> tuple[ColumnElement[bool], ...]:
    return WorkItemCandidate.county_id == WorkItem.county_id, WorkItemCandidate.work_item_id == WorkItem.id


def _by_name(person_id: int) -> ColumnElement[bool]:
    return and_(WorkItemCandidate.role == PERSON, WorkItemCandidate.organisation_id == person_id)


def _heir(successor: Person | None, now: datetime) -> Heir | None:
    """The successor with their rights of this moment; nobody, when they have left meanwhile."""
    if successor is None:
        return None
    taker = viewer_of_person(successor.county_id, successor.id, now=now)
    if taker is None:
        return None
    return Heir(successor, frozenset(taker.role_names()), kept_out_of(successor.county_id, successor.id))


def _look(items: Sequence[WorkItem], heir: Heir | None, *, since: datetime) -> Mapping[WorkItem, bool]:
    """Whether the heir may have each of the tasks."""
    if heir is None or not items:
        return dict.fromkeys(items, False)
    whom, doers = for_whom(items, since), doers_of_what_they_approve(items)
    return {item: heir.may_have(item, whom[item.id], doers[item.id]) for item in items}


def _apart(
    items: Sequence[WorkItem], person: Person, heir: Heir | None, *, since: datetime
) -> tuple[list[WorkItem], list[WorkItem], list[WorkItem]]:
    """The tasks for the heir, those for their pools, and those that nobody else could take."""
    to_heir: list[WorkItem] = []
    rest: list[WorkItem] = []
    for item, theirs in _look(items, heir, since=since).items():
        (to_heir if theirs else rest).append(item)
    own: Post = (PERSON, person.id)
    whom = for_whom(rest, since) if rest else {}
    to_pools = [item for item in rest if whom[item.id].offered - {own}]
    kept = [item for item in rest if not whom[item.id].offered - {own}]
    return to_heir, to_pools, kept


def _give(items: Sequence[WorkItem], person: Person, heir: Person | None) -> None:
    """Tasks in hand to the heir, or to nobody; where the person is offered them by name, the heir is instead."""
    ids = [item.id for item in items]
    if not ids:
        return
    own = WorkItem.county_id == person.county_id
    _take_name_off(items, person, heir)
    db.session.execute(
        update(WorkItem)
        .where(own, WorkItem.id.in_(ids), WorkItem.assignee_id == person.id)
        .values(assignee_id=heir.id if heir else None)
        .execution_options(**_SILENTLY)
    )


def _take_name_off(items: Sequence[WorkItem], person: Person, heir: Person | None) -> None:
    of_items = (
        WorkItemCandidate.county_id == person.county_id,
        WorkItemCandidate.work_item_id.in_([i.id for i in items]),
    )
    taken = db.session.scalars(
        delete(WorkItemCandidate)
        .where(*of_items, _by_name(person.id))
        .returning(WorkItemCandidate.work_item_id)
        .execution_options(**_SILENTLY)
    ).all()
    if heir is not None and taken:
        key = {"county_id": person.county_id, "role": PERSON, "organisation_id": heir.id}
        offer = insert_for(WorkItemCandidate, db.session.get_bind().dialect.name).on_conflict_do_nothing()
        db.session.execute(offer, [{**key, "work_item_id": one} for one in taken])
    own, heirs = f"{BY_NAME}{person.id}", [f"{BY_NAME}{heir.id}"] if heir else []
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for item in items:
        if own in item.groups:
            alike[tuple(item.groups)].append(item.id)
    for groups, several in alike.items():
        others = list(dict.fromkeys([*(group for group in groups if group != own), *heirs]))
        db.session.execute(
            update(WorkItem)
            .where(WorkItem.county_id == person.county_id, WorkItem.id.in_(several))
            .values(groups=others)
            .execution_options(**_SILENTLY)
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
        about={"task": item.id, "person": person.id, **({"heir": heir.id} if heir else {})},
    )
