"""Move running processes to another release, one by one or many, and take it back while nothing has followed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from app.audit.services import Actor, Stream, record
from app.core import events
from app.core.database import db
from app.core.ids import new_id
from app.definitions import queries as definitions
from app.definitions.queries import ReleaseInfo
from app.directory import queries as directory
from app.engine.bpmn.instance import Instance as Running
from app.engine.bpmn.instance import Transplanted
from app.engine.bpmn.step import Step
from app.engine.bpmn.transplant import Blocked, Reason
from app.engine.feel import to_json
from app.scheduling import services as scheduling
from app.workflow import storage as tables
from app.workflow.environment import World
from app.workflow.events import IncidentClosed, StageEntered
from app.workflow.models import Instance, InstanceStatus
from app.workflow.moving import queries, storage
from app.workflow.moving.errors import MoveOver, NothingToMove, UndoTooLate
from app.workflow.moving.models import Move, MovedInstance, MoveResult, MoveStatus
from app.workflow.services import Held, hold
from app.workflow.stories import tell

JOB = "workflow.move"


def begin_move(
    county_id: int,
    package: str,
    *,
    to_number: int,
    from_number: int | None = None,
    mapping: Mapping[str, str],
    actor: Actor,
    now: datetime,
    enqueue: bool = True,
) -> Move:
    """Have the running processes of a package moved to release `to_number`, each in a transaction of its own.

    `enqueue` false leaves it to the caller to work through the rows. Raises PackageNotFound, NothingToMove.
    """
    to = definitions.numbered_release(county_id, package, to_number)
    columns = select(
        Instance.id, Instance.subject_id, Instance.release_id, Instance.release_number, Instance.process_id
    )
    query = queries.to_be_moved(columns, county_id, package, to_number, from_number)
    found = db.session.execute(query.order_by(Instance.subject_id, Instance.id)).all()
    if not found:
        raise NothingToMove(package=package, number=to_number)
    move = Move(
        county_id=county_id,
        id=new_id(),
        package=package,
        from_number=from_number,
        to_release_id=to.id,
        to_number=to.number,
        mapping=dict(mapping),
        status=MoveStatus.RUNNING,
        total=len(found),
        asked_by=actor.person_id,
        asked_by_name=actor.name[:120],
        asked_at=now,
    )
    db.session.add(move)
    db.session.flush()
    rows = [
        {
            "county_id": county_id,
            "id": new_id(),
            "move_id": move.id,
            "instance_id": row.id,
            "subject_id": row.subject_id,
            "from_release_id": row.release_id,
            "from_number": row.release_number,
            "process_id": row.process_id,
        }
        for row in found
    ]
    db.session.execute(insert(MovedInstance), rows)
    told = {"from": from_number, "to": to.number, "mapping": dict(mapping), "processes": len(found)}
    _note(move, "instances.move_asked", told, actor, now)
    if enqueue:
        ask_worker(move, now=now)
    return move


def ask_worker(move: Move, *, now: datetime, name: str = "") -> None:
    """Have the next processes of the move done; `name` is who has them taken back."""
    scheduling.enqueue(move.county_id, JOB, {"move": move.id, "name": name}, now=now)


def cancel_move(move: Move, *, actor: Actor, now: datetime) -> None:
    """Leave out the processes that still wait; those that were moved stay moved. Raises MoveOver."""
    if move.status != MoveStatus.RUNNING:
        raise MoveOver
    move.status, move.finished_at = MoveStatus.CANCELLED, now
    _set_all(move, MoveResult.WAITING, status=MoveResult.CANCELLED, done_at=now)
    _note(move, "instances.move_cancelled", {"to": move.to_number}, actor, now)


def end_if_done(move: Move, *, now: datetime) -> bool:
    """Whether nothing of the move waits any more; one that runs has ended then."""
    left = db.session.scalar(
        select(MovedInstance.id)
        .where(
            MovedInstance.county_id == move.county_id,
            MovedInstance.move_id == move.id,
            MovedInstance.status.in_((MoveResult.WAITING, MoveResult.UNDOING)),
        )
        .limit(1)
    )
    if left is None and move.status == MoveStatus.RUNNING:
        move.status, move.finished_at = MoveStatus.DONE, now
    return left is None


def move_one(county_id: int, moved_id: int, *, now: datetime) -> str:
    """Move one process, or note why not; returns the result. Nothing is done twice."""
    one, held = _held(county_id, moved_id)
    move = queries.move_of(county_id, one.move_id)
    if one.status != MoveResult.WAITING:
        return one.status
    row = held.row
    if row.status != InstanceStatus.RUNNING or row.release_id != one.from_release_id:
        return _settle(one, MoveResult.GONE, now)
    actor = Actor("person", move.asked_by, move.asked_by_name) if move.asked_by else Actor("system")
    to = definitions.release(county_id, move.to_release_id)
    old, new = _world(held, held.release, actor, now), _world(held, to, actor, now)
    tried = queries.transplanted(row.state, row.process_id, (held.release, old), (to, new), move.mapping, now)
    if isinstance(tried, Blocked):
        one.reasons = [reason_json(reason) for reason in tried.reasons]
        return _settle(one, MoveResult.BLOCKED, now)
    one.state_before, one.mapped, one.steps = row.state, bool(tried.mapped), row.steps + 1
    one.kept = _keep_moved(held, old, new, tried)
    told = {"from": held.release.number, "to": to.number, "mapped": list(tried.mapped)}
    tell(new, "process.moved", told, {"move": move.id})
    return _settle(one, MoveResult.MOVED, now)


def _keep_moved(held: Held, old: World, new: World, tried: Transplanted) -> dict[str, Any]:
    """Write the moved process; returns what is needed to take it back."""
    row, step = held.row, tried.step
    stage = _stage(row.stage, _stages(row.county_id, row.id), step)
    process_id = tried.instance.definition.process_id
    _write(held, new.release, step, tried.instance.state(), stage, process_id, new, restless=tried.restless)
    rows = {one.token: one for one in storage.open_rows(row.county_id, row.id)}
    changes, kept = {}, {}
    for was, item in tried.items:
        if (stored := rows.get(item.id)) is not None:
            changes[stored.id] = storage.changes_of(old, new, was, item)
            kept[str(stored.id)] = storage.kept_columns(stored, changes[stored.id])
    storage.write_items(row.county_id, _path(held), changes)
    stood = storage.place_incidents(row.county_id, row.id, tried.instance.incidents())
    closed = []
    if step.closed_incidents:
        for gone in tables.close_incidents(row.county_id, row.id, step.closed_incidents, actor=new.actor, now=new.now):
            closed.append(gone.id)
            told = {"element": gone.element_id, "name": gone.element_name}
            tell(new, "incident.closed", told, {"incident": gone.id})
            events.publish(IncidentClosed(*_key(new), gone.id, gone.element_id, gone.element_name))
    return {"stage": row.stage, "items": kept, "incidents": stood, "closed": closed}


def undo_one(county_id: int, moved_id: int, *, actor: Actor, now: datetime) -> None:
    """Put a moved process back where it was. Raises UndoTooLate once it has taken its next step."""
    one, held = _held(county_id, moved_id)
    row = held.row
    undoable = one.status in (MoveResult.MOVED, MoveResult.UNDOING) and row.steps == one.steps
    if not undoable or row.status != InstanceStatus.RUNNING or one.state_before is None or one.kept is None:
        raise UndoTooLate
    back = definitions.release(county_id, one.from_release_id)
    world = _world(held, back, actor, now)
    definition = definitions.contents(back).process(one.process_id)
    rested = Running.restore(definition, one.state_before, world).transplant(definition, {}, now, environment=world)
    if isinstance(rested, Blocked):
        raise UndoTooLate
    _write(held, back, rested.step, one.state_before, one.kept["stage"], one.process_id, world)
    items = {int(item_id): storage.given_back(columns) for item_id, columns in one.kept["items"].items()}
    storage.write_items(county_id, _path(held), items)
    storage.place_incidents(
        county_id, row.id, {token: (stood[0], stood[1], stood[2]) for token, stood in one.kept["incidents"].items()}
    )
    if one.kept["closed"]:
        storage.open_again(county_id, one.kept["closed"])
    tell(world, "process.move_undone", {"from": held.release.number, "to": back.number}, {"move": one.move_id})
    one.status, one.undone_at, one.undone_by, one.steps = MoveResult.UNDONE, now, actor.person_id, None
    one.state_before = one.kept = None
    db.session.flush()


def undo_all(move: Move, *, actor: Actor, now: datetime, enqueue: bool = True) -> int:
    """Have everything taken back that can be; returns how many there are. `enqueue` as for `begin_move`."""
    ids = sorted(queries.still_undoable(move))
    for start in range(0, len(ids), 500):
        db.session.execute(
            update(MovedInstance)
            .where(MovedInstance.county_id == move.county_id, MovedInstance.id.in_(ids[start : start + 500]))
            .values(status=MoveResult.UNDOING, undone_by=actor.person_id)
        )
    if ids:
        _note(move, "instances.undo_asked", {"to": move.to_number, "processes": len(ids)}, actor, now)
        if enqueue:
            ask_worker(move, now=now, name=actor.name)
    return len(ids)


def leave_moved(county_id: int, moved_id: int) -> None:
    """It could not be taken back: it stays moved."""
    one = db.session.get_one(MovedInstance, (county_id, moved_id))
    one.status, one.undone_by = MoveResult.MOVED, None


def note_failure(county_id: int, moved_id: int, words: str, *, now: datetime) -> None:
    """A fault of the program while one process was moved: it is as it was."""
    one = db.session.get_one(MovedInstance, (county_id, moved_id))
    if one.status == MoveResult.UNDOING:
        one.status = MoveResult.MOVED
    elif one.status == MoveResult.WAITING:
        one.reasons = [{"code": "", "words": words[:500]}]
        _settle(one, MoveResult.FAILED, now)


def reason_json(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "element_id": reason.element_id,
        "element_name": reason.element_name,
        "process_id": reason.process_id,
        "params": {name: to_json(value) for name, value in reason.params.items()},
    }


def _held(county_id: int, moved_id: int) -> tuple[MovedInstance, Held]:
    """The row of a move and its process, both locked: the process first, as everybody does."""
    key = (county_id, moved_id)
    one = db.session.get_one(MovedInstance, key)
    held = hold(county_id, one.instance_id)
    return db.session.get_one(MovedInstance, key, populate_existing=True, with_for_update=True), held


def _world(held: Held, release: ReleaseInfo, actor: Actor, now: datetime) -> World:
    row = held.row
    zone = directory.zone_of(row.county_id)
    return World(row.county_id, row.id, row.subject_id, release, held.scopes, held.facts, zone, actor, now)


def _write(
    held: Held,
    release: ReleaseInfo,
    step: Step,
    state: bytes,
    stage: str,
    process_id: str,
    world: World,
    *,
    restless: bool = False,
) -> None:
    """The process's own row, what it waits for, and the release of its open tasks."""
    row = held.row
    values = tables.instance_values(step, state, steps=row.steps + 1, stage=stage, now=world.now)
    if restless:
        values["due_at"] = min(step.due_at or world.now, world.now)
    on = {"release_id": release.id, "release_number": release.number, "process_id": process_id}
    tables.update_instance(row.county_id, row.id, values | on)
    if tables.waiting_hash(step.waiting_for) != row.waiting_hash:
        tables.replace_subscriptions(row.county_id, row.id, step.waiting_for, had_any=bool(row.waiting_hash))
    storage.write_release(row.county_id, row.id, release.number)
    if stage and stage != row.stage:
        events.publish(StageEntered(*_key(world), stage))


def _stages(county_id: int, instance_id: int) -> dict[str, str]:
    """The stage of each place where a token stands, by token."""
    active = db.session.scalar(
        select(Instance.active).where(Instance.county_id == county_id, Instance.id == instance_id)
    )
    return {one["token"]: one["stage"] for one in active or []}


def _stage(stage: str, before: Mapping[str, str], step: Step) -> str:
    """The stage of the process: another one where the element that gave it is drawn in another stage now."""
    for one in step.active:
        if one.stage and before.get(one.token) in ("", stage) and one.stage != before.get(one.token):
            stage = one.stage
    return stage


def _path(held: Held) -> str:
    if held.facts is not None:
        return held.facts.org_path
    place = held.row.organisation_id
    return "" if place is None else directory.organisation(held.row.county_id, place).path


def _settle(one: MovedInstance, result: MoveResult, now: datetime) -> str:
    one.status, one.done_at = result, now
    db.session.flush()
    return result


def _set_all(move: Move, having: MoveResult, **values: Any) -> None:
    db.session.execute(
        update(MovedInstance)
        .where(
            MovedInstance.county_id == move.county_id,
            MovedInstance.move_id == move.id,
            MovedInstance.status == having,
        )
        .values(**values)
    )


def _note(move: Move, event: str, payload: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    stream = Stream.package(move.county_id, move.package)
    record(stream, event, actor=actor, now=now, payload=payload, about={"move": move.id})


def _key(world: World) -> tuple[int, int, int | None, str, Actor, datetime]:
    return world.county_id, world.instance_id, world.subject_id, world.release.package, world.actor, world.now
