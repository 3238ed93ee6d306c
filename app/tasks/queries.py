"""Tasks one by one, always through what the viewer may see, and what is asked about one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select

from app.cases.models import Case
from app.cases.queries import case_by_id, may_see
from app.core.database import db
from app.core.errors import NotFound
from app.definitions import queries as definitions
from app.definitions.compiled import Contents
from app.definitions.registered import arranged
from app.directory.calendars import CountyCalendar
from app.directory.rules import Viewer
from app.engine import feel
from app.forms import AskedForm
from app.forms.task_fields import computed_defaults
from app.tasks.conditions import in_hands_of, offered_to, reachable, to_do
from app.tasks.errors import TaskOfAnotherCase
from app.workflow.models import Beside, ItemStatus, WorkItem, WorkItemCandidate, WorkItemPerson
from app.workflow.services import Held, form_values


@lru_cache(maxsize=256)
def _task_statement(viewer: Viewer, within: Callable[[Viewer], ColumnElement[bool]]) -> Select[WorkItem, bool]:
    return select(WorkItem, offered_to(viewer)).where(
        WorkItem.county_id == viewer.county_id, WorkItem.id == bindparam("item"), within(viewer)
    )


def task_for(viewer: Viewer, item_id: int) -> WorkItem:
    """A task that is in one of the viewer's tabs or belongs to a case they may see; NotFound otherwise."""
    return task_and_offer(viewer, item_id)[0]


def task_and_offer(viewer: Viewer, item_id: int) -> tuple[WorkItem, bool]:
    """The same, and whether it is offered to the viewer (`is_offered`).

    One short statement finds what the viewer may do; for anything else a second one looks at all that they may see.
    """
    for within in (to_do, reachable):
        found = db.session.execute(_task_statement(viewer, within), {"item": item_id}).one_or_none()
        if found is not None:
            return found[0], found[1]
    raise NotFound


def only_tasks_in(viewer: Viewer, codes: Collection[str]) -> dict[str, str]:
    """The address of the task in each of the cases with these codes, where the viewer has exactly one to do there."""
    rows = db.session.execute(
        select(Case.code, func.min(WorkItem.id).label("item"))
        .join(WorkItem, and_(WorkItem.county_id == Case.county_id, WorkItem.subject_id == Case.id))
        .where(Case.county_id == viewer.county_id, Case.code.in_(codes), to_do(viewer))
        .group_by(Case.code)
        .having(func.count() == 1)
    )
    return {row.code: f"/tasks/{row.item}" for row in rows}


def visible_task(viewer: Viewer, item_id: int) -> WorkItem | None:
    """The same, or None."""
    try:
        return task_for(viewer, item_id)
    except NotFound:
        return None


def may_do(viewer: Viewer, item: WorkItem) -> bool:
    """Whether the task is open and the viewer's own, or theirs to claim."""
    if item.status != ItemStatus.OPEN:
        return False
    return is_in_hands_of(viewer, item) or (item.assignee_id is None and is_offered(viewer, item))


def is_in_hands_of(viewer: Viewer, item: WorkItem) -> bool:
    """Whether the task is the viewer's to do, or that of somebody for whom they stand in; asked of an open one."""
    if item.assignee_id == viewer.person_id:
        return True
    if item.assignee_id not in viewer.stands_in_for:
        return False
    same = and_(WorkItem.county_id == item.county_id, WorkItem.id == item.id)
    return db.session.scalar(select(WorkItem.id).where(same, in_hands_of(viewer))) is not None


def matter_is_seen(viewer: Viewer, item: WorkItem) -> bool:
    """Whether the matter of a task is the viewer's to see: who did it or passed it on may see it no more."""
    return item.subject_id is None or may_see(viewer, case_by_id(item.county_id, item.subject_id))


def is_co_worker(viewer: Viewer, item: WorkItem) -> bool:
    """Whether the viewer helps with this task while it is open."""
    found = select(WorkItemPerson.id).where(
        WorkItemPerson.county_id == item.county_id,
        WorkItemPerson.work_item_id == item.id,
        WorkItemPerson.person_id == viewer.person_id,
        WorkItemPerson.kind == Beside.CO_WORKER,
        WorkItemPerson.ended_at.is_(None),
    )
    return item.status == ItemStatus.OPEN and db.session.scalar(found) is not None


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


def last_doers(item: WorkItem, elements: Sequence[str]) -> set[int]:
    """Who completed each of these elements last in the same process."""
    return set(doers_by_element(item.county_id, [item.instance_id], elements).values())


def doers_by_element(
    county_id: int, instances: Collection[int], elements: Collection[str]
) -> Mapping[tuple[int, str], int]:
    """Who completed each of these elements last, in each of these processes."""
    rows = db.session.execute(
        select(WorkItem.instance_id, WorkItem.element_id, WorkItem.closed_by)
        .where(
            WorkItem.county_id == county_id,
            WorkItem.instance_id.in_(instances),
            WorkItem.element_id.in_(elements),
            WorkItem.status == ItemStatus.DONE,
            WorkItem.closed_by.is_not(None),
        )
        .order_by(WorkItem.closed_at, WorkItem.id)
    )
    return {(row.instance_id, row.element_id): row.closed_by for row in rows}


def task_form(
    item: WorkItem, *, zone: str, now: datetime, form_key: str = "", held: Held | None = None
) -> AskedForm | None:
    """The form of a task in the release that its process runs on; None for a task without one.

    Who is about to complete the task holds its process first, and gives it as `held`.
    """
    release = held.release if held else definitions.numbered_release(item.county_id, item.package, item.release)
    return asked_form(
        item, definitions.contents(release), form_values(item, held), zone=zone, now=now, form_key=form_key
    )


def asked_form(
    item: WorkItem,
    contents: Contents,
    values: Mapping[str, object],
    *,
    zone: str,
    now: datetime,
    form_key: str = "",
) -> AskedForm | None:
    """The form of a task as a release has it, with the values that it may show; None for a task without one."""
    element = contents.process(item.process_id).element(item.element_id, item.process_id)
    form = contents.task_form(form_key or item.form_key, element)
    if form is None:
        return None
    environment = feel.Environment(now=now, zone=ZoneInfo(zone), calendar=CountyCalendar(item.county_id), strict=False)
    if element is not None and element.form_fields:
        values = {**computed_defaults(element.form_fields, values, environment), **values}
    today = now.astimezone(ZoneInfo(zone)).date()
    return AskedForm(form, arranged(item.county_id, contents.dictionary, today), values, environment)


def task_of_case(viewer: Viewer, case: Case, item_id: int) -> WorkItem:
    """A task of this very case that the viewer may see. Raises NotFound, and TaskOfAnotherCase for any other case's."""
    item = task_for(viewer, item_id)
    if (item.county_id, item.subject_id) != (case.county_id, case.id):
        raise TaskOfAnotherCase(code=case.code)
    return item
