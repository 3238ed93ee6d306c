"""The lists of the inbox, page by page, and their numbers: both from the same filter."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.cases.models import Case
from app.cases.queries import recused_from
from app.core.database import UtcDateTime
from app.core.paging import COUNT_LIMIT, Page, aware_moment, cut, decode_cursor, record_id
from app.core.reads import answers, row_class
from app.directory.rules import Viewer
from app.tasks import panels
from app.tasks.conditions import TABS, in_tab, is_copy_for, matter_seen
from app.tasks.filters import Filter
from app.tasks.numbers import case_rows, tab_numbers
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate, WorkItemPerson

PAGE_SIZE = 50


_Order = tuple[ColumnElement[Any], ...]


_ITEM = (
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
_CASE = (
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
_Item, _Case = (row_class(tuple(column.key for column in columns)) for columns in (_ITEM, _CASE))
_BOTH = (*_ITEM, *(column.label(f"case_{column.key}") for column in _CASE))


@dataclass(frozen=True, slots=True)
class Row:
    """A task with what its line in the list needs of the case: columns of both, read without making objects of them.

    `hidden`: the viewer did the task, and may not see its matter any more; then there is no case.
    """

    item: Any
    case: Any
    hidden: bool = False


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
        """Rows that follow the last one that was shown."""
        if not chosen.cursor:
            return true()
        if chosen.sort == "age":
            return and_(self.id > _ID)
        later = or_(self.due_at > _MOMENT, and_(self.due_at == _MOMENT, self.id > _ID))
        if chosen.sort == "risk":
            return and_(self.risk <= _RISK, or_(self.risk < _RISK, later))
        return and_(self.due_at >= _MOMENT, later)


_RISK: BindParameter[int] = bindparam("after_risk", type_=BigInteger())
_MOMENT: BindParameter[datetime] = bindparam("after_moment", type_=UtcDateTime())
_ID: BindParameter[int] = bindparam("after_id", type_=BigInteger())
"""What the last row that was shown was sorted by."""

_KEYS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "risk": {"after_risk": record_id, "after_moment": aware_moment, "after_id": record_id},
    "due": {"after_moment": aware_moment, "after_id": record_id},
    "age": {"after_id": record_id},
    "done": {"after_moment": aware_moment, "after_id": record_id},
    "copied": {"after_id": record_id},
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
    place = _place(chosen)
    asked = replace(chosen, cursor="behind" if place else None)
    statement = _page.__wrapped__ if chosen.text else _page
    rows = [_row(one) for one in answers(statement(viewer, asked, size + 1), place)]
    return cut(rows, size, lambda row: key_of(row.item, chosen))


def _row(one: Any) -> Row:
    item, case = _Item(*one[: len(_ITEM)]), _Case(*one[len(_ITEM) : -1])
    return Row(item, case if one.seen and case.id is not None else None, not one.seen)


def _place(chosen: Filter) -> dict[str, Any]:
    """Where the page begins: what the last row before it was sorted by; nothing on the first page."""
    keys = _KEYS.get(chosen.tab, _KEYS[chosen.sort])
    found = decode_cursor(chosen.cursor, *keys.values())
    return dict(zip(keys, found, strict=True)) if found else {}


@lru_cache(maxsize=512)
def _page(viewer: Viewer, chosen: Filter, most: int) -> Select[*tuple[Any, ...]]:
    """The question for the rows of a page; with a cursor, whatever it says, they stand behind `_place`."""
    order = {"done": _NEWEST_DONE, "copied": _NEWEST}.get(chosen.tab, _OF_ITEMS.order(chosen.sort))
    shape = {"done": _done, "copied": _copied, "available": _pools}.get(chosen.tab, _open)
    seen = matter_seen(viewer) if chosen.tab == "done" else true()
    return (
        select(*_BOTH, type_coerce(seen, Boolean()).label("seen"))
        .select_from(WorkItem)
        .outerjoin(Case, (Case.county_id == WorkItem.county_id) & (Case.id == WorkItem.subject_id))
        .where(WorkItem.county_id == viewer.county_id, WorkItem.id.in_(shape(viewer, chosen, most)))
        .order_by(*order)
    )


def _conditions(viewer: Viewer, chosen: Filter) -> ColumnElement[bool]:
    """A narrowed list of what was done tells nothing of matters that are not the viewer's to see any more."""
    seen = [matter_seen(viewer)] if chosen.tab == "done" and chosen.narrowed else []
    return and_(in_tab(viewer, chosen.tab, later=chosen.later), *seen, *chosen.on_tasks(viewer))


def _done(viewer: Viewer, chosen: Filter, most: int) -> _Ids:
    query = select(WorkItem.id).where(_conditions(viewer, chosen))
    if chosen.cursor:
        before = or_(WorkItem.closed_at < _MOMENT, and_(WorkItem.closed_at == _MOMENT, WorkItem.id < _ID))
        query = query.where(WorkItem.closed_at <= _MOMENT, before)
    return query.order_by(*_NEWEST_DONE).limit(most)


def _copied(viewer: Viewer, chosen: Filter, most: int) -> _Ids:
    """By the rows of the copies, which stand by the age of their tasks, so that only a page of them is looked up."""
    of_copy = and_(WorkItem.county_id == WorkItemPerson.county_id, WorkItem.id == WorkItemPerson.work_item_id)
    query = select(WorkItemPerson.work_item_id).join(WorkItem, of_copy)
    query = query.where(is_copy_for(viewer), matter_seen(viewer), *chosen.on_tasks(viewer))
    if chosen.cursor:
        query = query.where(WorkItemPerson.work_item_id < _ID)
    return query.order_by(WorkItemPerson.work_item_id.desc()).limit(most)


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
    """The first tasks of a pool, by the rows that offer them; the tasks are looked at where they alone tell."""
    one = WorkItemCandidate
    query = select(one.work_item_id.label("id"), one.risk.label("risk"), one.due_at.label("due_at"))
    of_tasks = chosen.on_tasks_alone(viewer)
    if of_tasks:
        query = query.join(WorkItem, and_(WorkItem.county_id == one.county_id, WorkItem.id == one.work_item_id))
        of_tasks.append(WorkItem.status == ItemStatus.OPEN)  # `waiting` says it, but not to the indexes of open tasks
    return (
        query.where(
            one.county_id == viewer.county_id,
            one.role == pool[0],
            one.organisation_id == pool[1],
            one.waiting,
            ~recused_from(viewer, one.county_id, one.subject_id),
            _OF_POOLS.behind(chosen),
            *chosen.on_pools(viewer),
            *of_tasks,
        )
        .order_by(*_OF_POOLS.order(chosen.sort))
        .limit(most)
    )


def _in_pools(viewer: Viewer, chosen: Filter) -> _Ids:
    """What the filter lets through of each pool, in no order: enough of each to be counted."""
    parts = [_of_pool(viewer, held, chosen, COUNT_LIMIT + 1).order_by(None) for held in viewer.pools]
    found: Subquery = union(*(select(one.subquery().c.id) for one in parts)).subquery()
    return select(found.c.id)


def _first_of(
    parts: Iterable[Select[int, int, datetime]], chosen: Filter, most: int, *, together: Callable[..., Any]
) -> _Ids:
    """The first of the first of each part, in the order asked for."""
    found: Subquery = together(*(select(one.subquery()) for one in parts)).subquery()
    return select(found.c.id).order_by(*_Keys(found.c.risk, found.c.due_at, found.c.id).order(chosen.sort)).limit(most)


def count(viewer: Viewer, chosen: Filter) -> int:
    """How many tasks or cases the list holds: the whole exactly; narrowed up to 1,000, where one more means "more"."""
    if not chosen.narrowed:
        return tab_numbers(viewer, (chosen.tab,))[chosen.tab]
    statement = _narrowed.__wrapped__ if chosen.text else _narrowed
    return int(answers(statement(viewer, replace(chosen.but(), sort="risk")))[0].number)


@lru_cache(maxsize=512)
def _narrowed(viewer: Viewer, chosen: Filter) -> Select[*tuple[Any, ...]]:
    """The question for the number of what the filter lets through."""
    if chosen.tab == "available":
        found = _in_pools(viewer, chosen)
    elif chosen.tab in TABS:
        found = select(WorkItem.id).where(_conditions(viewer, chosen), chosen.of_ranks(WorkItem.risk))
    else:
        found = case_rows(viewer, panels.case_tab(chosen.tab), chosen)
    return select(func.count().label("number")).select_from(found.limit(COUNT_LIMIT + 1).subquery())


def counts(viewer: Viewer) -> dict[str, int]:
    """The number on each tab, exact however large."""
    return tab_numbers(viewer, tabs_of(viewer))


def tabs_of(viewer: Viewer) -> tuple[str, ...]:
    """The names of every list that this viewer's inbox has."""
    return (*TABS, *(tab.name for tab in panels.case_tabs(viewer)))


def case_page(viewer: Viewer, chosen: Filter, *, size: int = PAGE_SIZE) -> Page[Any]:
    """One page of a tab of cases, the newest first: the columns that a line shows."""
    key = decode_cursor(chosen.cursor, record_id)
    asked = replace(chosen, cursor="behind" if key else None)
    statement = _cases.__wrapped__ if chosen.text else _cases
    found = answers(statement(viewer, asked, size + 1), {"after_id": key[0]} if key else {})
    return cut(found, size, lambda case: [str(case.id)])


@lru_cache(maxsize=512)
def _cases(viewer: Viewer, chosen: Filter, most: int) -> Select[*tuple[Any, ...]]:
    """The question for the rows of a page of cases; with a cursor, whatever it says, they stand behind `_ID`."""
    query = case_rows(viewer, panels.case_tab(chosen.tab), chosen)
    if chosen.cursor:
        query = query.where(Case.id < _ID)
    page = query.order_by(Case.id.desc()).limit(most)
    return select(*_CASE).where(Case.county_id == viewer.county_id, Case.id.in_(page)).order_by(Case.id.desc())
