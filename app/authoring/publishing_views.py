"""Changes, requests to publish, releases. Completes the blueprint."""

from flask.typing import ResponseReturnValue

from app.authoring.draft_views import find_draft
from app.authoring.views import blueprint, find_package, keeper, show_tab

__all__ = ["blueprint"]


@blueprint.get("/<package>/changes")
def changes(package: str) -> ResponseReturnValue:
    viewer, _active = find_package(package)
    answer: ResponseReturnValue = show_tab("authoring/package.html", viewer, package, "changes")
    return answer


@blueprint.get("/<package>/releases")
def releases(package: str) -> ResponseReturnValue:
    viewer, _active = find_package(package)
    answer: ResponseReturnValue = show_tab("authoring/package.html", viewer, package, "releases")
    return answer


@blueprint.get("/<package>/archive")
def export_package(package: str) -> ResponseReturnValue:
    find_package(package)
    return ""


@blueprint.post("/archive")
def import_package() -> ResponseReturnValue:
    keeper()
    return ""


@blueprint.get("/<package>/drafts/<int:draft_id>/comparison")
def comparison(package: str, draft_id: int) -> ResponseReturnValue:
    find_draft(package, draft_id)
    return ""
