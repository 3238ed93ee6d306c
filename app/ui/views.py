"""Static files and the language switch."""

import mimetypes
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, current_app, redirect, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from app.core.translations import COOKIE, LOCALES

STATIC = Path(__file__).parent / "static"
YEAR_SECONDS = 365 * 24 * 3600

blueprint = Blueprint("ui", __name__, template_folder="templates")


@cache
def _version(filename: str) -> str:
    changed = (STATIC / filename).stat()
    return f"{changed.st_mtime_ns ^ changed.st_size:x}"


def static_url(filename: str) -> str:
    """The address of a file below ``app/ui/static``; it changes when the file does, so browsers may keep it."""
    version = str((STATIC / filename).stat().st_mtime_ns) if current_app.debug else _version(filename)
    return url_for("ui.static", filename=filename, v=version)


@blueprint.get("/static/<path:filename>", endpoint="static")
def static_file(filename: str) -> Response:
    packed = f"{filename}.gz"
    if request.accept_encodings.quality("gzip") > 0 and (STATIC / packed).is_file():
        mimetype = mimetypes.guess_type(filename)[0]
        response = send_from_directory(STATIC, packed, mimetype=mimetype, conditional=True)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = send_from_directory(STATIC, filename, conditional=True)
    response.headers["Vary"] = "Accept-Encoding"
    versioned = "v" in request.args
    response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable" if versioned else "no-cache"
    return response


@blueprint.post("/language")
def switch_language() -> ResponseReturnValue:
    """Keep the chosen language in a cookie and go back to the page it was chosen on."""
    response = redirect(local_path(request.form.get("next", "")))
    chosen = request.form.get("language", "")
    if chosen in LOCALES:
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=YEAR_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config.get("SESSION_COOKIE_SECURE")),
        )
    return response


def local_path(wanted: str) -> str:
    """``wanted`` when it is a path on this very site, else the start page."""
    if not wanted.isprintable() or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return "/"
    return wanted
