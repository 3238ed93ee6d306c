"""The other person is told, in the product and by mail: who did what with which task, and why."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from app.cases.queries import case_by_id
from app.core.database import db
from app.core.translations import BothNames, both_names
from app.directory import queries as directory
from app.directory.access import NORMAL
from app.directory.models import Person
from app.directory.rules import PERSON, Viewer
from app.notices.queries import holders
from app.notices.services import Recipient, mail_address, notify
from app.tasks.moves import queries
from app.tasks.queries import visible_task
from app.workflow.models import WorkItem, WorkItemCandidate

MOST_TOLD = 30
"""Holders of a pool who are told; a larger one looks into its inbox."""


def tell_people(
    people: Collection[int], template: str, item: WorkItem, *, viewer: Viewer, reason: str, now: datetime
) -> list[BothNames]:
    """Tell these people and the deputies of those who are away, never the viewer; returns the names of the told.

    A deputy to whom the task does not come hears nothing of it.
    """
    away = queries.away(item.county_id, now)
    deputies = {person: _deputy_on(item, away.get(person), now) for person in people}
    ids = [one for person in people for one in (person, deputies[person]) if one is not None]
    wanted = dict.fromkeys(one for one in ids if one != viewer.person_id)
    if not wanted:
        return []
    kept_out = queries.recused(item)
    rows = db.session.scalars(
        select(Person).where(Person.county_id == item.county_id, Person.id.in_(wanted), Person.left_at.is_(None))
    ).all()
    told = [Recipient(one.name, one.id, address=mail_address(one.login)) for one in rows if one.id not in kept_out]
    notify(item.county_id, told, template, _params(item, viewer, reason), url=f"/tasks/{item.id}", now=now)
    return [both_names(one) for one in rows if one.id not in kept_out]


def _deputy_on(item: WorkItem, deputy_id: int | None, now: datetime) -> int | None:
    """The deputy, where this task is theirs to see."""
    deputy = directory.viewer_of_person(item.county_id, deputy_id, now=now) if deputy_id is not None else None
    return deputy_id if deputy is not None and visible_task(deputy, item.id) is not None else None


def tell_pool(item: WorkItem, template: str, *, viewer: Viewer, reason: str, now: datetime) -> list[BothNames]:
    """Tell whoever may claim the task."""
    today = now.astimezone(directory.zone_of(item.county_id)).date()
    people: dict[int, None] = {}
    for row in db.session.execute(
        select(WorkItemCandidate.role, WorkItemCandidate.organisation_id).where(
            WorkItemCandidate.county_id == item.county_id, WorkItemCandidate.work_item_id == item.id
        )
    ):
        if row.role == PERSON:
            people[row.organisation_id] = None
        else:
            people |= dict.fromkeys(
                one.id for one in holders(item.county_id, row.role, row.organisation_id, on=today)[:MOST_TOLD]
            )
    return tell_people(list(people)[:MOST_TOLD], template, item, viewer=viewer, reason=reason, now=now)


def _params(item: WorkItem, viewer: Viewer, reason: str) -> dict[str, object]:
    """What stands in the notice, which may leave the house by mail: of a restricted matter not even the reason."""
    code = case_by_id(item.county_id, item.subject_id).code if item.subject_id is not None else ""
    return {
        "by": viewer.name,
        "by_en": viewer.name_en,
        "step": item.name_zh,
        "step_en": item.name_en or item.name_zh,
        "code": code,
        "reason": reason if item.sensitivity == NORMAL else "",
    }
