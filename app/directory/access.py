"""Who may see what, as one SQL condition: role ∧ jurisdiction ∧ sensitivity."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.directory.models import Organisation
from app.directory.rules import CASE_ROLES, SENSITIVE_ROLES, Viewer

NORMAL = "normal"
RESTRICTED = "restricted"


def below(column: InstrumentedAttribute[str], path: str) -> ColumnElement[bool]:
    """The organisation at `path` and everything under it, as a range that an index serves."""
    return and_(column >= path, column < path[:-1] + "0")


def below_any(column: InstrumentedAttribute[str], paths: Iterable[str]) -> ColumnElement[bool]:
    conditions = [below(column, path) for path in paths]
    return or_(*conditions) if conditions else false()


def answers_for(viewer: Viewer, org_path: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Rows of the organisations at or below which the viewer has a role that sees cases."""
    return below_any(org_path, viewer.paths(CASE_ROLES))


def in_jurisdiction(
    viewer: Viewer, org_path: InstrumentedAttribute[str], sensitivity: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """Rows of the organisations this viewer answers for; restricted ones only for the roles that may."""
    return or_(
        and_(answers_for(viewer, org_path), sensitivity == NORMAL),
        and_(below_any(org_path, viewer.paths(SENSITIVE_ROLES)), sensitivity == RESTRICTED),
    )


def of_offices(viewer: Viewer, roles: Collection[str], organisation_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Rows that name an organisation at or below which the viewer holds one of the roles; the county names all."""
    if viewer.has_county_role(*roles):
        return true()
    area = select(Organisation.id).where(
        Organisation.county_id == viewer.county_id, below_any(Organisation.path, viewer.paths(roles))
    )
    return organisation_id.in_(area)
