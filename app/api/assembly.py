"""Puts the features' API parts under one OpenAPI document."""

from flask import Blueprint, Flask, current_app, render_template
from flask_smorest import Api
from flask_smorest import Blueprint as ApiBlueprint

blueprint = Blueprint("api_docs", __name__, url_prefix="/api", template_folder="templates")

SECURITY = {"token": {"type": "http", "scheme": "bearer", "description": "A token with the scope of the operation."}}


def init_app(app: Flask, parts: list[ApiBlueprint]) -> Api:
    """Register every part; the document stands at /api/openapi.json, for people at /api/docs."""
    app.config.update(OPENAPI_URL_PREFIX="/api", OPENAPI_JSON_PATH="openapi.json")
    api = Api(app, spec_kwargs={"security": [{"token": []}], "components": {"securitySchemes": SECURITY}})
    for part in parts:
        api.register_blueprint(part)
    app.register_blueprint(blueprint)
    app.extensions["maplebridge_api"] = api
    return api


@blueprint.get("/docs")
def docs() -> str:
    """The document for people: plain HTML made from the same description."""
    spec = current_app.extensions["maplebridge_api"].spec.to_dict()
    return render_template("api/docs.html", spec=spec)
