"""Puts the features' API parts under one OpenAPI document."""

from typing import Any

from apispec import BasePlugin
from flask import Blueprint, Flask, current_app, render_template
from flask_smorest import Api
from flask_smorest import Blueprint as ApiBlueprint
from werkzeug.routing import Rule

from app.api.admission import guard, scopes_of

blueprint = Blueprint("api_docs", __name__, url_prefix="/api", template_folder="templates")

SECURITY = {"token": {"type": "http", "scheme": "bearer", "description": "A token with the scope of the operation."}}

PROBLEM = {
    "type": "object",
    "description": "Why it was refused (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "fields": {"type": "object", "description": "What is wrong, by field."},
    },
    "required": ["type", "title", "status"],
}
REFUSALS = {
    "400": "The request could not be understood; nothing was changed.",
    "401": "No token, or one that is unknown, ended or revoked.",
    "403": "The token lacks the scope, or the person the role.",
    "404": "There is nothing here, or nothing that this person may see.",
    "409": "Not possible any more: somebody was faster, or the process went on.",
    "422": "A value is wrong; `fields` names it.",
}


class Refusals(BasePlugin):
    """Writes into the document which scope each operation needs, and how it says no."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def operation_helper(
        self,
        path: str | None = None,
        operations: dict[str, Any] | None = None,
        *,
        rule: Rule | None = None,
        **_more: Any,
    ) -> None:
        scopes = scopes_of(self._app.view_functions[rule.endpoint]) if rule else {}
        for method, operation in (operations or {}).items():
            operation["security"] = [{"token": [scopes[method.upper()]]}]
            answers = {str(status): answer for status, answer in operation.get("responses", {}).items()}
            answers.pop("default", None)
            operation["responses"] = answers
            statuses = {"400", "401", "403"} | (answers.keys() & REFUSALS.keys())
            if path and "{" in path:
                statuses |= {"404"} if method == "get" else {"404", "409"}
            for status in statuses:
                content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                answers[status] = {"description": REFUSALS[status], "content": content}


def init_app(app: Flask, parts: list[ApiBlueprint]) -> Api:
    """Register every part behind its scopes; the document stands at /api/openapi.json, for people at /api/docs."""
    app.config.update(OPENAPI_URL_PREFIX="/api", OPENAPI_JSON_PATH="openapi.json")
    described = {"security": [{"token": []}], "components": {"securitySchemes": SECURITY}}
    api = Api(app, spec_kwargs={**described, "extra_plugins": [Refusals(app)]})
    api.spec.components.schema("Problem", PROBLEM)
    for part in parts:
        api.register_blueprint(part)
        guard(app, part)
    app.register_blueprint(blueprint)
    app.extensions["maplebridge_api"] = api
    return api


@blueprint.get("/docs")
def docs() -> str:
    """The document for people: plain HTML made from the same description."""
    spec = current_app.extensions["maplebridge_api"].spec.to_dict()
    return render_template("api/docs.html", spec=spec)
