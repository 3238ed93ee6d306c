"""The modeller, and two versions of a path side by side."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.authoring import queries
from app.authoring.draft_views import find_draft, show_editor
from app.authoring.modeller.queries import offered
from app.authoring.modeller.words import panel_words
from app.authoring.rules import LIMIT
from app.authoring.views import find_package, show_tab
from app.ui.security_headers import allow_style_attributes

blueprint = Blueprint("modeller", __name__, url_prefix="/authoring", template_folder="templates")


@blueprint.get("/<package>/drafts/<int:draft_id>/path")
def editor(package: str, draft_id: int) -> str:
    """Draw a path."""
    viewer, draft = find_draft(package, draft_id)
    allow_style_attributes()
    held = queries.draft_contents(viewer.county_id, package)
    return show_editor(
        "authoring/modeller/editor.html", viewer, draft, offered=offered(held), words=panel_words(), limit=LIMIT
    )


@blueprint.get("/<package>/paths/comparison")
def comparison(package: str) -> ResponseReturnValue:
    """Two versions of a path with what was added, changed and taken out in colours."""
    viewer, _active = find_package(package)
    path = request.args.get("path", "")
    allow_style_attributes()
    page: ResponseReturnValue = show_tab(
        "authoring/modeller/comparison.html",
        viewer,
        package,
        "changes",
        path=path,
        old=_text(package, viewer.county_id, path, request.args.get("old", "")),
        new=_text(package, viewer.county_id, path, request.args.get("new", "")),
    )
    return page


def _text(package: str, county_id: int, path: str, digest: str) -> str:
    """The version's text; "" for none."""
    return queries.content_of_version(county_id, package, path, digest).decode() if digest else ""
