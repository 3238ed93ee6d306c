"""The jobs of this room: one incident of many that were asked to be tried again."""

from app.audit.services import Actor
from app.core import clock
from app.core.database import db
from app.core.errors import Forbidden, Refusal
from app.core.translations import words_of
from app.directory import queries as directory
from app.operations import queries
from app.operations.models import Repair, RepairResult
from app.operations.services import RETRY_JOB, settle
from app.scheduling import jobs as kinds
from app.scheduling.jobs import Settle
from app.scheduling.services import DueJob
from app.workflow import services as workflow
from app.workflow.commands import Retry
from app.workflow.errors import IncidentGone
from app.workflow.models import Incident


def register() -> None:
    """Name this room's kinds of jobs; once, in the factory."""
    kinds.register(RETRY_JOB, retry_one, failed=give_up)


def retry_one(job: DueJob) -> Settle:
    """Try one incident again, and note what came of it, in the unit that ends the job."""

    def settle_one() -> None:
        try:
            with db.session.begin_nested():
                result, note = _retry(job), ""
        except IncidentGone:
            result, note = RepairResult.GONE, ""
        except Refusal as refusal:
            result, note = RepairResult.REFUSED, words_of(refusal)
        _settle(job, result, note)

    return settle_one


def give_up(job: DueJob, reason: str) -> None:
    """After the last attempt the reason stands beside the row."""
    _settle(job, RepairResult.REFUSED, reason)


def _retry(job: DueJob) -> RepairResult:
    repair = _repair(job)
    incident = db.session.get(Incident, (job.county_id, repair.incident_id))
    if incident is None or incident.closed_at is not None:
        raise IncidentGone
    asker = directory.viewer_of_person(job.county_id, repair.asked_by, now=clock.now())
    if asker is None or not queries.is_responsible(asker):
        raise Forbidden
    queries.incident_for(asker, incident.id)
    actor = Actor("person", repair.asked_by, str(job.payload["name"]))
    outcome = workflow.advance(
        job.county_id, incident.instance_id, Retry(incident.id, reason=repair.reason), actor=actor, now=clock.now()
    )
    return RepairResult.FAILED_AGAIN if outcome.incidents else RepairResult.MENDED


def _settle(job: DueJob, result: RepairResult, note: str) -> None:
    repair = _repair(job)
    if repair.result == RepairResult.WAITING:
        settle(repair, result, note, now=clock.now())


def _repair(job: DueJob) -> Repair:
    found = db.session.get(Repair, (job.county_id, job.payload["repair"]))
    assert found is not None  # noqa: S101 - written with the job
    return found
