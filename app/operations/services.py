"""Repairs that people ask for. What is done to one incident is `app.workflow`'s; many at once are jobs of their own."""

from collections.abc import Collection, Mapping
from datetime import datetime

from app.audit.services import Stream, record
from app.core.database import db
from app.core.ids import new_id
from app.directory import queries as directory
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.operations.errors import IncidentSettled, JobNotFailed, NotRestartable, NotSkippable
from app.operations.models import Repair, RepairResult
from app.operations.queries import Row
from app.scheduling import services as scheduling
from app.workflow import services as workflow
from app.workflow.commands import ChangeVariables, Command, RestartBefore, Retry, Skip
from app.workflow.inspection import Stopped, stopped_at
from app.workflow.models import Incident
from app.workflow.services import Outcome
from app.workflow.typed_values import typed_values

RETRY_JOB = "operations.retry"


def retry_many(viewer: Viewer, incident_ids: Collection[int], *, reason: str, now: datetime) -> int:
    """Ask for all of these incidents to be tried again, each in a job of its own; returns the batch."""
    batch = new_id()
    for incident_id in sorted(incident_ids):
        repair = Repair(
            county_id=viewer.county_id,
            id=new_id(),
            batch=batch,
            incident_id=incident_id,
            asked_by=viewer.person_id,
            reason=reason,
            result=RepairResult.WAITING,
            asked_at=now,
        )
        db.session.add(repair)
        payload = {"repair": repair.id, "name": viewer.name}
        scheduling.enqueue(viewer.county_id, RETRY_JOB, payload, now=now)
    db.session.flush()
    return batch


def settle(repair: Repair, result: RepairResult, note: str, *, now: datetime) -> None:
    """Note what became of one repair."""
    repair.result, repair.note, repair.done_at = result, note[:500], now
    db.session.flush()


def retry(row: Row, *, viewer: Viewer, reason: str, now: datetime) -> Outcome:
    """Try again what failed; work that was done is not done twice."""
    command = Retry(row.incident.id, reason=reason)
    return _advance(row.incident, command, viewer, now)


def skip(row: Row, *, viewer: Viewer, reason: str, now: datetime) -> Outcome:
    """Go on behind the element without its work. Raises NotSkippable for what chooses the way."""
    stopped = _open(row, now)
    if not stopped.inspection or not stopped.inspection.may_skip:
        raise NotSkippable
    return _advance(row.incident, Skip(row.incident.token, reason=reason), viewer, now)


def restart(row: Row, element_id: str, *, viewer: Viewer, reason: str, now: datetime) -> Outcome:
    """Begin again before another element of the same scope, in place of what failed. Raises NotRestartable."""
    stopped = _open(row, now)
    if not stopped.inspection or element_id not in {one.id for one in stopped.inspection.restarts}:
        raise NotRestartable
    command = RestartBefore(element_id, instead_of=row.incident.token, reason=reason)
    return _advance(row.incident, command, viewer, now)


def change_values(
    row: Row, values: Mapping[str, object], *, retry_after: bool, viewer: Viewer, reason: str, now: datetime
) -> Outcome:
    """Set names where the failed element sees them, by the types of the data dictionary; then try again, if asked.

    Both happen or neither. Raises ValuesWrong.
    """
    stopped = _open(row, now)
    zone = directory.zone_of(row.incident.county_id)
    typed = typed_values(stopped.contents.dictionary, values, zone)
    by_scope: dict[str, dict[str, object]] = {}
    for name, value in typed.items():
        by_scope.setdefault(stopped.see(name).scope, {})[name] = value
    outcome = _advance(row.incident, ChangeVariables(by_scope, reason=reason), viewer, now)
    db.session.refresh(row.incident)
    if not retry_after or row.incident.closed_at is not None:
        return outcome
    return retry(row, viewer=viewer, reason=reason, now=now)


def retry_job(viewer: Viewer, job_id: int, *, reason: str, now: datetime) -> None:
    """Give a job that has failed for good its attempts anew. Raises JobNotFailed."""
    if not scheduling.revive(viewer.county_id, job_id, now=now):
        raise JobNotFailed
    record(
        Stream.person(viewer.county_id, viewer.person_id),
        "job.retried",
        actor=actor_of(viewer),
        now=now,
        payload={"reason": reason},
        about={"job": job_id},
    )


def _open(row: Row, now: datetime) -> Stopped:
    if row.incident.closed_at is not None:
        raise IncidentSettled
    return stopped_at(row.incident, now=now)


def _advance(incident: Incident, command: Command, viewer: Viewer, now: datetime) -> Outcome:
    if incident.closed_at is not None:
        raise IncidentSettled
    return workflow.advance(incident.county_id, incident.instance_id, command, actor=actor_of(viewer), now=now)
