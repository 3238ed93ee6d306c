"""The inbox: one set of conditions serves the list, its count and the permission of each task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, true, union
from sqlalchemy.orm import InstrumentedAttribute

from app.cases.models import Case, Party
from app.core.database import db
from app.core.errors import NotFound
from app.core.paging import COUNT_LIMIT, Page, aware_moment, cut, decode_cursor, record_id
from app.definitions import queries as definitions
from app.definitions.queries import ReleaseInfo
from app.directory.calendars import CountyCalendar
from app.directory.rules import Viewer
from app.engine import feel
from app.forms import AskedForm
from app.forms.task_fields import computed_defaults
from app.tasks.conditions import TABS, in_tab, not_recused, offered_to, reachable
from app.tasks.numbers import tab_numbers
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate
from app.workflow.services import Held, form_values

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address of an inbox page says."""

    tab: str = "mine"
    text: str = ""
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A task with what its line in the list needs of the case."""

    item: WorkItem
    case: Case | None


def _matching(viewer: Viewer, text: str) -> ColumnElement[bool]:
    """Tasks whose title or case fits what was typed: a code, a name, the end of a telephone number, a place."""
    pattern = f"%{_escaped(text)}%"
    party = (
        exists()
        .where(
            Party.county_id == Case.county_id,
            Party.case_id == Case.id,
            or_(Party.name.like(pattern, escape="\\"), Party.phone.like(f"%{_escaped(text)}", escape="\\")),
        )
        .correlate(Case)
    )
    case = (
        exists()
        .where(
            Case.county_id == WorkItem.county_id,
            Case.id == WorkItem.subject_id,
            or_(
                Case.code.like(f"{_escaped(text.upper())}%", escape="\\"),
                Case.title.like(pattern, escape="\\"),
                Case.place.like(pattern, escape="\\"),
                Case.summary.like(pattern, escape="\\"),
                party,
            ),
        )
        .correlate(WorkItem)
    )
    return or_(WorkItem.title_zh.like(pattern, escape="\\"), WorkItem.name_zh.like(pattern, escape="\\"), case)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _conditions(viewer: Viewer, chosen: Filter) -> ColumnElement[bool]:
    condition = in_tab(viewer, chosen.tab)
    return and_(condition, _matching(viewer, chosen.text)) if chosen.text else condition


def inbox_page(viewer: Viewer, chosen: Filter, *, size: int = PAGE_SIZE) -> Page[Row]:
    """One page of a tab: by risk, then due date; what is done by when it was done, newest first.

    Which tasks is settled first, from indexes alone; only the page's own rows are fetched.
    """
    order: tuple[ColumnElement[Any], ...] = (WorkItem.risk.desc(), WorkItem.due_at.asc(), WorkItem.id.asc())
    if chosen.tab == "done":
        ids, order = _done(viewer, chosen, size + 1), (WorkItem.closed_at.desc(), WorkItem.id.desc())
    else:
        ids = _pool(viewer, chosen, size + 1) if chosen.tab == "available" else _open(viewer, chosen, size + 1)
    found = db.session.execute(
        select(WorkItem, Case)
        .outerjoin(Case, (Case.county_id == WorkItem.county_id) & (Case.id == WorkItem.subject_id))
        .where(WorkItem.county_id == viewer.county_id, WorkItem.id.in_(ids))
        .order_by(*order)
    )
    return cut([Row(row[0], row[1]) for row in found], size, lambda row: _key(row.item, chosen.tab))


_Ids = Select[int]


def _done(viewer: Viewer, chosen: Filter, most: int) -> _Ids:
    query = select(WorkItem.id).where(_conditions(viewer, chosen))
    key = decode_cursor(chosen.cursor, aware_moment, record_id)
    if key:
        at, last = key
        before = or_(WorkItem.closed_at < at, and_(WorkItem.closed_at == at, WorkItem.id < last))
        query = query.where(WorkItem.closed_at <= at, before)
    return query.order_by(WorkItem.closed_at.desc(), WorkItem.id.desc()).limit(most)


def _open(viewer: Viewer, chosen: Filter, most: int) -> _Ids:
    query = select(WorkItem.id).where(
        _conditions(viewer, chosen), _behind(chosen, WorkItem.risk, WorkItem.due_at, WorkItem.id)
    )
    return query.order_by(WorkItem.risk.desc(), WorkItem.due_at, WorkItem.id).limit(most)


def _pool(viewer: Viewer, chosen: Filter, most: int) -> _Ids:
    """The first of the first tasks of each pool that the viewer belongs to, each read in the order of its index."""
    pools = [_of_pool(viewer, held, chosen, most) for held in viewer.pools]
    together = union(*(select(one.subquery()) for one in pools)).subquery()
    return (
        select(together.c.work_item_id)
        .order_by(together.c.risk.desc(), together.c.due_at, together.c.work_item_id)
        .limit(most)
    )


def _of_pool(viewer: Viewer, pool: tuple[str, int], chosen: Filter, most: int) -> Select[int, int, datetime]:
    one = WorkItemCandidate
    return (
        select(one.work_item_id, one.risk, one.due_at)
        .join(WorkItem, and_(WorkItem.county_id == one.county_id, WorkItem.id == one.work_item_id))
        .where(
            one.county_id == viewer.county_id,
            one.role == pool[0],
            one.organisation_id == pool[1],
            one.waiting,
            not_recused(viewer),
            _behind(chosen, one.risk, one.due_at, one.work_item_id),
            _matching(viewer, chosen.text) if chosen.text else true(),
        )
        .order_by(one.risk.desc(), one.due_at, one.work_item_id)
        .limit(most)
    )


def _behind(
    chosen: Filter,
    risk: InstrumentedAttribute[int],
    due_at: InstrumentedAttribute[datetime],
    item_id: InstrumentedAttribute[int],
) -> ColumnElement[bool]:
    """Rows that follow the page's cursor."""
    key = decode_cursor(chosen.cursor, record_id, aware_moment, record_id)
    if not key:
        return true()
    last_risk, last_due, last_id = key
    return and_(
        risk <= last_risk,
        or_(risk < last_risk, due_at > last_due, and_(due_at == last_due, item_id > last_id)),
    )


def _key(item: WorkItem, tab: str) -> list[Any]:
    if tab == "done":
        return [item.closed_at.isoformat() if item.closed_at else "", str(item.id)]
    return [item.risk, item.due_at.isoformat(), str(item.id)]


def count(viewer: Viewer, chosen: Filter) -> int:
    """How many tasks the list holds: with a filter exact up to 1,000, where one more means "more"."""
    if not chosen.text:
        return tab_numbers(viewer, (chosen.tab,))[chosen.tab]
    inner = select(WorkItem.id).where(_conditions(viewer, chosen)).limit(COUNT_LIMIT + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(inner)) or 0


def counts(viewer: Viewer) -> dict[str, int]:
    """The number on each tab: exact however large where counters tell it, up to 1,000 where it is one's own."""
    return tab_numbers(viewer, TABS)


@lru_cache(maxsize=256)
def _task_statement(viewer: Viewer) -> Select[WorkItem, bool]:
    return select(WorkItem, offered_to(viewer)).where(
        WorkItem.county_id == viewer.county_id, WorkItem.id == bindparam("item"), reachable(viewer)
    )


def task_for(viewer: Viewer, item_id: int) -> WorkItem:
    """A task that is in one of the viewer's tabs or belongs to a case they may see; NotFound otherwise."""
    return task_and_offer(viewer, item_id)[0]


def task_and_offer(viewer: Viewer, item_id: int) -> tuple[WorkItem, bool]:
    """The same, and whether it is offered to the viewer (`is_offered`), in one statement."""
    found = db.session.execute(_task_statement(viewer), {"item": item_id}).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def may_do(viewer: Viewer, item: WorkItem) -> bool:
    """Whether the task is open and the viewer's own, or theirs to claim."""
    if item.status != ItemStatus.OPEN:
        return False
    return item.assignee_id == viewer.person_id or (item.assignee_id is None and is_offered(viewer, item))


def is_offered(viewer: Viewer, item: WorkItem) -> bool:
    return bool(db.session.scalar(_offered_statement(viewer), {"county": item.county_id, "item": item.id}))


@lru_cache(maxsize=256)
def _offered_statement(viewer: Viewer) -> Select[int]:
    return select(WorkItem.id).where(
        WorkItem.county_id == bindparam("county"), WorkItem.id == bindparam("item"), offered_to(viewer)
    )


def has_candidates(item: WorkItem) -> bool:
    return bool(
        db.session.scalar(
            select(WorkItemCandidate.work_item_id)
            .where(WorkItemCandidate.county_id == item.county_id, WorkItemCandidate.work_item_id == item.id)
            .limit(1)
        )
    )


def element_properties(item: WorkItem, release: ReleaseInfo) -> Mapping[str, str]:
    """The extension properties of the task's element in the release that its process runs on."""
    process = definitions.contents(release).process(item.process_id)
    element = process.element(item.element_id, item.process_id)
    return element.properties if element else {}


def last_doers(item: WorkItem, elements: Sequence[str]) -> set[int]:
    """Who completed each of these elements last in the same process."""
    doers: dict[str, int] = {}
    rows = db.session.execute(
        select(WorkItem.element_id, WorkItem.closed_by)
        .where(
            WorkItem.county_id == item.county_id,
            WorkItem.instance_id == item.instance_id,
            WorkItem.element_id.in_(elements),
            WorkItem.status == ItemStatus.DONE,
            WorkItem.closed_by.is_not(None),
        )
        .order_by(WorkItem.closed_at, WorkItem.id)
    )
    for row in rows:
        doers[row.element_id] = row.closed_by
    return set(doers.values())


def task_form(
    item: WorkItem, *, zone: str, now: datetime, form_key: str = "", held: Held | None = None
) -> AskedForm | None:
    """The form of a task in the release that its process runs on; None for a task without one.

    Who is about to complete the task holds its process first, and gives it as `held`.
    """
    release = held.release if held else definitions.numbered_release(item.county_id, item.package, item.release)
    contents = definitions.contents(release)
    element = contents.process(item.process_id).element(item.element_id, item.process_id)
    form = contents.task_form(form_key or item.form_key, element)
    if form is None:
        return None
    variables = form_values(item, held)
    environment = feel.Environment(now=now, zone=ZoneInfo(zone), calendar=CountyCalendar(item.county_id), strict=False)
    if element is not None and element.form_fields:
        variables = {**computed_defaults(element.form_fields, variables, environment), **variables}
    return AskedForm(form, contents.dictionary, variables, environment)
