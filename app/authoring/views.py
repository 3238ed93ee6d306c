"""The library of packages, and the pages of one package: files, checks, tests, running cases."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.audit.services import Actor
from app.authoring import blanks, checking, editors, library, panels, queries, services
from app.authoring.models import Draft
from app.authoring.rules import NEW_KINDS, plain_name
from app.core import clock
from app.core.translations import language
from app.definitions.compiled import Contents
from app.definitions.queries import ReleaseInfo
from app.directory.rules import Viewer
from app.directory.sessions import current_viewer
from app.engine.bpmn.path_tests import Failure
from app.engine.findings import Finding
from app.engine.words import sentence

blueprint = Blueprint("authoring", __name__, url_prefix="/authoring", template_folder="templates")


def keeper() -> Viewer:
    """Who looks; NotFound for whoever keeps no packages."""
    viewer = current_viewer()
    queries.require_keeper(viewer)
    return viewer


def find_package(package: str) -> tuple[Viewer, ReleaseInfo | None]:
    viewer = current_viewer()
    return viewer, queries.package_for(viewer, package)


def actor_of(viewer: Viewer) -> Actor:
    return Actor("person", viewer.person_id, viewer.name)


def show_tab(template: str, viewer: Viewer, package: str, tab: str, *, status: int = 200, **more: Any) -> Any:
    """A tab of the package page: `template` extends authoring/package.html."""
    held = queries.draft_contents(viewer.county_id, package)
    page = render_template(
        template,
        package=package,
        viewer=viewer,
        head=_head(viewer, held),
        tabs=[
            {"url": url_for(one.endpoint, package=package), "label": one.label, "current": one.name == tab}
            for one in panels.tabs()
        ],
        kinds=editors.ICONS,
        **more,
    )
    return page, status


def _head(viewer: Viewer, held: Contents) -> dict[str, Any]:
    active = queries.active_release(viewer.county_id, held.package)
    drafts = [draft for draft in queries.open_drafts(viewer.county_id, held.package) if draft.changed]
    return {"label": library.label_of(held), "active": active, "drafts": len(drafts)}


def worded(remark: Finding | Failure) -> str:
    """The finding, or what a path test met, in the reader's language."""
    return sentence(remark.code, remark.params, language())


@blueprint.post("/")
def add_package() -> ResponseReturnValue:
    """A new package: empty, or with the files of another one under its own name."""
    viewer = keeper()
    name = plain_name(request.form.get("name", ""))
    label = request.form.get("label", "").strip()[:80] or name
    source = request.form.get("copy", "")
    if source:
        queries.package_for(viewer, source)
        files = blanks.copied_package(queries.draft_contents(viewer.county_id, source).files, source, name, label)
    else:
        files = blanks.blank_package(name, label=label, english=request.form.get("label_en", "").strip()[:80])
    services.add_package(viewer.county_id, name, files, actor=actor_of(viewer), now=clock.now())
    flash(_("The package was made. It is a draft until its first release is published."))
    return redirect(url_for("authoring.package_page", package=name), code=303)


@blueprint.get("/<package>")
def package_page(package: str) -> ResponseReturnValue:
    viewer, _active = find_package(package)
    text = request.args.get("q", "").strip()[:60]
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    answer: ResponseReturnValue = show_tab(
        "authoring/files.html",
        viewer,
        package,
        "files",
        lines=library.files(viewer.county_id, package, text=text, kind=kind, state=state),
        discarded=queries.closed_drafts(viewer.county_id, package),
        text=text,
        kind=kind,
        state=state,
        new_kinds=NEW_KINDS,
        file_actions=panels.file_actions,
    )
    return answer


@blueprint.get("/<package>/checks")
def checks(package: str) -> ResponseReturnValue:
    viewer, _active = find_package(package)
    held = queries.draft_contents(viewer.county_id, package)
    found = checking.check(held)
    answer: ResponseReturnValue = show_tab(
        "authoring/checks.html",
        viewer,
        package,
        "checks",
        findings=[*checking.still_needed(viewer.county_id, held), *found.findings],
        path_of=checking.path_of,
        worded=worded,
        titles=library.titles(held),
        progress=checking.play(held, budget=0),
    )
    return answer


@blueprint.get("/<package>/running")
def running(package: str) -> ResponseReturnValue:
    viewer, active = find_package(package)
    answer: ResponseReturnValue = show_tab(
        "authoring/running.html",
        viewer,
        package,
        "running",
        active=active,
        releases=queries.running_by_release(viewer.county_id, package),
        moves=panels.release_actions(),
    )
    return answer


def editor_address(draft: Draft) -> str:
    """The page on which this draft is edited."""
    return url_for(editors.editor_of(draft.kind).endpoint, package=draft.package, draft_id=draft.id)
