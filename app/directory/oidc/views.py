"""To the provider and back: to sign in, or to link one's account."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core import clock
from app.core.addresses import public_url
from app.core.database import db
from app.core.errors import Refusal
from app.core.translations import words_of
from app.core.unit_of_work import run_unit
from app.directory import queries as directory
from app.directory.account.services import link_identity
from app.directory.models import Person
from app.directory.oidc import services
from app.directory.oidc.errors import NoProvider, NotOurAnswer
from app.directory.oidc.services import Begun, Description, Provider
from app.directory.sessions import actor_of, current_viewer, forced_roles, require_fresh_proof, signed_in_viewer
from app.directory.sign_in.services import open_sign_in
from app.directory.views import go_in
from app.ui.views import local_path

blueprint = Blueprint("oidc", __name__, url_prefix="/sign-in/oidc")

BEGUN = "oidc"
KEPT = "description of the provider"


def provider() -> Provider:
    config = current_app.config
    if not config["OIDC_ISSUER"]:
        raise NoProvider
    return Provider(
        config["OIDC_ISSUER"],
        config["OIDC_CLIENT_ID"],
        config["OIDC_CLIENT_SECRET"],
        config["OIDC_NAME"],
        config["OUTBOUND_ALLOW"],
        current_app.extensions.setdefault(KEPT, Description()),
    )


@blueprint.get("/")
def begin() -> ResponseReturnValue:
    """A link and no form: the policy of the page lets forms go to this very site only."""
    return _away(link=False, way_on=local_path(request.args.get("next", "/")))


@blueprint.get("/link")
@require_fresh_proof
def link() -> ResponseReturnValue:
    """Only from a page of ours: nobody else's link or mail begins to give somebody a second key to this account."""
    current_viewer()
    provider()
    if not _from_own_page():
        return redirect(url_for("account.index"))
    return _away(link=True, way_on=url_for("account.index"))


def _from_own_page() -> bool:
    """What browsers say of the page that led here; over plain HTTP they name that page only."""
    told = request.headers.get("Sec-Fetch-Site")
    return told == "same-origin" if told else urlsplit(request.referrer or "").netloc == request.host


def _away(*, link: bool, way_on: str) -> ResponseReturnValue:
    try:
        address, begun = services.way_to(provider(), return_url=_return_url(), now=clock.now())
    except Refusal as refusal:
        return _back(refusal, way_on)
    session[BEGUN] = {
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "link": link,
        "next": way_on,
    }
    return redirect(address)


def _return_url() -> str:
    return public_url("oidc.come_back")


@blueprint.get("/return")
def come_back() -> ResponseReturnValue:
    """The provider sends the browser here by GET; what it says counts once, in the browser that began."""
    kept: dict[str, Any] = session.pop(BEGUN, {})
    way_on = local_path(str(kept.get("next", "/")))
    try:
        if not kept:
            raise NotOurAnswer
        begun = Begun(kept["state"], kept["nonce"], kept["verifier"])
        answer = request.args.to_dict()
        subject = services.subject_of_answer(provider(), begun, answer, return_url=_return_url(), now=clock.now())
        if kept["link"]:
            return _linked(subject)
        return _signed_in(subject, way_on)
    except Refusal as refusal:
        return _back(refusal, way_on)


def _signed_in(subject: str, way_on: str) -> ResponseReturnValue:
    asked, network, agent = provider(), request.remote_addr or "", request.user_agent.string
    forced, now = forced_roles(), clock.now()

    def opened() -> tuple[Person, str]:
        person = services.person_of(asked, subject)
        secret = open_sign_in(person, means="provider", network=network, agent=agent, forced=forced, now=now)
        return person, secret

    person, secret = run_unit(opened)
    return go_in(person, secret, way_on)


def _linked(subject: str) -> ResponseReturnValue:
    asked, viewer, now = provider(), current_viewer(), clock.now()

    def link() -> None:
        person = directory.person(viewer.county_id, viewer.person_id)
        link_identity(person, issuer=asked.issuer, subject=subject, actor=actor_of(viewer), now=now)

    db.session.rollback()
    run_unit(link)
    flash(_("Your account at %(name)s opens this one from now on.", name=asked.name))
    return redirect(url_for("account.index"))


def _back(refusal: Refusal, way_on: str) -> ResponseReturnValue:
    """The refusal is told on the page from which the person went."""
    if isinstance(refusal, NoProvider):
        raise refusal
    flash(words_of(refusal), "error")
    if signed_in_viewer():
        return redirect(url_for("account.index"))
    return redirect(url_for("directory.sign_in_page", next=way_on))
