"""The tab of the evidence."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.cases import timeline
from app.cases.attachments import BRING_ROLES
from app.cases.evidence.errors import NothingChosen, ReasonNeeded
from app.cases.evidence.queries import Piece, confidants, may_read, piece_of, pieces_of
from app.cases.evidence.services import bring_evidence, describe_evidence, withdraw_evidence
from app.cases.models import Case
from app.cases.page import loaded
from app.cases.rights import acts_as
from app.cases.views import find_case, show_tab
from app.core import clock
from app.core.errors import Forbidden, Refusal
from app.core.paging import record_id
from app.core.translations import words_of
from app.directory.queries import english_names
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.files.errors import FileRefused
from app.files.previews import can_be_drawn
from app.files.rules import EXTENSIONS
from app.files.services import limit
from app.forms.errors import TooManyAtOnce
from app.forms.uploads import MOST_FILES
from app.ui.htmx import wants_fragment

blueprint = Blueprint("evidence", __name__, url_prefix="/cases/<code>/evidence")

ACCEPT = ",".join(f".{one}" for names in EXTENSIONS.values() for one in names)


@blueprint.get("")
def index(code: str) -> ResponseReturnValue:
    viewer, case = find_case(code)
    return _page(viewer, case)


@blueprint.post("")
def bring(code: str) -> ResponseReturnValue:
    """Take one file or several; a script sends them one by one and puts the list that comes back into the page."""
    viewer, case = _for_change(code)
    uploads = [one for one in request.files.getlist("file") if one.filename]
    try:
        if not uploads:
            raise NothingChosen
        if len(uploads) > MOST_FILES:
            raise TooManyAtOnce(most=MOST_FILES, number=len(uploads))
        for upload in uploads:
            bring_evidence(case, upload, **_described(), actor=actor_of(viewer), now=clock.now())
    except (NothingChosen, TooManyAtOnce, FileRefused) as refusal:
        if wants_fragment():
            raise
        return _page(viewer, case, refusal=refusal), refusal.status
    if wants_fragment():
        return render_template("cases/_evidence_list.html", case=case, **_shown(viewer, case))
    flash(_("Put to the evidence."), "success")
    return redirect(url_for("evidence.index", code=case.code))


@blueprint.post("/<int:file_id>")
def describe(code: str, file_id: int) -> ResponseReturnValue:
    viewer, case = _for_change(code)
    describe_evidence(case, piece_of(viewer, case, file_id), **_described(), actor=actor_of(viewer), now=clock.now())
    flash(_("Saved."), "success")
    return redirect(url_for("evidence.index", code=case.code))


@blueprint.post("/<int:file_id>/withdrawal")
def withdraw(code: str, file_id: int) -> ResponseReturnValue:
    viewer, case = _for_change(code)
    reason = request.form.get("reason", "").strip()[:300]
    try:
        withdraw_evidence(case, piece_of(viewer, case, file_id), reason=reason, actor=actor_of(viewer), now=clock.now())
    except ReasonNeeded as refusal:
        return _page(viewer, case, refusal=refusal), refusal.status
    flash(_("Withdrawn. It is kept here and marked, and no longer part of the file."), "success")
    return redirect(url_for("evidence.index", code=case.code))


def _for_change(code: str) -> tuple[Viewer, Case]:
    viewer, case = find_case(code)
    if not acts_as(viewer, case, *BRING_ROLES):
        raise Forbidden
    return viewer, case


def _described() -> dict[str, Any]:
    return {
        "caption": request.form.get("caption", "").strip()[:200],
        "party_id": request.form.get("party", type=record_id),
        "private": request.form.get("private") == "1",
    }


def _page(viewer: Viewer, case: Case, *, refusal: Refusal | None = None) -> str:
    return show_tab(
        "cases/evidence.html",
        viewer,
        case,
        "evidence",
        refusal=words_of(refusal) if refusal else "",
        accept=ACCEPT,
        limit=limit(),
        **_shown(viewer, case),
    )


def _shown(viewer: Viewer, case: Case) -> dict[str, Any]:
    everything = pieces_of(case)
    pieces = [one for one in everything if may_read(viewer, case, one)]
    return {
        "pieces": [one for one in pieces if one.known.withdrawn_at is None],
        "withdrawn": [one for one in pieces if one.known.withdrawn_at is not None],
        "kept_back": len(everything) - len(pieces),
        "parties": loaded.parties_of(case),
        "names": english_names(case.county_id, {one.file.uploaded_by_id for one in pieces}),
        "may_bring": acts_as(viewer, case, *BRING_ROLES) and case.status not in ("archived", "merged"),
        "may_hide": lambda piece: viewer.person_id in confidants(case, piece),
        "drawn": lambda piece: can_be_drawn(piece.file),
        "icon": _icon,
    }


def _icon(piece: Piece) -> str:
    kind = piece.file.media_type.partition("/")[0]
    return {"audio": "microphone", "video": "video", "image": "photo"}.get(kind, "file-text")


def register_wordings() -> None:
    timeline.register(
        "evidence.described", timeline.Wording(_l("%(name)s: what it shows was written down: %(caption)s"), "pencil")
    )
    timeline.register("evidence.withdrawn", timeline.Wording(_l("Evidence withdrawn: %(name)s"), "file-off", "warn"))
