"""Time limits: start, pause, resume, extend, stop. Open tasks that are due by the end of a limit go with it."""

from datetime import datetime

from sqlalchemy import select

from app.audit.services import Actor, Stream, record
from app.cases.models import Case, Clock
from app.cases.rules import Limit, days_left, end_of_day, last_day, last_day_of, local_day
from app.core.database import FOREVER, db
from app.definitions.queries import numbered_release
from app.directory import queries as directory
from app.directory.calendars import CountyCalendar
from app.workflow.queries import element_properties, open_items

LIMIT = "clock"
"""The property by which a user task says by the end of which limit it is due."""


def running_clocks(case: Case) -> list[Clock]:
    return list(
        db.session.scalars(
            select(Clock)
            .where(Clock.county_id == case.county_id, Clock.case_id == case.id, Clock.stopped_at.is_(None))
            .order_by(Clock.id)
        )
    )


def start_clock(
    case: Case,
    kind: str,
    *,
    limit: Limit,
    promise_days: int | None,
    source: str,
    actor: Actor,
    now: datetime,
) -> Clock:
    """Start a limit; one of the same kind that still runs is stopped. The promise never exceeds the law."""
    again = [clock for clock in running_clocks(case) if clock.kind == kind]
    for clock in again:
        clock.stopped_at = now
        _note(case, clock, "clock.stopped", actor, now, {})
    promise = min(promise_days, limit.days) if promise_days is not None else None
    clock = Clock(
        county_id=case.county_id,
        case_id=case.id,
        kind=kind,
        source=source,
        days=limit.days,
        day_kind=limit.day_kind,
        promise_days=promise,
        started_at=now,
        due_at=now,
    )
    _set_dates(case, clock, limit.days, promise, now)
    db.session.add(clock)
    db.session.flush()
    _note(case, clock, "clock.started", actor, now, {"days": limit.days, "day_kind": limit.day_kind, "source": source})
    if again:
        move_tasks(case, clock, actor=actor, now=now)
    return clock


def pause_clocks(case: Case, kind: str | None = None, *, reason: str, actor: Actor, now: datetime) -> None:
    """Stop the counting of one kind of limit, or of all that run; what was left is kept."""
    zone = directory.county(case.county_id).zone
    today = local_day(now, zone)
    calendar = CountyCalendar(case.county_id)
    for clock in running_clocks(case):
        if clock.paused_at is not None or kind not in (None, clock.kind):
            continue
        clock.paused_at = now
        clock.pause_reason = reason
        clock.days_left = days_left(today, last_day_of(clock.due_at, zone), clock.day_kind, calendar)
        if clock.promise_at is not None:
            clock.promise_days_left = days_left(today, last_day_of(clock.promise_at, zone), clock.day_kind, calendar)
        _note(case, clock, "clock.paused", actor, now, {"reason": reason})
    db.session.flush()


def resume_clocks(case: Case, kind: str | None = None, *, actor: Actor, now: datetime) -> None:
    """Go on counting where each paused limit stood; one that had passed before the pause stays passed."""
    for clock in running_clocks(case):
        if clock.paused_at is None or kind not in (None, clock.kind):
            continue
        if clock.days_left is not None and clock.days_left >= 0:
            _set_dates(case, clock, clock.days_left, clock.promise_days_left, now)
        clock.paused_at = None
        clock.days_left = clock.promise_days_left = None
        _note(case, clock, "clock.resumed", actor, now, {})
        move_tasks(case, clock, actor=actor, now=now)
    db.session.flush()


def extend_clock(case: Case, kind: str, *, days: int, consent: str, actor: Actor, now: datetime) -> Clock | None:
    """Lengthen a limit with the recorded consent; None when no such limit runs."""
    zone = directory.county(case.county_id).zone
    clock = next((one for one in running_clocks(case) if one.kind == kind), None)
    if clock is None:
        return None
    calendar = CountyCalendar(case.county_id)
    clock.days += days
    clock.counted_from, clock.counted_days = last_day_of(clock.due_at, zone), days
    clock.counted_promise = None
    clock.due_at = end_of_day(last_day(last_day_of(clock.due_at, zone), Limit(days, clock.day_kind), calendar), zone)
    clock.promise_at = clock.promise_days_left = None
    if clock.paused_at is not None and clock.days_left is not None:
        clock.days_left += days
    clock.provisional = clock.provisional or calendar.guessed
    db.session.flush()
    _note(case, clock, "clock.extended", actor, now, {"days": days, "consent": consent})
    move_tasks(case, clock, actor=actor, now=now)
    return clock


def stop_clocks(case: Case, kind: str | None, *, actor: Actor, now: datetime) -> None:
    """End one kind of limit, or all of them."""
    for clock in running_clocks(case):
        if kind is None or clock.kind == kind:
            clock.stopped_at = now
            _note(case, clock, "clock.stopped", actor, now, {})
    db.session.flush()


def move_tasks(case: Case, clock: Clock, *, actor: Actor, now: datetime) -> None:
    """Open tasks that are due by the end of this limit are due by its new end."""
    zone = directory.county(case.county_id).zone
    for item in open_items(case.county_id, subject_id=case.id):
        if item.due_at == clock.due_at:
            continue
        release = numbered_release(item.county_id, item.package, item.release)
        if element_properties(item, release).get(LIMIT) != clock.kind:
            continue
        days = {"after": last_day_of(clock.due_at, zone).isoformat()}
        if item.due_at < FOREVER:
            days["before"] = last_day_of(item.due_at, zone).isoformat()
        item.due_at = clock.due_at
        record(
            Stream.case(case.county_id, case.id),
            "task.due_moved",
            actor=actor,
            now=now,
            payload={"name_zh": item.name_zh, "name_en": item.name_en, **days},
            about={"task": item.id, "clock": clock.id},
        )
    db.session.flush()


def _set_dates(case: Case, clock: Clock, days: int, promise: int | None, now: datetime) -> None:
    zone = directory.county(case.county_id).zone
    today = local_day(now, zone)
    calendar = CountyCalendar(case.county_id)
    clock.counted_from, clock.counted_days, clock.counted_promise = today, days, promise
    clock.due_at = end_of_day(last_day(today, Limit(days, clock.day_kind), calendar), zone)
    if promise is not None and promise >= 0:
        clock.promise_at = end_of_day(last_day(today, Limit(promise, clock.day_kind), calendar), zone)
    clock.provisional = calendar.guessed


def _note(case: Case, clock: Clock, event: str, actor: Actor, now: datetime, payload: dict[str, object]) -> None:
    record(
        Stream.case(case.county_id, case.id),
        event,
        actor=actor,
        now=now,
        payload={"clock": clock.kind, "due_at": clock.due_at.isoformat(), **payload},
        about={"clock": clock.id},
    )
