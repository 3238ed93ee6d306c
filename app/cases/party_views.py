"""The tab of the parties; importing it completes the blueprint of the case pages."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from app.cases import queries
from app.cases.models import Case
from app.cases.page import header, loaded
from app.cases.rights import acts_as
from app.cases.rules import masked_phone
from app.cases.schemas import PartySchema, messages_of, posted_party
from app.cases.services import parties as party_services
from app.cases.views import blueprint, find_case, show_tab
from app.core import clock
from app.core.addresses import public_url
from app.core.errors import Forbidden, Invalid
from app.directory.rules import Viewer
from app.directory.sessions import actor_of, require_fresh_proof

__all__ = ["blueprint"]

REVEAL_ROLES = ("clerk", "mediator", "committee_chair", "justice_office", "police_liaison", "dispatcher")
PHONES = ("phone", "agent_phone", "guardian_phone")
"""Numbers that stand masked, and so stay as they are when nothing is written in their place."""
CHANGE_ROLES = ("clerk", "mediator", "recorder", "dispatcher", "grid_worker", "committee_chair", "justice_office")


@blueprint.get("/<code>/parties")
def parties(code: str) -> ResponseReturnValue:
    viewer, case = find_case(code)
    return _parties_page(viewer, case)


def _parties_page(viewer: Viewer, case: Case, **more: Any) -> str:
    may_reveal = acts_as(viewer, case, *REVEAL_ROLES)
    people = loaded.parties_of(case)
    until = queries.revealed_to(viewer, case, now=clock.now()) if may_reveal else {}
    shown: dict[str, Any] = {
        "parties": people,
        "numbers": {one.id: party_services.identity_number(one) for one in people if one.id in until},
        "until": until,
        "calls": _works_on(viewer, case),
        "may_change": acts_as(viewer, case, *CHANGE_ROLES) and case.status not in ("archived", "merged"),
        "may_reveal": may_reveal,
        "masked_phone": masked_phone,
        "typed": {},
        "errors": {},
        "link": None,
        "link_party": None,
        "changed": None,
    }
    return show_tab("cases/parties.html", viewer, case, "parties", **{**shown, **more})


def _works_on(viewer: Viewer, case: Case) -> bool:
    """Whether the reader is in the middle of the matter, and so rings the parties up without asking."""
    mine = any(task.assignee_id == viewer.person_id for task in loaded.work_of(case).items)
    return mine or case.mediator_id == viewer.person_id


@blueprint.post("/<code>/parties")
def add_party(code: str) -> ResponseReturnValue:
    viewer, case = find_case(code)
    _refuse_reader(viewer, case)
    try:
        values = PartySchema().load(posted_party(request.form))
    except ValidationError as error:
        return _parties_page(viewer, case, typed=request.form, errors=messages_of(error)), 422
    party_services.add_party(
        case, side=values["side"], name=values["name"], values=values, actor=actor_of(viewer), now=clock.now()
    )
    flash(_("%(name)s was entered.", name=values["name"]), "success")
    return redirect(url_for("cases.parties", code=case.code))


@blueprint.post("/<code>/parties/<int:party_id>")
def change_party(code: str, party_id: int) -> ResponseReturnValue:
    viewer, case = find_case(code)
    _refuse_reader(viewer, case)
    party = queries.party_of(case, party_id)
    if request.form.get("remove"):
        party_services.remove_party(case, party, actor=actor_of(viewer), now=clock.now())
        return redirect(url_for("cases.parties", code=case.code))
    try:
        values = PartySchema().load(posted_party(request.form))
    except ValidationError as error:
        return _parties_page(viewer, case, typed=request.form, errors=messages_of(error), changed=party), 422
    if party.id not in queries.revealed_to(viewer, case, now=clock.now()) and not _works_on(viewer, case):
        values = {name: value for name, value in values.items() if value or name not in PHONES}
    party_services.change_party(case, party, values, actor=actor_of(viewer), now=clock.now())
    return redirect(url_for("cases.parties", code=case.code))


@blueprint.post("/<code>/parties/<int:party_id>/reveal")
@require_fresh_proof
def reveal(code: str, party_id: int) -> ResponseReturnValue:
    """Identity and telephone numbers in clear for this person and a short time, for a reason that is kept."""
    viewer, case = find_case(code)
    if not acts_as(viewer, case, *REVEAL_ROLES):
        raise Forbidden
    party = queries.party_of(case, party_id)
    reason = request.form.get("reason", "").strip()[:200]
    if not reason:
        raise Invalid({"reason": [_("Please say why the number is needed.")]})
    party_services.reveal_identity(party, viewer.person_id, reason=reason, actor=actor_of(viewer), now=clock.now())
    return redirect(url_for("cases.parties", code=case.code, _anchor=f"party-{party.id}"))


@blueprint.post("/<code>/parties/<int:party_id>/link")
def make_link(code: str, party_id: int) -> ResponseReturnValue:
    """A new personal link for a party, shown once as text and QR code."""
    viewer, case = find_case(code)
    _refuse_reader(viewer, case)
    party = queries.party_of(case, party_id)
    secret = party_services.make_link(case, party, actor=actor_of(viewer), now=clock.now())
    link = public_url("portal.own_case", secret=secret)
    return _parties_page(viewer, case, link=header.link_with_code(link), link_party=party)


def _refuse_reader(viewer: Viewer, case: Case) -> None:
    if not acts_as(viewer, case, *CHANGE_ROLES):
        raise Forbidden
