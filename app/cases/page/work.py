"""What is open in a case: tasks and incidents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.cases.models import Case
from app.cases.page.loaded import running, work_of
from app.cases.panels import incident_address
from app.cases.rules import Due, due_of
from app.core.translations import language
from app.directory.calendars import CountyCalendar
from app.directory.rules import Viewer
from app.engine.words import sentence
from app.workflow import queries as workflow
from app.workflow.models import WorkItem


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open task of the case, with who has it or to whom it is offered."""

    item: WorkItem
    owner: str
    due: Due | None
    mine: bool


def open_tasks(viewer: Viewer, case: Case, *, now: datetime) -> Sequence[OpenTask]:
    """The open tasks, one's own first, then the most dangerous and the most urgent."""
    work, calendar = work_of(case), CountyCalendar(viewer.county_id)
    tasks = [
        OpenTask(
            item,
            work.holders.get(item.assignee_id, "") if item.assignee_id else "",
            due_of(item.due_at, now=now, zone=viewer.zone, calendar=calendar),
            item.assignee_id == viewer.person_id,
        )
        for item in work.items
    ]
    return sorted(tasks, key=lambda task: (not task.mine, -task.item.risk, task.item.due_at, task.item.id))


@dataclass(frozen=True, slots=True)
class ShownIncident:
    """What stands still, where and why, in words."""

    id: int
    element: str
    reason: str
    opened_at: datetime
    repaired_at: str | None
    """The page where the reader may repair it."""


def incidents(viewer: Viewer, case: Case) -> Sequence[ShownIncident]:
    """What stands still now; a process knows itself whether something does."""
    if not any(token.get("incident") for instance in running(case) for token in instance.active):
        return []
    return [
        ShownIncident(
            one.id,
            one.element_name or one.element_id,
            sentence(one.code, one.params, language()),
            one.opened_at,
            incident_address(viewer, case, one.id),
        )
        for one in workflow.incidents_of(case.county_id, case.id)
    ]
