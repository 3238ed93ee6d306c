"""The pages of rehearsals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.authoring import queries as packages
from app.authoring.rehearsal import queries, services
from app.authoring.rehearsal.fates import fates, rules_with_fates
from app.authoring.rehearsal.models import Rehearsal, RehearsalStatus
from app.authoring.rehearsal.rules import DEFAULTED, Tally, counted_errors
from app.authoring.rehearsal.walk_views import process_choices, shown_walks
from app.authoring.views import show_tab
from app.core import clock
from app.core.translations import language
from app.definitions import queries as definitions
from app.definitions.models import FileKind
from app.definitions.rules import Dictionary
from app.directory import queries as directory
from app.directory.rules import Viewer
from app.directory.sessions import current_actor, current_viewer
from app.engine.dmn import DecisionModel
from app.ui.htmx import go_to, wants_fragment

blueprint = Blueprint("rehearsal", __name__, url_prefix="/authoring", template_folder="templates")

LISTED = 50
PERIODS = (7, 30, 90, 365)
MOST_DECISIONS = 5_000


@dataclass(frozen=True, slots=True)
class Way:
    """How many decisions moved from these rows to those."""

    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class Office:
    name: str
    compared: int
    differing: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that would come out differently, about a case that the reader may open."""

    code: str
    title: str
    at: datetime
    before: str
    before_rows: str
    after: str
    after_rows: str
    error: str


@blueprint.get("/<package>/rehearsals")
def index(package: str) -> ResponseReturnValue:
    """What was rehearsed, and the form for the next one."""
    viewer = current_viewer()
    packages.package_for(viewer, package)
    path = request.args.get("path", "")
    choices = _choices(viewer, package)
    processes = process_choices(packages.draft_contents(viewer.county_id, package))
    rehearsals = queries.rehearsals_of(viewer.county_id, package, path=path)
    page: ResponseReturnValue = show_tab(
        "authoring/rehearsal/index.html",
        viewer,
        package,
        "rehearsals",
        path=path,
        choices=choices,
        processes=processes,
        names={what.partition("#")[2]: words for what, words in (*choices, *processes)},
        rehearsals=rehearsals,
        people=directory.english_names(viewer.county_id, {one.asked_by for one in rehearsals}),
        most_days=services.MOST_DAYS,
        most_cases=services.MOST_CASES,
    )
    return page


@blueprint.post("/<package>/rehearsals")
def ask(package: str) -> ResponseReturnValue:
    viewer = current_viewer()
    packages.package_for(viewer, package)
    path, _, reference = request.form.get("what", "").partition("#")
    unit = "days" if request.form.get("unit") == "days" else "cases"
    cancelled = {"cancelled": 1} if "cancelled" in request.form and path.endswith(".bpmn") else {}
    number = request.form.get("number", "")
    asked = services.ask_for_rehearsal(
        viewer,
        package,
        path,
        reference,
        {unit: int(number) if number.isdecimal() and len(number) < 9 else 0} | cancelled,
        actor=current_actor(),
        now=clock.now(),
    )
    return go_to(url_for(".show", package=package, rehearsal_id=asked.id))


@blueprint.post("/<package>/shadows")
def cast_shadow(package: str) -> ResponseReturnValue:
    """Let the draft decide beside the active table from now on."""
    viewer = current_viewer()
    packages.package_for(viewer, package)
    path, _, reference = request.form.get("what", "").partition("#")
    shadow = services.cast_shadow(viewer, package, path, reference, actor=current_actor(), now=clock.now())
    return go_to(url_for(".show", package=package, rehearsal_id=shadow.id))


@blueprint.get("/<package>/rows")
def rows(package: str) -> ResponseReturnValue:
    """How the rows of the active table fare."""
    viewer = current_viewer()
    active = packages.package_for(viewer, package)
    days = request.args.get("days", 90, type=int)
    days = days if days in PERIODS else 90
    what = request.args.get("what", "")
    choices = _choices(viewer, package)
    what = what if what in dict(choices) else next(iter(dict(choices)), "")
    path, _, reference = what.partition("#")
    made = queries.made_decisions(
        viewer, package, reference, since=clock.now() - timedelta(days=days), limit=MOST_DECISIONS
    )
    held = definitions.contents(active) if active else None
    page: ResponseReturnValue = show_tab(
        "authoring/rehearsal/rows.html",
        viewer,
        package,
        "rehearsals",
        choices=choices,
        what=what,
        days=days,
        periods=PERIODS,
        decisions=len(made),
        cut=len(made) == MOST_DECISIONS,
        rows=rules_with_fates(held.decisions.get(path) if held else None, reference, fates(made)),
    )
    return page


@blueprint.get("/<package>/rehearsals/<int:rehearsal_id>")
def show(package: str, rehearsal_id: int) -> str:
    """How far it is, and what it has found so far; htmx asks for the part that changes."""
    viewer = current_viewer()
    packages.package_for(viewer, package)
    asked = queries.rehearsal(viewer, package, rehearsal_id)
    page = request.args.get("page", 1, type=int)
    page = max(1, min(page, 1_000))
    values = _shown_walks(viewer, asked, page) if asked.walks else _shown(viewer, asked, page)
    name = "authoring/rehearsal/_result.html" if wants_fragment() else "authoring/rehearsal/result.html"
    return render_template(name, **values, people=directory.english_names(viewer.county_id, {asked.asked_by}))


@blueprint.post("/<package>/rehearsals/<int:rehearsal_id>/stop")
def stop(package: str, rehearsal_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    packages.package_for(viewer, package)
    services.stop_rehearsal(queries.rehearsal(viewer, package, rehearsal_id), now=clock.now())
    return go_to(url_for(".show", package=package, rehearsal_id=rehearsal_id))


def _choices(viewer: Viewer, package: str) -> list[tuple[str, str]]:
    """(path#decision, its words) of every decision of the package as it is drafted."""
    held = packages.draft_contents(viewer.county_id, package)
    english = language() == "en"
    return [
        (f"{path}#{one.id}", (one.name_en if english else "") or one.name or one.id)
        for path in sorted(held.of_kind(FileKind.DECISION))
        if path in held.decisions
        for one in held.decisions[path].decisions
    ]


def _shown_walks(viewer: Viewer, asked: Rehearsal, page: int) -> Mapping[str, Any]:
    shown = shown_walks(viewer, asked, page, LISTED)
    return {
        **shown,
        "package": asked.package,
        "asked": asked,
        "running": asked.status == RehearsalStatus.RUNNING,
        "offices": _offices(viewer, shown["tally"].offices),
    }


def _offices(viewer: Viewer, counts: Mapping[str, Sequence[int]]) -> list[Office]:
    """The offices with their counts, those with the most differences first."""
    names = {
        str(place.id): (place.name_en if language() == "en" else "") or place.name_zh
        for place in directory.organisations(viewer.county_id)
    }
    offices = [Office(names.get(office, ""), *pair) for office, pair in counts.items()]
    return sorted(offices, key=lambda one: (-one.differing, one.name))


def _shown(viewer: Viewer, asked: Rehearsal, page: int) -> Mapping[str, Any]:
    tally = Tally.from_json(asked.found)
    ways = [_way(way, count) for way, count in tally.ways.items()]
    held = packages.draft_contents(viewer.county_id, asked.package)
    cases = queries.shown_cases(viewer, [one["id"] for one in tally.differing])
    listed = [one for one in tally.differing if one["id"] in cases]
    return {
        "package": asked.package,
        "asked": asked,
        "name": _name(held.decisions.get(asked.path), asked),
        "running": asked.status == RehearsalStatus.RUNNING,
        "tally": tally,
        "ways": sorted(ways, key=lambda one: -one.count),
        "offices": _offices(viewer, tally.offices),
        "differences": [
            _difference(asked, one, cases[one["id"]], held.dictionary)
            for one in listed[(page - 1) * LISTED : page * LISTED]
        ],
        "errors": counted_errors(tally.differing),
        "unlisted": tally.changed + tally.failed - len(listed),
        "page": page,
        "pages": -(-len(listed) // LISTED),
    }


def _name(model: DecisionModel | None, asked: Rehearsal) -> str:
    for one in model.decisions if model is not None else ():
        if one.id == asked.reference:
            return (one.name_en if language() == "en" else "") or one.name or one.id
    return asked.reference


def _difference(
    asked: Rehearsal, one: Mapping[str, Any], case: tuple[str, str, datetime], dictionary: Dictionary | None
) -> Difference:
    return Difference(
        *case,
        _words(dictionary, asked.reference, one["was"]),
        _rows(one["was_rows"]),
        _words(dictionary, asked.reference, one["result"]),
        _rows(one["rows"]),
        str(one["error"].get(language(), "")),
    )


def _way(way: str, count: int) -> Way:
    before, after = (_rows([int(number) for number in rows.split(",") if number]) for rows in way.split(">"))
    return Way(before, after, count)


def _rows(numbers: Sequence[int]) -> str:
    default = gettext("default")
    return ", ".join(str(number) if number != DEFAULTED else str(default) for number in numbers)


def _words(dictionary: Dictionary | None, name: str, value: object) -> str:
    """A result as people read it: the words of the dictionary for its values."""
    separator = ", " if language() == "en" else "，"
    if isinstance(value, Mapping):
        return separator.join(f"{_label(dictionary, key)} {_words(dictionary, key, one)}" for key, one in value.items())
    if isinstance(value, list):
        return separator.join(_words(dictionary, name, one) for one in value) or "—"
    if value is None:
        return "—"
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    entry = dictionary.get(name) if dictionary else None
    label = entry.label_of(value) if entry else None
    return label.in_language(language()) if label else str(value)


def _label(dictionary: Dictionary | None, name: str) -> str:
    entry = dictionary.get(name) if dictionary else None
    return entry.label.in_language(language()) if entry else name
