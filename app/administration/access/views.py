"""The page that explains what somebody may see."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.administration.access import queries
from app.administration.access.queries import Verdict
from app.administration.access.rules import rights_of
from app.administration.people.queries import person_options, staff
from app.administration.queries import person_for, today_of
from app.administration.views import keeper, role_words
from app.audit.services import Stream, record
from app.core import clock
from app.core.errors import NotFound
from app.core.paging import record_id
from app.directory.models import Person
from app.directory.queries import names_of, viewer_of_person
from app.directory.rules import Viewer
from app.directory.sessions import current_actor

blueprint = Blueprint("access", __name__, url_prefix="/administration/access", template_folder="../templates")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Which roles at which places give which rights to the chosen person."""
    viewer = keeper()
    chosen = request.args.get("person", type=record_id)
    person = person_for(viewer, chosen, now=clock.now()) if chosen else None
    return _page(viewer, person)


@blueprint.post("/<int:person_id>/cases")
def try_case(person_id: int) -> ResponseReturnValue:
    """Whether this person may see one case, and why or why not; that it was asked stands in their history."""
    viewer = keeper()
    person = person_for(viewer, person_id, now=clock.now())
    looking = viewer_of_person(person.county_id, person.id, now=clock.now())
    if looking is None:
        raise NotFound
    answer = queries.verdict(looking, request.form.get("code", "").strip()[:24])
    if not answer.code:
        return _page(viewer, person, answer), 422
    record(
        Stream.person(person.county_id, person.id),
        "access.asked",
        actor=current_actor(),
        now=clock.now(),
        payload={"code": answer.code},
    )
    return _page(viewer, person, answer)


def _page(viewer: Viewer, person: Person | None, answer: Verdict | None = None) -> str:
    looking = viewer_of_person(person.county_id, person.id, now=clock.now()) if person else None
    absent = set(looking.stands_in_for) if looking else set()
    html: str = render_template(
        "administration/access/page.html",
        person=person,
        looking=looking,
        roles=[(held, rights_of(held.role)) for held in looking.roles] if looking else [],
        absent=sorted(names_of(viewer.county_id, absent).values()),
        people=_people(viewer, person),
        answer=answer,
        role_words=role_words,
    )
    return html


def _people(viewer: Viewer, person: Person | None) -> list[tuple[int, str]]:
    others = [one for one in staff(viewer.county_id) if person is None or one.id != person.id]
    listed = [*([person] if person else []), *others]
    return person_options(listed, today=today_of(viewer, clock.now()))
