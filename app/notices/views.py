from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core import clock
from app.core.paging import record_id
from app.core.translations import language
from app.directory.sessions import current_viewer
from app.notices import queries, services
from app.notices.words import worded
from app.ui.views import local_path

blueprint = Blueprint("notices", __name__, url_prefix="/notices", template_folder="templates")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    viewer = current_viewer()
    found = queries.notices_of(viewer, before=request.args.get("before", type=record_id))
    hidden = queries.hidden_matters(viewer, found)
    unseen = (_("A matter that you no longer see"), "")
    shown = [
        (one, *(unseen if one.params.get("code") in hidden else worded(one.template, one.params, language())))
        for one in found
    ]
    return render_template("notices/index.html", notices=shown, leads=queries.addresses(viewer, found, hidden))


@blueprint.post("/<int:notice_id>/reading")
def read(notice_id: int) -> ResponseReturnValue:
    """Read it, and go where it leads, if it leads anywhere still."""
    viewer = current_viewer()
    notice = queries.notice_of(viewer, notice_id)
    services.mark_read(notice, now=clock.now())
    url = queries.addresses(viewer, [notice], queries.hidden_matters(viewer, [notice]))[notice.id]
    return redirect(local_path(url) if url else url_for("notices.index"))
