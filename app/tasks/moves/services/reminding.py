"""Urge whoever has a task, and put off one's own to a later day."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from app.core.database import db
from app.core.translations import BothNames
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.tasks.moves import queries
from app.tasks.moves.errors import DayHasPassed, NotInYourHands, UrgedAlready, WaitsForYou
from app.tasks.moves.rules import REASON_LENGTH, URGE_EVERY, Move, next_urge
from app.tasks.moves.services.passing import said
from app.tasks.moves.services.telling import tell_people, tell_pool
from app.tasks.moves.services.writing import write_down
from app.tasks.queries import is_in_hands_of, is_offered
from app.tasks.services import actor_on, note, refuse_if_closed
from app.workflow.models import WorkItem


def urge(item: WorkItem, *, viewer: Viewer, reason: str, now: datetime) -> list[BothNames]:
    """Remind whoever has the task, or the pool in which it waits; returns the names of the reminded.

    Once in `URGE_EVERY`, whoever does it. Raises UrgedAlready.
    """
    reason = said(reason)
    item = queries.hold(item)
    refuse_if_closed(item)
    if not queries.may_urge(viewer, item):
        raise NotInYourHands
    if is_in_hands_of(viewer, item) or (item.assignee_id is None and is_offered(viewer, item)):
        raise WaitsForYou
    urged = queries.urged_at(queries.moves_of(item))
    free = next_urge(urged, now)
    if free is not None:
        raise UrgedAlready(time=free - URGE_EVERY, next=free)
    write_down(item, Move.URGE, to=item.assignee_id, viewer=viewer, reason=reason, now=now)
    if item.assignee_id is not None:
        told = tell_people([item.assignee_id], "task_urged", item, viewer=viewer, reason=reason, now=now)
    else:
        told = tell_pool(item, "task_urged", viewer=viewer, reason=reason, now=now)
    names = {"names_zh": [one.name for one in told], "names_en": [one.name_en or one.name for one in told]}
    note(item, "task.urged", actor_of(viewer), now, {**names, "reason": reason})
    return told


def put_off(item: WorkItem, day: date, *, viewer: Viewer, reason: str, now: datetime) -> None:
    """Let the task come back into one's list on a later day. No date of the law or of the process moves by it."""
    item = queries.hold(item)
    refuse_if_closed(item)
    if not is_in_hands_of(viewer, item):
        raise NotInYourHands
    zone = ZoneInfo(viewer.zone)
    if day <= now.astimezone(zone).date():
        raise DayHasPassed
    item.follow_up_at = datetime.combine(day, time(), zone)
    db.session.flush()
    told = {"day": day.isoformat(), "reason": reason.strip()[:REASON_LENGTH]}
    note(item, "task.put_off", actor_on(item, viewer), now, told)


def take_up_again(item: WorkItem, *, viewer: Viewer, now: datetime) -> None:
    """What was put off is back in the list at once."""
    item = queries.hold(item)
    refuse_if_closed(item)
    if not is_in_hands_of(viewer, item):
        raise NotInYourHands
    if item.follow_up_at is None:
        return
    item.follow_up_at = None
    db.session.flush()
    note(item, "task.taken_up", actor_on(item, viewer), now)
