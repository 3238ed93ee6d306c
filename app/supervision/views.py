"""Supervision orders on the case page."""

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.cases.models import Case
from app.cases.page.words import word
from app.cases.timeline import Wording, register
from app.directory.rules import Viewer
from app.supervision.queries import orders_of

blueprint = Blueprint("supervision", __name__, template_folder="templates")


def register_wordings() -> None:
    """How the timeline tells of orders."""
    register("supervision.ordered", Wording(_l("An answer was ordered: %(demand)s"), "flag", "warn"))
    register("supervision.closed", Wording(_l("The order was answered"), "flag-check", "good"))


def orders_card(_viewer: Viewer, case: Case) -> Markup | None:
    """The card of the orders; nothing when there is none."""
    orders = orders_of(case)
    if not orders:
        return None
    html = render_template("supervision/_orders.html", orders=orders, case=case, word=word)
    return Markup(html)  # noqa: S704 - made by an autoescaping template
