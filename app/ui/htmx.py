"""One view for a whole page and for its fragment: htmx asks for the part that changes, a plain browser for the page."""

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue


def wants_fragment() -> bool:
    """Whether htmx asks for a part; a page restored from the browser's history is asked for as a whole."""
    headers = request.headers
    return "HX-Request" in headers and "HX-Boosted" not in headers and "HX-History-Restore-Request" not in headers


def page_or_fragment(page: str, fragment: str, /, *, status: int = 200, **values: object) -> Response:
    """The template `fragment` for htmx, else the template `page` that includes it."""
    response = make_response(render_template(fragment if wants_fragment() else page, **values), status)
    response.vary.add("HX-Request")
    return response


def go_to(address: str) -> ResponseReturnValue:
    """After something was done: the browser loads `address` as a page of its own, from htmx too."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, code=303)
