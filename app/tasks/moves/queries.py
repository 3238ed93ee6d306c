"""Who may be given a task, where it came from, and who stands beside it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.cases.queries import recused_people
from app.core.database import any_holds, db
from app.core.locking import locked
from app.core.translations import language
from app.definitions import queries as definitions
from app.directory import queries as directory
from app.directory.access import below_any
from app.directory.leaves.models import Leave
from app.directory.leaves.queries import away_on
from app.directory.models import Assignment, Organisation, Person
from app.directory.rules import PERSON, ROLES, TEAM_ROLES, Viewer
from app.tasks.conditions import not_recused
from app.tasks.drafts.models import TaskDraft
from app.tasks.moves.models import TaskMove
from app.tasks.moves.rules import GIVEN_BY_HEADS, PASSED_ON, WORKING_ROLES, Move, ToPool, oversees, roles_of
from app.tasks.queries import is_in_hands_of, is_offered, last_doers, visible_task
from app.workflow.models import Beside, ItemStatus, WorkItem, WorkItemCandidate, WorkItemPerson
from app.workflow.queries import element_properties

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
    return db.session.get(Person, (county_id, person_id))


def recused(item: WorkItem) -> set[int]:
    """Who has a conflict of interest in the task's matter."""
    return recused_people(item.county_id, item.subject_id) if item.subject_id is not None else set()


def doers_of_what_it_approves(item: WorkItem) -> set[int]:
    """Whom the diagram keeps from this task because they did the step that it looks at."""
    release = definitions.numbered_release(item.county_id, item.package, item.release)
    named = element_properties(item, release).get("other_person_than", "").split()
    return last_doers(item, named) if named else set()


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


def task_roles(item: WorkItem, now: datetime) -> tuple[frozenset[str], frozenset[tuple[str, int]]]:
    """The roles for which the task is, and the pools in which it stands: (role, organisation).

    A task by name is for people who hold its holder's roles where they hold them.
    """
    offered = [
        (row.role, row.organisation_id)
        for row in db.session.execute(
            select(WorkItemCandidate.role, WorkItemCandidate.organisation_id).where(
                WorkItemCandidate.county_id == item.county_id, WorkItemCandidate.work_item_id == item.id
            )
        )
    ]
    pools = [one for one in offered if one[0] != PERSON]
    peers: list[tuple[str, int]] = []
    holder = item.owner_id or item.assignee_id
    if not pools and holder is not None:
        rows = db.session.execute(
            select(Assignment.role, Assignment.organisation_id).where(
                Assignment.county_id == item.county_id,
                Assignment.person_id == holder,
                Assignment.role.in_(WORKING_ROLES),
                *_held(_today(item.county_id, now)),
            )
        )
        peers = [(row.role, row.organisation_id) for row in rows]
    roles = roles_of(item.groups, (role for role, _ in pools), (role for role, _ in peers))
    return roles, frozenset(pools or peers)


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


def may_help() -> ColumnElement[bool]:
    """Posts whose holders may be asked to help with a task, in whichever office."""
    return Assignment.role.in_(WORKING_ROLES)


def _posts(county_id: int, condition: ColumnElement[bool], now: datetime) -> Select[int, str, str, str, str, str]:
    return (
        select(
            Person.id,
            Person.name,
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
        .where(Person.county_id == county_id, Person.left_at.is_(None), condition, *_held(_today(county_id, now)))
    )


def _held(today: date) -> tuple[ColumnElement[bool], ...]:
    return Assignment.from_date <= today, or_(Assignment.to_date.is_(None), Assignment.to_date >= today)


def _today(county_id: int, now: datetime) -> date:
    return now.astimezone(directory.zone_of(county_id)).date()


def holds_one_of(county_id: int, person_id: int, condition: ColumnElement[bool], now: datetime) -> bool:
    """Whether the person holds one of the posts."""
    found = _posts(county_id, condition, now).where(Person.id == person_id).limit(1)
    return db.session.execute(found).first() is not None


def candidates(
    county_id: int, condition: ColumnElement[bool], *, without: Collection[int], text: str = "", now: datetime
) -> list[Candidate]:
    """People with one of these posts, those with the least open first, as far as one page shows them."""
    query = _posts(county_id, condition, now).where(Person.id.not_in(without))
    if text:
        query = query.where(any_holds((Person.name, Person.name_en, Organisation.name_zh, Organisation.name_en), text))
    found: dict[int, tuple[str, list[str]]] = {}
    nearest = query.order_by(func.length(Organisation.path).desc(), Organisation.path, Person.id)
    for row in db.session.execute(nearest.limit(SHOWN * 20)):
        place = row.name_en if language() == "en" else row.name_zh
        found.setdefault(row.id, (row.name, []))[1].append(f"{place} · {ROLES[row.role][language() == 'en']}")
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
    return sorted(people, key=lambda one: (one.away, one.load))[:SHOWN]


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
            *_held(_today(item.county_id, now)),
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


@dataclass(frozen=True, slots=True)
class Company:
    """Somebody beside the task, in words."""

    person_id: int
    name: str
    kind: str
    reason: str
    read: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What this viewer may do with the task between people, and what was done with it last."""

    mine: bool = False
    lent_by: str = ""
    stands_in_for: str = ""
    hand_over: bool = False
    delegate: bool = False
    recall: bool = False
    urge: bool = False
    copy: bool = False
    helps: bool = False
    came: TaskMove | None = None
    came_by: str = ""
    company: tuple[Company, ...] = ()
    put_off_until: date | None = None

    @property
    def any(self) -> bool:
        return self.mine or self.hand_over or self.recall or self.urge or self.copy


def standing(viewer: Viewer, item: WorkItem, now: datetime) -> Standing:
    """Worked out for the page of the task; the services ask again, with the task locked."""
    beside = people_beside(item)
    if item.status != ItemStatus.OPEN:
        return Standing(company=_in_words(item, beside))
    moves = moves_of(item)
    mine = is_in_hands_of(viewer, item)
    offered = item.assignee_id is None and is_offered(viewer, item)
    head = oversees(viewer, item.org_path) and not viewer.only_reads()
    way = way_here(item, moves) if moves else None
    sent = way is not None and not mine and viewer.acts_for(way.by_id, way.from_id)
    last = next((one for one in moves if one.kind != Move.URGE), None)
    shown = last if last is not None and (mine or sent) else None
    names = directory.names_of(
        item.county_id,
        {one for one in (item.owner_id, item.assignee_id, shown.by_id if shown else None) if one is not None},
    )
    return Standing(
        mine=mine,
        lent_by=names.get(item.owner_id or 0, ""),
        stands_in_for=names.get(item.assignee_id or 0, "") if mine and item.assignee_id != viewer.person_id else "",
        hand_over=(mine and item.owner_id is None) or (head and not mine and _may_be_taken(item, now)),
        delegate=mine and item.owner_id is None,
        recall=sent and not (way is not None and item.assignee_id and has_begun(item, item.assignee_id, way)),
        urge=not mine and not offered and not viewer.only_reads(),
        copy=mine or head,
        helps=any(one.person_id == viewer.person_id and one.kind == Beside.CO_WORKER for one in beside),
        came=shown,
        came_by=names.get(shown.by_id, "") if shown else "",
        company=_in_words(item, beside),
        put_off_until=_day(viewer, item.follow_up_at, now) if mine else None,
    )


def _day(viewer: Viewer, at: datetime | None, now: datetime) -> date | None:
    """The day of a moment that lies ahead."""
    return at.astimezone(ZoneInfo(viewer.zone)).date() if at is not None and at > now else None


def _may_be_taken(item: WorkItem, now: datetime) -> bool:
    """Whether the head of the team may give the task to somebody: it is nobody's, or its holder is not at work."""
    if item.assignee_id is None:
        return True
    return item.assignee_id in away(item.county_id, now) or bool(
        directory.person(item.county_id, item.assignee_id).left_at
    )


def _in_words(item: WorkItem, beside: Sequence[WorkItemPerson]) -> tuple[Company, ...]:
    names = directory.names_of(item.county_id, {one.person_id for one in beside})
    return tuple(
        Company(one.person_id, names.get(one.person_id, ""), one.kind, one.reason, one.read_at is not None)
        for one in beside
    )


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
    """A task that the viewer passed on, with who has it."""

    move: TaskMove
    item: WorkItem
    holder: str


def passed_on(viewer: Viewer) -> list[Sent]:
    """Open tasks that the viewer gave to others, the latest first."""
    rows = db.session.execute(
        select(TaskMove, WorkItem)
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
    return [Sent(row[0], row[1], names.get(row[1].assignee_id or 0, "")) for row in rows]
