"""The job that publishes an approved request on its day."""

from app.authoring.models import Publication
from app.authoring.publishing import queries, services
from app.core import clock
from app.core.database import db
from app.core.errors import Refusal
from app.core.unit_of_work import unit_of_work
from app.scheduling import jobs
from app.scheduling.jobs import Settle
from app.scheduling.services import DueJob


def register() -> None:
    """Serve this room's kind of job; once, in the factory."""
    jobs.register(services.JOB, publish)


def publish(job: DueJob) -> Settle:
    """Play the path tests before the transaction that publishes: what was played is known there."""
    publication_id = int(job.payload["publication"])
    with unit_of_work(write=False):
        publication = db.session.get(Publication, (job.county_id, publication_id))
        if publication is not None:
            _play(publication)

    def settle() -> None:
        services.publish_scheduled(job.county_id, publication_id, now=clock.now())

    return settle


def _play(publication: Publication) -> None:
    try:
        services.refuse_unfit(publication.county_id, queries.plan_of(publication).contents)
    except Refusal:
        return
