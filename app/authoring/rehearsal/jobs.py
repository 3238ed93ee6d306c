"""The worker's part of a rehearsal."""

from functools import partial

from app.authoring.rehearsal import queries, services
from app.core import clock
from app.core.unit_of_work import run_unit
from app.scheduling import jobs as kinds
from app.scheduling.jobs import Settle
from app.scheduling.services import DueJob
from app.scheduling.worker import register_beat

SHADOW_SECONDS = 5


def register() -> None:
    """Name the kind of job; once, in the factory."""
    kinds.register(services.JOB, do, failed=give_up)
    register_beat("shadows", follow_shadows, seconds=SHADOW_SECONDS)


def do(job: DueJob) -> Settle:
    def settle() -> None:
        services.go_on(job.county_id, job.payload["rehearsal"], now=clock.now())

    return settle


def give_up(job: DueJob, reason: str) -> None:
    services.fail_rehearsal(job.county_id, job.payload["rehearsal"], reason, now=clock.now())


def follow_shadows() -> int:
    """Let each shadow decide what was decided since; returns how many have more to do."""
    more = 0
    for county_id, rehearsal_id in run_unit(queries.running_shadows):
        more += run_unit(partial(services.do_piece, county_id, rehearsal_id, now=clock.now()))
    return more
