from collections.abc import Sequence

from sqlalchemy import func, or_, select

from app.core.database import db
from app.core.errors import NotFound
from app.directory.rules import Viewer
from app.tasks.saved_views.models import SavedView


def views_for(viewer: Viewer) -> Sequence[SavedView]:
    """The viewer's own views, then those that their offices share."""
    offices = {held.organisation_id for held in viewer.roles}
    return db.session.scalars(
        select(SavedView)
        .where(
            SavedView.county_id == viewer.county_id,
            or_(SavedView.person_id == viewer.person_id, SavedView.organisation_id.in_(offices)),
        )
        .order_by(SavedView.person_id != viewer.person_id, SavedView.id)
    ).all()


def own_view(viewer: Viewer, view_id: int) -> SavedView:
    """A view that the viewer made; NotFound for another's."""
    found = db.session.get(SavedView, (viewer.county_id, view_id))
    if found is None or found.person_id != viewer.person_id:
        raise NotFound
    return found


def how_many(viewer: Viewer) -> int:
    of_viewer = (SavedView.county_id == viewer.county_id, SavedView.person_id == viewer.person_id)
    return db.session.scalar(select(func.count()).select_from(SavedView).where(*of_viewer)) or 0
