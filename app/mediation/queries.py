"""The sessions of a case."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from app.cases.models import Case
from app.core.database import db, is_one_of
from app.core.reads import answers
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
    asked = {"county": county_id, "cases": case_ids, "now": now}
    return {one.case_id: one.next_at for one in answers(_next_sessions(db.session.get_bind().dialect.name), asked)}


@cache
def _next_sessions(dialect: str) -> Select[*tuple[Any, ...]]:
    return (
        select(MediationSession.case_id, func.min(MediationSession.planned_at).label("next_at"))
        .where(
            MediationSession.county_id == bindparam("county"),
            is_one_of(MediationSession.case_id, "cases", dialect),
            MediationSession.held_at.is_(None),
            MediationSession.planned_at >= bindparam("now"),
        )
        .group_by(MediationSession.case_id)
    )


def may_read_private(viewer: Viewer, case: Case) -> bool:
    """The private record is for the mediator of this case alone."""
    return case.mediator_id is not None and case.mediator_id == viewer.person_id
