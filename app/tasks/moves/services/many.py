"""The same move for many tasks in one request: each in a savepoint of its own, with a result of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.database import db
from app.core.errors import NotFound, Refusal
from app.directory.rules import Viewer
from app.tasks.moves.errors import TooManyAtOnce
from app.tasks.moves.rules import MOST_AT_ONCE, Target
from app.tasks.moves.services.passing import hand_over, said
from app.tasks.moves.services.reminding import urge
from app.tasks.queries import matter_is_seen, task_for
from app.tasks.services import claim_task
from app.workflow.models import WorkItem


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one task; `refusal` is None when it was moved, `item` when there is no such task to be seen.

    `hidden`: its matter was not this person's to see.
    """

    id: int
    item: WorkItem | None = None
    refusal: Refusal | None = None
    hidden: bool = False

    @property
    def moved(self) -> bool:
        return self.refusal is None


def claim_many(item_ids: Sequence[int], *, viewer: Viewer, now: datetime) -> list[RowResult]:
    return _each(item_ids, viewer, lambda item: claim_task(item, viewer=viewer, now=now))


def hand_over_many(
    item_ids: Sequence[int], target: Target, *, viewer: Viewer, reason: str, now: datetime
) -> list[RowResult]:
    said(reason)
    return _each(item_ids, viewer, lambda item: hand_over(item, target, viewer=viewer, reason=reason, now=now))


def urge_many(item_ids: Sequence[int], *, viewer: Viewer, reason: str, now: datetime) -> list[RowResult]:
    said(reason)
    return _each(item_ids, viewer, lambda item: urge(item, viewer=viewer, reason=reason, now=now))


def _each(item_ids: Sequence[int], viewer: Viewer, move: Callable[[WorkItem], object]) -> list[RowResult]:
    """Always in the order of the ids, so that two who move the same tasks do not wait for each other in a ring."""
    if len(set(item_ids)) > MOST_AT_ONCE:
        raise TooManyAtOnce(most=MOST_AT_ONCE)
    results = {one: _one(one, viewer, move) for one in sorted(set(item_ids))}
    return [results[one] for one in dict.fromkeys(item_ids)]


def _one(item_id: int, viewer: Viewer, move: Callable[[WorkItem], object]) -> RowResult:
    try:
        item = task_for(viewer, item_id)
    except NotFound as hidden:
        return RowResult(item_id, None, hidden)
    unseen = not matter_is_seen(viewer, item)
    try:
        with db.session.begin_nested():
            move(item)
    except Refusal as refusal:
        return RowResult(item_id, item, refusal, unseen)
    return RowResult(item_id, item, hidden=unseen)
