"""The pages of people."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.administration import holdings
from app.administration.errors import WorksElsewhereToo
from app.administration.people import queries, services
from app.administration.people.queries import Filter
from app.administration.queries import is_keeper, person_for, today_of, works_elsewhere_too
from app.administration.registers.queries import tag_words
from app.administration.telling import lines_of
from app.administration.views import (
    carer,
    chosen_office,
    chosen_person,
    given_day,
    given_day_if_any,
    keeper,
    office_options,
    role_options,
    role_words,
)
from app.audit.services import Stream
from app.core import clock
from app.core.errors import NotFound, Refusal
from app.core.translations import both_names, called, language, words_of
from app.directory import queries as directory
from app.directory.leaves import services as leaves
from app.directory.leaves.queries import leave as leave_by_id
from app.directory.leaves.queries import leaves_of
from app.directory.models import Person
from app.directory.rules import Viewer
from app.directory.sessions import current_actor, current_viewer, require_fresh_proof
from app.directory.staff import services as staff
from app.directory.staff.rules import LANGUAGES
from app.ui.htmx import go_to, page_or_fragment, wants_fragment

blueprint = Blueprint("people", __name__, url_prefix="/administration/people", template_folder="../templates")


@blueprint.get("")
def index() -> ResponseReturnValue:
    viewer, given = carer(), request.args
    wanted = Filter(
        text=given.get("q", "").strip()[:60],
        role=given.get("role", "")[:30],
        office=given.get("office", "")[:30],
        state=given.get("state", "")[:10],
        cursor=given.get("cursor"),
    )
    return render_template(
        "administration/people/index.html",
        wanted=wanted,
        page=queries.people(viewer, wanted, now=clock.now()),
        keeper=is_keeper(viewer),
        role_options=role_options(),
        office_options=office_options(viewer.county_id, by_code=True),
        role_words=role_words,
    )


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    keeper()
    return _form(None, {})


@blueprint.post("")
@require_fresh_proof
def create() -> ResponseReturnValue:
    """Take somebody on; their first password is shown once, on the page that answers."""
    viewer = keeper()
    given = _described()
    try:
        person, password = staff.take_on(
            viewer.county_id,
            login=request.form.get("login", ""),
            **given,
            actor=current_actor(),
            now=clock.now(),
        )
    except Refusal as refusal:
        return _form(None, given | {"login": request.form.get("login", "")}, refusal), refusal.status
    return render_template("administration/people/created.html", person=person, password=password)


@blueprint.get("/<int:person_id>")
def show(person_id: int) -> ResponseReturnValue:
    return _page(person_for(carer(), person_id, now=clock.now()))


@blueprint.get("/<int:person_id>/edit")
def edit(person_id: int) -> ResponseReturnValue:
    person = person_for(keeper(), person_id, now=clock.now())
    return _form(person, {"name": person.name, "name_en": person.name_en, "phone": person.phone or ""})


@blueprint.post("/<int:person_id>")
def change(person_id: int) -> ResponseReturnValue:
    person = person_for(keeper(), person_id, now=clock.now())
    given = _described()
    try:
        staff.change_person(person, **given, actor=current_actor(), now=clock.now())
    except Refusal as refusal:
        return _form(person, given, refusal), refusal.status
    flash(_("Saved."), "success")
    return go_to(url_for(".show", person_id=person_id))


@blueprint.post("/<int:person_id>/roles")
@require_fresh_proof
def give_role(person_id: int) -> ResponseReturnValue:
    person = person_for(keeper(), person_id, now=clock.now())

    def give() -> None:
        staff.give_role(
            person,
            request.form.get("role", ""),
            chosen_office(person.county_id, "office"),
            from_date=given_day("from"),
            to_date=given_day_if_any("to"),
            actor=current_actor(),
            now=clock.now(),
        )

    return _done_or_told(person, "role", give, _("The role is given."))


@blueprint.post("/<int:person_id>/roles/<int:assignment_id>/end")
def end_role(person_id: int, assignment_id: int) -> ResponseReturnValue:
    viewer = keeper()
    person = person_for(viewer, person_id, now=clock.now())
    held = [term for term in _terms(viewer, person) if term.assignment.id == assignment_id]
    if not held:
        raise NotFound

    def end() -> None:
        staff.end_role(held[0].assignment, person, last_day=given_day("last"), actor=current_actor(), now=clock.now())

    return _done_or_told(person, "end", end, _("The role ends on that day."))


@blueprint.post("/<int:person_id>/leaves")
def take_leave(person_id: int) -> ResponseReturnValue:
    viewer = carer()
    person = person_for(viewer, person_id, now=clock.now())

    def note() -> None:
        if request.form.get("deputy") and works_elsewhere_too(viewer, person, today_of(viewer, clock.now())):
            raise WorksElsewhereToo(name=both_names(person))
        note_given_leave(person)

    return _done_or_told(person, "leave", note, _("The leave is noted."))


def note_given_leave(person: Person) -> None:
    """Note the leave that the posted form asks for; its owner's own page has the same form."""
    services.note_leave(
        person,
        deputy=chosen_person(person.county_id, "deputy"),
        from_date=given_day("from"),
        to_date=given_day("to"),
        reason=request.form.get("reason", "").strip()[:200],
        actor=current_actor(),
        now=clock.now(),
    )


@blueprint.post("/<int:person_id>/leaves/<int:leave_id>/end")
def end_leave(person_id: int, leave_id: int) -> ResponseReturnValue:
    person = person_for(carer(), person_id, now=clock.now())
    taken = leave_by_id(person.county_id, leave_id)
    if taken.person_id != person.id:
        raise NotFound
    leaves.end_leave(taken, actor=current_actor(), now=clock.now())
    flash(_("The leave has ended."), "success")
    return go_to(url_for(".show", person_id=person_id))


@blueprint.get("/<int:person_id>/departure")
def departure(person_id: int) -> ResponseReturnValue:
    """What somebody holds, before they leave; afterwards how far it is handed over, until it is."""
    person = person_for(keeper(), person_id, now=clock.now())
    if wants_fragment() and person.left_at is not None:
        part = "administration/people/_handover.html"
        return page_or_fragment(part, part, person=person, handing=queries.handing_over(person))
    return _departure(person)


@blueprint.post("/<int:person_id>/departure")
@require_fresh_proof
def leave_for_good(person_id: int) -> ResponseReturnValue:
    person = person_for(keeper(), person_id, now=clock.now())
    successor = chosen_person(person.county_id, "successor")
    try:
        reason = request.form.get("reason", "").strip()[:200]
        left = services.let_leave(person, successor, reason=reason, actor=current_actor(), now=clock.now())
    except Refusal as refusal:
        return _departure(person, refusal), refusal.status
    flash(_left_words(person, successor, left), "success")
    return go_to(url_for(".departure" if left.more else ".show", person_id=person_id))


def _left_words(person: Person, successor: Person | None, left: services.Handover) -> str:
    """What became of everything, as one message; what nobody has is said."""
    said = [_("%(name)s has left, and every right has ended.", name=called(person))]
    if successor is not None and left.given:
        said.append(
            ngettext(
                "%(name)s has %(num)s task now.",
                "%(name)s has %(num)s tasks now.",
                left.given,
                name=called(successor),
            )
        )
    if left.in_pools:
        said.append(ngettext("%(num)s task waits in its group.", "%(num)s tasks wait in their groups.", left.in_pools))
    if left.without:
        said.append(ngettext("%(num)s case needs a mediator.", "%(num)s cases need a mediator.", left.without))
    if left.more:
        said.append(_("The rest is being handed over."))
    return " ".join(said)


def _done_or_told(person: Person, place: str, work: Callable[[], None], done: str) -> ResponseReturnValue:
    """Do it and go back to the person, or show the page again with what is wrong, beside what was typed."""
    try:
        work()
    except Refusal as refusal:
        return _page(person, {place: words_of(refusal)}), refusal.status
    flash(done, "success")
    return go_to(url_for(".show", person_id=person.id))


def _page(person: Person, refused: Mapping[str, str] | None = None) -> str:
    viewer = current_viewer()
    today = today_of(viewer, clock.now())
    taken = leaves_of(person.county_id, person.id)
    deputies = {one.deputy_id for one in taken if one.deputy_id}
    html: str = render_template(
        "administration/people/show.html",
        person=person,
        handing=queries.handing_over(person) if person.left_at and is_keeper(viewer) else None,
        keeper=is_keeper(viewer),
        own=viewer.person_id == person.id,
        today=today,
        terms=_terms(viewer, person),
        leaves=taken,
        names=directory.names_of(person.county_id, deputies),
        deputies=queries.person_options(queries.possible_deputies(person, today=today), today=today),
        role_options=role_options(),
        office_options=office_options(person.county_id),
        lines=lines_of(Stream.person(person.county_id, person.id)),
        role_words=role_words,
        languages=[LANGUAGES[one][language() == "en"] for one in person.languages if one in LANGUAGES],
        tags=tag_words(person.county_id),
        refused=refused or {},
        given=request.form,
    )
    return html


def _departure(person: Person, refusal: Refusal | None = None) -> str:
    viewer, now = current_viewer(), clock.now()
    today = today_of(viewer, now)
    held = queries.in_hand(viewer, person, now=now)
    html: str = render_template(
        "administration/people/departure.html",
        person=person,
        own=viewer.person_id == person.id,
        handing=queries.handing_over(person) if person.left_at else None,
        held=held,
        absent=directory.names_of(person.county_id, {one.person_id for one in held.deputyships}),
        elsewhere=holdings.held_elsewhere(person),
        successors=queries.person_options(queries.possible_deputies(person, today=today), today=today),
        refusal=words_of(refusal) if refusal else "",
    )
    return html


def _form(person: Person | None, given: Mapping[str, Any], refusal: Refusal | None = None) -> str:
    county_id = current_viewer().county_id
    html: str = render_template(
        "administration/people/form.html",
        person=person,
        given=given,
        tags=given.get("tags", person.tags if person else []),
        languages=given.get("languages", person.languages if person else ["zh"]),
        tag_options=list(tag_words(county_id).items()),
        language_options=[(code, words[language() == "en"]) for code, words in LANGUAGES.items()],
        refusal=words_of(refusal) if refusal else "",
    )
    return html


def _described() -> dict[str, Any]:
    form = request.form
    known = tag_words(current_viewer().county_id)
    return {
        "name": form.get("name", "")[:120],
        "name_en": form.get("name_en", "")[:60],
        "phone": form.get("phone", "")[:40],
        "tags": [one for one in form.getlist("tags") if one in known],
        "languages": [one for one in form.getlist("languages") if one in LANGUAGES],
    }


def _terms(viewer: Viewer, person: Person) -> list[queries.Term]:
    today = today_of(viewer, clock.now())
    return queries.terms_of(person.county_id, [person.id], today).get(person.id, [])
