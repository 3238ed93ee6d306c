"""The sessions of a case."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.cases.models import Case
from app.core.database import db, is_one_of
from app.directory.rules import Viewer
from app.mediation.models import MediationSession


def sessions_of(case: Case) -> Sequence[MediationSession]:
    return db.session.scalars(
        select(MediationSession)
        .where(MediationSession.county_id == case.county_id, MediationSession.case_id == case.id)
        .order_by(MediationSession.id)
    ).all()


def next_sessions(county_id: int, case_ids: Collection[int], *, now: datetime) -> dict[int, datetime]:
    """When each of these cases meets next."""
    rows = db.session.execute(
        select(MediationSession.case_id, func.min(MediationSession.planned_at))
        .where(
            MediationSession.county_id == county_id,
            is_one_of(MediationSession.case_id, case_ids, db.session.get_bind().dialect.name),
            MediationSession.held_at.is_(None),
            MediationSession.planned_at >= now,
        )
        .group_by(MediationSession.case_id)
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}


def may_read_private(viewer: Viewer, case: Case) -> bool:
    """The private record is for the mediator of this case alone."""
    return case.mediator_id is not None and case.mediator_id == viewer.person_id
