"""Related cases, as a page and as a fragment; linking and parting. Importing it completes the pages of a case."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.cases.models import Case
from app.cases.page.loaded import parties_of
from app.cases.page.words import standing
from app.cases.queries import case_for
from app.cases.related.queries import related_to, relation_of
from app.cases.rights import acts_as
from app.cases.services.relations import relate_cases, unrelate_cases
from app.cases.views import blueprint, find_case, show_tab
from app.core import clock
from app.core.errors import Forbidden, NotFound, Refusal
from app.core.translations import words_of
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.ui.htmx import wants_fragment

__all__ = ["blueprint"]

LINK_ROLES = ("clerk", "dispatcher", "mediator", "committee_chair", "justice_office")

WAYS = {
    "same_identity": _l("same identity number"),
    "same_phone": _l("same telephone"),
    "same_name": _l("same name"),
    "same_place": _l("same place"),
}


@blueprint.get("/<code>/related")
def related(code: str) -> ResponseReturnValue:
    viewer, case = find_case(code)
    return _page(viewer, case)


@blueprint.post("/<code>/related")
def relate(code: str) -> ResponseReturnValue:
    """Link the case with another one that the reader may see."""
    viewer, case = find_case(code)
    _refuse_reader(viewer, case)
    typed = request.form.get("code", "").strip(), request.form.get("reason", "").strip()[:200]
    errors: dict[str, list[str]] = {}
    if not typed[1]:
        errors["reason"] = [_("Please say why they belong together.")]
    try:
        other = case_for(viewer, typed[0])
    except NotFound:
        errors["code"] = [_("There is no case with this code that you may see.")]
    if errors:
        return _page(viewer, case, typed=request.form, errors=errors), 422
    try:
        relate_cases(case, other, "related", reason=typed[1], actor=actor_of(viewer), now=clock.now())
    except Refusal as refusal:
        errors = {"code": [words_of(refusal)]}
        return _page(viewer, case, typed=request.form, errors=errors), refusal.status
    flash(_("Linked with %(code)s", code=other.code), "success")
    return redirect(url_for("cases.related", code=case.code))


@blueprint.post("/<code>/related/<int:relation_id>/end")
def part(code: str, relation_id: int) -> ResponseReturnValue:
    """Take a link back; a case that was merged goes on by itself again."""
    viewer, case = find_case(code)
    _refuse_reader(viewer, case)
    relation, _other = relation_of(viewer, case, relation_id)
    reason = request.form.get("reason", "").strip()[:200]
    if not reason:
        return _page(viewer, case, errors={f"part-{relation_id}": [_("Please give a reason.")]}), 422
    unrelate_cases(relation, reason=reason, actor=actor_of(viewer), now=clock.now())
    flash(_("The link was taken back."), "success")
    return redirect(url_for("cases.related", code=case.code))


def _page(viewer: Viewer, case: Case, **more: Any) -> str:
    found = related_to(viewer, case, parties_of(case))
    shown: dict[str, Any] = {
        "related": found,
        "ways": WAYS,
        "where": {one.case.id: standing(one.case) for one in found.cases},
        "may_link": acts_as(viewer, case, *LINK_ROLES) and case.status != "archived",
        "typed": {},
        "errors": {},
        **more,
    }
    if wants_fragment():
        return render_template("cases/_related.html", case=case, **shown)
    return show_tab("cases/related.html", viewer, case, "overview", **shown)


def _refuse_reader(viewer: Viewer, case: Case) -> None:
    if not acts_as(viewer, case, *LINK_ROLES):
        raise Forbidden
