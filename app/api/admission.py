"""Who may call: asked of every operation alike, before anything of the call is read."""

from collections.abc import Mapping
from functools import wraps
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue, RouteCallable
from flask_smorest import Blueprint

from app.core.requests import refuse_strange_body
from app.directory.sessions import scope_of, token_viewer


class ScopeMissing(LookupError):
    """An operation names no scope: nobody could say who may call it."""


def scopes_of(view: RouteCallable) -> Mapping[str, str]:
    """The scope that each method of an operation needs. Raises ScopeMissing."""
    operation: Any = getattr(view, "view_class", None)
    scopes = {method: scope_of(getattr(operation, method.lower())) for method in operation.methods or ()}
    missing = sorted(method for method, scope in scopes.items() if not scope)
    if missing:
        raise ScopeMissing(f"{operation.__name__}: {', '.join(missing)}")
    return scopes


def guard(app: Flask, part: Blueprint) -> None:
    """Let nobody into the operations of a registered part without the scope; what is sent is read behind this."""
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith(f"{part.name}."):
            app.view_functions[endpoint] = _guarded(view)


def _guarded(view: RouteCallable) -> RouteCallable:
    scopes = scopes_of(view)

    @wraps(view)
    def admitted(**given: Any) -> ResponseReturnValue:
        method = "GET" if request.method == "HEAD" else request.method
        token_viewer(scopes[method])
        refuse_strange_body()
        answer: ResponseReturnValue = view(**given)  # type: ignore[assignment]
        return answer

    return admitted
