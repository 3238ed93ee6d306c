"""The worker's part of a rehearsal."""

from app.authoring.rehearsal import services
from app.core import clock
from app.scheduling import jobs as kinds
from app.scheduling.jobs import Settle
from app.scheduling.services import DueJob


def register() -> None:
    """Name the kind of job; once, in the factory."""
    kinds.register(services.JOB, do, failed=give_up)


def do(job: DueJob) -> Settle:
    def settle() -> None:
        services.go_on(job.county_id, job.payload["rehearsal"], now=clock.now())

    return settle


def give_up(job: DueJob, reason: str) -> None:
    services.fail_rehearsal(job.county_id, job.payload["rehearsal"], reason, now=clock.now())
