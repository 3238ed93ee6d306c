"""The engine room at a glance: late timers, jobs that wait or have failed, workers, messages that are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.core.database import db
from app.directory.rules import Viewer
from app.operations.queries import ROLES
from app.scheduling.models import Heartbeat, Job, JobStatus
from app.workflow.models import Instance, InstanceStatus, Message, MessageStatus

LATE = timedelta(seconds=30)
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker; `late` when it has not shown itself for a while."""

    name: str
    at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class Room:
    """`failing` jobs wait for another attempt, `dead` ones have none left; rows are for the county's own only."""

    whole_county: bool
    late_timers: int
    latest: datetime | None
    next_timer: datetime | None
    waiting: int
    failing: Sequence[Job]
    dead: Sequence[Job]
    dead_count: int
    workers: Sequence[Worker]
    kept: Sequence[Message]
    kept_count: int
    ended: Sequence[Message]


def answers_for_county(viewer: Viewer) -> bool:
    """Whether the viewer is responsible for the county as a whole: jobs and messages belong to no office."""
    return viewer.has_county_role(*ROLES)


def look(viewer: Viewer, *, now: datetime) -> Room:
    """Everything on one page. Whoever answers for a part of the county sees figures only."""
    county_id, whole = viewer.county_id, answers_for_county(viewer)
    running = (Instance.county_id == county_id, Instance.status == InstanceStatus.RUNNING)
    late, oldest = db.session.execute(
        select(func.count(), func.min(Instance.due_at)).where(*running, Instance.due_at <= now - LATE)
    ).one()
    following = db.session.scalar(select(func.min(Instance.due_at)).where(*running, Instance.due_at > now))
    due = (Job.county_id == county_id, Job.status == JobStatus.DUE)
    dead = (Job.county_id == county_id, Job.status == JobStatus.FAILED)
    kept = (Message.county_id == county_id, Message.status == MessageStatus.KEPT)
    ended = (Message.county_id == county_id, Message.status.in_((MessageStatus.EXPIRED, MessageStatus.NOBODY)))
    return Room(
        whole_county=whole,
        late_timers=late,
        latest=oldest,
        next_timer=following,
        waiting=_count(Job, *due),
        failing=_jobs(*due, Job.attempts > 0, Job.last_error.is_not(None)) if whole else (),
        dead=_jobs(*dead) if whole else (),
        dead_count=_count(Job, *dead),
        workers=_workers(now),
        kept=_messages(*kept) if whole else (),
        kept_count=_count(Message, *kept),
        ended=_messages(*ended) if whole else (),
    )


def _count(model: type[Job] | type[Message], *conditions: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0  # type: ignore[arg-type]


def _jobs(*conditions: object) -> Sequence[Job]:
    query = select(Job).where(*conditions).order_by(Job.id.desc()).limit(SHOWN)  # type: ignore[arg-type]
    return db.session.scalars(query).all()


def _messages(*conditions: object) -> Sequence[Message]:
    query = select(Message).where(*conditions).order_by(Message.id.desc()).limit(SHOWN)  # type: ignore[arg-type]
    return db.session.scalars(query).all()


def _workers(now: datetime) -> list[Worker]:
    found = db.session.scalars(select(Heartbeat).order_by(Heartbeat.at.desc()))
    return [Worker(one.worker, one.at, now - one.at > LATE) for one in found]
