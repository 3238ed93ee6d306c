"""Static files and the language switch."""

import gzip
import mimetypes
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, current_app, has_request_context, redirect, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from app.core.translations import COOKIE, LOCALES

STATIC = Path(__file__).parent / "static"
YEAR_SECONDS = 365 * 24 * 3600
GATHERED = (
    ("vendor/tabler/tabler.used.css", "vendor/tabler/tabler.min.css"),
    ("vendor/icons/icons.css", "vendor/icons/tabler-icons.min.css"),
)
"""Style sheets as pages load them, and the whole ones."""
TYPE_SIZE = "type_size"
"""The cookie of large type."""

blueprint = Blueprint("ui", __name__, template_folder="templates")


@cache
def _version(filename: str) -> str:
    changed = (STATIC / filename).stat()
    return f"{changed.st_mtime_ns ^ changed.st_size:x}"


def static_url(filename: str) -> str:
    """The address of a file below ``app/ui/static``; it changes when the file does, so browsers may keep it."""
    version = str((STATIC / filename).stat().st_mtime_ns) if current_app.debug else _version(filename)
    return url_for("ui.static", filename=filename, v=version)


@cache
def _styles_in_use() -> tuple[str, ...]:
    return tuple(small if (STATIC / small).exists() else whole for small, whole in GATHERED)


def styles_in_use() -> list[str]:
    """The style sheets of others: what our pages use of them once `app.ui.assets` has gathered it, else whole."""
    return [static_url(one) for one in _styles_in_use()]


@cache
def _own() -> frozenset[str]:
    """Our own style sheets and scripts: small enough to be packed at the first look."""
    return frozenset(str(one.relative_to(STATIC)) for folder in ("css", "js") for one in (STATIC / folder).rglob("*.*"))


@lru_cache(maxsize=128)
def _packed(filename: str, _version: str) -> bytes:
    return gzip.compress((STATIC / filename).read_bytes(), mtime=0)


@blueprint.get("/static/<path:filename>", endpoint="static")
def static_file(filename: str) -> Response:
    packed, gzips = f"{filename}.gz", request.accept_encodings.quality("gzip") > 0
    mimetype = mimetypes.guess_type(filename)[0]
    if gzips and (STATIC / packed).is_file():
        response = send_from_directory(STATIC, packed, mimetype=mimetype, conditional=True)
        response.headers["Content-Encoding"] = "gzip"
    elif gzips and filename in _own():
        response = Response(_packed(filename, _version(filename)), mimetype=mimetype)
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
    chosen = request.form.get("language", "")
    return _kept(COOKIE, chosen if chosen in LOCALES else "")


@blueprint.post("/type-size")
def switch_type_size() -> ResponseReturnValue:
    """Large type for every page of this browser, or the ordinary size again."""
    chosen = request.form.get("size", "")
    return _kept(TYPE_SIZE, chosen if chosen in ("large", "ordinary") else "")


def large_type() -> bool:
    """Whether this browser asked for large type."""
    return has_request_context() and request.cookies.get(TYPE_SIZE) == "large"


def _kept(name: str, value: str) -> Response:
    """Back to the page where something was chosen, with the choice in a cookie; what is no choice changes nothing."""
    response = redirect(local_path(request.form.get("next", "")))
    if value:
        response.set_cookie(
            name,
            value,
            max_age=YEAR_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config.get("SESSION_COOKIE_SECURE")),
        )
    return cast("Response", response)


def local_path(wanted: str) -> str:
    """``wanted`` when it is a path on this very site, else the start page."""
    if not wanted.isprintable() or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return "/"
    return wanted
