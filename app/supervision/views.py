"""Supervision orders on the case page and in the inbox."""

from collections.abc import Collection

from flask import Blueprint, get_template_attribute, render_template
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import ColumnElement, exists

from app.cases.models import Case
from app.cases.page.words import word
from app.cases.timeline import Wording, register
from app.directory.queries import english_names
from app.directory.rules import Viewer
from app.supervision.counting import ORDERED, OVER
from app.supervision.models import SupervisionOrder
from app.supervision.queries import cases_with_order, has_offices, has_open_order, open_orders, orders_of
from app.tasks.panels import CaseTab, RowNote, add_case_tab, add_row_note

blueprint = Blueprint("supervision", __name__, template_folder="templates")


def register_wordings() -> None:
    """How the timeline tells of orders."""
    register("supervision.ordered", Wording(_l("An answer was ordered: %(demand)s"), "flag", "warn"))
    register("supervision.closed", Wording(_l("The order was answered"), "flag-check", "good"))


def has_orders() -> ColumnElement[bool]:
    """Whether anything was ever ordered about a case."""
    return exists().where(SupervisionOrder.county_id == Case.county_id, SupervisionOrder.case_id == Case.id)


def orders_card(_viewer: Viewer, case: Case) -> Markup | None:
    """The card of the orders; nothing when there is none."""
    orders = orders_of(case)
    if not orders:
        return None
    names = english_names(case.county_id, {one.ordered_by_id for one in orders})
    html = render_template(
        "supervision/_orders.html", orders=orders, names=names, case=case, word=word, over=case.status in OVER
    )
    return Markup(html)  # noqa: S704 - made by an autoescaping template


def register_inbox() -> None:
    """The tab of cases whose answer is awaited, and the mark in the rows of any list."""
    add_case_tab(
        CaseTab(
            "supervision",
            _l("Supervision"),
            "gavel",
            has_open_order,
            cases_with_order,
            ORDERED,
            (_l("No order waits for an answer"), _l("Orders about cases of your area are gathered here until then.")),
            shown_to=has_offices,
            order=20,
        )
    )
    add_row_note(RowNote("supervision", _order_marks, 10))


def _order_marks(viewer: Viewer, case_ids: Collection[int]) -> dict[int, Markup]:
    orders = open_orders(viewer.county_id, case_ids)
    mark = get_template_attribute("supervision/_mark.html", "mark")
    return {case_id: mark(order) for case_id, order in orders.items()}
