"""Who is signed in during this request: a browser by its cookie, a program by its token."""

from typing import cast

from flask import Flask, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from app.audit.services import Actor
from app.core import clock
from app.core.errors import Forbidden, SignInNeeded
from app.directory import queries
from app.directory.rules import Viewer
from app.ui.errors import respond

COOKIE_KEY = "sign_in"


def signed_in_viewer() -> Viewer | None:
    """The person behind this request's cookie, looked up once; None when signed out."""
    if "viewer" not in g:
        secret = session.get(COOKIE_KEY)
        g.viewer = queries.viewer_of_sign_in(secret, now=clock.now()) if secret else None
        g.zone = g.viewer.zone if g.viewer else None
    return cast("Viewer | None", g.viewer)


def current_viewer() -> Viewer:
    """The viewer of this request; SignInNeeded when there is none."""
    viewer = signed_in_viewer()
    if viewer is None:
        raise SignInNeeded
    return viewer


def actor_of(viewer: Viewer) -> Actor:
    """The viewer as the history names who did it."""
    return Actor("person", viewer.person_id, viewer.name)


def current_actor() -> Actor:
    return actor_of(current_viewer())


def token_viewer(scope: str) -> Viewer:
    """The viewer of an API call: by bearer token with `scope`; reading also by a signed-in browser."""
    secret = _bearer()
    if not secret:
        _refuse_without_token()
        return current_viewer()
    found = queries.viewer_of_token(secret, now=clock.now())
    if found is None:
        raise SignInNeeded
    viewer, scopes, channel = found
    if scope not in scopes:
        raise Forbidden
    g.viewer = viewer
    g.token_channel = channel
    return viewer


def _refuse_without_token() -> None:
    if request.method != "GET" and not _bearer():
        raise SignInNeeded


def _bearer() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme == "Bearer" else ""


def init_app(app: Flask) -> None:
    """Send whoever opens a page without being signed in to the sign-in page, and back afterwards.

    An API call that is to change something is refused without a token before anything of it is read.
    """

    @app.before_request
    def refuse_call_without_token() -> None:
        if request.routing_exception is None and request.path.startswith("/api/v1/"):
            _refuse_without_token()

    @app.errorhandler(SignInNeeded)
    def ask_to_sign_in(error: SignInNeeded) -> ResponseReturnValue:
        if request.method == "GET" and not request.path.startswith("/api/") and not request.headers.get("HX-Request"):
            return redirect(url_for("directory.sign_in_page", next=request.full_path.rstrip("?")))
        return respond(401)
