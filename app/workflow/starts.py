"""Processes that begin by themselves: at a time, or on a signal. What the active releases say counts, nothing else."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, or_, select, tuple_, update

from app.audit.services import SYSTEM, Actor
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.locking import locked
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.definitions.events import ReleaseActivated
from app.definitions.queries import ReleaseInfo
from app.directory import queries as directory
from app.directory.calendars import CountyCalendar
from app.engine import feel
from app.engine.bpmn.starts import Start, Turn, next_turn, starts_in
from app.engine.findings import EngineError
from app.scheduling import jobs as kinds
from app.scheduling import services as scheduling
from app.scheduling.jobs import Settle
from app.scheduling.services import DueJob
from app.scheduling.worker import register_beat
from app.workflow.services import Outcome, start_instance
from app.workflow.start_models import StartTimer

log = structlog.get_logger()

BATCH = 20
LEASE = timedelta(seconds=60)
"""How long a start that has failed rests before it is tried again."""
SIGNAL_START_JOB = "workflow.signal_start"


def register() -> None:
    """Name the job and the beat; once, in the factory."""
    kinds.register(SIGNAL_START_JOB, do_signal_start)
    register_beat("starts", start_due, seconds=1)


# Timers


def follow_release(event: ReleaseActivated) -> None:
    """A release has become active: its timers are set, those of the release before end.

    One that says the same as before keeps its beat, so that publishing often does not put it off for ever.
    """
    release = definitions.release(event.county_id, event.release_id)
    kept = {(one.process_id, one.element_id, one.text): one for one in timers_of(event.county_id, event.package)}
    rows = []
    for process_id, start in starts_in(definitions.contents(release).process_files, "timer"):
        before = kept.get((process_id, start.element_id, start.text))
        if before is not None:
            turn = None if before.due_at is None else Turn(before.due_at, before.every, before.left)
        else:
            turn = _first_turn(release, process_id, start, event.now)
        rows.append(_row(release, process_id, start, turn))
    mine = (StartTimer.county_id == event.county_id, StartTimer.package == event.package)
    db.session.execute(delete(StartTimer).where(*mine).execution_options(synchronize_session=False))
    db.session.add_all(rows)
    db.session.flush()


def timers_of(county_id: int, package: str) -> list[StartTimer]:
    """The timers of the package's active release."""
    query = select(StartTimer).where(StartTimer.county_id == county_id, StartTimer.package == package)
    return list(db.session.scalars(query.order_by(StartTimer.process_id, StartTimer.element_id)))


def start_due(limit: int = BATCH) -> int:
    """Begin the processes whose time has come, each in a transaction of its own; returns how many were claimed.

    Turns missed while nobody worked begin one process, not many.
    """
    claimed = run_unit(lambda: _claim(limit))
    for county_id, timer_id in claimed:
        try:
            run_unit(lambda key=(county_id, timer_id): _begin(*key))  # type: ignore[misc]
        except Exception:
            log.exception("start.failed", county=county_id, timer=timer_id)
    return len(claimed)


def _claim(limit: int) -> list[tuple[int, int]]:
    now = clock.now()
    query = (
        select(StartTimer.county_id, StartTimer.id)
        .where(StartTimer.due_at <= now, or_(StartTimer.leased_until.is_(None), StartTimer.leased_until < now))
        .order_by(StartTimer.due_at)
        .limit(limit)
    )
    found = [(row[0], row[1]) for row in db.session.execute(locked(query, db.engine.dialect.name, skip_locked=True))]
    if found:
        db.session.execute(
            update(StartTimer)
            .where(tuple_(StartTimer.county_id, StartTimer.id).in_(found))
            .values(leased_until=now + LEASE)
            .execution_options(synchronize_session=False)
        )
    return found


def _begin(county_id: int, timer_id: int) -> Outcome | None:
    """Begin the process and set the next turn; None when another one has, or the release has ended."""
    now = clock.now()
    query = select(StartTimer).where(StartTimer.county_id == county_id, StartTimer.id == timer_id)
    timer = db.session.execute(locked(query, db.engine.dialect.name)).scalar_one_or_none()
    if timer is None or timer.due_at is None or timer.due_at > now:
        return None
    turn = next_turn(Turn(timer.due_at, timer.every, timer.left), now, directory.zone_of(county_id))
    timer.due_at, timer.left = (turn.due, turn.left) if turn is not None else (None, 0)
    timer.leased_until = None
    return _start(county_id, timer.package, timer.process_id, timer.element_id, {}, SYSTEM, now)


def _first_turn(release: ReleaseInfo, process_id: str, start: Start, now: datetime) -> Turn | None:
    county_id = release.county_id
    definition = definitions.contents(release).process(process_id)
    try:
        return definition.first_turn(start, now, directory.zone_of(county_id), CountyCalendar(county_id))
    except EngineError:
        log.exception("start.no_time", county=county_id, process=process_id, element=start.element_id)
        return None


def _row(release: ReleaseInfo, process_id: str, start: Start, turn: Turn | None) -> StartTimer:
    return StartTimer(
        county_id=release.county_id,
        id=new_id(),
        package=release.package,
        release_id=release.id,
        process_id=process_id,
        element_id=start.element_id,
        text=start.text,
        due_at=turn.due if turn is not None else None,
        every=turn.every if turn is not None else "",
        left=turn.left if turn is not None else 0,
    )


# Signals


def signal_starts(county_id: int, name: str) -> list[tuple[str, str, str]]:
    """(package, process id, start event) of what begins on the signal in the county."""
    return [
        (package, process_id, start.element_id)
        for package in definitions.active_packages(county_id)
        for process_id, start in starts_in(
            definitions.contents(definitions.active_release(county_id, package)).process_files, "signal"
        )
        if start.event == name
    ]


def start_on_signal(
    county_id: int, name: str, *, payload: Mapping[str, object] | None = None, actor: Actor, now: datetime
) -> int:
    """Begin every process that begins on this signal, each in a job of its own; returns how many there are."""
    found = signal_starts(county_id, name)
    for package, process_id, element_id in found:
        told = {
            "package": package,
            "process": process_id,
            "element": element_id,
            "payload": feel.dump(feel.from_json(payload or {})),
            "actor": {"kind": actor.kind, "id": actor.id, "name": actor.name},
        }
        scheduling.enqueue(county_id, SIGNAL_START_JOB, told, now=now)
    return len(found)


def do_signal_start(job: DueJob) -> Settle:
    """Begin a process on a signal that was given; names that it does not declare are left out of the payload."""
    told = job.payload
    payload = feel.load(told["payload"])

    def settle() -> None:
        given = payload if isinstance(payload, dict) else {}
        dictionary = definitions.contents(definitions.active_release(job.county_id, told["package"])).dictionary
        values = {name: value for name, value in given.items() if dictionary is None or name in dictionary}
        actor = Actor(told["actor"]["kind"], told["actor"]["id"], told["actor"]["name"])
        _start(job.county_id, told["package"], told["process"], told["element"], values, actor, clock.now())

    return settle


def _start(
    county_id: int,
    package: str,
    process_id: str,
    element_id: str,
    values: Mapping[str, object],
    actor: Actor,
    now: datetime,
) -> Outcome:
    """Without a subject the tasks belong to the county's first organisation."""
    places = directory.organisations(county_id)
    return start_instance(
        county_id,
        package,
        process_id,
        start_event=element_id,
        organisation_id=places[0].id if places else None,
        variables=values,
        actor=actor,
        now=now,
    )
