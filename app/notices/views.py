from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

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
    shown = [(notice, *worded(notice.template, notice.params, language())) for notice in found]
    return render_template("notices/index.html", notices=shown)


@blueprint.post("/<int:notice_id>/reading")
def read(notice_id: int) -> ResponseReturnValue:
    """Read it, and go where it leads."""
    notice = queries.notice_of(current_viewer(), notice_id)
    services.mark_read(notice, now=clock.now())
    return redirect(local_path(notice.url) if notice.url else url_for("notices.index"))
