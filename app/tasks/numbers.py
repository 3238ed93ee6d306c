"""The numbers on the inbox's tabs: what is many is read from counters, what is one's own is counted up to 1,000."""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Subquery,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.orm import aliased

from app.cases.models import Case, CaseAccess
from app.cases.queries import RECUSED, visible_cases
from app.core.database import db
from app.core.paging import COUNT_LIMIT
from app.directory.access import NORMAL, RESTRICTED, below_any
from app.directory.models import Organisation
from app.directory.rules import SENSITIVE_ROLES, TEAM_ROLES, Viewer
from app.tasks import conditions
from app.tasks.conditions import TABS
from app.tasks.filters import Filter
from app.tasks.panels import CaseTab, case_tab
from app.workflow.counting import OPEN, POOL, count_deltas
from app.workflow.counting import counts as base
from app.workflow.models import Beside, ItemStatus, WorkItem, WorkItemCandidate, WorkItemPerson

EXACT = frozenset({"available", "team"})
"""Tabs whose number is exact however large; the others' stands for "more" above 1,000."""


_Rows = Select[*tuple[Any, ...]]


def tab_numbers(viewer: Viewer, tabs: tuple[str, ...]) -> dict[str, int]:
    """The number on each of `tabs`: base and deltas of one snapshot, less what this viewer is recused from."""
    numbers = dict.fromkeys(tabs, 0)
    pools: dict[tuple[str, int], int] = {}
    for question in _statements(viewer, tabs):
        for tab, role, organisation_id, number in db.session.execute(question):
            if role:
                pools[role, organisation_id] = int(number)
            else:
                numbers[tab] += int(number)
    if pools:
        numbers["available"] += sum(pools.values()) - _offered_twice(viewer, pools)
    return numbers


@lru_cache(maxsize=1024)
def _statements(viewer: Viewer, tabs: tuple[str, ...]) -> list[_Rows]:
    """What the permission to a case is asked for stands apart.

    It begins at few rows, so that its plan is good whoever asks and is kept; the rest is planned for each person anew,
    which takes long for a long statement.
    """
    looked_up = [_row(tab, _up_to_limit(viewer, tab)) for tab in tabs if tab == "copied"]
    looked_up += [_row(tab, _of_cases(viewer, tab)) for tab in tabs if tab not in TABS]
    asked = (_counted(viewer, tabs), looked_up)
    return [select(union_all(*parts).subquery()) for parts in asked if parts]


def _counted(viewer: Viewer, tabs: tuple[str, ...]) -> list[_Rows]:
    parts = [_row(tab, _up_to_limit(viewer, tab)) for tab in tabs if tab in ("mine", "done")]
    if "available" in tabs:
        parts.append(_row("available", -_recused(viewer, "available")))
        parts.append(_pools(viewer))
    if "team" in tabs:
        parts.append(_row("team", -_recused(viewer, "team")))
        parts += [_row("team", _team(viewer))] if viewer.has_role(*TEAM_ROLES) else []
        parts += [_row("team", _by_person(viewer))] if conditions.oversees_by_person(viewer) else []
    return parts


def _row(tab: str, number: ColumnElement[int]) -> _Rows:
    return select(literal(tab), literal(""), literal(0), number)


def _up_to_limit(viewer: Viewer, tab: str) -> ColumnElement[int]:
    found = select(WorkItem.id).where(conditions.in_tab(viewer, tab)).limit(COUNT_LIMIT + 1).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def case_rows(viewer: Viewer, tab: CaseTab, chosen: Filter) -> Select[int]:
    """The cases of a tab that the viewer may see, by their ids."""
    return select(Case.id).where(visible_cases(viewer), tab.among(viewer), *chosen.on_cases(viewer))


def _of_cases(viewer: Viewer, tab: str) -> ColumnElement[int]:
    found = case_rows(viewer, case_tab(tab), Filter(tab)).limit(COUNT_LIMIT + 1).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def counters(viewer: Viewer) -> Subquery:
    """Base and deltas together, read in one statement and so in one snapshot."""
    return union_all(
        *(select(one).where(one.c.county_id == viewer.county_id) for one in (base, count_deltas))
    ).subquery()


def _pools(viewer: Viewer) -> _Rows:
    """What waits in each pool that the viewer belongs to."""
    found = counters(viewer)
    held = or_(*(and_(found.c.organisation_id == place, found.c.role == role) for role, place in viewer.pools))
    return (
        select(literal("available"), found.c.role, found.c.organisation_id, func.sum(found.c.n))
        .where(found.c.kind == POOL, held)
        .group_by(found.c.role, found.c.organisation_id)
    )


def _team(viewer: Viewer) -> ColumnElement[int]:
    """What is open in the viewer's area; of restricted matters where the role sees all of them."""
    found = counters(viewer)
    team = select(Organisation.id).where(
        Organisation.county_id == viewer.county_id, below_any(Organisation.path, viewer.paths(TEAM_ROLES))
    )
    sensitive = team.where(below_any(Organisation.path, viewer.paths(SENSITIVE_ROLES)))
    visible = or_(
        and_(found.c.sensitivity == NORMAL, found.c.organisation_id.in_(team)),
        and_(found.c.sensitivity == RESTRICTED, found.c.organisation_id.in_(sensitive)),
    )
    return select(func.coalesce(func.sum(found.c.n), 0)).where(found.c.kind == OPEN, visible).scalar_subquery()


def _by_person(viewer: Viewer) -> ColumnElement[int]:
    """Restricted matters of the team that the viewer sees because they have a part in them, and only so.

    Gathered from the parts: what they hold, lent or help with, what is offered to their roles, what they mediate.
    """
    item, one = aliased(WorkItem), WorkItemCandidate
    restricted = and_(
        item.county_id == viewer.county_id,
        item.status == ItemStatus.OPEN,
        item.sensitivity != NORMAL,
        below_any(item.org_path, viewer.paths(TEAM_ROLES)),
    )
    of_item = and_(one.county_id == item.county_id, one.work_item_id == item.id)
    offered = and_(one.county_id == viewer.county_id, one.restricted, conditions.held_by(viewer))
    helped = and_(
        WorkItemPerson.county_id == viewer.county_id,
        WorkItemPerson.person_id == viewer.person_id,
        WorkItemPerson.kind == Beside.CO_WORKER,
        WorkItemPerson.ended_at.is_(None),
    )
    of_helper = and_(WorkItemPerson.county_id == item.county_id, WorkItemPerson.work_item_id == item.id)
    parts: CompoundSelect[Any] = union(
        select(item.subject_id).where(restricted, item.assignee_id == viewer.person_id),
        select(item.subject_id).where(restricted, item.owner_id == viewer.person_id),
        select(item.subject_id).join(one, of_item).where(offered),
        select(item.subject_id).join(WorkItemPerson, of_helper).where(restricted, helped),
        select(Case.id).where(
            Case.county_id == viewer.county_id, Case.sensitivity != NORMAL, Case.mediator_id == viewer.person_id
        ),
    )
    return (
        select(func.count())
        .select_from(WorkItem)
        .where(
            WorkItem.county_id == viewer.county_id,
            WorkItem.sensitivity != NORMAL,
            conditions.of_team(viewer),
            ~conditions.by_role(viewer),
            conditions.not_recused(viewer),
            WorkItem.subject_id.in_(parts),
        )
        .scalar_subquery()
    )


def _recused(viewer: Viewer, tab: str) -> ColumnElement[int]:
    """What the counters hold and the viewer may not see: looked up from the few matters they are recused from."""
    return (
        select(func.count(WorkItem.id.distinct()))
        .select_from(CaseAccess)
        .join(WorkItem, and_(WorkItem.county_id == CaseAccess.county_id, WorkItem.subject_id == CaseAccess.case_id))
        .where(
            CaseAccess.county_id == viewer.county_id,
            CaseAccess.person_id == viewer.person_id,
            CaseAccess.kind == RECUSED,
            CaseAccess.until_at.is_(None),
            conditions.counted_in(viewer, tab),
        )
        .scalar_subquery()
    )


def _offered_twice(viewer: Viewer, pools: dict[tuple[str, int], int]) -> int:
    """How often a task was counted again because it waits in several of the viewer's pools.

    Of each task every pool but the first counts; the largest pool comes first, so that it is only looked into.
    """
    busy = sorted((pool for pool, number in pools.items() if number > 0), key=lambda pool: -pools[pool])
    if len(busy) < 2:
        return 0
    again, before = WorkItemCandidate, aliased(WorkItemCandidate)
    second = or_(
        *(
            and_(
                again.role == role,
                again.organisation_id == organisation_id,
                exists().where(
                    before.county_id == again.county_id,
                    before.work_item_id == again.work_item_id,
                    tuple_(before.role, before.organisation_id).in_(busy[:number]),
                ),
            )
            for number, (role, organisation_id) in enumerate(busy)
            if number
        )
    )
    return (
        db.session.scalar(
            select(func.count()).select_from(again).where(again.county_id == viewer.county_id, again.waiting, second)
        )
        or 0
    )
