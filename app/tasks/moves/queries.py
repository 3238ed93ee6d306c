"""Who may be given a task, where it came from, and who stands beside it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.cases.queries import case_by_id, recused_people
from app.cases.rights import acts_in
from app.core.database import any_holds, db
from app.core.locking import locked
from app.core.translations import language, person_name
from app.directory import queries as directory
from app.directory.access import below, below_any
from app.directory.leaves.models import Leave
from app.directory.leaves.queries import away_on
from app.directory.models import Assignment, Organisation, Person
from app.directory.rules import PERSON, RESIDENT, ROLES, TEAM_ROLES, Viewer
from app.tasks.conditions import matter_seen, not_recused
from app.tasks.drafts.models import TaskDraft
from app.tasks.moves.eligibility import held, task_roles
from app.tasks.moves.models import TaskMove
from app.tasks.moves.rules import GIVEN_BY_HEADS, PASSED_ON, WORKING_ROLES, Move, ToPool, oversees
from app.tasks.queries import has_candidates, visible_task
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate, WorkItemPerson

SHOWN = 30
"""People and groups on one page of a picker; the rest is searched."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be given the task: with which posts, how much they have open, and whether they are away."""

    id: int
    name: str
    posts: tuple[str, ...]
    load: int = 0
    deputy: str = ""
    deputy_id: int | None = None
    away: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """A group of an office to which the task may go."""

    role: str
    organisation_id: int
    name: str
    people: int


def hold(item: WorkItem) -> WorkItem:
    """The task as it is now, kept from every other move and from its completion until this transaction ends."""
    statement = select(WorkItem).where(WorkItem.county_id == item.county_id, WorkItem.id == item.id)
    dialect = db.session().get_bind().dialect.name
    return db.session.scalars(locked(statement, dialect).execution_options(populate_existing=True)).one()


def moves_of(item: WorkItem) -> Sequence[TaskMove]:
    """What was done with the task between people, the newest first."""
    return db.session.scalars(
        select(TaskMove)
        .where(TaskMove.county_id == item.county_id, TaskMove.work_item_id == item.id)
        .order_by(TaskMove.id.desc())
    ).all()


def way_here(item: WorkItem, moves: Sequence[TaskMove]) -> TaskMove | None:
    """The move by which the task came to whoever has it now, or into the pool in which it waits or waited."""
    for one in moves:
        if one.kind in PASSED_ON and one.ended_at is None:
            if one.to_id is not None:
                return one if one.to_id == item.assignee_id else None
            return one if _is_offered(item, one.to_role, one.to_organisation_id) else None
    return None


def _is_offered(item: WorkItem, role: str, organisation_id: int | None) -> bool:
    found = select(WorkItemCandidate.work_item_id).where(
        WorkItemCandidate.county_id == item.county_id,
        WorkItemCandidate.work_item_id == item.id,
        WorkItemCandidate.role == role,
        WorkItemCandidate.organisation_id == organisation_id,
    )
    return db.session.scalar(found) is not None


def doer_before(item: WorkItem) -> int | None:
    """Who completed the step of the same process that came before the task, if a person did."""
    return db.session.scalar(
        select(WorkItem.closed_by)
        .where(
            WorkItem.county_id == item.county_id,
            WorkItem.instance_id == item.instance_id,
            WorkItem.status == ItemStatus.DONE,
            WorkItem.closed_by.is_not(None),
            WorkItem.id < item.id,
        )
        .order_by(WorkItem.closed_at.desc(), WorkItem.id.desc())
        .limit(1)
    )


def people_beside(item: WorkItem) -> Sequence[WorkItemPerson]:
    """Who works with the task and who reads it, in the order in which they came."""
    return db.session.scalars(
        select(WorkItemPerson)
        .where(
            WorkItemPerson.county_id == item.county_id,
            WorkItemPerson.work_item_id == item.id,
            WorkItemPerson.ended_at.is_(None),
        )
        .order_by(WorkItemPerson.id)
    ).all()


def away(county_id: int, now: datetime) -> Mapping[int, int | None]:
    """Who is on leave today, each with their deputy."""
    return away_on(county_id, _today(county_id, now))


def away_until(county_id: int, person_id: int, now: datetime) -> date | None:
    """The last day of the leave on which somebody is today."""
    today = _today(county_id, now)
    return db.session.scalar(
        select(func.max(Leave.to_date)).where(
            Leave.county_id == county_id,
            Leave.person_id == person_id,
            Leave.ended_at.is_(None),
            Leave.from_date <= today,
            Leave.to_date >= today,
        )
    )


def colleague(county_id: int, person_id: int) -> Person | None:
    """Somebody who works here or did; None for a number that is a resident's, or nobody's."""
    posts = exists().where(
        Assignment.county_id == Person.county_id, Assignment.person_id == Person.id, Assignment.role != RESIDENT
    )
    return db.session.scalars(
        select(Person).where(Person.county_id == county_id, Person.id == person_id, posts)
    ).one_or_none()


def recused(item: WorkItem) -> set[int]:
    """Who has a conflict of interest in the task's matter."""
    return recused_people(item.county_id, item.subject_id) if item.subject_id is not None else set()


def no_choice(viewer: Viewer, item: WorkItem) -> set[int]:
    """Who is offered in no picker of the task: the viewer, who has it or lent it, and whoever is recused."""
    return {viewer.person_id, *recused(item)} | {one for one in (item.assignee_id, item.owner_id) if one is not None}


def has_begun(item: WorkItem, person_id: int, way: TaskMove) -> bool:
    """Whether who got the task by this move has done anything with it: typed, or brought somebody in."""
    found = select(WorkItemPerson.id).where(
        WorkItemPerson.county_id == item.county_id,
        WorkItemPerson.work_item_id == item.id,
        WorkItemPerson.added_by == person_id,
        WorkItemPerson.added_at > way.at,
    )
    typed = select(TaskDraft.saved_at).where(
        TaskDraft.county_id == item.county_id,
        TaskDraft.work_item_id == item.id,
        TaskDraft.person_id == person_id,
        TaskDraft.saved_at > way.at,
    )
    return way.to_id is None or any(db.session.scalar(one.limit(1)) is not None for one in (found, typed))


def keeps_it(item: WorkItem, way: TaskMove, now: datetime) -> bool:
    """Whether who got the task by this move is not asked to give it back: they have begun with it, and are at work."""
    holder = item.assignee_id
    return holder is not None and has_begun(item, holder, way) and holder not in away(item.county_id, now)


def may_be_given(viewer: Viewer, item: WorkItem, now: datetime) -> ColumnElement[bool]:
    """Posts whose holders this viewer may give the task: its groups', and for the head of the team the team's."""
    _, pools = task_roles(item, now)
    allowed: list[ColumnElement[bool]] = []
    if pools:
        allowed.append(tuple_(Assignment.role, Assignment.organisation_id).in_(sorted(pools)))
    if oversees(viewer, item.org_path):
        team = below_any(Organisation.path, viewer.paths(TEAM_ROLES))
        allowed.append(and_(Assignment.role.in_(GIVEN_BY_HEADS), team))
    named = select(WorkItemCandidate.organisation_id).where(
        WorkItemCandidate.county_id == item.county_id,
        WorkItemCandidate.work_item_id == item.id,
        WorkItemCandidate.role == PERSON,
    )
    allowed.append(and_(Person.id.in_(named), Assignment.role.in_(WORKING_ROLES)))
    return or_(*allowed)


def may_get_back(
    viewer: Viewer, item: WorkItem, person_id: int, moves: Sequence[TaskMove], now: datetime
) -> ColumnElement[bool]:
    """Posts with which somebody may have a task once more: those of a hand-over, by this viewer or by who gave it.

    With any post of who works on cases: the head of the team, who passed it on for somebody still absent, and who had
    it by name, without a group.
    """
    given = next((one.by_id for one in moves if one.to_id == person_id and one.kind in PASSED_ON), None)
    giver = directory.viewer_of_person(item.county_id, given, now=now) if given is not None else None
    allowed = [may_be_given(one, item, now) for one in (viewer, giver) if one is not None]
    receiver = directory.viewer_of_person(item.county_id, person_id, now=now)
    if not has_candidates(item) or (receiver is not None and _had_charge(receiver, item, moves)):
        allowed.append(Assignment.role.in_(WORKING_ROLES))
    return or_(*allowed)


def _had_charge(receiver: Viewer, item: WorkItem, moves: Sequence[TaskMove]) -> bool:
    """Whether the task was in somebody's charge without being theirs: as head, or as deputy of whose it was."""
    return oversees(receiver, item.org_path) or any(
        one.by_id == receiver.person_id and one.from_id in receiver.stands_in_for for one in moves
    )


def may_help() -> ColumnElement[bool]:
    """Posts whose holders may be asked to help with a task, in whichever office."""
    return Assignment.role.in_(WORKING_ROLES)


def _posts(county_id: int, condition: ColumnElement[bool], now: datetime) -> Select[int, str, str, str, str, str, str]:
    return (
        select(
            Person.id,
            Person.name,
            Person.name_en.label("called_en"),
            Assignment.role,
            Organisation.name_zh,
            Organisation.name_en,
            Organisation.path,
        )
        .join(Assignment, and_(Assignment.county_id == Person.county_id, Assignment.person_id == Person.id))
        .join(
            Organisation,
            and_(Organisation.county_id == Assignment.county_id, Organisation.id == Assignment.organisation_id),
        )
        .where(Person.county_id == county_id, Person.left_at.is_(None), condition, *held(_today(county_id, now)))
    )


def _today(county_id: int, now: datetime) -> date:
    return now.astimezone(directory.zone_of(county_id)).date()


def holds_one_of(county_id: int, person_id: int, condition: ColumnElement[bool], now: datetime) -> bool:
    """Whether the person holds one of the posts."""
    found = _posts(county_id, condition, now).where(Person.id == person_id).limit(1)
    return db.session.execute(found).first() is not None


def candidates(
    county_id: int,
    condition: ColumnElement[bool],
    *,
    without: Collection[int],
    text: str = "",
    near: str = "",
    now: datetime,
) -> list[Candidate]:
    """People with one of these posts, as far as one page shows them.

    Those of the office at the path `near` come first, then those with the least open.
    """
    query = _posts(county_id, condition, now).where(Person.id.not_in(without))
    if text:
        query = query.where(any_holds((Person.name, Person.name_en, Organisation.name_zh, Organisation.name_en), text))
    found: dict[int, tuple[str, list[str]]] = {}
    of_office: set[int] = set()
    first = [below(Organisation.path, near).desc()] if near else []
    nearest = query.order_by(*first, func.length(Organisation.path).desc(), Organisation.path, Person.id)
    for row in db.session.execute(nearest.limit(SHOWN * 20)):
        place = row.name_en if language() == "en" else row.name_zh
        name = person_name(row.name, row.called_en)
        if near and row.path.startswith(near):
            of_office.add(row.id)
        found.setdefault(row.id, (name, []))[1].append(f"{place} · {ROLES[row.role][language() == 'en']}")
    absent = away(county_id, now)
    deputies = directory.names_of(county_id, {one for one in absent.values() if one is not None})
    loads = open_loads(county_id, found)
    people = [
        Candidate(
            one,
            name,
            tuple(posts),
            loads.get(one, 0),
            deputies.get(absent.get(one) or 0, ""),
            absent.get(one),
            one in absent,
        )
        for one, (name, posts) in found.items()
    ]
    return sorted(people, key=lambda one: (one.away, one.id not in of_office, one.load))[:SHOWN]


def open_loads(county_id: int, people: Collection[int]) -> dict[int, int]:
    """How many open tasks each of the people has."""
    if not people:
        return {}
    rows = db.session.execute(
        select(WorkItem.assignee_id, func.count())
        .where(
            WorkItem.county_id == county_id, WorkItem.status == ItemStatus.OPEN, WorkItem.assignee_id.in_(list(people))
        )
        .group_by(WorkItem.assignee_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def pools_for(
    viewer: Viewer, item: WorkItem, now: datetime, *, text: str = "", only: ToPool | None = None
) -> list[Pool]:
    """Groups to which the task may go: its roles at the office that leads it, those above, beside and right below it.

    For the head of a team also everywhere in the team. Where it waits already is no choice.
    """
    roles, pools = task_roles(item, now)
    if not roles or not item.org_path:
        return []
    waiting = pools if item.assignee_id is None else frozenset()
    segments = item.org_path.rstrip("/").split("/")
    above = ["/".join(segments[:n]) + "/" for n in range(1, len(segments) + 1)]
    parent = aliased(Organisation)
    near = or_(Organisation.path.in_(above), parent.path.in_(above[-2:]))
    if oversees(viewer, item.org_path):
        near = or_(near, below_any(Organisation.path, viewer.paths(TEAM_ROLES)))
    query = (
        select(
            Assignment.role,
            Organisation.id,
            Organisation.name_zh,
            Organisation.name_en,
            func.count(Person.id.distinct()).label("people"),
        )
        .join(Person, and_(Person.county_id == Assignment.county_id, Person.id == Assignment.person_id))
        .join(
            Organisation,
            and_(Organisation.county_id == Assignment.county_id, Organisation.id == Assignment.organisation_id),
        )
        .outerjoin(parent, and_(parent.county_id == Organisation.county_id, parent.id == Organisation.parent_id))
        .where(
            Assignment.county_id == item.county_id,
            Assignment.role.in_(roles),
            Organisation.closed_at.is_(None),
            Person.left_at.is_(None),
            near,
            *held(_today(item.county_id, now)),
            *([any_holds((Organisation.name_zh, Organisation.name_en), text)] if text else ()),
            *([Assignment.role == only.role, Organisation.id == only.organisation_id] if only else ()),
        )
        .group_by(Assignment.role, Organisation.id, Organisation.path, Organisation.name_zh, Organisation.name_en)
        .order_by(func.length(Organisation.path).desc(), Organisation.path, Assignment.role)
        .limit(SHOWN)
    )
    english = language() == "en"
    return [
        Pool(row.role, row.id, f"{row.name_en if english else row.name_zh} · {ROLES[row.role][english]}", row.people)
        for row in db.session.execute(query).all()
        if (row.role, row.id) not in waiting
    ]


def urged_at(moves: Sequence[TaskMove]) -> list[datetime]:
    return [one.at for one in moves if one.kind == Move.URGE]


def may_urge(viewer: Viewer, item: WorkItem) -> bool:
    return acts_in(viewer, case_by_id(item.county_id, item.subject_id) if item.subject_id is not None else None)


def still_reachable(viewer: Viewer, item: WorkItem) -> bool:
    """Whether the viewer may see the task also after what was just done with it."""
    return visible_task(viewer, item.id) is not None


MOST_KINDS = 10
"""Kinds of tasks of which the picker for many asks who may have them."""


def may_be_given_any(viewer: Viewer, items: Sequence[WorkItem], now: datetime) -> ColumnElement[bool] | None:
    """Posts whose holders may be given some of the tasks; None when there is none."""
    kinds = {(tuple(one.groups), one.org_id, one.assignee_id): one for one in items}
    each = [may_be_given(viewer, one, now) for one in list(kinds.values())[:MOST_KINDS]]
    return or_(*each) if each else None


@dataclass(frozen=True, slots=True)
class Sent:
    """A task that the viewer passed on, with who has it; `hidden`: its matter is not theirs to see any more."""

    move: TaskMove
    item: WorkItem
    holder: str
    hidden: bool


def passed_on(viewer: Viewer) -> list[Sent]:
    """Open tasks that the viewer gave to others, the latest first."""
    rows = db.session.execute(
        select(TaskMove, WorkItem, matter_seen(viewer))
        .join(WorkItem, and_(WorkItem.county_id == TaskMove.county_id, WorkItem.id == TaskMove.work_item_id))
        .where(
            TaskMove.county_id == viewer.county_id,
            TaskMove.by_id == viewer.person_id,
            TaskMove.ended_at.is_(None),
            WorkItem.status == ItemStatus.OPEN,
            not_recused(viewer),
        )
        .order_by(TaskMove.id.desc())
        .limit(100)
    ).all()
    names = directory.names_of(viewer.county_id, {row[1].assignee_id for row in rows if row[1].assignee_id})
    return [Sent(move, item, names.get(item.assignee_id or 0, ""), not seen) for move, item, seen in rows]
