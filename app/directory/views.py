"""The door: sign in, what a sign-in still owes, a new password by link, sign out. Opens the blueprint."""

import re
import secrets
from hashlib import sha256
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer

from app.core import clock
from app.core.errors import Refusal
from app.core.translations import COOKIE, LOCALES, words_of
from app.core.unit_of_work import keep_changes
from app.directory import queries
from app.directory.errors import TooManyTries, WrongSignIn
from app.directory.models import Person, SignIn
from app.directory.rules import ROLES
from app.directory.sessions import COOKIE_KEY, current_sign_in, current_viewer, forced_roles, signed_in_viewer
from app.directory.sign_in import queries as sign_ins
from app.directory.sign_in import rules, services
from app.directory.sign_in.errors import EnrolmentStale, PasswordRefused, SignInOver, WrongCode, WrongProof
from app.directory.sign_in.pictures import qr_picture
from app.ui.views import YEAR_SECONDS, local_path

blueprint = Blueprint("directory", __name__, template_folder="templates")

KNOWN = "known"
"""The cookie by which a browser is known again at the door."""
KNOWN_SECONDS = 180 * 24 * 3600
MOST_KNOWN = 10

PAGES = {
    rules.CODE: "directory.code_page",
    rules.PASSWORD: "directory.password_page",
    rules.ENROLMENT: "directory.enrolment_page",
}


@blueprint.errorhandler(SignInOver)
def begin_again(refusal: SignInOver) -> ResponseReturnValue:
    """Who is in already is sent on: no address of the door signs anybody out."""
    if signed_in_viewer():
        return redirect(_way_on(), code=303)
    session.pop(COOKIE_KEY, None)
    flash(words_of(refusal), "error")
    return redirect(url_for("directory.sign_in_page", next=_way_on()), code=303)


@blueprint.get("/sign-in")
def sign_in_page() -> ResponseReturnValue:
    if signed_in_viewer():
        return redirect(_way_on())
    owed = sign_ins.step_owed(session.get(COOKIE_KEY), now=clock.now())
    if owed and "again" not in request.args:
        return redirect(url_for(PAGES[owed], next=_way_on()))
    return _page()


@blueprint.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    try:
        person, secret = services.sign_in(
            request.form.get("login", "").strip(),
            request.form.get("password", ""),
            network=request.remote_addr or "",
            agent=request.user_agent.string,
            now=clock.now(),
            known_browser=_known_browser(request.form.get("login", "").strip()),
            public=public_passwords(),
            forced=forced_roles(),
        )
    except (WrongSignIn, TooManyTries) as refusal:
        keep_changes()
        return _page(refusal), refusal.status
    return go_in(person, secret)


def go_in(person: Person, secret: str, way_on: str = "") -> ResponseReturnValue:
    """The browser holds the new secret, and nothing that was kept in it before; on to what is owed, or in."""
    session.clear()
    session[COOKIE_KEY] = secret
    owed = sign_ins.step_owed(secret, now=clock.now())
    way_on = way_on or _way_on()
    response = make_response(redirect(url_for(PAGES[owed], next=way_on) if owed else way_on))
    if person.language in LOCALES:
        keep_language(response, person.language)
    _know_again(response, person.login)
    return response


def _known_browser(login: str) -> str:
    """The mark of this browser where the account was opened in it before; empty elsewhere."""
    browser, accounts = _read_known()
    return browser if _account_in(browser, login) in accounts else ""


def _know_again(response: Response, login: str) -> None:
    """Let the browser tell later that this account was opened in it."""
    browser, accounts = _read_known()
    browser = browser or secrets.token_urlsafe(12)
    account = _account_in(browser, login)
    latest = [account, *(one for one in accounts if one != account)][:MOST_KNOWN]
    response.set_cookie(
        f"__Host-{KNOWN}" if current_app.config["HTTPS"] else KNOWN,
        _signer().dumps([browser, *latest]),
        max_age=KNOWN_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )


def _read_known() -> tuple[str, list[str]]:
    said = request.cookies.get(f"__Host-{KNOWN}" if current_app.config["HTTPS"] else KNOWN, "")
    try:
        browser, *accounts = _signer().loads(said, max_age=KNOWN_SECONDS)
    except (BadData, ValueError):
        return "", []
    return browser, accounts


def _account_in(browser: str, login: str) -> str:
    """An account as the cookie names it: whoever reads the cookie reads no names."""
    return sha256(f"{browser}:{login.lower()}".encode()).hexdigest()[:20]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt="known browser")


def keep_language(response: Response, language: str) -> None:
    response.set_cookie(
        COOKIE,
        language,
        max_age=YEAR_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )


def public_passwords() -> tuple[str, ...]:
    """The demo's password opens nothing where the demo is not served."""
    return () if current_app.config["DEMO"] else (current_app.config["DEMO_PASSWORD"],)


def _owing(step: str) -> tuple[SignIn, Person]:
    return sign_ins.owing_sign_in(session.get(COOKIE_KEY), step, now=clock.now())


def _settled(opened: SignIn, person: Person, step: str) -> ResponseReturnValue:
    secret = services.settle(opened, person, step=step, forced=forced_roles(), now=clock.now())
    return go_in(person, secret)


@blueprint.get("/sign-in/code")
def code_page() -> ResponseReturnValue:
    _owing(rules.CODE)
    return render_template("directory/code.html", next=_way_on())


@blueprint.post("/sign-in/code")
def code() -> ResponseReturnValue:
    opened, person = _owing(rules.CODE)
    try:
        services.pay_code(opened, person, request.form.get("code", ""), now=clock.now())
    except (WrongCode, TooManyTries) as refusal:
        keep_changes()
        return render_template("directory/code.html", next=_way_on(), refusal=words_of(refusal)), refusal.status
    return _settled(opened, person, rules.CODE)


@blueprint.get("/sign-in/password")
def password_page() -> ResponseReturnValue:
    _owing(rules.PASSWORD)
    return render_template("directory/new_password.html", next=_way_on(), action=url_for("directory.password"))


@blueprint.post("/sign-in/password")
def password() -> ResponseReturnValue:
    """In place of the password that an administrator gave."""
    opened, person = _owing(rules.PASSWORD)
    try:
        services.pay_password(opened, person, **new_password(), now=clock.now())
    except PasswordRefused as refusal:
        page = render_template(
            "directory/new_password.html",
            next=_way_on(),
            action=url_for("directory.password"),
            refusal=words_of(refusal),
        )
        return page, refusal.status
    return _settled(opened, person, rules.PASSWORD)


def new_password() -> dict[str, Any]:
    """What a form for a new password posts."""
    return {
        "new": request.form.get("new", ""),
        "again": request.form.get("again", ""),
        "public": (current_app.config["DEMO_PASSWORD"],),
    }


@blueprint.get("/sign-in/second-factor")
def enrolment_page() -> ResponseReturnValue:
    _opened, person = _owing(rules.ENROLMENT)
    return enrolment_form(person, action=url_for("directory.enrol"), owed=True)


@blueprint.post("/sign-in/second-factor")
def enrol() -> ResponseReturnValue:
    """The role works with a second factor only: set up before anything else."""
    opened, person = _owing(rules.ENROLMENT)
    sealed = request.form.get("sealed", "")
    try:
        codes = services.enrol(person, sealed, request.form.get("code", ""), but=opened, now=clock.now())
    except (WrongCode, EnrolmentStale) as refusal:
        return enrolment_form(person, action=url_for("directory.enrol"), owed=True, refusal=refusal), refusal.status
    _settled(opened, person, rules.ENROLMENT)
    return render_template("directory/recovery_codes.html", codes=codes, way_on=_way_on(), owed=True)


def enrolment_form(person: Person, *, action: str, owed: bool, refusal: Refusal | None = None) -> str:
    """The picture for the phone and the field for its first code; after a wrong code the same picture again."""
    sealed = request.form.get("sealed", "")
    if not sealed or isinstance(refusal, EnrolmentStale):
        sealed = services.begin_enrolment(person, now=clock.now())
    secret = services.secret_of_enrolment(person, sealed, now=clock.now())
    address = rules.enrolment_address(secret, person.login, queries.county(person.county_id).name_zh)
    return render_template(
        "directory/enrolment.html",
        picture=qr_picture(address),
        secret=" ".join(re.findall(".{1,4}", secret)),
        address=address,
        sealed=sealed,
        action=action,
        owed=owed,
        next=_way_on(),
        refusal=words_of(refusal) if refusal else "",
    )


@blueprint.get("/sign-in/proof")
def proof_page() -> ResponseReturnValue:
    """Asked before a download that needs a fresh proof."""
    return _proof()


@blueprint.post("/sign-in/proof")
def proof() -> ResponseReturnValue:
    try:
        services.prove(*current_sign_in(), request.form.get("proof", ""), now=clock.now())
    except (WrongProof, TooManyTries) as refusal:
        keep_changes()
        return _proof(refusal), refusal.status
    return redirect(_way_on(), code=303)


def _proof(refusal: Refusal | None = None) -> str:
    viewer = current_viewer()
    return render_template(
        "directory/proof.html",
        posted=[],
        action=url_for("directory.proof"),
        next=_way_on(),
        has_factor=sign_ins.second_factor(viewer.county_id, viewer.person_id) is not None,
        refusal=words_of(refusal) if refusal else "",
    )


@blueprint.get("/new-password/<secret>")
def link_page(secret: str) -> ResponseReturnValue:
    """Looking uses nothing up: programs that open the links of mails do no harm."""
    _link, person = sign_ins.link_holder(secret, now=clock.now())
    return _link_page(secret, person)


@blueprint.post("/new-password/<secret>")
def use_link(secret: str) -> ResponseReturnValue:
    now = clock.now()
    _link, person = sign_ins.link_holder(secret, now=now)
    try:
        services.use_password_link(secret, **new_password(), now=now)
    except PasswordRefused as refusal:
        return _link_page(secret, person, refusal), refusal.status
    session.clear()
    flash(_("The new password is set. Sign in with it."))
    return redirect(url_for("directory.sign_in_page", again=1), code=303)


def _link_page(secret: str, person: Person, refusal: Refusal | None = None) -> Response:
    page = render_template(
        "directory/new_password.html",
        next="/",
        person=person,
        action=url_for("directory.use_link", secret=secret),
        refusal=words_of(refusal) if refusal else "",
    )
    response = make_response(page)
    # The address is the secret.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    secret = session.pop(COOKIE_KEY, None)
    if secret:
        services.sign_out(secret, now=clock.now())
    session.clear()
    return redirect(url_for("directory.sign_in_page"))


def _way_on() -> str:
    return local_path(request.values.get("next", "/"))


def _page(refusal: Refusal | None = None) -> str:
    demo = queries.demo_people(current_app.config["DEMO_COUNTY"]) if current_app.config["DEMO"] else []
    return render_template(
        "directory/sign_in.html",
        next=_way_on(),
        login=request.form.get("login", ""),
        refusal=words_of(refusal) if refusal else None,
        demo=[(person, {"zh": ROLES[post.role][0], "en": ROLES[post.role][1]}, place) for person, post, place in demo],
        demo_password=current_app.config.get("DEMO_PASSWORD", ""),
        provider=current_app.config["OIDC_NAME"] if current_app.config["OIDC_ISSUER"] else "",
    )
