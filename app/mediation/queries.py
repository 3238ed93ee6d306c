"""The sessions of a case."""

from collections.abc import Sequence

from sqlalchemy import select

from app.cases.models import Case
from app.core.database import db
from app.directory.rules import Viewer
from app.mediation.models import MediationSession


def sessions_of(case: Case) -> Sequence[MediationSession]:
    return db.session.scalars(
        select(MediationSession)
        .where(MediationSession.county_id == case.county_id, MediationSession.case_id == case.id)
        .order_by(MediationSession.id)
    ).all()


def may_read_private(viewer: Viewer, case: Case) -> bool:
    """The private record is for the mediator of this case alone."""
    return case.mediator_id is not None and case.mediator_id == viewer.person_id
