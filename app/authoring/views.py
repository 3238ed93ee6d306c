"""The library of packages and the pages of one package."""

from flask import Blueprint

from app.authoring import models

__all__ = ["blueprint", "models"]

blueprint = Blueprint("authoring", __name__, url_prefix="/authoring", template_folder="templates")
