from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, select

from app.cases.models import Case
from app.core.database import db, is_one_of
from app.core.reads import answers
from app.directory.access import answers_for
from app.directory.rules import CASE_ROLES, Viewer
from app.supervision.counting import OVER
from app.supervision.models import SupervisionOrder


def orders_of(case: Case) -> Sequence[SupervisionOrder]:
    """The orders about a case, newest first."""
    return db.session.scalars(
        select(SupervisionOrder)
        .where(SupervisionOrder.county_id == case.county_id, SupervisionOrder.case_id == case.id)
        .order_by(SupervisionOrder.id.desc())
    ).all()


def has_open_order(viewer: Viewer) -> ColumnElement[bool]:
    """Cases of the viewer's offices about which an order waits for its answer: none is given any more in a case that is
    sealed or merged.
    """
    return and_(Case.id.in_(cases_with_order(viewer)), _not_over(), answers_for(viewer, Case.org_path))


def _not_over() -> ColumnElement[bool]:
    """Spelled out, for a statement with a list in it is worded anew each time."""
    return and_(*(Case.status != status for status in OVER))


def cases_with_order(viewer: Viewer) -> Select[int]:
    """The ids of all cases of the county with an order that nobody has closed."""
    return select(SupervisionOrder.case_id).where(
        SupervisionOrder.county_id == viewer.county_id, SupervisionOrder.closed_at.is_(None)
    )


def has_offices(viewer: Viewer) -> bool:
    """Whether the viewer sees the cases of some office; who sees single ones has a task in each."""
    return viewer.has_role(*CASE_ROLES)


def open_orders(county_id: int, case_ids: Collection[int]) -> dict[int, Any]:
    """Card and day of the order of each of these cases that waits for its answer, the newest where it has several."""
    found = answers(_open_orders(db.session.get_bind().dialect.name), {"county": county_id, "cases": case_ids})
    return {order.case_id: order for order in found}


@cache
def _open_orders(dialect: str) -> Select[*tuple[Any, ...]]:
    return (
        select(SupervisionOrder.case_id, SupervisionOrder.card, SupervisionOrder.due_on)
        .join(Case, (Case.county_id == SupervisionOrder.county_id) & (Case.id == SupervisionOrder.case_id))
        .where(
            _not_over(),
            SupervisionOrder.county_id == bindparam("county"),
            is_one_of(SupervisionOrder.case_id, "cases", dialect),
            SupervisionOrder.closed_at.is_(None),
        )
        .order_by(SupervisionOrder.id)
    )
