"""Turns refusals and HTTP errors into a page, a fragment for htmx, or problem JSON."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.core.errors import Refusal
from app.core.sizes import size_words
from app.core.translations import words_of

STATUSES = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503, 504)


def title_of(status: int) -> str:
    """What happened, in a few words."""
    titles = {
        400: _("The request could not be understood"),
        401: _("Please sign in"),
        403: _("You may not do this"),
        404: _("Nothing found here"),
        405: _("This address does not work that way"),
        409: _("This was not done"),
        413: _("Too large"),
        415: _("This kind of file is not taken"),
        422: _("Something needs correcting"),
        429: _("Too many attempts"),
        503: _("Not possible at the moment"),
        504: _("It is not certain whether this was saved"),
    }
    return str(titles.get(status, _("Something went wrong on our side")))


def advice_of(status: int) -> str:
    """What was kept and what to do now."""
    advice = {
        400: _("Nothing was changed. Go back, reload the page and try again."),
        401: _("Nothing was changed. Sign in and open the page again."),
        403: _("Nothing was changed. If it belongs to your work, ask your administrator for the role."),
        404: _("The address may be wrong, or the matter belongs to another office."),
        405: _("Nothing was changed. Go back and use the button on the page."),
        409: _("Go back and reload the page to see how it stands now."),
        413: _(
            "Nothing was changed. At most %(limit)s are taken at once: send a smaller photo, or one file at a time.",
            limit=size_words(current_app.config.get("MAX_CONTENT_LENGTH") or 0),
        ),
        415: _("Nothing was changed. Photos (JPEG, PNG) and PDF are taken everywhere."),
        422: _("Nothing was changed. Go back: what you typed is still there."),
        429: _("Nothing was changed. Wait a few minutes and try again."),
        503: _("Nothing was changed. Try again in a moment; if it stays, tell the operator."),
        504: _("Open the page again and look, before you do it a second time."),
    }
    if status in advice:
        return str(advice[status])
    return str(
        _("What you saved before is safe; the last step was not done. Try again, and tell the operator if it stays.")
    )


SECRETS = ("csrf_token", "password", "proof", "old", "new", "again")
"""Fields whose text stands on no page: tokens, and passwords in all forms that ask for one."""


def page_of_form() -> str:
    """The address of our own page whose form this is; empty without one."""
    return request.referrer or "" if _from_own_page() else ""


def typed_words() -> list[str]:
    """What a person typed into the form that a page of ours has sent: words, no numbers, codes or choices."""
    if not _from_own_page():
        return []
    texts = (text.strip() for name, text in request.form.items(multi=True) if name not in SECRETS)
    return [text for text in texts if " " in text or "\n" in text or not text.isascii()]


def _from_own_page() -> bool:
    places = {urlsplit(request.headers.get(name, "")).netloc for name in ("Origin", "Referer")}
    return request.method == "POST" and places == {request.host}


def respond(
    status: int,
    *,
    detail: str = "",
    fields: Mapping[str, list[str]] | None = None,
    headers: Any = None,
    late: bool = False,
) -> Response:
    """The answer for ``status`` in the form that the client reads.

    `late`: a form came after the sign-in of its page had ended, and what was typed into it is handed back.
    """
    facts = {"status": status, "title": title_of(status), "detail": detail, "fields": dict(fields or {})}
    if _wants_json():
        answer = jsonify({"type": "about:blank", **{name: value for name, value in facts.items() if value}})
        answer.mimetype = "application/problem+json"
    elif request.headers.get("HX-Request"):
        answer = make_response(render_template("ui/_problem.html", advice=advice_of(status), **facts))
        answer.headers["X-Problem"] = "1"
    else:
        # A failure of ours may be the database's: the bare page needs none.
        template = "ui/error_bare.html" if status >= 500 else "ui/error.html"
        lost = {"kept": typed_words(), "page": page_of_form()} if late else {}
        answer = make_response(render_template(template, advice=advice_of(status), **lost, **facts))
    answer.status_code = status
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = "5"
    for name, value in headers or ():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            answer.headers[name] = value
    return answer


def wants_page() -> bool:
    """Whether a browser asks for a page of its own: no client of the API, no script that fetches a part."""
    return not _wants_json() and not request.headers.get("HX-Request")


def _wants_json() -> bool:
    if request.path.startswith("/api/"):
        return True
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"]) == "application/json" and (
        accepted["application/json"] > accepted["text/html"]
    )


def on_refusal(refusal: Refusal) -> Response:
    return respond(refusal.status, detail=words_of(refusal), fields=getattr(refusal, "fields", None))


def as_everywhere(refusal: Refusal) -> ResponseReturnValue:
    """The answer of the whole product to a refusal, for a feature that answers some of its own differently."""
    handlers = current_app.error_handler_spec[None][None]
    handler = next(handlers[kind] for kind in type(refusal).__mro__ if kind in handlers)
    return cast(ResponseReturnValue, handler(refusal))


def on_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    detail = ""
    if isinstance(error, CSRFError):
        detail = _("The page was open for too long, or was sent from another site.")
    # webargs puts the messages of a refused API payload here.
    messages = getattr(error, "data", {}).get("messages") if _wants_json() else None
    return respond(
        status,
        detail=detail,
        fields=messages,
        headers=error.get_headers(request.environ),
        late=isinstance(error, CSRFError),
    )


def on_failure(error: HTTPException) -> Response:
    cause = getattr(error, "original_exception", None)
    if cause is None:
        current_app.logger.error("Answered 500: %s", error)
    return respond(HTTPStatus.INTERNAL_SERVER_ERROR)


def init_app(app: Flask) -> None:
    app.register_error_handler(Refusal, on_refusal)
    for status in STATUSES:
        app.register_error_handler(status, on_failure if status == HTTPStatus.INTERNAL_SERVER_ERROR else on_http_error)
    app.register_error_handler(CSRFError, on_http_error)
