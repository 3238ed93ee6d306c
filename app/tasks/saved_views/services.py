"""Save and remove views. The history tells of those that an office shares: they change what others see."""

from datetime import datetime
from urllib.parse import urlencode

from app.audit.services import Stream, record
from app.core.database import db
from app.core.texts import one_line
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.tasks.filters import Filter
from app.tasks.saved_views.errors import NotYourOffice, TooManyViews, ViewNeedsName
from app.tasks.saved_views.models import SavedView
from app.tasks.saved_views.queries import how_many

MOST_VIEWS = 30
LONGEST_NAME = 40


def save_view(name: str, chosen: Filter, *, share_with: int | None = None, viewer: Viewer, now: datetime) -> SavedView:
    """Give a filter a name; `share_with` is an office where the viewer works."""
    name = one_line(name)
    if not 0 < len(name) <= LONGEST_NAME:
        raise ViewNeedsName(most=LONGEST_NAME)
    if share_with is not None and share_with not in {held.organisation_id for held in viewer.roles}:
        raise NotYourOffice
    if how_many(viewer) >= MOST_VIEWS:
        raise TooManyViews(most=MOST_VIEWS)
    view = SavedView(
        county_id=viewer.county_id,
        person_id=viewer.person_id,
        organisation_id=share_with,
        name=name,
        query=urlencode(chosen.arguments, doseq=True),
        made_at=now,
    )
    db.session.add(view)
    db.session.flush()
    _tell(view, "view.shared", viewer, now)
    return view


def remove_view(view: SavedView, *, viewer: Viewer, now: datetime) -> None:
    """Take a view away, from the office too when it was shared."""
    _tell(view, "view.withdrawn", viewer, now)
    db.session.delete(view)
    db.session.flush()


def _tell(view: SavedView, event: str, viewer: Viewer, now: datetime) -> None:
    if view.organisation_id is not None:
        stream = Stream.organisation(view.county_id, view.organisation_id)
        record(stream, event, actor=actor_of(viewer), now=now, payload={"name": view.name}, about={"view": view.id})
