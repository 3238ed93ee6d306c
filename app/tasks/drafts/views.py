"""What a form sends by itself while somebody types."""

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core import clock
from app.core.translations import language, words_of
from app.directory.rules import Viewer
from app.directory.sessions import current_viewer
from app.tasks import queries, services
from app.tasks.drafts.errors import DraftChangedElsewhere, NoSuchField
from app.tasks.drafts.queries import draft_of
from app.tasks.drafts.services import keep_draft, keep_draft_file
from app.workflow.models import WorkItem

blueprint = Blueprint("drafts", __name__, url_prefix="/tasks")

OWN = ("csrf_token", "then", "_draft", "reason")
"""Fields of the page around the form."""


@blueprint.post("/<int:item_id>/draft")
def save_draft(item_id: int) -> ResponseReturnValue:
    """Keep what is typed so far. 409 with the present revision when another window has typed meanwhile."""
    viewer = current_viewer()
    item, offered = queries.task_and_offer(viewer, item_id)
    services.refuse_who_may_not_fill(item, viewer, offered=offered)
    typed = typed_fields()
    try:
        kept = keep_draft(item, typed, known=request.form.get("_draft", 0, type=int), viewer=viewer, now=clock.now())
    except DraftChangedElsewhere as elsewhere:
        present = draft_of(viewer, item)
        return jsonify(detail=words_of(elsewhere), revision=present.revision if present else 0), 409
    return jsonify(revision=kept.revision)


@blueprint.post("/<int:item_id>/draft/files")
def save_draft_file(item_id: int) -> ResponseReturnValue:
    """Keep a file as soon as it is chosen; answers with how the form names it."""
    viewer = current_viewer()
    item, offered = queries.task_and_offer(viewer, item_id)
    services.refuse_who_may_not_fill(item, viewer, offered=offered)
    form = queries.task_form(item, zone=viewer.zone, now=clock.now())
    name, upload = next(iter(request.files.items()), ("", None))
    if form is None or upload is None or item.subject_id is None:
        raise NoSuchField
    kept = keep_draft_file(item, form, name, upload, viewer=viewer, now=clock.now())
    return jsonify(id=str(kept.id), name=kept.name, url=url_for("files.view", file_id=kept.id))


def typed_fields() -> list[tuple[str, str]]:
    """What was typed into the form that this request brings."""
    return [(name, text) for name, text in request.form.items(multi=True) if name not in OWN]


def typed_words(viewer: Viewer, item: WorkItem) -> list[tuple[str, str]]:
    """The same in words, with the reason beside it: to be copied when it could not be kept."""
    form = queries.task_form(item, zone=viewer.zone, now=clock.now()) if typed_fields() else None
    words = form.told(MultiDict(typed_fields()), language=language()) if form is not None else []
    reason = request.form.get("reason", "").strip()
    return [*words, (_("Reason"), reason)] if reason else words
