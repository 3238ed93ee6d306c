"""What the counters tell somebody of the lists of their inbox: base and deltas of one snapshot, in one statement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    Table,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)

from app.cases.models import CaseAccess
from app.cases.queries import RECUSED_STILL
from app.core.reads import answers
from app.directory.access import NORMAL, RESTRICTED, of_offices
from app.directory.rules import CASE_ROLES, SENSITIVE_ROLES, TEAM_ROLES, Viewer
from app.tasks.conditions import put_off
from app.tasks.panels import case_tab
from app.workflow.counting import COPIED, DONE, MINE, OPEN, POOL, count_deltas
from app.workflow.counting import counts as base
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate

_KINDS = {"mine": MINE, "available": POOL, "team": OPEN, "done": DONE, "copied": COPIED}

_NEWEST, _PUT_OFF, _RECUSALS = "newest", "put off", "recusals"
_INSIDE, _RESTRICTED, _ELSEWHERE = 0, 1, 2


@dataclass(slots=True)
class Told:
    """The numbers behind the tabs.

    `inside` is what stands in a tab whatever part the viewer has in it, by tab: what is their own, and matters of the
    offices they answer for. The others are theirs to see only where they have a part in them: `restricted` ones, and
    ordinary ones that are led `elsewhere`. `pools` is what waits in each pool, by role and organisation, and
    `newest` the newest task there. `put_off` of their own tasks are to be seen again on a later day; `recusals` are the
    matters that nothing of theirs may tell of.
    """

    inside: dict[str, int] = field(default_factory=dict)
    restricted: dict[str, int] = field(default_factory=dict)
    elsewhere: dict[str, int] = field(default_factory=dict)
    pools: dict[tuple[str, int], int] = field(default_factory=dict)
    newest: dict[tuple[str, int], int] = field(default_factory=dict)
    put_off: int = 0
    recusals: int = 0


def told(viewer: Viewer, tabs: tuple[str, ...]) -> Told:
    """What the counters tell of `tabs`, and how much there is that they do not know."""
    found = Told()
    names = _names(tabs)
    for one in answers(_statement(viewer, tabs)):
        if one.kind == POOL:
            found.pools[one.role, one.organisation_id] = int(one.number)
        elif one.kind == _NEWEST:
            found.newest[one.role, one.organisation_id] = int(one.number)
        elif one.kind == _PUT_OFF:
            found.put_off = int(one.number)
        elif one.kind == _RECUSALS:
            found.recusals = int(one.number)
        else:
            numbers = {_INSIDE: found.inside, _RESTRICTED: found.restricted, _ELSEWHERE: found.elsewhere}[one.sight]
            numbers[names[one.kind]] = int(one.number)
    return found


@lru_cache(maxsize=1024)
def _statement(viewer: Viewer, tabs: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    kinds = _names(tabs)
    own = [kind for kind in kinds if kind not in (POOL, OPEN)]

    def wanted(table: Table) -> ColumnElement[bool]:
        asked = []
        if POOL in kinds:
            asked.append(_held_pools(viewer, table))
        if OPEN in kinds and viewer.has_role(*TEAM_ROLES):
            asked.append(
                and_(
                    table.c.kind == OPEN,
                    table.c.person_id == 0,
                    of_offices(viewer, TEAM_ROLES, table.c.organisation_id),
                )
            )
        if own:
            whose = (0, viewer.person_id)
            asked += [and_(table.c.kind == kind, table.c.person_id == person) for kind in own for person in whose]
        return or_(false(), *asked)

    one = _rows(viewer, wanted)
    inside = or_(
        one.c.organisation_id == 0,
        one.c.kind == POOL,
        and_(one.c.sensitivity == NORMAL, of_offices(viewer, CASE_ROLES, one.c.organisation_id)),
        and_(one.c.sensitivity == RESTRICTED, of_offices(viewer, SENSITIVE_ROLES, one.c.organisation_id)),
    )
    told = select(
        one.c.kind.label("kind"),
        case((one.c.kind == POOL, one.c.role), else_="").label("role"),
        case((one.c.kind == POOL, one.c.organisation_id), else_=0).label("organisation_id"),
        case((inside, _INSIDE), (one.c.sensitivity == NORMAL, _ELSEWHERE), else_=_RESTRICTED).label("sight"),
        one.c.n.label("n"),
    ).subquery()
    keys = (told.c.kind, told.c.role, told.c.organisation_id, told.c.sight)
    parts: list[Select[*tuple[Any, ...]]] = [select(*keys, func.sum(told.c.n).label("number")).group_by(*keys)]
    if "available" in tabs:
        parts += [_row(_NEWEST, _newest_in(viewer, *pool), *pool) for pool in viewer.pools]
    if "mine" in tabs:
        mine = and_(
            WorkItem.county_id == viewer.county_id,
            WorkItem.status == ItemStatus.OPEN,
            WorkItem.assignee_id == viewer.person_id,
        )
        parts.append(_row(_PUT_OFF, select(func.count()).select_from(WorkItem).where(mine, put_off(viewer.zone))))
    of_viewer = and_(CaseAccess.county_id == viewer.county_id, CaseAccess.person_id == viewer.person_id, RECUSED_STILL)
    parts.append(_row(_RECUSALS, select(func.count()).select_from(CaseAccess).where(of_viewer)))
    return select(union_all(*parts).subquery())


def _names(tabs: tuple[str, ...]) -> Mapping[str, str]:
    """The tab of each kind of counter."""
    return {_KINDS.get(tab) or case_tab(tab).counted: tab for tab in tabs}


def _row(kind: str, number: Select[int], role: str = "", place: int = 0) -> Select[*tuple[Any, ...]]:
    told = func.coalesce(number.scalar_subquery(), 0)
    return select(literal(kind), literal(role), literal(place, BigInteger()), literal(_INSIDE), told)


def _newest_in(viewer: Viewer, role: str, place: int) -> Select[int]:
    one = WorkItemCandidate
    waiting = and_(one.county_id == viewer.county_id, one.organisation_id == place, one.role == role, one.waiting)
    return select(one.work_item_id).where(waiting).order_by(one.work_item_id.desc()).limit(1)


def _rows(viewer: Viewer, wanted: Callable[[Table], ColumnElement[bool]]) -> Subquery:
    """Rows of base and deltas; the condition is put to each of the two."""
    return union_all(
        *(select(table).where(table.c.county_id == viewer.county_id, wanted(table)) for table in (base, count_deltas))
    ).subquery()


def _held_pools(viewer: Viewer, table: Table) -> ColumnElement[bool]:
    held = or_(*(and_(table.c.organisation_id == place, table.c.role == role) for role, place in viewer.pools))
    return and_(table.c.kind == POOL, table.c.person_id == 0, held)
