from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, select

from app.cases.models import Case
from app.core.database import db, is_one_of
from app.directory.rules import Viewer
from app.supervision.models import SupervisionOrder


def orders_of(case: Case) -> Sequence[SupervisionOrder]:
    """The orders about a case, newest first."""
    return db.session.scalars(
        select(SupervisionOrder)
        .where(SupervisionOrder.county_id == case.county_id, SupervisionOrder.case_id == case.id)
        .order_by(SupervisionOrder.id.desc())
    ).all()


def has_open_order(viewer: Viewer) -> ColumnElement[bool]:
    """Cases about which an order waits for its answer."""
    waiting = select(SupervisionOrder.case_id).where(
        SupervisionOrder.county_id == viewer.county_id, SupervisionOrder.closed_at.is_(None)
    )
    return Case.id.in_(waiting)


def open_orders(county_id: int, case_ids: Collection[int]) -> dict[int, SupervisionOrder]:
    """The order of each of these cases that waits for its answer, the newest where there are several."""
    found = db.session.scalars(
        select(SupervisionOrder)
        .where(
            SupervisionOrder.county_id == county_id,
            is_one_of(SupervisionOrder.case_id, case_ids, db.session.get_bind().dialect.name),
            SupervisionOrder.closed_at.is_(None),
        )
        .order_by(SupervisionOrder.id)
    )
    return {order.case_id: order for order in found}
