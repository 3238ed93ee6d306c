"""Who is signed in during this request: a browser by its cookie, a program by its token."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app.audit.services import Actor
from app.core import clock
from app.core.database import db
from app.core.errors import Forbidden, Refusal, SignInNeeded
from app.core.outages import outages
from app.core.requests import PROGRAMS
from app.core.translations import words_of
from app.core.unit_of_work import keep_changes, run_unit
from app.directory import queries
from app.directory.errors import TooManyTries
from app.directory.models import Person, SignIn
from app.directory.rules import OpenSignIn, UsedToken, Viewer
from app.directory.sign_in import queries as sign_ins
from app.directory.sign_in import services
from app.directory.sign_in.errors import ProofNeeded, WrongProof
from app.directory.sign_in.rules import roles_mark
from app.ui.errors import respond
from app.ui.htmx import wants_fragment

COOKIE_KEY = "sign_in"
PROOF = "proof"
SEEN_AGAIN = timedelta(minutes=services.SEEN_MINUTES)

Parameters = ParamSpec("Parameters")
Operation = TypeVar("Operation", bound=Callable[..., Any])


def signed_in_viewer() -> Viewer | None:
    """The person behind this request's cookie, looked up once; None when signed out."""
    if "viewer" not in g:
        secret, now = session.get(COOKIE_KEY), clock.now()
        found = queries.viewer_of_sign_in(secret, now=now) if secret else None
        g.viewer, g.sign_in = found or (None, None)
        if found is not None and _has_other_rights(*found) and _owes_a_factor(found[0]):
            g.viewer = None
        g.zone = g.viewer.zone if g.viewer else None
    return cast("Viewer | None", g.viewer)


def forced_roles() -> tuple[str, ...]:
    """The roles that work with a second factor only; in a demo it is offered to everybody and asked of nobody."""
    return () if current_app.config["DEMO"] else tuple(current_app.config["SECOND_FACTOR_ROLES"])


def _has_other_rights(viewer: Viewer, opened: OpenSignIn) -> bool:
    return bool(opened.roles) and opened.roles != roles_mark(viewer.roles)


def _owes_a_factor(viewer: Viewer) -> bool:
    """Whether a role that came after the sign-in needs a second factor that is not there."""
    return viewer.has_role(*forced_roles()) and sign_ins.second_factor(viewer.county_id, viewer.person_id) is None


def current_viewer() -> Viewer:
    """The viewer of this request; SignInNeeded when there is none."""
    viewer = signed_in_viewer()
    if viewer is None:
        raise SignInNeeded
    return viewer


def current_sign_in() -> tuple[SignIn, Person]:
    """The rows behind this request's browser and person. Raises SignInNeeded."""
    viewer = current_viewer()
    opened = db.session.get(SignIn, (viewer.county_id, g.sign_in.id)) if g.get("sign_in") else None
    if opened is None:
        raise SignInNeeded
    return opened, queries.person(viewer.county_id, viewer.person_id)


def actor_of(viewer: Viewer) -> Actor:
    """The viewer as the history names who did it."""
    return Actor("person", viewer.person_id, viewer.name)


def current_actor() -> Actor:
    return actor_of(current_viewer())


def needs(scope: str) -> Callable[[Operation], Operation]:
    """The scope without which an operation of the API is not called: `app.api` asks for it before the call is read."""

    def mark(operation: Operation) -> Operation:
        operation.scope = scope  # type: ignore[attr-defined]
        return operation

    return mark


def scope_of(operation: Callable[..., Any]) -> str:
    """The scope that an operation names; empty when it names none."""
    return str(getattr(operation, "scope", ""))


def token_viewer(scope: str) -> Viewer:
    """The viewer of an API call: by bearer token with `scope`; reading also by a signed-in browser."""
    secret = _bearer()
    if not secret:
        _refuse_without_token()
        return current_viewer()
    found = queries.viewer_of_token(secret, now=clock.now())
    if found is None:
        raise SignInNeeded
    viewer, token = found
    if scope not in token.scopes:
        raise Forbidden
    g.viewer, g.token, g.token_channel = viewer, token, token.channel
    return viewer


def token_allows(scope: str) -> bool:
    """Whether the token of this call is good for `scope` too; a browser is good for all that its person may do."""
    token: UsedToken | None = g.get("token")
    return token is None or scope in token.scopes


def _refuse_without_token() -> None:
    if request.method != "GET" and not _bearer():
        raise SignInNeeded


def _bearer() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme == "Bearer" else ""


def proof_needed(viewer: Viewer) -> bool:
    """Whether this browser must show again that it is its person: the last time is more than ten minutes ago.

    In a demo, whose passwords everyone knows, only who has set up a second factor is asked.
    """
    opened = g.get("sign_in")
    if opened is None or services.is_fresh(opened.proved_at, now=clock.now()):
        return False
    if not current_app.config["DEMO"]:
        return True
    return sign_ins.second_factor(viewer.county_id, viewer.person_id) is not None


def require_fresh_proof(
    view: Callable[Parameters, ResponseReturnValue],
) -> Callable[Parameters, ResponseReturnValue]:
    """For views that publish, reveal or export: the person has shown within ten minutes that it is them.

    Who has not is asked for the code (or the password) on a page that carries what was posted, so that nothing is
    typed twice; a download goes on after the question. Stands below the route.
    """

    @wraps(view)
    def asked(*args: Parameters.args, **kwargs: Parameters.kwargs) -> ResponseReturnValue:
        viewer = current_viewer()
        if not proof_needed(viewer):
            return view(*args, **kwargs)
        answer = request.form.get(PROOF, "")
        if not answer:
            raise ProofNeeded
        try:
            services.prove(*current_sign_in(), answer, now=clock.now())
        except (WrongProof, TooManyTries) as refusal:
            keep_changes()
            return proof_page(refusal), refusal.status
        # The code is used up, whatever becomes of what was asked for with it.
        db.session.commit()
        return view(*args, **kwargs)

    return asked


def proof_page(refusal: Refusal | None = None) -> str:
    """The question, around all that was posted."""
    viewer = current_viewer()
    posted = [(name, value) for name, value in request.form.items(multi=True) if name not in (PROOF, "csrf_token")]
    return render_template(
        "directory/proof.html",
        posted=posted if request.method == "POST" else [],
        action=request.full_path.rstrip("?") if request.method == "POST" else url_for("directory.proof"),
        next=request.full_path.rstrip("?"),
        files_lost=any(file.filename for file in request.files.values()),
        has_factor=sign_ins.second_factor(viewer.county_id, viewer.person_id) is not None,
        refusal=words_of(refusal) if refusal else "",
    )


def init_app(app: Flask) -> None:
    """Send whoever opens a page without being signed in to the sign-in page, and back afterwards.

    An API call that is to change something is refused without a token before anything of it is read.
    """

    @app.before_request
    def refuse_call_without_token() -> None:
        if request.routing_exception is None and request.path.startswith(PROGRAMS):
            _refuse_without_token()

    @app.errorhandler(SignInNeeded)
    def ask_to_sign_in(error: SignInNeeded) -> ResponseReturnValue:
        if request.method == "GET" and not request.path.startswith("/api/") and not request.headers.get("HX-Request"):
            return redirect(url_for("directory.sign_in_page", next=request.full_path.rstrip("?")))
        return respond(401, late=True)

    @app.errorhandler(ProofNeeded)
    def ask_for_proof(error: ProofNeeded) -> ResponseReturnValue:
        if request.path.startswith("/api/"):
            return respond(401, detail=words_of(error))
        if wants_fragment():
            place = request.headers.get("HX-Current-URL", "")
            return Response(status=204, headers={"HX-Redirect": url_for("directory.proof_page", next=_path_of(place))})
        if request.method == "GET":
            return redirect(url_for("directory.proof_page", next=request.full_path.rstrip("?")))
        return Response(proof_page(), status=error.status)

    @app.after_request
    def follow(response: Response) -> Response:
        """After the request's own unit: note that browser or token is used, and give changed roles a new secret.

        What was asked has been answered by then: a database that cannot take the note spoils no answer.
        """
        if not outages.unwritable:
            with suppress(Refusal):
                _follow_browser()
                _follow_token()
        return response


def _path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"


def _follow_browser() -> None:
    opened: OpenSignIn | None = g.get("sign_in")
    if opened is None or not session.get(COOKIE_KEY):
        return
    secret = session[COOKIE_KEY]
    viewer, now = g.viewer, clock.now()
    mark = roles_mark(viewer.roles) if viewer else ""
    if opened.roles and opened.roles != mark:
        forced = forced_roles()
        renewed = run_unit(lambda: services.follow_roles(secret, forced=forced, now=now))
        if renewed:
            session[COOKIE_KEY] = renewed
    elif opened.seen_at is None or now - opened.seen_at > SEEN_AGAIN:
        run_unit(lambda: services.touch(viewer.county_id, opened.id, mark=mark, now=now))


def _follow_token() -> None:
    token: UsedToken | None = g.get("token")
    now = clock.now()
    if token is not None and (token.used_at is None or now - token.used_at > SEEN_AGAIN):
        county_id = g.viewer.county_id
        run_unit(lambda: services.touch_token(county_id, token.id, now=now))
