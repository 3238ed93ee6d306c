"""Claim, release and complete a task."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from sqlalchemy import update
from werkzeug.datastructures import FileStorage, MultiDict

from app.audit.services import Actor, Stream, record
from app.cases.attachments import keep_uploads
from app.cases.queries import case_by_id
from app.core.database import db
from app.core.translations import BothNames, both_names, language
from app.directory import queries as directory
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.forms import AskedForm
from app.tasks.drafts.queries import draft_files
from app.tasks.drafts.services import adopt_files
from app.tasks.errors import AlreadyClaimed, DoneForAnother, NobodyElse, NotYourTask, SecondPersonNeeded, TaskOfAnother
from app.tasks.moves.rules import Move
from app.tasks.moves.services.writing import write_down
from app.tasks.queries import has_candidates, is_co_worker, is_in_hands_of, is_offered, last_doers
from app.workflow import services as workflow
from app.workflow.commands import Complete
from app.workflow.errors import TaskAlreadyCompleted, TaskNotFound, TaskWithdrawn
from app.workflow.models import ItemStatus, WorkItem
from app.workflow.queries import done_by, element_properties
from app.workflow.services import Held, Outcome


def claim_task(item: WorkItem, *, viewer: Viewer, now: datetime) -> None:
    """Take a task from the group's pool; of two who try at once one wins and the other is told who."""
    if item.assignee_id == viewer.person_id and item.status == ItemStatus.OPEN:
        return
    refuse_if_closed(item)
    if not is_offered(viewer, item):
        _refuse_stranger_to(item)
    taken = db.session.execute(
        update(WorkItem)
        .where(
            WorkItem.county_id == item.county_id,
            WorkItem.id == item.id,
            WorkItem.status == ItemStatus.OPEN,
            WorkItem.assignee_id.is_(None),
        )
        .values(assignee_id=viewer.person_id)
    )
    db.session.refresh(item)
    if taken.rowcount == 0:  # type: ignore[attr-defined]
        refuse_if_closed(item)
        raise AlreadyClaimed(name=_holder(item))
    note(item, "task.claimed", actor_of(viewer), now)


def release_task(item: WorkItem, *, viewer: Viewer, reason: str, now: datetime) -> None:
    """Give a task back to the group's pool."""
    refuse_if_closed(item)
    if not is_in_hands_of(viewer, item):
        raise TaskOfAnother(name=_holder(item))
    refuse_if_lent(item)
    if not has_candidates(item):
        raise NobodyElse
    actor = actor_on(item, viewer)
    holder = item.assignee_id
    given = db.session.execute(
        update(WorkItem)
        .where(
            WorkItem.county_id == item.county_id,
            WorkItem.id == item.id,
            WorkItem.status == ItemStatus.OPEN,
            WorkItem.assignee_id == holder,
        )
        .values(assignee_id=None, follow_up_at=None)
    )
    db.session.refresh(item)
    if given.rowcount == 0:  # type: ignore[attr-defined]
        refuse_if_closed(item)
        raise TaskOfAnother(name=_holder(item))
    write_down(item, Move.RETURN, from_id=holder, to=None, viewer=viewer, reason=reason, now=now)
    note(item, "task.released", actor, now, {"reason": reason} if reason else None)


def hold_process(item: WorkItem) -> Held:
    """Hold the task's process before its form is read: what the form sees is what the completion works with."""
    return workflow.hold(item.county_id, item.instance_id, subject_id=item.subject_id)


def complete_task(
    item: WorkItem,
    values: Mapping[str, object],
    *,
    viewer: Viewer,
    now: datetime,
    held: Held | None = None,
    asked: bool = False,
) -> Outcome:
    """Finish a task with the values of its form; the process goes on in the same transaction.

    A task that still waits in the pool is claimed by completing it; one that changed hands since it was read is not
    completed. `asked`: strangers were refused already (`refuse_stranger`), in this transaction.
    """
    if not asked:
        refuse_stranger(item, viewer)
    refuse_if_lent(item)
    held = held or hold_process(item)
    taker = viewer.person_id if item.assignee_id is None else item.assignee_id
    _refuse_own_approval(item, held, viewer)
    try:
        return workflow.advance(
            item.county_id,
            item.instance_id,
            Complete(item.id, values, taker),
            actor=actor_on(item, viewer),
            now=now,
            subject_id=item.subject_id,
            held=held,
        )
    except TaskNotFound:
        _refuse_stranger_to(item)


def read_answer(
    item: WorkItem,
    form: AskedForm,
    posted: "MultiDict[str, str]",
    uploads: "MultiDict[str, FileStorage]",
    *,
    viewer: Viewer,
    now: datetime,
) -> dict[str, object]:
    """The values of the posted form; files sent with it or waiting in its draft are the case's. Raises FormInvalid."""
    if item.subject_id is None:
        return form.values(MultiDict(posted), language=language())
    case = case_by_id(item.county_id, item.subject_id)
    kept = keep_uploads(case, form, MultiDict(posted), uploads, actor=actor_of(viewer), now=now)
    if not form.takes_files:
        return form.values(kept.values, language=language(), known_files=kept.files)
    known = {*kept.files, *draft_files(viewer, item)}
    values = form.values(kept.values, language=language(), known_files=known)
    adopt_files(item, case, form, values, viewer=viewer, now=now)
    return values


def refuse_stranger(item: WorkItem, viewer: Viewer, *, offered: bool | None = None) -> None:
    """Before anything of the answer is read: the task is open, and this person's to do.

    `offered` saves the look whether the task is offered to them when the caller knows it.
    """
    refuse_if_closed(item)
    if item.assignee_id is None:
        if not (is_offered(viewer, item) if offered is None else offered):
            _refuse_stranger_to(item)
    elif not is_in_hands_of(viewer, item):
        raise TaskOfAnother(name=_holder(item))


def refuse_who_may_not_fill(item: WorkItem, viewer: Viewer, *, offered: bool | None = None) -> None:
    """Whose task it is types into its form, and so do their co-workers."""
    refuse_if_closed(item)
    if not is_co_worker(viewer, item):
        refuse_stranger(item, viewer, offered=offered)


def refuse_if_lent(item: WorkItem) -> None:
    """Who does a task for its owner hands it back; the owner completes it."""
    if item.owner_id is not None:
        raise DoneForAnother(name=both_names(directory.person(item.county_id, item.owner_id)))


def actor_on(item: WorkItem, viewer: Viewer) -> Actor:
    """The viewer as the history names who did it: with the name of whom they stand in for."""
    actor = actor_of(viewer)
    if item.assignee_id in viewer.stands_in_for:
        return replace(actor, on_behalf_of=str(_holder(item)), on_behalf_of_id=item.assignee_id)
    return actor


def _refuse_stranger_to(item: WorkItem) -> NoReturn:
    """It is not offered: because somebody was faster a moment ago, or never was."""
    db.session.refresh(item)
    refuse_if_closed(item)
    if item.assignee_id is not None:
        raise AlreadyClaimed(name=_holder(item))
    raise NotYourTask


def _refuse_own_approval(item: WorkItem, held: Held, viewer: Viewer) -> None:
    """The diagram's property `other_person_than` names tasks whose last doer may not do this one."""
    named = element_properties(item, held.release).get("other_person_than", "").split()
    if named and last_doers(item, named) & {viewer.person_id, item.assignee_id}:
        raise SecondPersonNeeded


def refuse_if_closed(item: WorkItem) -> None:
    """A clear word to whoever comes too late."""
    if item.status == ItemStatus.DONE:
        raise TaskAlreadyCompleted(name=done_by(item), time=item.closed_at)
    if item.status == ItemStatus.CANCELLED:
        raise TaskWithdrawn(time=item.closed_at)


def _holder(item: WorkItem) -> BothNames:
    return both_names(directory.person(item.county_id, item.assignee_id)) if item.assignee_id else BothNames("")


def note(
    item: WorkItem,
    event: str,
    actor: Actor,
    now: datetime,
    payload: Mapping[str, object] | None = None,
    *,
    about: Mapping[str, int] | None = None,
) -> None:
    """One row in the history of the task's matter, or of its office where it has none."""
    record(
        stream_of(item),
        event,
        actor=actor,
        now=now,
        payload={"name_zh": item.name_zh, "name_en": item.name_en, **(payload or {})},
        about={"task": item.id, **(about or {})},
    )


def stream_of(item: WorkItem) -> Stream:
    """The history to which the task belongs."""
    return (
        Stream.case(item.county_id, item.subject_id)
        if item.subject_id is not None
        else Stream.organisation(item.county_id, item.org_id or 0)
    )
