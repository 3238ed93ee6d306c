"""The library of packages, and the pages of one package: files, checks, tests, running cases."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.authoring import checking, editors, library, panels, queries
from app.authoring.models import Draft
from app.authoring.rules import LIMIT, NEW_KINDS
from app.core.database import db
from app.core.errors import Refusal
from app.core.translations import language, words_of
from app.definitions.compiled import Contents
from app.definitions.queries import ReleaseInfo
from app.directory.rules import Viewer
from app.directory.sessions import current_viewer
from app.engine.bpmn.path_tests import Failure
from app.engine.findings import Finding
from app.engine.words import sentence

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

_ELSEWHERE = (401, 404, 503)
"""Refusals with a page of their own."""

blueprint = Blueprint("authoring", __name__, url_prefix="/authoring", template_folder="templates")


def keeper() -> Viewer:
    """Who looks; NotFound for whoever keeps no packages."""
    viewer = current_viewer()
    queries.require_keeper(viewer)
    return viewer


def find_package(package: str) -> tuple[Viewer, ReleaseInfo | None]:
    viewer = current_viewer()
    return viewer, queries.package_for(viewer, package)


def told_on(page: Callable[..., ResponseReturnValue]) -> Callable[[View], View]:
    """What a view refuses is told on `page`, where its form stands; what is hidden stays hidden."""

    def around(view: View) -> View:
        @wraps(view)
        def answer(*arguments: Any, **named: Any) -> ResponseReturnValue:
            try:
                return view(*arguments, **named)
            except Refusal as refusal:
                if refusal.status in _ELSEWHERE:
                    raise
                db.session.rollback()
                package = {"package": named["package"]} if "package" in named else {}
                return page(**package, refusal=refusal)

        return cast("View", answer)

    return around


def show_tab(
    template: str,
    viewer: Viewer,
    package: str,
    tab: str,
    *,
    status: int = 200,
    refusal: Refusal | None = None,
    **more: Any,
) -> Any:
    """A tab of the package page: `template` extends authoring/package.html; a refusal is told above it."""
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
        refusal=words_of(refusal) if refusal else "",
        **more,
    )
    return page, refusal.status if refusal else status


def _head(viewer: Viewer, held: Contents) -> dict[str, Any]:
    active = queries.active_release(viewer.county_id, held.package)
    drafts = [draft for draft in queries.open_drafts(viewer.county_id, held.package) if draft.changed]
    return {"label": library.label_of(held), "active": active, "drafts": len(drafts)}


def worded(remark: Finding | Failure) -> str:
    """The finding, or what a path test met, in the reader's language."""
    return sentence(remark.code, remark.params, language())


@blueprint.get("/<package>")
def package_page(package: str) -> ResponseReturnValue:
    return show_files(package)


def show_files(package: str, refusal: Refusal | None = None) -> ResponseReturnValue:
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
        limit=LIMIT,
        refusal=refusal,
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
        name_of=library.naming(held),
        progress=checking.play(held, budget=0),
    )
    return answer


@blueprint.get("/<package>/running")
def running(package: str) -> ResponseReturnValue:
    """What runs on which release; of the chosen one the cases that the reader may open."""
    viewer, active = find_package(package)
    chosen = request.args.get("release", 0, type=int)
    answer: ResponseReturnValue = show_tab(
        "authoring/running.html",
        viewer,
        package,
        "running",
        active=active,
        releases=queries.running_by_release(viewer.county_id, package),
        chosen=chosen,
        cases=queries.cases_on(viewer, package, chosen) if chosen else [],
        moves=panels.release_actions(),
    )
    return answer


def editor_address(draft: Draft) -> str:
    """The page on which this draft is edited."""
    return url_for(editors.editor_of(draft.kind).endpoint, package=draft.package, draft_id=draft.id)
