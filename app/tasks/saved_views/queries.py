from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select

from app.core.database import db
from app.core.errors import NotFound
from app.core.reads import answers
from app.directory.rules import TEAM_ROLES, Viewer
from app.tasks.saved_views.models import SavedView


def views_for(viewer: Viewer) -> Sequence[Any]:
    """Name and query of the viewer's own views, then of those that their offices share."""
    offices = {held.organisation_id for held in viewer.roles}
    asked = {"county": viewer.county_id, "person": viewer.person_id}
    asked |= {f"office_{number}": one for number, one in enumerate(offices)}
    return answers(_views(len(offices)), asked)


@cache
def _views(offices: int) -> Select[*tuple[Any, ...]]:
    shared = [SavedView.organisation_id == bindparam(f"office_{number}") for number in range(offices)]
    own = SavedView.person_id == bindparam("person")
    return (
        select(SavedView.id, SavedView.name, SavedView.query, SavedView.person_id, SavedView.organisation_id)
        .where(SavedView.county_id == bindparam("county"), or_(own, *shared))
        .order_by(own.desc(), SavedView.id)
    )


def may_remove(viewer: Viewer, view: Any) -> bool:
    """One's own; of those that an office shares also whoever leads its work: who made it may have left."""
    leads = {held.organisation_id for held in viewer.roles if held.role in TEAM_ROLES}
    return view.person_id == viewer.person_id or view.organisation_id in leads


def removable_view(viewer: Viewer, view_id: int) -> SavedView:
    """A view that the viewer may take away; NotFound for any other."""
    found = db.session.get(SavedView, (viewer.county_id, view_id))
    if found is None or not may_remove(viewer, found):
        raise NotFound
    return found


def how_many(viewer: Viewer) -> int:
    of_viewer = (SavedView.county_id == viewer.county_id, SavedView.person_id == viewer.person_id)
    return db.session.scalar(select(func.count()).select_from(SavedView).where(*of_viewer)) or 0
