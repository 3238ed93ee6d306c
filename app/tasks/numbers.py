"""The numbers on the inbox's tabs, exact however large: what counters tell, and the little that they cannot know.

Counters know offices, not who has a part in what. So what is seen only by a part, and what a conflict of interest takes
away, is counted from those few matters, where the counters say that there are any.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    intersect,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from app.cases.models import Case, CaseAccess
from app.cases.queries import RECUSED_STILL, recused_from, restricted_parts, visible_cases
from app.core.database import db
from app.core.reads import answers
from app.directory.access import NORMAL, answers_for, in_jurisdiction
from app.directory.rules import SENSITIVE_ROLES, Viewer
from app.tasks import conditions
from app.tasks.conditions import TABS
from app.tasks.counters import Told, told
from app.tasks.filters import Filter
from app.tasks.panels import CaseTab, case_tab
from app.workflow.models import WorkItem, WorkItemCandidate, WorkItemPerson

_Rows = Select[*tuple[Any, ...]]

_FEW = 5_000
"""So many restricted cases of a tab are looked through sooner than each in which somebody has a part is fetched."""


def tab_numbers(viewer: Viewer, tabs: tuple[str, ...], counted: Told | None = None) -> dict[str, int]:
    """The number on each of `tabs`; `counted` is what the counters tell of them, by whoever has asked them already."""
    counted = counted or told(viewer, tabs)
    numbers = {tab: counted.inside.get(tab, 0) for tab in tabs}
    if counted.pools and "available" in numbers:
        numbers["available"] = sum(counted.pools.values()) - _offered_twice(viewer, counted.pools)
    if "mine" in numbers:
        numbers["mine"] -= counted.put_off
    restricted = tuple(tab for tab in tabs if counted.restricted.get(tab))
    elsewhere = tuple(tab for tab in tabs if counted.elsewhere.get(tab) and (tab in TABS or case_tab(tab).elsewhere))
    few = frozenset(tab for tab in restricted if counted.restricted[tab] <= _FEW)
    statement = _corrections(viewer, tabs, restricted, few, elsewhere, bool(counted.recusals))
    if statement is not None:
        for one in answers(statement):
            numbers[one.tab] += int(one.number)
    return numbers


@lru_cache(maxsize=1024)
def _corrections(
    viewer: Viewer,
    tabs: tuple[str, ...],
    restricted: tuple[str, ...],
    few: frozenset[str],
    elsewhere: tuple[str, ...],
    recused: bool,
) -> _Rows | None:
    """What is added to the counters, and taken from them; None where they know everything."""
    parts = []
    if restricted:
        having_part = restricted_parts(viewer).cte("parts")
        parts += [
            _row(tab, _restricted(viewer, tab, having_part, few=tab in few, recused=recused)) for tab in restricted
        ]
    parts += [_row(tab, _elsewhere(viewer, tab)) for tab in elsewhere]
    if recused:
        parts += [_row(tab, -_recused(viewer, tab)) for tab in tabs]
    if "mine" in tabs and viewer.stands_in_for:
        parts.append(_row("mine", _in_place_of_others(viewer)))
    return select(union_all(*parts).subquery()) if parts else None


def _row(tab: str, number: ColumnElement[int]) -> _Rows:
    return select(literal(tab).label("tab"), number.label("number"))


def case_rows(viewer: Viewer, tab: CaseTab, chosen: Filter) -> Select[int]:
    """The cases of a tab that the viewer may see, by their ids."""
    return select(Case.id).where(visible_cases(viewer), tab.among(viewer), *chosen.on_cases(viewer))


def _restricted(viewer: Viewer, tab: str, parts: CTE, few: bool, recused: bool) -> ColumnElement[int]:
    """How many restricted matters of a tab the viewer sees only because they have a part in them.

    Few are compared with the parts before any of them is fetched.
    """
    having_part = select(parts.c.id)
    if tab in TABS:
        found = select(func.count()).select_from(WorkItem).where(WorkItem.county_id == viewer.county_id)
        among = conditions.of_team(viewer)
        if tab == "copied":
            copies = select(WorkItemPerson.work_item_id).where(conditions.is_copy_for(viewer))
            among = WorkItem.id.in_(copies.where(WorkItemPerson.subject_id.in_(having_part)).distinct())
        demands = [WorkItem.sensitivity != NORMAL, ~conditions.by_role(viewer), WorkItem.subject_id.in_(having_part)]
        if recused:
            demands.append(conditions.not_recused(viewer))
        return found.where(among, *demands).scalar_subquery()
    case_of = case_tab(tab)
    ids = intersect(case_of.restricted(viewer), having_part) if few else having_part
    demands = [case_of.among(viewer), Case.id.in_(ids)]
    if viewer.has_role(*SENSITIVE_ROLES):
        demands.append(~in_jurisdiction(viewer, Case.org_path, Case.sensitivity))
    if recused:
        demands.append(~recused_from(viewer, Case.county_id, Case.id))
    return select(func.count()).select_from(Case).where(Case.county_id == viewer.county_id, *demands).scalar_subquery()


def _elsewhere(viewer: Viewer, tab: str) -> ColumnElement[int]:
    """How many ordinary matters of a tab the viewer sees though another office leads them."""
    if tab in TABS:
        found = select(func.count()).select_from(WorkItem).where(WorkItem.county_id == viewer.county_id)
        others = and_(WorkItem.sensitivity == NORMAL, ~answers_for(viewer, WorkItem.org_path))
        return found.where(others, conditions.copied_to(viewer)).scalar_subquery()
    ids = case_tab(tab).elsewhere
    assert ids is not None  # noqa: S101 - only such tabs are asked for
    return (
        select(func.count()).select_from(Case).where(Case.id.in_(ids(viewer)), visible_cases(viewer)).scalar_subquery()
    )


def _in_place_of_others(viewer: Viewer) -> ColumnElement[int]:
    """What somebody who is away holds and the viewer does for them."""
    others = WorkItem.assignee_id != viewer.person_id
    found = select(func.count()).select_from(WorkItem).where(conditions.in_tab(viewer, "mine"), others)
    return found.scalar_subquery()


def _recused(viewer: Viewer, tab: str) -> ColumnElement[int]:
    """What the counters hold and the viewer may not see: looked up from the few matters they are recused from."""
    mine = and_(CaseAccess.county_id == viewer.county_id, CaseAccess.person_id == viewer.person_id, RECUSED_STILL)
    found = select(func.count(WorkItem.id.distinct())).select_from(CaseAccess)
    same = and_(WorkItem.county_id == CaseAccess.county_id, WorkItem.subject_id == CaseAccess.case_id)
    if tab in TABS:
        return found.join(WorkItem, same).where(mine, conditions.counted_in(viewer, tab)).scalar_subquery()
    found = select(func.count(Case.id.distinct())).select_from(CaseAccess)
    same = and_(Case.county_id == CaseAccess.county_id, Case.id == CaseAccess.case_id)
    area = in_jurisdiction(viewer, Case.org_path, Case.sensitivity)
    return found.join(Case, same).where(mine, area, case_tab(tab).among(viewer)).scalar_subquery()


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
