"""The worker's part: a move or merger as one transaction, kept as a whole or not at all."""

from datetime import timedelta

from app.administration.offices import services
from app.core import clock
from app.core.database import db
from app.core.errors import Refusal
from app.core.translations import chinese_words_of
from app.core.unit_of_work import run_unit
from app.directory.places.models import Reorganisation, ReorganisationStatus
from app.directory.places.queries import reorganisation
from app.directory.places.services import JOB
from app.scheduling import jobs as kinds
from app.scheduling.jobs import Settle
from app.scheduling.services import DueJob, enqueue, hold_longer

STRAIGHTEN_JOB = "directory.straighten"
HELD_FOR = timedelta(minutes=15)
SETTLED_AFTER = timedelta(minutes=1)


def register() -> None:
    """Name this room's kinds of jobs; once, in the factory."""
    kinds.register(JOB, reorganise, failed=_give_up)
    kinds.register(STRAIGHTEN_JOB, straighten)


def reorganise(job: DueJob) -> Settle:
    """Say that it is under way; then do everything in the unit that ends the job."""
    run_unit(lambda: _begin(job))
    return lambda: _do(job)


def straighten(job: DueJob) -> Settle:
    def settle() -> None:
        services.straighten(job.county_id)

    return settle


def _begin(job: DueJob) -> None:
    asked = _asked(job)
    if asked.status == ReorganisationStatus.WAITING:
        asked.status = ReorganisationStatus.WORKING
    hold_longer(job, until=clock.now() + HELD_FOR)


def _do(job: DueJob) -> None:
    asked = _asked(job)
    if asked.status not in (ReorganisationStatus.WAITING, ReorganisationStatus.WORKING):
        return
    now = clock.now()
    try:
        with db.session.begin_nested():
            services.reorganise(asked, now=now)
    except Refusal as refusal:
        services.give_up(asked, chinese_words_of(refusal), now=now)
        return
    enqueue(job.county_id, STRAIGHTEN_JOB, {}, now=now, run_at=now + SETTLED_AFTER)


def _give_up(job: DueJob, reason: str) -> None:
    services.give_up(_asked(job), reason, now=clock.now())


def _asked(job: DueJob) -> Reorganisation:
    return reorganisation(job.county_id, int(job.payload["reorganisation"]))
