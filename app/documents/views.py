"""The tab of the file on the case page: its papers in order, what is missing, the sealed volumes."""

from collections.abc import Collection, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from app.cases.attachments import BRING_ROLES, keep_file
from app.cases.models import Case
from app.cases.rights import acts_as
from app.cases.timeline import Wording, register
from app.cases.views import find_case, show_tab
from app.core import clock
from app.core.errors import Forbidden, Refusal
from app.core.translations import language, words_of
from app.directory.queries import english_names
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.documents import queries
from app.documents.errors import FileNeeded
from app.documents.rules import KINDS, Completeness, Item, kind, numbered
from app.documents.sealing import seal_supplement
from app.documents.services import attach_file
from app.documents.verification import Difference, verify_archives
from app.files.errors import FileRefused
from app.files.rules import EXTENSIONS
from app.files.services import limit
from app.ui.htmx import wants_fragment

blueprint = Blueprint("documents", __name__, url_prefix="/cases", template_folder="templates")

ATTACH_ROLES = (*BRING_ROLES, "archivist")
SEAL_ROLES = ("archivist",)
ACCEPT = ",".join(f".{one}" for names in EXTENSIONS.values() for one in names)
MADE_ONLY = ("cover", "back_cover")


@blueprint.get("/<code>/file")
def file(code: str) -> ResponseReturnValue:
    viewer, case = find_case(code)
    return _file_page(viewer, case)


@blueprint.post("/<code>/file")
def attach(code: str) -> ResponseReturnValue:
    """Put papers into the file; after sealing they become a supplement, sealed at once.

    A script sends them one by one and puts the list that comes back into the page.
    """
    viewer, case = find_case(code)
    sealed = case.status == "archived"
    if not _may_attach(viewer, case):
        raise Forbidden
    name, actor, now = request.form.get("kind", ""), actor_of(viewer), clock.now()
    uploads = [one for one in request.files.getlist("file") if one.filename]
    try:
        if not uploads or name not in KINDS or name in MADE_ONLY:
            raise FileNeeded
        for upload in uploads:
            (keep_file if sealed else attach_file)(case, upload, name, actor=actor, now=now)
    except (FileNeeded, FileRefused) as refusal:
        if wants_fragment():
            raise
        return _file_page(viewer, case, refusal=refusal, chosen=name), refusal.status
    if wants_fragment() and not sealed:
        return render_template("documents/_papers.html", **_papers(case))
    if sealed:
        volume = seal_supplement(case, title=request.form.get("title", "").strip(), actor=actor, now=now).volume
        flash(_("Sealed as volume %(volume)s.", volume=volume), "success")
    else:
        flash(_("Put into the file."), "success")
    return redirect(url_for("documents.file", code=case.code))


@blueprint.get("/<code>/file/verification")
def verification(code: str) -> ResponseReturnValue:
    """Compute the sealed volumes again, and say whether they are whole."""
    viewer, case = find_case(code)
    return _file_page(viewer, case, differences=verify_archives(case))


def _may_attach(viewer: Viewer, case: Case) -> bool:
    return acts_as(viewer, case, *(SEAL_ROLES if case.status == "archived" else ATTACH_ROLES))


def _file_page(
    viewer: Viewer,
    case: Case,
    *,
    refusal: Refusal | None = None,
    chosen: str = "",
    differences: list[Difference] | None = None,
) -> str:
    items = queries.dossier(case)
    sealed = case.status == "archived"
    archives = queries.archives_of(case) if sealed else []
    found = queries.completeness(case, clock.now())
    missing = found.missing if found else []
    return show_tab(
        "documents/file.html",
        viewer,
        case,
        "file",
        **_papers(case, items, {one.sealed_by_id for one in archives}),
        accept=ACCEPT,
        limit=limit(),
        archives=archives,
        **_meter(found),
        kinds=[(name, _kind_word(name)) for name in KINDS if name not in MADE_ONLY],
        chosen=chosen or (missing[0] if missing else ""),
        sealed=sealed,
        may_attach=_may_attach(viewer, case) and case.status != "merged",
        refusal=words_of(refusal) if refusal else "",
        differences=differences,
        difference_words=_difference_words(),
    )


def _papers(case: Case, items: Sequence[Item] | None = None, others: Collection[int | None] = ()) -> dict[str, Any]:
    """What the list of papers shows, with the names of who put them in and of `others`."""
    items = queries.dossier(case) if items is None else items
    return {
        "lines": numbered(items),
        "covers": [item for item in items if item.place == 0],
        "names": english_names(case.county_id, {*others, *(item.added_by_id for item in items)}),
        "title_of": lambda item: item.title_en if language() == "en" else item.title_zh,
    }


def completeness_card(_viewer: Viewer, case: Case) -> Markup | None:
    """The meter of the file beside the case; nothing while nobody knows yet what it must hold."""
    found = queries.completeness(case, clock.now())
    if found is None:
        return None
    html = render_template("documents/_completeness.html", case=case, **_meter(found))
    return Markup(html)  # noqa: S704 - made by an autoescaping template


def _meter(found: Completeness | None) -> dict[str, Any]:
    """What the meter of the file shows."""
    return {
        "required": found.required if found else 0,
        "missing": [_kind_word(name) for name in found.missing] if found else [],
        "later": [_kind_word(name) for name in found.later] if found else [],
    }


def _kind_word(name: str) -> str:
    return kind(name).en if language() == "en" else kind(name).zh


def _difference_words() -> dict[str, Any]:
    return {
        "manifest": _("Manifest"),
        "file": _("Paper of the file"),
        "record": _("Record of the case"),
        "history": _("History of the case"),
        "definition": _("Rules in force then"),
    }


def register_wordings() -> None:
    """How the timeline tells what happened to the file."""
    from flask_babel import lazy_gettext as _l

    register("file.added", Wording(_l("%(name)s was put into the file"), "paperclip"))
    register("document.made", Wording(_l("Made: %(title)s"), "file-text", "info", "engine"))
    register("archive.sealed", Wording(_l("Volume %(volume)s sealed with %(items)s papers"), "archive", "good"))
