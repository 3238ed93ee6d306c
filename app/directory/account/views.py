"""One's own account: what is known of oneself, second factor, password, browsers, tokens. Opens the blueprint."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.core import clock
from app.core.errors import NotFound, Refusal
from app.core.translations import label, language, words_of
from app.core.unit_of_work import keep_changes
from app.directory import queries as directory
from app.directory.account import channels, places, queries, services, words
from app.directory.account.errors import ChannelUnknown, NoScope, TokenDayWrong
from app.directory.errors import TooManyTries
from app.directory.rules import ROLES, SCOPES
from app.directory.services import create_api_token, revoke_api_token
from app.directory.sessions import (
    COOKIE_KEY,
    current_actor,
    current_sign_in,
    current_viewer,
    forced_roles,
    require_fresh_proof,
)
from app.directory.sign_in import queries as sign_ins
from app.directory.sign_in import rules
from app.directory.sign_in import services as access
from app.directory.sign_in.errors import (
    EnrolmentStale,
    PasswordRefused,
    SecondFactorNeeded,
    WrongCode,
    WrongOldPassword,
)
from app.directory.views import enrolment_form, keep_language, new_password

blueprint = Blueprint("account", __name__, url_prefix="/account", template_folder="templates")

USUAL_TOKEN_DAYS = 90
"""What the form proposes; the operator says how long a token works at most."""


@blueprint.get("/")
def index() -> ResponseReturnValue:
    viewer = current_viewer()
    person = directory.person(viewer.county_id, viewer.person_id)
    now = clock.now()
    return render_template(
        "directory/account/index.html",
        person=person,
        posts=[f"{label(held)} · {ROLES[held.role][language() == 'en']}" for held in viewer.roles],
        factor=sign_ins.second_factor(person.county_id, person.id),
        codes_left=sign_ins.recovery_codes_left(person.county_id, person.id),
        forced=viewer.has_role(*forced_roles()),
        asked_elsewhere=current_app.config["DEMO"] and viewer.has_role(*current_app.config["SECOND_FACTOR_ROLES"]),
        sign_ins=len(sign_ins.open_sign_ins(person.county_id, person.id, now=now)),
        tokens=sum(_is_open(token, now) for token, _person in queries.tokens(viewer, of_all=False)),
        identities=sign_ins.identities_of(person.county_id, person.id),
        provider=current_app.config["OIDC_NAME"] if current_app.config["OIDC_ISSUER"] else "",
        places=places.places(),
        events=words.told(person.county_id, person.id, limit=12),
    )


def _is_open(token: Any, now: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > now)


@blueprint.post("/")
def change() -> ResponseReturnValue:
    _opened, person = current_sign_in()
    services.change_profile(
        person,
        phone=request.form.get("phone", ""),
        language=request.form.get("language", ""),
        actor=current_actor(),
        now=clock.now(),
    )
    flash(_("Your account was saved."))
    response = make_response(redirect(url_for("account.index"), code=303))
    if person.language:
        keep_language(response, person.language)
    return response


@blueprint.get("/password")
def password_page() -> ResponseReturnValue:
    current_viewer()
    return render_template("directory/account/password.html")


@blueprint.post("/password")
def change_password() -> ResponseReturnValue:
    opened, person = current_sign_in()
    try:
        secret = access.change_password(
            opened, person, old=request.form.get("old", ""), **new_password(), now=clock.now()
        )
    except (PasswordRefused, WrongOldPassword, TooManyTries) as refusal:
        if not isinstance(refusal, PasswordRefused):
            keep_changes()
        return render_template("directory/account/password.html", refusal=words_of(refusal)), refusal.status
    session[COOKIE_KEY] = secret
    flash(_("Your password was changed. Other browsers were signed out."))
    return redirect(url_for("account.index"), code=303)


@blueprint.get("/second-factor")
@require_fresh_proof
def second_factor() -> ResponseReturnValue:
    _opened, person = current_sign_in()
    return enrolment_form(person, action=url_for("account.enrol"), owed=False)


@blueprint.post("/second-factor")
@require_fresh_proof
def enrol() -> ResponseReturnValue:
    opened, person = current_sign_in()
    sealed, code = request.form.get("sealed", ""), request.form.get("code", "")
    try:
        codes = access.enrol(person, sealed, code, but=opened, now=clock.now())
    except (WrongCode, EnrolmentStale) as refusal:
        return enrolment_form(person, action=url_for("account.enrol"), owed=False, refusal=refusal), refusal.status
    return render_template("directory/recovery_codes.html", codes=codes, way_on=url_for("account.index"), owed=False)


@blueprint.post("/second-factor/removal")
@require_fresh_proof
def remove_factor() -> ResponseReturnValue:
    viewer = current_viewer()
    _opened, person = current_sign_in()
    if viewer.has_role(*forced_roles()):
        raise SecondFactorNeeded
    access.take_away_factor(person, actor=current_actor(), now=clock.now())
    flash(_("The second factor was taken away: the password alone opens your account now."))
    return redirect(url_for("account.index"), code=303)


@blueprint.post("/recovery-codes")
@require_fresh_proof
def renew_codes() -> ResponseReturnValue:
    _opened, person = current_sign_in()
    if sign_ins.second_factor(person.county_id, person.id) is None:
        raise NotFound
    codes = access.renew_codes(person, now=clock.now())
    return render_template("directory/recovery_codes.html", codes=codes, way_on=url_for("account.index"), owed=False)


@blueprint.get("/sign-ins")
def sign_ins_page() -> ResponseReturnValue:
    opened, person = current_sign_in()
    return render_template(
        "directory/account/sign_ins.html",
        rows=sign_ins.open_sign_ins(person.county_id, person.id, now=clock.now()),
        this=opened.id,
        browser_words=rules.browser_words,
        seen_minutes=access.SEEN_MINUTES,
    )


@blueprint.post("/sign-ins/<int:sign_in_id>/end")
def end_sign_in(sign_in_id: int) -> ResponseReturnValue:
    found = sign_ins.own_sign_in(current_viewer(), sign_in_id)
    if found is None:
        raise NotFound
    _opened, person = current_sign_in()
    access.end_sign_in(found, person, actor=current_actor(), now=clock.now())
    flash(_("That browser was signed out."))
    return redirect(url_for("account.sign_ins_page"), code=303)


@blueprint.post("/sign-ins/others/end")
def end_other_sign_ins() -> ResponseReturnValue:
    opened, person = current_sign_in()
    access.end_others(opened, person, actor=current_actor(), now=clock.now())
    flash(_("All other browsers were signed out."))
    return redirect(url_for("account.sign_ins_page"), code=303)


@blueprint.get("/tokens")
def tokens() -> ResponseReturnValue:
    return _tokens_page()


def _tokens_page(refusal: Refusal | None = None, secret: str = "") -> str:
    viewer = current_viewer()
    of_all = request.method == "GET" and request.args.get("all") == "1"
    scope_words = {name: {"zh": zh, "en": en} for name, (zh, en) in SCOPES.items()}
    usual = _today() + timedelta(days=min(USUAL_TOKEN_DAYS, current_app.config["TOKEN_DAYS"]))
    return render_template(
        "directory/account/tokens.html",
        rows=queries.tokens(viewer, of_all=of_all),
        of_all=of_all,
        administrator=queries.is_administrator(viewer),
        now=clock.now(),
        scope_options=[(name, f"{label(told)} ({name})") for name, told in scope_words.items()],
        scope_words=scope_words,
        typed=request.form,
        chosen=request.form.getlist("scopes"),
        last_day=request.form.get("last_day") or usual.isoformat(),
        latest=_latest_day(),
        channels=(offered := channels.channels(viewer)),
        channel_words=dict(offered),
        refusal=words_of(refusal) if refusal else "",
        secret=secret,
    )


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(current_viewer().zone)).date()


@blueprint.post("/tokens")
@require_fresh_proof
def create_token() -> ResponseReturnValue:
    _opened, person = current_sign_in()
    scopes = [name for name in SCOPES if name in request.form.getlist("scopes")]
    try:
        if not scopes:
            raise NoScope
        _made, secret = create_api_token(
            person,
            name=request.form.get("name", "").strip()[:80] or str(_("without a name")),
            scopes=scopes,
            channel=_chosen_channel(),
            expires_at=_end_of(request.form.get("last_day", "")),
            now=clock.now(),
        )
    except (NoScope, ChannelUnknown, TokenDayWrong) as refusal:
        return _tokens_page(refusal), refusal.status
    return _tokens_page(secret=secret)


def _chosen_channel() -> str | None:
    """The one channel that the token is for, or None for all. Raises ChannelUnknown."""
    given = request.form.get("channel", "")
    if given and given not in dict(channels.channels(current_viewer())):
        raise ChannelUnknown
    return given or None


def _end_of(day: str) -> datetime:
    """Midnight after the last day, in the county's time. Raises TokenDayWrong."""
    try:
        last = date.fromisoformat(day)
    except ValueError:
        raise TokenDayWrong(last=_latest_day()) from None
    if not _today() <= last <= _latest_day():
        raise TokenDayWrong(last=_latest_day())
    end = last + timedelta(days=1)
    return datetime(end.year, end.month, end.day, tzinfo=ZoneInfo(current_viewer().zone))


def _latest_day() -> date:
    return _today() + timedelta(days=current_app.config["TOKEN_DAYS"])


@blueprint.post("/tokens/<int:token_id>/revocation")
def revoke_token(token_id: int) -> ResponseReturnValue:
    token = queries.token_for(current_viewer(), token_id)
    revoke_api_token(token, actor=current_actor(), now=clock.now())
    flash(_("The token does not work any more."))
    own = token.person_id == current_viewer().person_id
    return redirect(url_for("account.tokens") if own else url_for("account.tokens", all=1), code=303)


@blueprint.post("/identities/<int:identity_id>/removal")
@require_fresh_proof
def unlink(identity_id: int) -> ResponseReturnValue:
    _opened, person = current_sign_in()
    services.unlink_identity(queries.identity_of(person, identity_id), actor=current_actor(), now=clock.now())
    flash(_("That account opens yours no longer."))
    return redirect(url_for("account.index"), code=303)
