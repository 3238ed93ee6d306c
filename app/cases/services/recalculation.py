"""Running limits counted again when the calendar has changed: what would move, and the move itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, or_, select

from app.audit.services import SYSTEM, Stream, record
from app.cases.models import Case, Clock
from app.cases.rules import Limit, end_of_day, last_day, last_day_of, local_day
from app.cases.services.cases import lock_case
from app.cases.services.clocks import move_tasks
from app.core.database import db
from app.directory import queries as directory
from app.directory.calendars import CountyCalendar
from app.directory.models import Organisation
from app.engine.feel import Date
from app.workflow.commands import ChangeVariables
from app.workflow.queries import instances_of, variables_by_scope
from app.workflow.services import advance

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """A limit whose last day is another one by a calendar."""

    clock: Clock
    office: Organisation
    before: date
    after: date
    due_at: datetime
    promise_at: datetime | None
    provisional: bool


def would_move(
    county_id: int, calendar: CountyCalendar, *, since: date | None = None, limit: int | None = None
) -> Iterator[Moved]:
    """The running limits that end on another day by `calendar`; with `since` those only that a change from then on
    could touch. `limit` is how many clocks are looked at, at most.
    """
    zone = directory.county(county_id).zone
    last, looked_at = 0, 0
    while limit is None or looked_at < limit:
        rows = db.session.execute(_running(county_id, since, zone).where(Clock.id > last).limit(AT_ONCE)).all()
        if not rows:
            return
        for clock, office in rows:
            last, looked_at = clock.id, looked_at + 1
            moved = _moved(clock, office, calendar, zone)
            if moved is not None:
                yield moved


def count_again(county_id: int, *, after: int, size: int, only_provisional: bool, now: datetime) -> tuple[int, int]:
    """Count the next limits again by the calendar as it is; returns how many moved, and the last one's id (0: end)."""
    zone = directory.county(county_id).zone
    calendar = CountyCalendar(county_id)
    query = _running(county_id, None, zone).where(Clock.id > after)
    if only_provisional:
        query = query.where(Clock.provisional)
    ids = [clock.id for clock, _office in db.session.execute(query.limit(size))]
    found = sum(_count_one_again(county_id, clock_id, calendar, zone, now) for clock_id in ids)
    return found, ids[-1] if len(ids) == size else 0


def _count_one_again(county_id: int, clock_id: int, calendar: CountyCalendar, zone: str, now: datetime) -> int:
    clock = db.session.get_one(Clock, (county_id, clock_id))
    lock_case(county_id, clock.case_id)
    db.session.refresh(clock)
    if clock.stopped_at is not None or clock.paused_at is not None:
        return 0
    case = db.session.get_one(Case, (county_id, clock.case_id))
    office = directory.organisation(county_id, case.lead_organisation_id)
    moved = _moved(clock, office, calendar, zone)
    if moved is None:
        return 0
    clock.due_at, clock.promise_at, clock.provisional = moved.due_at, moved.promise_at, moved.provisional
    db.session.flush()
    if moved.before == moved.after:
        return 0
    record(
        Stream.case(county_id, clock.case_id),
        "clock.recalculated",
        actor=SYSTEM,
        now=now,
        payload={
            "clock": clock.kind,
            "before": moved.before.isoformat(),
            "after": moved.after.isoformat(),
            "due_at": clock.due_at.isoformat(),
        },
        about={"clock": clock.id},
    )
    move_tasks(case, clock, actor=SYSTEM, now=now)
    _tell_processes(case, clock, moved.after, now)
    return 1


def _tell_processes(case: Case, clock: Clock, last: date, now: datetime) -> None:
    """Processes that know the last day of the limit, as `mediation_deadline`, know the new one: their timers ask it."""
    name = f"{clock.kind}_deadline"
    for instance in instances_of(case.county_id, case.id, running=True):
        known = variables_by_scope(case.county_id, instance.id)
        values = {scope: {name: Date.from_python(last)} for scope, held in known.items() if held.get(name) is not None}
        if values:
            command = ChangeVariables(values)
            advance(case.county_id, instance.id, command, actor=SYSTEM, now=now, subject_id=case.id)


def _running(county_id: int, since: date | None, zone: str) -> Select[Clock, Organisation]:
    query = (
        select(Clock, Organisation)
        .join(Case, (Case.county_id == Clock.county_id) & (Case.id == Clock.case_id))
        .join(Organisation, (Organisation.county_id == Case.county_id) & (Organisation.id == Case.lead_organisation_id))
        .where(Clock.county_id == county_id, Clock.stopped_at.is_(None), Clock.paused_at.is_(None))
        .order_by(Clock.id)
    )
    if since is not None:
        begun = end_of_day(since, zone)
        query = query.where(Clock.started_at < begun, or_(Clock.due_at >= begun, Clock.promise_at >= begun))
    return query


def _moved(clock: Clock, office: Organisation, calendar: CountyCalendar, zone: str) -> Moved | None:
    start = clock.counted_from or local_day(clock.started_at, zone)
    days = clock.days if clock.counted_days is None else clock.counted_days
    promise = clock.promise_days if clock.counted_from is None else clock.counted_promise
    calendar.guessed = False
    due_at = end_of_day(last_day(start, Limit(days, clock.day_kind), calendar), zone)
    promise_at = clock.promise_at
    if promise is not None and promise >= 0 and clock.promise_at is not None:
        promise_at = end_of_day(last_day(start, Limit(promise, clock.day_kind), calendar), zone)
    guessed = calendar.guessed
    if (due_at, promise_at, guessed) == (clock.due_at, clock.promise_at, clock.provisional):
        return None
    before, after = last_day_of(clock.due_at, zone), last_day_of(due_at, zone)
    return Moved(clock, office, before, after, due_at, promise_at, guessed)


def summary(moved: Sequence[Moved]) -> list[tuple[str, Organisation, int, int]]:
    """(kind of limit, office, days by which it moves, how many), the most first: no case is named."""
    counted: dict[tuple[str, int, int], int] = {}
    offices: dict[int, Organisation] = {}
    for one in moved:
        offices[one.office.id] = one.office
        key = (one.clock.kind, one.office.id, (one.after - one.before).days)
        counted[key] = counted.get(key, 0) + 1
    rows = sorted(counted.items(), key=lambda pair: -pair[1])
    return [(kind, offices[office], days, count) for (kind, office, days), count in rows]
