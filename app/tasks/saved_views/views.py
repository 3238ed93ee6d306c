"""The chips above the list: save the present filter as one, open one, remove one."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.cases.timeline import Wording, register
from app.core import clock
from app.core.paging import record_id
from app.core.translations import label
from app.directory.rules import Viewer
from app.directory.sessions import current_viewer
from app.tasks.choices import filter_of
from app.tasks.filters import Filter
from app.tasks.saved_views import queries, services
from app.tasks.saved_views.errors import NotYourOffice

blueprint = Blueprint("saved_views", __name__, url_prefix="/tasks/views")


def register_wordings() -> None:
    """How an office's history tells of its views."""
    register("view.shared", Wording(_l('Shared the view "%(name)s"'), "bookmark"))
    register("view.withdrawn", Wording(_l('Removed the view "%(name)s"'), "bookmark-off"))


@dataclass(frozen=True, slots=True)
class Chip:
    """A saved view as the list offers it; `shared` tells whose it is, `removable` that the reader may remove it."""

    id: int
    name: str
    url: str
    shared: bool
    removable: bool
    current: bool


def chips(viewer: Viewer, chosen: Filter) -> Sequence[Chip]:
    present = {name: _texts(value) for name, value in chosen.arguments.items()}
    shown = []
    for view in queries.views_for(viewer):
        said = parse_qs(view.query)
        url = f"{url_for('tasks.inbox')}?{view.query}"
        shared, removable = view.organisation_id is not None, queries.may_remove(viewer, view)
        shown.append(Chip(view.id, view.name, url, shared, removable, said == present))
    return shown


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def offices(viewer: Viewer) -> list[tuple[int, str]]:
    """The offices with which the viewer may share a view."""
    return list({held.organisation_id: label(held) for held in viewer.roles}.items())


@blueprint.post("")
def save() -> ResponseReturnValue:
    viewer = current_viewer()
    chosen, _gone = filter_of(viewer, MultiDict(parse_qs(request.form.get("query", "")[:600])))
    services.save_view(
        request.form.get("name", ""),
        chosen,
        share_with=_chosen_office(),
        viewer=viewer,
        now=clock.now(),
    )
    flash(_("The view is saved."), "success")
    return redirect(url_for("tasks.inbox", **chosen.arguments))


def _chosen_office() -> int | None:
    given = request.form.get("share_with", "")
    try:
        return record_id(given) if given else None
    except ValueError as error:
        raise NotYourOffice from error


@blueprint.post("/<int:view_id>/removal")
def remove(view_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    services.remove_view(queries.removable_view(viewer, view_id), viewer=viewer, now=clock.now())
    flash(_("The view is removed."), "success")
    return redirect(url_for("tasks.inbox"))
