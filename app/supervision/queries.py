from collections.abc import Sequence

from sqlalchemy import select

from app.cases.models import Case
from app.core.database import db
from app.supervision.models import SupervisionOrder


def orders_of(case: Case) -> Sequence[SupervisionOrder]:
    """The orders about a case, newest first."""
    return db.session.scalars(
        select(SupervisionOrder)
        .where(SupervisionOrder.county_id == case.county_id, SupervisionOrder.case_id == case.id)
        .order_by(SupervisionOrder.id.desc())
    ).all()
