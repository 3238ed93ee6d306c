from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.administration.people import queries
from app.administration.people.views import note_given_leave
from app.administration.queries import today_of
from app.core import clock
from app.core.errors import NotFound, Refusal
from app.core.translations import words_of
from app.directory import queries as directory
from app.directory.leaves import services as leaves
from app.directory.leaves.queries import leave as leave_by_id
from app.directory.leaves.queries import leaves_of
from app.directory.models import Person
from app.directory.sessions import current_actor, current_viewer
from app.ui.htmx import go_to

blueprint = Blueprint("own_leave", __name__, url_prefix="/account/leave", template_folder="../templates")


@blueprint.get("")
def index() -> ResponseReturnValue:
    return _page(_own())


@blueprint.post("")
def take() -> ResponseReturnValue:
    person = _own()
    try:
        note_given_leave(person)
    except Refusal as refusal:
        return _page(person, words_of(refusal)), refusal.status
    flash(_("The leave is noted."), "success")
    return go_to(url_for(".index"))


@blueprint.post("/<int:leave_id>/end")
def end(leave_id: int) -> ResponseReturnValue:
    person = _own()
    taken = leave_by_id(person.county_id, leave_id)
    if taken.person_id != person.id:
        raise NotFound
    leaves.end_leave(taken, actor=current_actor(), now=clock.now())
    flash(_("The leave has ended."), "success")
    return go_to(url_for(".index"))


def _own() -> Person:
    viewer = current_viewer()
    return directory.person(viewer.county_id, viewer.person_id)


def _page(person: Person, refusal: str = "") -> str:
    today = today_of(current_viewer(), clock.now())
    taken = leaves_of(person.county_id, person.id)
    html: str = render_template(
        "administration/people/own_leave.html",
        leaves=taken,
        names=directory.names_of(person.county_id, {one.deputy_id for one in taken if one.deputy_id}),
        deputies=queries.person_options(queries.possible_deputies(person, today=today), today=today),
        today=today,
        refused={"leave": refusal} if refusal else {},
        given=request.form,
    )
    return html
