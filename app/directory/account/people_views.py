"""The access of others: administrators give passwords, make links, take away what was lost, sign out."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core import clock
from app.core.addresses import public_url
from app.directory.account import queries, services, words
from app.directory.account.errors import OwnAccess
from app.directory.models import Person
from app.directory.sessions import current_actor, current_viewer, require_fresh_proof
from app.directory.sign_in import queries as sign_ins
from app.directory.sign_in import rules
from app.directory.sign_in import services as access

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts", template_folder="templates")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    viewer = current_viewer()
    text = request.args.get("q", "").strip()[:60]
    page = queries.accounts(viewer, text=text, cursor=request.args.get("after"))
    return render_template("directory/account/accounts.html", page=page, text=text)


@blueprint.get("/<int:person_id>")
def person(person_id: int) -> ResponseReturnValue:
    return _page(queries.person_for(current_viewer(), person_id))


def _page(found: Person, *, password: str = "", link: str = "") -> str:
    return render_template(
        "directory/account/person.html",
        person=found,
        own=found.id == current_viewer().person_id,
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


def _other(person_id: int) -> Person:
    """Whom an administrator may help: everybody but themselves, for that would go around their own proofs."""
    found = queries.person_for(current_viewer(), person_id)
    if found.id == current_viewer().person_id:
        raise OwnAccess
    return found


@blueprint.post("/<int:person_id>/first-password")
@require_fresh_proof
def give_password(person_id: int) -> ResponseReturnValue:
    found = _other(person_id)
    return _page(found, password=access.give_password(found, actor=current_actor(), now=clock.now()))


@blueprint.post("/<int:person_id>/password-link")
@require_fresh_proof
def make_link(person_id: int) -> ResponseReturnValue:
    found = _other(person_id)
    secret = access.make_password_link(found, actor=current_actor(), now=clock.now())
    return _page(found, link=public_url("directory.link_page", secret=secret))


@blueprint.post("/<int:person_id>/second-factor/removal")
@require_fresh_proof
def remove_factor(person_id: int) -> ResponseReturnValue:
    found = _other(person_id)
    access.take_away_factor(found, actor=current_actor(), now=clock.now())
    flash(_("The second factor was taken away and the person signed out. At the next sign-in they set up a new phone."))
    return redirect(url_for(".person", person_id=person_id), code=303)


@blueprint.post("/<int:person_id>/sign-ins/end")
def end_sign_ins(person_id: int) -> ResponseReturnValue:
    found = _other(person_id)
    access.end_others(None, found, actor=current_actor(), now=clock.now())
    flash(_("This person was signed out everywhere."))
    return redirect(url_for(".person", person_id=person_id), code=303)


@blueprint.post("/<int:person_id>/identities")
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


@blueprint.post("/<int:person_id>/identities/<int:identity_id>/removal")
@require_fresh_proof
def unlink(person_id: int, identity_id: int) -> ResponseReturnValue:
    found = _other(person_id)
    services.unlink_identity(queries.identity_of(found, identity_id), actor=current_actor(), now=clock.now())
    flash(_("That account opens this one no longer."))
    return redirect(url_for(".person", person_id=person_id), code=303)
