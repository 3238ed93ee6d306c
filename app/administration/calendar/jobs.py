"""Limits are counted again in the background, some cases at a time."""

from app.cases.services.recalculation import count_again
from app.core import clock
from app.core.database import db
from app.directory.models import County
from app.scheduling import jobs as kinds
from app.scheduling import timetable
from app.scheduling.jobs import Settle
from app.scheduling.services import DueJob, enqueue

JOB = "clocks.count_again"
AT_ONCE = 50


def register() -> None:
    """Name the kind of job, and the nightly look at limits that end in a year without announced holidays."""
    kinds.register(JOB, count_some)
    timetable.register("count provisional limits again", "12 3 * * *", _ask_for_all_counties)


def count_some(job: DueJob) -> Settle:
    """Count the next limits again, and go on in another job; whoever is killed half way repeats these only."""
    return lambda: _count(job)


def _count(job: DueJob) -> None:
    provisional = bool(job.payload.get("provisional"))
    now = clock.now()
    _moved, last = count_again(
        job.county_id, after=int(job.payload.get("after", 0)), size=AT_ONCE, only_provisional=provisional, now=now
    )
    if last:
        enqueue(job.county_id, JOB, {"after": last, "provisional": provisional}, now=now)


def _ask_for_all_counties() -> None:
    for county_id in db.session.scalars(db.select(County.id)):
        enqueue(county_id, JOB, {"after": 0, "provisional": True}, now=clock.now())
