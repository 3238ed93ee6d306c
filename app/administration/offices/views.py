"""The pages of offices."""

from collections.abc import Callable, Sequence

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.administration.offices import queries, services
from app.administration.queries import today_of
from app.administration.telling import lines_of
from app.administration.views import chosen_office, keeper, role_words
from app.audit.services import Stream
from app.core import clock
from app.core.errors import Refusal
from app.core.translations import label, language, words_of
from app.directory import queries as directory
from app.directory.models import Organisation
from app.directory.places import queries as places_queries
from app.directory.places import services as places
from app.directory.places.models import ReorganisationKind
from app.directory.places.rules import KINDS, TIER_WORDS, tiers_below
from app.directory.sessions import current_actor
from app.directory.staff.rules import checked_phone
from app.ui.htmx import go_to, page_or_fragment

blueprint = Blueprint("offices", __name__, url_prefix="/administration/offices", template_folder="../templates")


@blueprint.get("")
def index() -> ResponseReturnValue:
    viewer = keeper()
    search, closed = request.args.get("q", "").strip()[:60], "closed" in request.args
    return render_template(
        "administration/offices/index.html",
        roots=queries.tree(viewer.county_id, search=search, today=today_of(viewer, clock.now()), closed=closed),
        search=search,
        closed=closed,
        under_way=places_queries.under_way(viewer.county_id),
        kind_words=kind_words,
    )


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    viewer = keeper()
    return _form(chosen_office(viewer.county_id, "parent"))


@blueprint.post("")
def create() -> ResponseReturnValue:
    viewer, form = keeper(), request.form
    parent = chosen_office(viewer.county_id, "parent")
    try:
        made = places.found_place(
            parent,
            tier=form.get("tier", ""),
            kind=form.get("kind", ""),
            code=form.get("code", ""),
            name_zh=form.get("name_zh", ""),
            name_en=form.get("name_en", ""),
            phone=checked_phone(form.get("phone", "")),
            actor=current_actor(),
            now=clock.now(),
        )
    except Refusal as refusal:
        return _form(parent, refusal), refusal.status
    flash(_("%(name)s stands in the tree now.", name=label(made)), "success")
    return go_to(url_for(".show", place_id=made.id))


@blueprint.get("/<int:place_id>")
def show(place_id: int) -> ResponseReturnValue:
    return _page(directory.organisation(keeper().county_id, place_id))


@blueprint.post("/<int:place_id>")
def rename(place_id: int) -> ResponseReturnValue:
    place, form = directory.organisation(keeper().county_id, place_id), request.form

    def change() -> None:
        places.rename_place(
            place,
            name_zh=form.get("name_zh", ""),
            name_en=form.get("name_en", ""),
            phone=checked_phone(form.get("phone", "")),
            actor=current_actor(),
            now=clock.now(),
        )

    return _done_or_told(place, "rename", change, _("Saved."))


@blueprint.post("/<int:place_id>/close")
def close(place_id: int) -> ResponseReturnValue:
    """Close an office on which nothing hangs; with a target the worker hands everything over to that one first."""
    place = directory.organisation(keeper().county_id, place_id)
    if request.form.get("target"):
        return _asked(ReorganisationKind.CLOSE, place)
    done = _("%(name)s is closed.", name=label(place))
    work: Callable[[], None] = lambda: services.close_office(  # noqa: E731 - handed on
        place, actor=current_actor(), now=clock.now()
    )
    return _done_or_told(place, "close", work, done)


@blueprint.post("/<int:place_id>/<any(move, merge):kind>")
def reorganise(place_id: int, kind: str) -> ResponseReturnValue:
    """Ask the worker to hang the office below another one, or to merge it into one."""
    return _asked(ReorganisationKind(kind), directory.organisation(keeper().county_id, place_id))


@blueprint.get("/reorganisations/<int:reorganisation_id>")
def reorganisation(reorganisation_id: int) -> ResponseReturnValue:
    """How far a move or merger is; asked again every two seconds until it is done."""
    asked = places_queries.reorganisation(keeper().county_id, reorganisation_id)
    return page_or_fragment(
        "administration/offices/reorganisation.html",
        "administration/offices/_reorganisation.html",
        asked=asked,
        place=directory.organisation(asked.county_id, asked.organisation_id),
        target=directory.organisation(asked.county_id, asked.target_id),
    )


def _asked(kind: ReorganisationKind, place: Organisation) -> ResponseReturnValue:
    try:
        target = chosen_office(place.county_id, "target")
        asked = services.ask_worker(
            kind,
            place,
            target,
            reason=request.form.get("reason", "").strip()[:200],
            actor=current_actor(),
            now=clock.now(),
        )
    except Refusal as refusal:
        return _page(place, {kind: words_of(refusal)}), refusal.status
    return go_to(url_for(".reorganisation", reorganisation_id=asked.id))


def _done_or_told(place: Organisation, where: str, work: Callable[[], None], done: str) -> ResponseReturnValue:
    try:
        work()
    except Refusal as refusal:
        return _page(place, {where: words_of(refusal)}), refusal.status
    flash(done, "success")
    return go_to(url_for(".show", place_id=place.id))


def _page(place: Organisation, refused: dict[str, str] | None = None) -> str:
    today = today_of(keeper(), clock.now())
    others = queries.targets(place)
    html: str = render_template(
        "administration/offices/show.html",
        place=place,
        above=directory.ancestors(place),
        children=places_queries.children_of(place),
        people=places_queries.people_at(place, today),
        today=today,
        came=places_queries.merged_into(place),
        successor=directory.organisation(place.county_id, place.successor_id) if place.successor_id else None,
        load=queries.load_of(place, today),
        move_options=_options([one for one in others if one.id != place.parent_id]),
        heir_options=_options(others),
        merge_options=_options([one for one in others if (one.tier, one.kind) == (place.tier, place.kind)]),
        lines=lines_of(Stream.organisation(place.county_id, place.id)),
        refused=refused or {},
        given=request.form,
        role_words=role_words,
        kind_words=kind_words,
        tier_words=tier_words,
    )
    return html


def _form(parent: Organisation, refusal: Refusal | None = None) -> str:
    english = language() == "en"
    html: str = render_template(
        "administration/offices/form.html",
        parent=parent,
        given=request.form,
        tier_options=[(one, TIER_WORDS[one][english]) for one in tiers_below(parent.tier)],
        kind_options=[(code, words[english]) for code, words in KINDS.items()],
        refusal=words_of(refusal) if refusal else "",
    )
    return html


def _options(listed: Sequence[Organisation]) -> list[tuple[str, str]]:
    return [(str(one.id), f"{label(one)} · {one.code}") for one in listed]


def kind_words(kind: str) -> str:
    return KINDS[kind][language() == "en"] if kind in KINDS else kind


def tier_words(tier: str) -> str:
    return TIER_WORDS[tier][language() == "en"] if tier in TIER_WORDS else tier
