"""People beside a task: co-workers, who help while it is open, and readers of a copy."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from app.cases.queries import case_by_id, may_see
from app.core.database import db
from app.core.translations import BothNames, both_names
from app.directory import queries as directory
from app.directory.rules import Viewer
from app.tasks.drafts.queries import kept_answers
from app.tasks.drafts.services import give_draft
from app.tasks.moves import queries
from app.tasks.moves.errors import (
    ChooseWhom,
    HasLeft,
    KeptOut,
    MayNotSeeIt,
    NotBesideIt,
    NothingToGive,
    NotInYourHands,
    TheirsAlready,
    ThereAlready,
    WrongRole,
    YoursAlready,
)
from app.tasks.moves.rules import oversees
from app.tasks.moves.services.passing import said
from app.tasks.moves.services.telling import tell_people
from app.tasks.queries import is_co_worker, is_in_hands_of
from app.tasks.services import actor_on, note, refuse_if_closed
from app.workflow.models import Beside, WorkItem, WorkItemPerson


def add_co_worker(item: WorkItem, person_id: int, *, viewer: Viewer, reason: str, now: datetime) -> None:
    """Somebody helps with the task: reads the matter, fills in the form, comments. It ends with the task."""
    reason = said(reason)
    item = queries.hold(item)
    refuse_if_closed(item)
    if not is_in_hands_of(viewer, item):
        raise NotInYourHands
    name = _refuse_person(item, person_id, viewer)
    if not queries.holds_one_of(item.county_id, person_id, queries.may_help(), now):
        raise WrongRole(name=name)
    _add(item, person_id, Beside.CO_WORKER, viewer=viewer, reason=reason, now=now)
    told = {"to": str(name), "reason": reason}
    note(item, "co_worker.added", actor_on(item, viewer), now, told, about={"to": person_id})
    tell_people([person_id], "co_worker_added", item, viewer=viewer, reason=reason, now=now)


def copy_to(item: WorkItem, person_id: int, *, viewer: Viewer, reason: str, now: datetime) -> None:
    """Somebody who may see the matter reads of the task."""
    reason = said(reason)
    item = queries.hold(item)
    refuse_if_closed(item)
    if not (is_in_hands_of(viewer, item) or oversees(viewer, item.org_path)):
        raise NotInYourHands
    name = _refuse_person(item, person_id, viewer)
    reader = directory.viewer_of_person(item.county_id, person_id, now=now)
    if reader is None or not _sees(reader, item):
        raise MayNotSeeIt(name=name)
    _add(item, person_id, Beside.COPIED, viewer=viewer, reason=reason, now=now)
    told = {"to": str(name), "reason": reason}
    note(item, "task.copied", actor_on(item, viewer), now, told, about={"to": person_id})
    tell_people([person_id], "task_copied", item, viewer=viewer, reason=reason, now=now)


def give_answers(item: WorkItem, typed: Sequence[tuple[str, str]], *, viewer: Viewer, now: datetime) -> None:
    """A co-worker's answers are laid before whoever completes the task, who is told."""
    item = queries.hold(item)
    refuse_if_closed(item)
    if not is_co_worker(viewer, item):
        raise NotBesideIt
    holder = item.owner_id or item.assignee_id
    answers = list(typed) or kept_answers(item, viewer)
    if holder is None or not answers:
        raise NothingToGive
    give_draft(item, answers, viewer=viewer, now=now)
    tell_people([holder], "co_worker_answered", item, viewer=viewer, reason="", now=now)


def end_company(item: WorkItem, person_id: int, kind: Beside, *, viewer: Viewer, now: datetime) -> None:
    """Somebody does not take part any more: whoever has the task says so, or they do themselves."""
    item = queries.hold(item)
    refuse_if_closed(item)
    if person_id != viewer.person_id and not is_in_hands_of(viewer, item):
        raise NotInYourHands
    ended = db.session.execute(
        update(WorkItemPerson)
        .where(
            WorkItemPerson.county_id == item.county_id,
            WorkItemPerson.work_item_id == item.id,
            WorkItemPerson.person_id == person_id,
            WorkItemPerson.kind == kind,
            WorkItemPerson.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    if not ended.rowcount:  # type: ignore[attr-defined]
        raise NotBesideIt
    event = "co_worker.ended" if kind == Beside.CO_WORKER else "task.copy_ended"
    name = directory.person(item.county_id, person_id).name
    note(item, event, actor_on(item, viewer), now, {"to": name}, about={"to": person_id})


def mark_copy_read(item: WorkItem, *, viewer: Viewer, now: datetime) -> None:
    """The copy was opened by its reader; the first time counts."""
    db.session.execute(
        update(WorkItemPerson)
        .where(
            WorkItemPerson.county_id == item.county_id,
            WorkItemPerson.work_item_id == item.id,
            WorkItemPerson.person_id == viewer.person_id,
            WorkItemPerson.kind == Beside.COPIED,
            WorkItemPerson.read_at.is_(None),
        )
        .values(read_at=now)
    )


def _refuse_person(item: WorkItem, person_id: int, viewer: Viewer) -> BothNames:
    """The name of somebody who may stand beside the task."""
    person = queries.colleague(item.county_id, person_id)
    if person is None:
        raise ChooseWhom
    if person.id == viewer.person_id:
        raise YoursAlready
    if person.id in (item.assignee_id, item.owner_id):
        raise TheirsAlready(name=both_names(person))
    if person.left_at is not None:
        raise HasLeft(name=both_names(person))
    if person.id in queries.recused(item):
        raise KeptOut(name=both_names(person))
    return both_names(person)


def _sees(reader: Viewer, item: WorkItem) -> bool:
    if item.subject_id is None:
        return bool(reader.roles)
    return may_see(reader, case_by_id(item.county_id, item.subject_id))


def _add(item: WorkItem, person_id: int, kind: Beside, *, viewer: Viewer, reason: str, now: datetime) -> None:
    if any(one.person_id == person_id and one.kind == kind for one in queries.people_beside(item)):
        raise ThereAlready(name=both_names(directory.person(item.county_id, person_id)))
    db.session.add(
        WorkItemPerson(
            county_id=item.county_id,
            work_item_id=item.id,
            subject_id=item.subject_id,
            person_id=person_id,
            kind=kind,
            reason=reason,
            added_by=viewer.person_id,
            added_at=now,
        )
    )
    db.session.flush()
