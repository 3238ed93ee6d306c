"""How somebody signs in: the keeper gives passwords, makes links, takes away what was lost, signs out."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.administration.queries import person_for
from app.administration.views import keeper
from app.core import clock
from app.core.addresses import public_url
from app.core.translations import both_names
from app.directory.account import queries, services, words
from app.directory.account.errors import OwnAccess
from app.directory.models import Person
from app.directory.sessions import current_actor, current_viewer, require_fresh_proof
from app.directory.sign_in import queries as sign_ins
from app.directory.sign_in import rules
from app.directory.sign_in import services as access
from app.directory.staff.errors import PersonGone

blueprint = Blueprint(
    "accounts", __name__, url_prefix="/administration/people/<int:person_id>/account", template_folder="../templates"
)


@blueprint.get("")
def person(person_id: int) -> ResponseReturnValue:
    return _page(person_for(keeper(), person_id, now=clock.now()))


def _page(found: Person, *, password: str = "", link: str = "") -> str:
    own = found.id == current_viewer().person_id
    html: str = render_template(
        "administration/people/account.html",
        person=found,
        keeper=True,
        own=own,
        helped=not own and found.left_at is None,
        factor=sign_ins.second_factor(found.county_id, found.id),
        sign_ins=sign_ins.open_sign_ins(found.county_id, found.id, now=clock.now()),
        browser_words=rules.browser_words,
        identities=sign_ins.identities_of(found.county_id, found.id),
        issuer=current_app.config["OIDC_ISSUER"],
        provider=current_app.config["OIDC_NAME"],
        events=words.told(found.county_id, found.id),
        password=password,
        link=link,
    )
    return html


def _other(person_id: int) -> Person:
    """Whom the keeper may help: not themselves, for that would go around their own proofs, and nobody who has left."""
    found = person_for(keeper(), person_id, now=clock.now())
    if found.id == current_viewer().person_id:
        raise OwnAccess
    if found.left_at is not None:
        raise PersonGone(name=both_names(found))
    return found


@blueprint.post("/first-password")
@require_fresh_proof
def give_password(person_id: int) -> ResponseReturnValue:
    found = _other(person_id)
    return _page(found, password=access.give_password(found, actor=current_actor(), now=clock.now()))


@blueprint.post("/password-link")
@require_fresh_proof
def make_link(person_id: int) -> ResponseReturnValue:
    found = _other(person_id)
    secret = access.make_password_link(found, actor=current_actor(), now=clock.now())
    return _page(found, link=public_url("directory.link_page", secret=secret))


@blueprint.post("/second-factor/removal")
@require_fresh_proof
def remove_factor(person_id: int) -> ResponseReturnValue:
    found = _other(person_id)
    access.take_away_factor(found, actor=current_actor(), now=clock.now())
    flash(_("The second factor was taken away and the person signed out. At the next sign-in they set up a new phone."))
    return redirect(url_for(".person", person_id=person_id), code=303)


@blueprint.post("/sign-ins/end")
def end_sign_ins(person_id: int) -> ResponseReturnValue:
    found = _other(person_id)
    access.end_others(None, found, actor=current_actor(), now=clock.now())
    flash(_("This person was signed out everywhere."))
    return redirect(url_for(".person", person_id=person_id), code=303)


@blueprint.post("/identities")
@require_fresh_proof
def link_identity(person_id: int) -> ResponseReturnValue:
    """By the subject that the provider knows the person under."""
    found = _other(person_id)
    subject = request.form.get("subject", "").strip()[:255]
    if subject and current_app.config["OIDC_ISSUER"]:
        issuer = current_app.config["OIDC_ISSUER"]
        services.link_identity(found, issuer=issuer, subject=subject, actor=current_actor(), now=clock.now())
        flash(_("The account was linked."))
    return redirect(url_for(".person", person_id=person_id), code=303)


@blueprint.post("/identities/<int:identity_id>/removal")
@require_fresh_proof
def unlink(person_id: int, identity_id: int) -> ResponseReturnValue:
    found = _other(person_id)
    services.unlink_identity(queries.identity_of(found, identity_id), actor=current_actor(), now=clock.now())
    flash(_("That account opens this one no longer."))
    return redirect(url_for(".person", person_id=person_id), code=303)
