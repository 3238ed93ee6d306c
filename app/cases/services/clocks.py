"""Time limits: start, pause, resume, extend, stop."""

from datetime import datetime

from sqlalchemy import select

from app.audit.services import Actor, Stream, record
from app.cases.models import Case, Clock
from app.cases.rules import Limit, days_left, end_of_day, last_day, last_day_of, local_day
from app.core.database import db
from app.directory import queries as directory
from app.directory.calendars import CountyCalendar


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
    for clock in running_clocks(case):
        if clock.kind == kind:
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
    return clock


def pause_clocks(case: Case, *, reason: str, actor: Actor, now: datetime) -> None:
    """Stop the counting of every running limit; what was left is kept."""
    zone = directory.county(case.county_id).zone
    today = local_day(now, zone)
    calendar = CountyCalendar(case.county_id)
    for clock in running_clocks(case):
        if clock.paused_at is not None:
            continue
        clock.paused_at = now
        clock.pause_reason = reason
        clock.days_left = days_left(today, last_day_of(clock.due_at, zone), clock.day_kind, calendar)
        if clock.promise_at is not None:
            clock.promise_days_left = days_left(today, last_day_of(clock.promise_at, zone), clock.day_kind, calendar)
        _note(case, clock, "clock.paused", actor, now, {"reason": reason})
    db.session.flush()


def resume_clocks(case: Case, *, actor: Actor, now: datetime) -> None:
    """Go on counting where each paused limit stood; one that had passed before the pause stays passed."""
    for clock in running_clocks(case):
        if clock.paused_at is None:
            continue
        if clock.days_left is not None and clock.days_left >= 0:
            _set_dates(case, clock, clock.days_left, clock.promise_days_left, now)
        clock.paused_at = None
        clock.days_left = clock.promise_days_left = None
        _note(case, clock, "clock.resumed", actor, now, {})
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
    return clock


def stop_clocks(case: Case, kind: str | None, *, actor: Actor, now: datetime) -> None:
    """End one kind of limit, or all of them."""
    for clock in running_clocks(case):
        if kind is None or clock.kind == kind:
            clock.stopped_at = now
            _note(case, clock, "clock.stopped", actor, now, {})
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
