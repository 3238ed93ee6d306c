"""Put a job down, claim it, settle it; take a firing of the timetable; show that a worker lives."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select, tuple_, update

from app.core.database import db
from app.core.ids import new_id
from app.core.locking import insert_for, locked
from app.scheduling.errors import LeaseLost
from app.scheduling.models import Heartbeat, Job, JobStatus, TimetableRun

ATTEMPTS = 5
LEASE = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(days=1)
_BACKOFF = (5, 30, 120, 600)


@dataclass(frozen=True, slots=True)
class DueJob:
    """A claimed job. `key` is the idempotency key; `attempt` fences the result."""

    county_id: int
    id: int
    kind: str
    key: str
    reference: str | None
    payload: Mapping[str, Any]
    attempt: int


def enqueue(
    county_id: int,
    kind: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    run_at: datetime | None = None,
    reference: str | None = None,
    key: str | None = None,
) -> int:
    """Write a job of `kind` in the caller's transaction; returns its id. `payload` is plain JSON data.

    `key` is what a receiver may recognise a repeated attempt by; by default the job's id.
    """
    job_id = new_id()
    db.session.execute(
        insert(Job).values(
            county_id=county_id,
            id=job_id,
            kind=kind,
            key=key or str(job_id),
            reference=reference,
            payload=dict(payload),
            status=JobStatus.DUE,
            run_at=run_at or now,
            attempts=0,
            created_at=now,
        )
    )
    return job_id


def cancel_jobs(county_id: int, references: Collection[str], *, now: datetime) -> None:
    """Take back jobs that are no longer wanted; one that is being worked on loses its lease."""
    db.session.execute(
        update(Job)
        .where(Job.county_id == county_id, Job.reference.in_(references), Job.status == JobStatus.DUE)
        .values(status=JobStatus.CANCELLED, finished_at=now)
    )


def claim_jobs(*, now: datetime, limit: int = 20, lease: timedelta = LEASE) -> list[DueJob]:
    """Take up to `limit` due jobs for the time of `lease`. To be committed before the work begins."""
    free = and_(Job.status == JobStatus.DUE, Job.run_at <= now, or_(Job.locked_until.is_(None), Job.locked_until < now))
    dialect = db.engine.dialect.name
    found = db.session.execute(
        locked(
            select(Job.county_id, Job.id).where(free).order_by(Job.run_at, Job.id).limit(limit),
            dialect,
            skip_locked=True,
        )
    ).all()
    if not found:
        return []
    rows = db.session.execute(
        update(Job)
        .where(tuple_(Job.county_id, Job.id).in_([tuple(row) for row in found]), free)
        .values(locked_until=now + lease, attempts=Job.attempts + 1)
        .returning(Job.county_id, Job.id, Job.kind, Job.key, Job.reference, Job.payload, Job.attempts)
        .execution_options(synchronize_session=False)
    ).all()
    return sorted((DueJob(*row) for row in rows), key=lambda job: job.id)


def give_back(jobs: Collection[DueJob]) -> None:
    """End the lease of jobs that were claimed and not begun: the next worker need not wait for it."""
    for job in jobs:
        db.session.execute(
            update(Job)
            .where(
                Job.county_id == job.county_id,
                Job.id == job.id,
                Job.status == JobStatus.DUE,
                Job.attempts == job.attempt,
            )
            .values(locked_until=None, attempts=Job.attempts - 1)
            .execution_options(synchronize_session=False)
        )


def hold_longer(job: DueJob, *, until: datetime) -> None:
    """For work that takes longer than a lease: nobody else claims the job before `until`."""
    _settle(job, locked_until=until)


def finish_job(job: DueJob, *, now: datetime) -> None:
    """Mark the job done. Raises LeaseLost when another attempt has been claimed since, or it was taken back."""
    _settle(job, status=JobStatus.DONE, finished_at=now, locked_until=None)


def put_off(job: DueJob, error: str, *, now: datetime) -> bool:
    """Note a failed attempt: another one later, or none any more. Returns whether it has failed for good."""
    last = job.attempt >= ATTEMPTS
    if last:
        _settle(job, status=JobStatus.FAILED, finished_at=now, locked_until=None, last_error=error[:2000])
    else:
        wait = timedelta(seconds=_BACKOFF[min(job.attempt, len(_BACKOFF)) - 1])
        _settle(job, run_at=now + wait, locked_until=None, last_error=error[:2000])
    return last


def _settle(job: DueJob, **values: Any) -> None:
    changed = db.session.execute(
        update(Job)
        .where(
            Job.county_id == job.county_id,
            Job.id == job.id,
            Job.status == JobStatus.DUE,
            Job.attempts == job.attempt,
        )
        .values(**values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).all()
    if len(changed) != 1:
        raise LeaseLost


def revive(county_id: int, job_id: int, *, now: datetime) -> bool:
    """Give a job that has failed for good its attempts anew, at once; false when it has not failed."""
    changed = db.session.execute(
        update(Job)
        .where(Job.county_id == county_id, Job.id == job_id, Job.status == JobStatus.FAILED)
        .values(status=JobStatus.DUE, run_at=now, attempts=0, locked_until=None, finished_at=None)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(changed) == 1


def job_status(county_id: int, reference: str) -> str | None:
    """How the job that was put down last under a reference stands."""
    return db.session.scalar(
        select(Job.status)
        .where(Job.county_id == county_id, Job.reference == reference)
        .order_by(Job.id.desc())
        .limit(1)
    )


def take_slot(job: str, slot: datetime, *, worker: str, now: datetime) -> bool:
    """Whether this worker may run the timetable's `job` for `slot`; false when another one has it."""
    taken = db.session.execute(
        insert_for(TimetableRun, db.engine.dialect.name)
        .values(job=job, slot=slot, taken_at=now, taken_by=worker)
        .on_conflict_do_nothing()
        .returning(TimetableRun.job)
    ).all()
    return len(taken) == 1


def beat(worker: str, *, started_at: datetime, now: datetime) -> None:
    """Show that `worker` lives; workers that were last seen a day ago are forgotten."""
    statement = insert_for(Heartbeat, db.engine.dialect.name).values(worker=worker, started_at=started_at, at=now)
    db.session.execute(statement.on_conflict_do_update(index_elements=["worker"], set_={"at": now}))
    db.session.execute(delete(Heartbeat).where(Heartbeat.at < now - FORGOTTEN_AFTER))


def last_beat() -> datetime | None:
    """When any worker last showed itself."""
    return db.session.scalar(select(Heartbeat.at).order_by(Heartbeat.at.desc()).limit(1))
