"""The inbox: one set of conditions serves the list, its count and the permission of each task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from app.cases.models import Case, Party
from app.cases.queries import recused_from, visible_cases
from app.core.database import db
from app.core.errors import NotFound
from app.core.paging import COUNT_LIMIT, Page, aware_moment, cut, decode_cursor, record_id
from app.definitions import queries as definitions
from app.definitions.queries import ReleaseInfo
from app.directory.access import below_any
from app.directory.calendars import CountyCalendar
from app.directory.rules import TEAM_ROLES, Viewer
from app.engine import feel
from app.forms import AskedForm
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate
from app.workflow.services import Held, form_values

TABS = ("mine", "available", "team", "done")
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


def offered_to(viewer: Viewer) -> ColumnElement[bool]:
    """Open tasks whose group the viewer belongs to."""
    if not viewer.roles:
        return false()
    held = or_(
        *(
            and_(WorkItemCandidate.role == one.role, WorkItemCandidate.organisation_id == one.organisation_id)
            for one in viewer.roles
        )
    )
    return exists().where(
        WorkItemCandidate.county_id == WorkItem.county_id, WorkItemCandidate.work_item_id == WorkItem.id, held
    )


def in_tab(viewer: Viewer, tab: str) -> ColumnElement[bool]:
    """The tasks of one tab of this viewer's inbox."""
    recused = recused_from(viewer, WorkItem.county_id, WorkItem.subject_id)
    own = and_(WorkItem.county_id == viewer.county_id, ~recused)
    opened = WorkItem.status == ItemStatus.OPEN
    if tab == "mine":
        return and_(own, opened, WorkItem.assignee_id == viewer.person_id)
    if tab == "available":
        return and_(own, opened, WorkItem.assignee_id.is_(None), offered_to(viewer))
    if tab == "team":
        reach = below_any(WorkItem.org_path, viewer.paths(TEAM_ROLES))
        return and_(own, opened, reach, or_(WorkItem.sensitivity == "normal", _case_visible(viewer)))
    return and_(own, WorkItem.status == ItemStatus.DONE, WorkItem.closed_by == viewer.person_id)


def _case_visible(viewer: Viewer) -> ColumnElement[bool]:
    same = and_(Case.county_id == WorkItem.county_id, Case.id == WorkItem.subject_id)
    return exists().where(same, visible_cases(viewer)).correlate(WorkItem)


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
    """One page of a tab: by risk, then due date; what is done by when it was done, newest first."""
    query: Select[*tuple[Any, ...]] = (
        select(WorkItem, Case)
        .outerjoin(Case, (Case.county_id == WorkItem.county_id) & (Case.id == WorkItem.subject_id))
        .where(_conditions(viewer, chosen))
        .limit(size + 1)
    )
    if chosen.tab == "done":
        query = query.order_by(WorkItem.closed_at.desc(), WorkItem.id.desc())
        key = decode_cursor(chosen.cursor, aware_moment, record_id)
        if key:
            at, last = key
            query = query.where(or_(WorkItem.closed_at < at, and_(WorkItem.closed_at == at, WorkItem.id < last)))
    else:
        query = query.order_by(WorkItem.risk.desc(), WorkItem.due_at, WorkItem.id)
        key = decode_cursor(chosen.cursor, record_id, aware_moment, record_id)
        if key:
            risk, due, last = key
            query = query.where(
                or_(
                    WorkItem.risk < risk,
                    and_(WorkItem.risk == risk, WorkItem.due_at > due),
                    and_(WorkItem.risk == risk, WorkItem.due_at == due, WorkItem.id > last),
                )
            )
    rows = [Row(row[0], row[1]) for row in db.session.execute(query)]
    return cut(rows, size, lambda row: _key(row.item, chosen.tab))


def _key(item: WorkItem, tab: str) -> list[Any]:
    if tab == "done":
        return [item.closed_at.isoformat() if item.closed_at else "", str(item.id)]
    return [item.risk, item.due_at.isoformat(), str(item.id)]


def count(viewer: Viewer, chosen: Filter) -> int:
    """How many tasks the list holds: exact up to 1,000, one more means "more"."""
    inner = select(WorkItem.id).where(_conditions(viewer, chosen)).limit(COUNT_LIMIT + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(inner)) or 0


def counts(viewer: Viewer) -> dict[str, int]:
    """The number on each tab, in one statement."""
    inner = [
        select(func.count())
        .select_from(select(WorkItem.id).where(in_tab(viewer, tab)).limit(COUNT_LIMIT + 1).subquery())
        .scalar_subquery()
        .label(tab)
        for tab in TABS
    ]
    row = db.session.execute(select(*inner)).one()
    return dict(zip(TABS, row, strict=True))


@lru_cache(maxsize=256)
def _reachable(viewer: Viewer) -> ColumnElement[bool]:
    return or_(*(in_tab(viewer, tab) for tab in TABS), _case_visible(viewer))


def task_for(viewer: Viewer, item_id: int) -> WorkItem:
    """A task that is in one of the viewer's tabs or belongs to a case they may see; NotFound otherwise."""
    found = db.session.scalars(
        select(WorkItem).where(WorkItem.county_id == viewer.county_id, WorkItem.id == item_id, _reachable(viewer))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def may_do(viewer: Viewer, item: WorkItem) -> bool:
    """Whether the task is open and the viewer's own, or theirs to claim."""
    if item.status != ItemStatus.OPEN:
        return False
    return item.assignee_id == viewer.person_id or (item.assignee_id is None and is_offered(viewer, item))


def is_offered(viewer: Viewer, item: WorkItem) -> bool:
    return bool(
        db.session.scalar(
            select(WorkItem.id).where(WorkItem.county_id == item.county_id, WorkItem.id == item.id, offered_to(viewer))
        )
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
    key = form_key or item.form_key
    if not key:
        return None
    release = held.release if held else definitions.numbered_release(item.county_id, item.package, item.release)
    contents = definitions.contents(release)
    variables = form_values(item, held)
    environment = feel.Environment(now=now, zone=ZoneInfo(zone), calendar=CountyCalendar(item.county_id), strict=False)
    return AskedForm(contents.form(key), contents.dictionary, variables, environment)
