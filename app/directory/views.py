from flask import Blueprint, current_app, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from app.core import clock
from app.core.errors import Refusal
from app.core.translations import words_of
from app.core.unit_of_work import keep_changes
from app.directory import queries, services
from app.directory.errors import TooManyTries, WrongSignIn
from app.directory.rules import ROLES
from app.directory.sessions import COOKIE_KEY, signed_in_viewer
from app.ui.views import local_path

blueprint = Blueprint("directory", __name__, template_folder="templates")


@blueprint.get("/sign-in")
def sign_in_page() -> ResponseReturnValue:
    if signed_in_viewer():
        return redirect(local_path(request.args.get("next", "/")))
    return _page()


@blueprint.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    try:
        _person, secret = services.sign_in(
            request.form.get("login", "").strip(),
            request.form.get("password", ""),
            network=request.remote_addr or "",
            agent=request.user_agent.string,
            now=clock.now(),
            public=() if current_app.config["DEMO"] else (current_app.config["DEMO_PASSWORD"],),
        )
    except (WrongSignIn, TooManyTries) as refusal:
        keep_changes()
        return _page(refusal), refusal.status
    session.clear()
    session[COOKIE_KEY] = secret
    return redirect(local_path(request.form.get("next", "/")))


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    secret = session.pop(COOKIE_KEY, None)
    if secret:
        services.sign_out(secret, now=clock.now())
    session.clear()
    return redirect("/sign-in")


def _page(refusal: Refusal | None = None) -> str:
    demo = queries.demo_people(current_app.config["DEMO_COUNTY"]) if current_app.config["DEMO"] else []
    return render_template(
        "directory/sign_in.html",
        next=local_path(request.values.get("next", "/")),
        login=request.form.get("login", ""),
        refusal=words_of(refusal) if refusal else None,
        demo=[(person, {"zh": ROLES[post.role][0], "en": ROLES[post.role][1]}, place) for person, post, place in demo],
        demo_password=current_app.config.get("DEMO_PASSWORD", ""),
    )
