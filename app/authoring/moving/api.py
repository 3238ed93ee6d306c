"""Moves by API: try, begin, look at, stop, take back. The token's person keeps the package."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.authoring.moving import queries
from app.authoring.moving.rules import worded
from app.authoring.moving.schemas import MovePageSchema, MoveRequestSchema, MoveSchema
from app.authoring.queries import package_for, require_keeper
from app.core import clock
from app.core.translations import language
from app.directory.rules import Viewer
from app.directory.sessions import actor_of, current_viewer, needs
from app.workflow.moving import queries as moving
from app.workflow.moving import services
from app.workflow.moving.models import Move, MovedInstance
from app.workflow.moving.services import reason_json

blueprint = Blueprint("moves_api", __name__, url_prefix="/api/v1/moves", description="Processes to another release.")

READ, WRITE = "moves:read", "moves:write"


@blueprint.route("")
class Moves(MethodView):
    @needs(WRITE)
    @blueprint.arguments(MoveRequestSchema)
    @blueprint.response(200, MoveSchema)
    @blueprint.alt_response(404, description="There is no such package or release, or none that you keep.")
    @blueprint.alt_response(409, description="Another move of the package is under way.")
    def post(self, data: dict[str, Any]) -> Any:
        """Move the running processes of a package to a release, or with `dry_run` tell what would happen to each."""
        viewer = current_viewer()
        package_for(viewer, data["package"])
        asked = {"to_number": data["to"], "from_number": data["from_"], "mapping": data["mapping"]}
        if data["dry_run"]:
            return _tried(viewer, data["package"], moving.dry_run(
                viewer.county_id, data["package"], **asked, now=clock.now()
            ))  # fmt: skip
        actor = actor_of(viewer)
        move = services.begin_move(viewer.county_id, data["package"], **asked, actor=actor, now=clock.now())
        return _told(viewer, move, [])


@blueprint.route("/<int:move_id>")
class OneMove(MethodView):
    @needs(READ)
    @blueprint.arguments(MovePageSchema, location="query")
    @blueprint.response(200, MoveSchema)
    def get(self, page: dict[str, Any], move_id: int) -> Any:
        """How far the move is, and what became of each process."""
        viewer = current_viewer()
        move = _find(viewer, move_id)
        statuses = (page["outcome"],) if page["outcome"] else ()
        rows = moving.moved_instances(move, statuses=statuses, after=page["after"], limit=page["size"])
        told = _told(viewer, move, rows)
        return told | {"next": str(rows[-1].id) if len(rows) == page["size"] else None}

    @needs(WRITE)
    @blueprint.response(200, MoveSchema)
    def delete(self, move_id: int) -> Any:
        """Stop the move: what still waits stays where it is."""
        viewer = current_viewer()
        move = _find(viewer, move_id)
        services.cancel_move(move, actor=actor_of(viewer), now=clock.now())
        return _told(viewer, move, [])


@blueprint.route("/<int:move_id>/undo")
class Undo(MethodView):
    @needs(WRITE)
    @blueprint.response(200, MoveSchema)
    def post(self, move_id: int) -> Any:
        """Take back every process that has not gone on since it was moved."""
        viewer = current_viewer()
        move = _find(viewer, move_id)
        services.undo_all(move, actor=actor_of(viewer), now=clock.now())
        return _told(viewer, move, [])


@blueprint.route("/<int:move_id>/processes/<int:moved_id>/undo")
class UndoOne(MethodView):
    @needs(WRITE)
    @blueprint.response(200, MoveSchema)
    def post(self, move_id: int, moved_id: int) -> Any:
        """Take back one process; refused once it has gone on."""
        viewer = current_viewer()
        move = _find(viewer, move_id)
        one = moving.moved_instance(move, moved_id)
        services.undo_one(viewer.county_id, one.id, actor=actor_of(viewer), now=clock.now())
        return _told(viewer, move, [one])


def _find(viewer: Viewer, move_id: int) -> Move:
    require_keeper(viewer)
    return queries.move_for(viewer, moving.move_of(viewer.county_id, move_id).package, move_id)


def _tried(viewer: Viewer, package: str, run: moving.DryRun) -> dict[str, Any]:
    codes = queries.case_codes(viewer, [one.subject_id for one in run.looks])
    return {
        "id": None,
        "package": package,
        "to": run.to.number,
        "status": "tried",
        "total": run.total,
        "counts": {name: run.count(name) for name in ("as_is", "mapped", "blocked")},
        "processes": [
            {
                "id": str(one.instance_id),
                "case": codes.get(one.subject_id) if one.subject_id else None,
                "from_": one.from_number,
                "outcome": one.outcome,
                "reasons": [_reason(reason_json(reason)) for reason in one.reasons],
            }
            for one in run.looks
        ],
        "next": None,
    }


def _told(viewer: Viewer, move: Move, rows: Any) -> dict[str, Any]:
    codes = queries.case_codes(viewer, [one.subject_id for one in rows])
    return {
        "id": str(move.id),
        "package": move.package,
        "to": move.to_number,
        "status": move.status,
        "total": move.total,
        "counts": moving.results_of(move),
        "processes": [_row(one, codes) for one in rows],
        "next": None,
    }


def _row(one: MovedInstance, codes: Any) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "case": codes.get(one.subject_id),
        "from_": one.from_number,
        "outcome": one.status,
        "reasons": [_reason(reason) for reason in one.reasons],
    }


def _reason(reason: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": reason["code"],
        "element": reason.get("element_id", ""),
        "name": reason.get("element_name", ""),
        "process": reason.get("process_id", ""),
        "sentence": worded(reason, language()),
    }
