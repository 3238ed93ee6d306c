"""Hand over, delegate, hand back, return, recall: the task changes hands, the process stands where it stood."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update

from app.audit.services import Actor
from app.core.database import db
from app.core.errors import Refusal
from app.core.translations import BothNames, both_names
from app.directory import queries as directory
from app.directory.rules import ROLES, Viewer
from app.directory.sessions import actor_of
from app.tasks.drafts.queries import kept_answers
from app.tasks.drafts.services import give_draft
from app.tasks.moves import queries
from app.tasks.moves.eligibility import doers_of_what_it_approves
from app.tasks.moves.errors import (
    BegunAlready,
    BelongsToAnother,
    ChooseWhom,
    DidWhatItApproves,
    HasLeft,
    HolderIsAtWork,
    IsAway,
    KeptOut,
    NotDelegated,
    NothingToRecall,
    NotInYourHands,
    NoWayBack,
    TheirsAlready,
    WhyIsNeeded,
    WrongPool,
    WrongRole,
    YoursAlready,
)
from app.tasks.moves.models import TaskMove
from app.tasks.moves.rules import REASON_LENGTH, Move, Target, ToPerson, ToPool, oversees
from app.tasks.moves.services.telling import tell_people, tell_pool
from app.tasks.moves.services.writing import write_down
from app.tasks.queries import has_candidates, is_in_hands_of
from app.tasks.services import actor_on, note, refuse_if_closed
from app.workflow.candidates import candidate_rows
from app.workflow.models import WorkItem, WorkItemCandidate


def hand_over(item: WorkItem, target: Target, *, viewer: Viewer, reason: str, now: datetime) -> None:
    """Give the task to somebody who may do it, or to a group's pool, for good.

    Whoever has it may; the head of the team also when it waits in a pool, or when who has it is away or has left.
    """
    reason = said(reason)
    item = queries.hold(item)
    refuse_if_closed(item)
    holder, actor = item.assignee_id, actor_on(item, viewer)
    if not is_in_hands_of(viewer, item):
        _refuse_all_but_head(item, viewer, now)
    elif item.owner_id is not None:
        raise BelongsToAnother(name=_name(item, item.owner_id))
    if isinstance(target, ToPerson):
        refuse_person(item, target, queries.may_be_given(viewer, item, now), viewer=viewer, now=now)
        write_down(
            item, Move.HANDOVER, from_id=item.assignee_id, to=target.person_id, viewer=viewer, reason=reason, now=now
        )
        _change(item, assignee_id=target.person_id)
        _note_to(item, "task.handed_over", actor, now, target.person_id, reason)
        tell_people([target.person_id], "task_handed_over", item, viewer=viewer, reason=reason, now=now)
    else:
        pool = _allowed_pool(item, target, viewer, now)
        write_down(item, Move.HANDOVER, from_id=item.assignee_id, to=target, viewer=viewer, reason=reason, now=now)
        _change(item, assignee_id=None)
        _offer(item, [{"role": target.role, "organisation_id": target.organisation_id}])
        note(item, "task.handed_over", actor, now, {**pool, "reason": reason})
        tell_pool(item, "task_offered_to_pool", viewer=viewer, reason=reason, now=now)
    if holder is not None:
        tell_people([holder], "task_taken_away", item, viewer=viewer, reason=reason, now=now)


def delegate(item: WorkItem, target: Target, *, viewer: Viewer, reason: str, now: datetime) -> None:
    """Ask somebody to do the task; it comes back to its owner, who completes it."""
    reason = said(reason)
    if not isinstance(target, ToPerson):
        raise ChooseWhom
    item = _held_by(item, viewer)
    if item.owner_id is not None:
        raise BelongsToAnother(name=_name(item, item.owner_id))
    refuse_person(item, target, queries.may_be_given(viewer, item, now), viewer=viewer, now=now)
    actor = actor_on(item, viewer)
    write_down(
        item, Move.DELEGATION, from_id=item.assignee_id, to=target.person_id, viewer=viewer, reason=reason, now=now
    )
    _change(item, assignee_id=target.person_id, owner_id=item.assignee_id)
    _note_to(item, "task.delegated", actor, now, target.person_id, reason)
    tell_people([target.person_id], "task_delegated", item, viewer=viewer, reason=reason, now=now)


def hand_back(
    item: WorkItem, typed: Sequence[tuple[str, str]] = (), *, viewer: Viewer, reason: str, now: datetime
) -> None:
    """What was asked for is done: the task is its owner's again, to look at and complete.

    The owner finds the answers that were `typed`, or kept while they were typed, in the form.
    """
    item = _held_by(item, viewer)
    if item.owner_id is None:
        raise NotDelegated
    owner, actor, reason = item.owner_id, actor_on(item, viewer), reason.strip()[:REASON_LENGTH]
    answers = list(typed) or kept_answers(item, viewer)
    if answers:
        give_draft(item, answers, viewer=viewer, now=now)
    _end_standing(item, Move.DELEGATION, now)
    _change(item, assignee_id=owner)
    _note_to(item, "task.handed_back", actor, now, owner, reason)
    tell_people([owner], "task_handed_back", item, viewer=viewer, reason=reason, now=now)


def return_task(item: WorkItem, *, viewer: Viewer, reason: str, now: datetime) -> None:
    """Give the task back to the person or the pool from which it came.

    A task that the diagram gave by name, and that nobody passed on, goes to whoever did the step before. The process
    itself does not go back: a step that may be done again is a way of the diagram.
    """
    reason = said(reason)
    item = _held_by(item, viewer)
    moves = queries.moves_of(item)
    way = queries.way_here(item, moves)
    if way is not None:
        _undo(item, way, moves, now)
    receiver, actor = _receiver(item, way, moves, viewer, now), actor_on(item, viewer)
    write_down(item, Move.RETURN, from_id=item.assignee_id, to=receiver, viewer=viewer, reason=reason, now=now)
    told = [] if way is None else [way.by_id]
    if receiver is None:
        _change(item, assignee_id=None)
        note(item, "task.returned_to_pool", actor, now, {"reason": reason})
    else:
        _change(item, assignee_id=receiver)
        _note_to(item, "task.returned", actor, now, receiver, reason)
        told = [receiver]
    tell_people(told, "task_returned", item, viewer=viewer, reason=reason, now=now)


def recall(item: WorkItem, *, viewer: Viewer, reason: str, now: datetime) -> None:
    """Take back what one handed over or delegated, while nobody has begun with it, or while the other is away.

    It comes back only to somebody to whom it could be handed over today.
    """
    reason = said(reason)
    item = queries.hold(item)
    refuse_if_closed(item)
    moves = queries.moves_of(item)
    way = queries.way_here(item, moves)
    if way is None or not viewer.acts_for(way.by_id, way.from_id):
        raise NothingToRecall
    holder = item.assignee_id
    if holder is not None and queries.keeps_it(item, way, now):
        raise BegunAlready(name=_name(item, holder))
    write_down(item, Move.RECALL, from_id=item.assignee_id, to=way.from_id, viewer=viewer, reason=reason, now=now)
    _undo(item, way, moves, now)
    if way.from_id is not None:
        absent = way.from_id in viewer.stands_in_for
        _refuse_way_back(item, ToPerson(way.from_id, anyway=absent), moves, viewer=viewer, now=now)
    _change(item, assignee_id=way.from_id)
    note(item, "task.recalled", actor_of(viewer), now, {"reason": reason})
    if holder is not None:
        tell_people([holder], "task_recalled", item, viewer=viewer, reason=reason, now=now)


def said(reason: str) -> str:
    """The reason of a move, without which there is none."""
    reason = reason.strip()[:REASON_LENGTH]
    if not reason:
        raise WhyIsNeeded
    return reason


def refuse_person(item: WorkItem, target: ToPerson, posts: Any, *, viewer: Viewer, now: datetime) -> None:
    """A clear word where this person cannot be given the task. Raises IsAway unless it is meant all the same."""
    person = queries.colleague(item.county_id, target.person_id)
    if person is None:
        raise ChooseWhom
    if person.id == item.assignee_id:
        if person.id == viewer.person_id:
            raise YoursAlready
        raise TheirsAlready(name=both_names(person))
    if person.left_at is not None:
        raise HasLeft(name=both_names(person))
    if person.id in queries.recused(item):
        raise KeptOut(name=both_names(person))
    if person.id in doers_of_what_it_approves(item):
        raise DidWhatItApproves(name=both_names(person))
    if not queries.holds_one_of(item.county_id, person.id, posts, now):
        raise WrongRole(name=both_names(person))
    if not target.anyway:
        until = queries.away_until(item.county_id, person.id, now)
        if until is not None:
            raise IsAway(name=both_names(person), day=until)


def _refuse_all_but_head(item: WorkItem, viewer: Viewer, now: datetime) -> None:
    if not oversees(viewer, item.org_path):
        raise NotInYourHands
    holder = item.assignee_id
    if holder is None:
        return
    person = directory.person(item.county_id, holder)
    if person.left_at is None and holder not in queries.away(item.county_id, now):
        raise HolderIsAtWork(name=both_names(person))


def _held_by(item: WorkItem, viewer: Viewer) -> WorkItem:
    """The task, locked, which this viewer has in hand."""
    item = queries.hold(item)
    refuse_if_closed(item)
    if not is_in_hands_of(viewer, item):
        raise NotInYourHands
    return item


def _receiver(
    item: WorkItem, way: TaskMove | None, moves: Sequence[TaskMove], viewer: Viewer, now: datetime
) -> int | None:
    """To whom a returned task goes; None: to the pool."""

    def can_have(person_id: int) -> bool:
        try:
            _refuse_way_back(item, ToPerson(person_id), moves, viewer=viewer, now=now)
        except Refusal:
            return False
        return True

    if way is not None:
        if way.from_id is None or can_have(way.from_id):
            return way.from_id
        if can_have(way.by_id):
            return way.by_id
    if has_candidates(item):
        return None
    before = queries.doer_before(item)
    if before is None or not can_have(before):
        raise NoWayBack
    return before


def _refuse_way_back(
    item: WorkItem, target: ToPerson, moves: Sequence[TaskMove], *, viewer: Viewer, now: datetime
) -> None:
    """What holds for a hand-over holds for the way back: a clear word where this person cannot have the task now."""
    posts = queries.may_get_back(viewer, item, target.person_id, moves, now)
    refuse_person(item, target, posts, viewer=viewer, now=now)


def _undo(item: WorkItem, way: TaskMove, moves: Sequence[TaskMove], now: datetime) -> None:
    """The move is taken back; a task that it sent to another pool is offered again as it was before."""
    way.ended_at = now
    if way.to_id is not None:
        return
    before = next((one for one in moves if one.id < way.id and one.sends_to_pool and one.ended_at is None), None)
    if before is not None:
        _offer(item, [{"role": before.to_role, "organisation_id": before.to_organisation_id}])
    else:
        _offer(item, candidate_rows(item.county_id, item.org_path, {item.id: tuple(item.groups)}))


def _allowed_pool(item: WorkItem, target: ToPool, viewer: Viewer, now: datetime) -> dict[str, object]:
    if not queries.pools_for(viewer, item, now, only=target):
        raise WrongPool
    place = directory.organisation(item.county_id, target.organisation_id)
    zh, en = ROLES[target.role]
    return {"to_zh": f"{place.name_zh}{zh}", "to_en": f"{place.name_en} · {en}"}


def _change(item: WorkItem, *, assignee_id: int | None, owner_id: int | None = None) -> None:
    """The task is somebody else's, or nobody's: what its holder had put off is not put off any more."""
    db.session.execute(
        update(WorkItem)
        .where(WorkItem.county_id == item.county_id, WorkItem.id == item.id)
        .values(assignee_id=assignee_id, owner_id=owner_id, follow_up_at=None)
    )
    db.session.refresh(item)


def _end_standing(item: WorkItem, kind: Move, now: datetime) -> None:
    db.session.execute(
        update(TaskMove)
        .where(
            TaskMove.county_id == item.county_id,
            TaskMove.work_item_id == item.id,
            TaskMove.kind == kind,
            TaskMove.to_id == item.assignee_id,
            TaskMove.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def _offer(item: WorkItem, pools: Sequence[Mapping[str, Any]]) -> None:
    """Offer the task to these pools and no others."""
    key = {"county_id": item.county_id, "work_item_id": item.id}
    db.session.execute(delete(WorkItemCandidate).filter_by(**key))
    if pools:
        db.session.execute(insert(WorkItemCandidate), [{**pool, **key} for pool in pools])


def _name(item: WorkItem, person_id: int) -> BothNames:
    return both_names(directory.person(item.county_id, person_id))


def _note_to(item: WorkItem, event: str, actor: Actor, now: datetime, person_id: int, reason: str) -> None:
    """The history tells to whom the task went, and knows who that is."""
    told = {"to": str(_name(item, person_id)), "reason": reason}
    note(item, event, actor, now, told, about={"to": person_id})
