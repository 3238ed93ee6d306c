"""The lists of the inbox, page by page, and their numbers: both from the same filter."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select, true, union, union_all
from sqlalchemy.orm import Bundle, InstrumentedAttribute

from app.cases.models import Case
from app.core.database import db
from app.core.paging import COUNT_LIMIT, Page, aware_moment, cut, decode_cursor, record_id
from app.directory.rules import Viewer
from app.tasks import panels
from app.tasks.conditions import TABS, in_tab, not_recused
from app.tasks.filters import Filter, due_on
from app.tasks.numbers import case_rows, tab_numbers
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate

PAGE_SIZE = 50


_Order = tuple[ColumnElement[Any], ...]


_ITEM: Bundle[Any] = Bundle(
    "item",
    WorkItem.id,
    WorkItem.subject_id,
    WorkItem.element_id,
    WorkItem.form_key,
    WorkItem.title_zh,
    WorkItem.title_en,
    WorkItem.name_zh,
    WorkItem.name_en,
    WorkItem.status,
    WorkItem.stage,
    WorkItem.risk,
    WorkItem.assignee_id,
    WorkItem.opened_at,
    WorkItem.due_at,
    WorkItem.follow_up_at,
    WorkItem.closed_at,
)
_CASE: Bundle[Any] = Bundle(
    "case",
    Case.id,
    Case.county_id,
    Case.code,
    Case.title,
    Case.dispute_type,
    Case.risk_colour,
    Case.channel,
    Case.place,
    Case.stage,
    Case.status,
    Case.mediator_id,
    Case.opened_at,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A task with what its line in the list needs of the case: columns of both, read without making objects of them."""

    item: Any
    case: Any


@dataclass(frozen=True, slots=True)
class _Keys:
    """The columns that a list is sorted by: those of the tasks, or their copies beside a pool's candidates.

    Ids rise with the moment at which a task was opened, so the age is in the id.
    """

    risk: ColumnElement[Any] | InstrumentedAttribute[int]
    due_at: ColumnElement[Any] | InstrumentedAttribute[datetime]
    id: ColumnElement[Any] | InstrumentedAttribute[int]

    def order(self, sort: str) -> _Order:
        if sort == "age":
            return (self.id.asc(),)
        if sort == "due":
            return self.due_at.asc(), self.id.asc()
        return self.risk.desc(), self.due_at.asc(), self.id.asc()

    def behind(self, chosen: Filter) -> ColumnElement[bool]:
        """Rows that follow the page's cursor."""
        key = decode_cursor(chosen.cursor, *_READERS[chosen.sort])
        if not key:
            return true()
        if chosen.sort == "age":
            return and_(self.id > key[0])
        last_date, last_id = key[-2:]
        later = or_(self.due_at > last_date, and_(self.due_at == last_date, self.id > last_id))
        if chosen.sort == "risk":
            return and_(self.risk <= key[0], or_(self.risk < key[0], later))
        return and_(self.due_at >= last_date, later)


_READERS: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "risk": (record_id, aware_moment, record_id),
    "due": (aware_moment, record_id),
    "age": (record_id,),
}

_OF_ITEMS = _Keys(WorkItem.risk, WorkItem.due_at, WorkItem.id)
_OF_POOLS = _Keys(WorkItemCandidate.risk, WorkItemCandidate.due_at, WorkItemCandidate.work_item_id)
_NEWEST_DONE: _Order = (WorkItem.closed_at.desc(), WorkItem.id.desc())
_NEWEST: _Order = (WorkItem.id.desc(),)

_Ids = Select[int]


def key_of(item: WorkItem | Any, chosen: Filter) -> list[Any]:
    """What a cursor holds when this task is the last one that was shown."""
    if chosen.tab == "copied":
        return [str(item.id)]
    if chosen.tab == "done":
        return [item.closed_at.isoformat() if item.closed_at else "", str(item.id)]
    keys: dict[str, list[Any]] = {"age": [], "due": [item.due_at.isoformat()]}
    return [*keys.get(chosen.sort, [item.risk, item.due_at.isoformat()]), str(item.id)]


def inbox_page(viewer: Viewer, chosen: Filter, *, size: int = PAGE_SIZE) -> Page[Row]:
    """One page of a tab of tasks in the order asked for; what is done by when it was done, newest first.

    Which tasks is settled first, from indexes alone; only the page's own rows are fetched.
    """
    order = {"done": _NEWEST_DONE, "copied": _NEWEST}.get(chosen.tab, _OF_ITEMS.order(chosen.sort))
    shape = {"done": _done, "copied": _copied, "available": _pools}.get(chosen.tab, _open)
    found = db.session.execute(
        select(_ITEM, _CASE)
        .select_from(WorkItem)
        .outerjoin(Case, (Case.county_id == WorkItem.county_id) & (Case.id == WorkItem.subject_id))
        .where(WorkItem.county_id == viewer.county_id, WorkItem.id.in_(shape(viewer, chosen, size + 1)))
        .order_by(*order)
    )
    rows = [Row(item, case if case.id is not None else None) for item, case in found]
    return cut(rows, size, lambda row: key_of(row.item, chosen))


def _conditions(viewer: Viewer, chosen: Filter) -> ColumnElement[bool]:
    return and_(in_tab(viewer, chosen.tab, later=chosen.later), *chosen.on_tasks(viewer))


def _done(viewer: Viewer, chosen: Filter, most: int) -> _Ids:
    query = select(WorkItem.id).where(_conditions(viewer, chosen))
    key = decode_cursor(chosen.cursor, aware_moment, record_id)
    if key:
        at, last = key
        before = or_(WorkItem.closed_at < at, and_(WorkItem.closed_at == at, WorkItem.id < last))
        query = query.where(WorkItem.closed_at <= at, before)
    return query.order_by(*_NEWEST_DONE).limit(most)


def _copied(viewer: Viewer, chosen: Filter, most: int) -> _Ids:
    query = select(WorkItem.id).where(_conditions(viewer, chosen))
    key = decode_cursor(chosen.cursor, record_id)
    if key:
        query = query.where(WorkItem.id < key[0])
    return query.order_by(*_NEWEST).limit(most)


def _by_colour(chosen: Filter) -> tuple[int, ...]:
    """The colours to look through one by one: in the indexes the tasks of each stand by date.

    That is the way to dates of any colour, and to the dates of some days; else the index has the order asked for.
    """
    return chosen.ranks if chosen.sort == "due" or (chosen.due and chosen.sort == "risk") else ()


def _open(viewer: Viewer, chosen: Filter, most: int) -> _Ids:
    wanted = and_(_conditions(viewer, chosen), _OF_ITEMS.behind(chosen))
    first = select(WorkItem.id).where(wanted).order_by(*_OF_ITEMS.order(chosen.sort)).limit(most)
    colours = _by_colour(chosen)
    if not colours:
        return first
    columns = select(WorkItem.id.label("id"), WorkItem.risk.label("risk"), WorkItem.due_at.label("due_at"))
    one = columns.where(wanted).order_by(WorkItem.due_at, WorkItem.id).limit(most)
    return _first_of((one.where(WorkItem.risk == rank) for rank in colours), chosen, most, together=union_all)


def _pools(viewer: Viewer, chosen: Filter, most: int) -> _Ids:
    """The first of the first tasks of each pool that the viewer belongs to, each read in the order of its index."""
    colours = _by_colour(chosen)
    pools = [_of_pool(viewer, held, chosen, most) for held in viewer.pools]
    if colours:
        pools = [one.where(WorkItemCandidate.risk == rank) for one in pools for rank in colours]
    return _first_of(pools, chosen, most, together=union)


def _of_pool(viewer: Viewer, pool: tuple[str, int], chosen: Filter, most: int) -> Select[int, int, datetime]:
    one = WorkItemCandidate
    return (
        select(one.work_item_id.label("id"), one.risk.label("risk"), one.due_at.label("due_at"))
        .join(WorkItem, and_(WorkItem.county_id == one.county_id, WorkItem.id == one.work_item_id))
        .where(
            one.county_id == viewer.county_id,
            one.role == pool[0],
            one.organisation_id == pool[1],
            one.waiting,
            WorkItem.status == ItemStatus.OPEN,  # which `waiting` says too, but not to the indexes of open tasks
            not_recused(viewer),
            _OF_POOLS.behind(chosen),
            *([one.risk.in_(chosen.ranks)] if chosen.colours else ()),
            *([due_on(chosen.due, viewer.zone, one.due_at)] if chosen.due else ()),
            *chosen.on_tasks(viewer),
        )
        .order_by(*_OF_POOLS.order(chosen.sort))
        .limit(most)
    )


def _in_pools(viewer: Viewer, chosen: Filter) -> _Ids:
    """What the filter lets through of each pool, in no order: enough of each to be counted."""
    at_all = chosen.but()
    parts = [_of_pool(viewer, held, at_all, COUNT_LIMIT + 1).order_by(None) for held in viewer.pools]
    found: Subquery = union(*(select(one.subquery().c.id) for one in parts)).subquery()
    return select(found.c.id)


def _first_of(
    parts: Iterable[Select[int, int, datetime]], chosen: Filter, most: int, *, together: Callable[..., Any]
) -> _Ids:
    """The first of the first of each part, in the order asked for."""
    found: Subquery = together(*(select(one.subquery()) for one in parts)).subquery()
    return select(found.c.id).order_by(*_Keys(found.c.risk, found.c.due_at, found.c.id).order(chosen.sort)).limit(most)


def count(viewer: Viewer, chosen: Filter) -> int:
    """How many tasks or cases the list holds: narrowed exact up to 1,000, where one more means "more"."""
    if not chosen.narrowed:
        return tab_numbers(viewer, (chosen.tab,))[chosen.tab]
    if chosen.tab == "available":
        found = _in_pools(viewer, chosen)
    elif chosen.tab in TABS:
        found = select(WorkItem.id).where(_conditions(viewer, chosen), WorkItem.risk.in_(chosen.ranks))
    else:
        found = case_rows(viewer, panels.case_tab(chosen.tab), chosen)
    return db.session.scalar(select(func.count()).select_from(found.limit(COUNT_LIMIT + 1).subquery())) or 0


def counts(viewer: Viewer) -> dict[str, int]:
    """The number on each tab: exact however large where counters tell it, up to 1,000 where it is one's own."""
    return tab_numbers(viewer, tabs_of(viewer))


def tabs_of(viewer: Viewer) -> tuple[str, ...]:
    """The names of every list that this viewer's inbox has."""
    return (*TABS, *(tab.name for tab in panels.case_tabs(viewer)))


def case_page(viewer: Viewer, chosen: Filter, *, size: int = PAGE_SIZE) -> Page[Any]:
    """One page of a tab of cases, the newest first: the columns that a line shows."""
    newest = (Case.opened_at.desc(), Case.id.desc())
    query = case_rows(viewer, panels.case_tab(chosen.tab), chosen)
    key = decode_cursor(chosen.cursor, aware_moment, record_id)
    if key:
        at, last = key
        query = query.where(or_(Case.opened_at < at, and_(Case.opened_at == at, Case.id < last)))
    found = db.session.scalars(
        select(_CASE)
        .where(Case.county_id == viewer.county_id, Case.id.in_(query.order_by(*newest).limit(size + 1)))
        .order_by(*newest)
    ).all()
    return cut(found, size, lambda case: [case.opened_at.isoformat(), str(case.id)])
