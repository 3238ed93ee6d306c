"""Repairs that people ask for. What is done to one incident is `app.workflow`'s; many at once are jobs of their own."""

from collections.abc import Collection
from datetime import datetime

from app.audit.services import Actor
from app.core.database import db
from app.core.ids import new_id
from app.directory.rules import Viewer
from app.operations.models import Repair, RepairResult
from app.scheduling import services as scheduling

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


def actor_of(viewer: Viewer) -> Actor:
    return Actor("person", viewer.person_id, viewer.name)
