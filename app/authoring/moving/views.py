"""The pages of moves: what runs on which release, a try, the move while it goes on, and the way back."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.authoring.moving import queries, rules
from app.authoring.moving.errors import MappingRefused
from app.authoring.queries import package_for, running_by_release
from app.authoring.views import find_package, show_tab
from app.cases.timeline import Wording, register
from app.core import clock
from app.core.paging import record_id
from app.core.translations import language
from app.directory.queries import english_names
from app.directory.rules import Viewer
from app.directory.sessions import current_actor, current_viewer
from app.ui.htmx import go_to, wants_fragment
from app.workflow.moving import queries as moving
from app.workflow.moving import services
from app.workflow.moving.models import Move, MoveResult, MoveStatus
from app.workflow.moving.rules import read_mapping

blueprint = Blueprint("moving", __name__, url_prefix="/authoring")

LISTED = 200
SHOWN_CASES = 50


def register_wordings() -> None:
    """How the timeline of a case tells of moves."""
    register("process.moved", Wording(_l("The process went over to release %(to)s"), "arrow-right", group="engine"))
    register(
        "process.move_undone", Wording(_l("The process went back to release %(to)s"), "arrow-left", group="engine")
    )


@blueprint.get("/<package>/moves")
def index(package: str) -> ResponseReturnValue:
    """How many run on which release, the form of a try, and earlier moves."""
    viewer, active = find_package(package)
    numbers = queries.release_numbers(viewer.county_id, package)
    moves = moving.moves_of(viewer.county_id, package)
    answer: ResponseReturnValue = show_tab(
        "authoring/moving/index.html",
        viewer,
        package,
        "moves",
        running=running_by_release(viewer.county_id, package),
        numbers=numbers,
        active=active,
        moves=[(one, moving.results_of(one)) for one in moves],
        people=english_names(viewer.county_id, {one.asked_by for one in moves}),
    )
    return answer


@blueprint.get("/<package>/moves/from/<int:number>")
def from_release(package: str, number: int) -> ResponseReturnValue:
    """A try from this release to the active one."""
    _viewer, active = find_package(package)
    if active is None:
        return redirect(url_for(".index", package=package))
    since: dict[str, Any] = {"from": number}
    return redirect(url_for(".attempt", package=package, to=active.number, **since))


@blueprint.get("/<package>/moves/try")
def attempt(package: str) -> ResponseReturnValue:
    """What a move would do, grouped by outcome and reason; what is missing can be mapped. Nothing is written."""
    viewer, _active = find_package(package)
    to, since, mapping = _asked(request.args)
    run = moving.dry_run(viewer.county_id, package, to_number=to, from_number=since, mapping=mapping, now=clock.now())
    groups = queries.groups(run)
    answer: ResponseReturnValue = show_tab(
        "authoring/moving/try.html",
        viewer,
        package,
        "moves",
        run=run,
        since=since,
        mapping=mapping,
        groups=groups,
        gaps=queries.gaps_of(viewer.county_id, package, run, mapping),
        worded=worded,
        codes=queries.case_codes(viewer, [look.subject_id for one in groups for look in one.looks[:SHOWN_CASES]]),
        shown=SHOWN_CASES,
    )
    return answer


@blueprint.post("/<package>/moves")
def begin(package: str) -> ResponseReturnValue:
    viewer = current_viewer()
    package_for(viewer, package)
    to, since, mapping = _asked(request.form)
    move = services.begin_move(
        viewer.county_id,
        package,
        to_number=to,
        from_number=since,
        mapping=mapping,
        actor=current_actor(),
        now=clock.now(),
    )
    return go_to(url_for(".show", package=package, move_id=move.id))


@blueprint.get("/<package>/moves/<int:move_id>")
def show(package: str, move_id: int) -> ResponseReturnValue:
    """How far it is, and what became of each process; htmx asks for the part that changes."""
    viewer = current_viewer()
    move = queries.move_for(viewer, package, move_id)
    values = _shown(viewer, move)
    if wants_fragment():
        return render_template("authoring/moving/_result.html", package=package, **values)
    answer: ResponseReturnValue = show_tab("authoring/moving/show.html", viewer, package, "moves", **values)
    return answer


@blueprint.post("/<package>/moves/<int:move_id>/cancel")
def cancel(package: str, move_id: int) -> ResponseReturnValue:
    move = queries.move_for(current_viewer(), package, move_id)
    services.cancel_move(move, actor=current_actor(), now=clock.now())
    return go_to(url_for(".show", package=package, move_id=move_id))


@blueprint.post("/<package>/moves/<int:move_id>/undo")
def undo_all(package: str, move_id: int) -> ResponseReturnValue:
    """Take back everything that can be, in the worker."""
    move = queries.move_for(current_viewer(), package, move_id)
    if not services.undo_all(move, actor=current_actor(), now=clock.now()):
        flash(_("There is nothing left to take back: every process has gone on since."))
    return go_to(url_for(".show", package=package, move_id=move_id))


@blueprint.post("/<package>/moves/<int:move_id>/processes/<int:moved_id>/undo")
def undo(package: str, move_id: int, moved_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    one = moving.moved_instance(queries.move_for(viewer, package, move_id), moved_id)
    services.undo_one(viewer.county_id, one.id, actor=current_actor(), now=clock.now())
    flash(_("The process is back on release %(number)s.", number=one.from_number))
    return go_to(url_for(".show", package=package, move_id=move_id))


def worded(reason: Any) -> str:
    """A reason in the reader's language."""
    return rules.worded(reason, language())


def _asked(given: Any) -> tuple[int, int | None, dict[str, str]]:
    """(to, from, mapping) of a form; raises MappingRefused."""
    lines = [line for line in given.getlist("map") if line.strip()]
    try:
        mapping = read_mapping(lines)
    except ValueError as error:
        raise MappingRefused(line=str(error)[:100]) from error
    return given.get("to", 0, type=record_id), given.get("from", type=record_id), mapping


def _shown(viewer: Viewer, move: Move) -> dict[str, Any]:
    results = moving.results_of(move)
    waiting = results.get(MoveResult.WAITING, 0) + results.get(MoveResult.UNDOING, 0)
    told = moving.moved_instances(move, statuses=(MoveResult.BLOCKED, MoveResult.FAILED), limit=LISTED)
    undoable = moving.still_undoable(move)
    moved = list(moving.moved_instances(move, statuses=(MoveResult.MOVED,), limit=LISTED))
    return {
        "move": move,
        "people": english_names(viewer.county_id, {move.asked_by}),
        "results": results,
        "waiting": waiting,
        "running": move.status == MoveStatus.RUNNING or waiting > 0,
        "groups": _grouped(told),
        "moved": moved,
        "steps": queries.steps_of(move, [one.instance_id for one in moved]),
        "undoable": undoable,
        "listed": LISTED,
        "worded": worded,
        "codes": queries.case_codes(viewer, [one.subject_id for one in (*told, *moved)]),
    }


def _grouped(told: Any) -> list[tuple[list[str], list[Any]]]:
    """(sentences, processes) of those that were not moved, the largest group first."""
    found: dict[tuple[str, ...], list[Any]] = {}
    for one in told:
        found.setdefault(tuple(worded(reason) for reason in one.reasons), []).append(one)
    return [(list(words), ones) for words, ones in sorted(found.items(), key=lambda pair: -len(pair[1]))]
