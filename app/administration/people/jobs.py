"""The worker's part of a departure: what somebody had in hand goes on, piece by piece."""

from app.administration.people import services
from app.administration.people.services import Handover
from app.core import clock
from app.scheduling import jobs as kinds
from app.scheduling.jobs import Settle
from app.scheduling.services import DueJob


def register() -> None:
    """Name this room's kind of job; once, in the factory."""
    kinds.register(services.JOB, hand_on)


def hand_on(job: DueJob) -> Settle:
    """Hand the next cases and tasks on, and go on in another job; whoever is killed half way repeats these only."""
    return lambda: _hand_on(job)


def _hand_on(job: DueJob) -> None:
    services.hand_on(job.county_id, Handover.of(job.payload), now=clock.now())
