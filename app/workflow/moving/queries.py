"""Read what runs on which release, try a move without moving anything, read moves and what became of each process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select

from app.core.database import db
from app.definitions import queries as definitions
from app.definitions.queries import ReleaseInfo
from app.directory import queries as directory
from app.directory.calendars import CountyCalendar
from app.engine.bpmn.environment import Environment
from app.engine.bpmn.instance import Instance as Running
from app.engine.bpmn.instance import Transplanted
from app.engine.bpmn.transplant import Blocked, Reason
from app.engine.findings import EngineError
from app.workflow.models import Instance, InstanceStatus
from app.workflow.moving.environment import Looked, Outlook
from app.workflow.moving.errors import MoveNotFound
from app.workflow.moving.models import Move, MovedInstance, MoveResult

LOOKS = 5_000
"""At most so many processes are tried at once."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a move would do to one process: `outcome` is as_is, mapped or blocked."""

    instance_id: int
    subject_id: int | None
    from_number: int
    process_id: str
    outcome: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class DryRun:
    """`looks` are those that were tried of `total`."""

    to: ReleaseInfo
    total: int
    looks: tuple[Look, ...]

    def count(self, outcome: str) -> int:
        return sum(one.outcome == outcome for one in self.looks)


def to_be_moved(
    columns: Select[*tuple[Any, ...]], county_id: int, package: str, to_number: int, from_number: int | None
) -> Select[*tuple[Any, ...]]:
    """Running processes of the package on other releases than `to_number`, or on `from_number` alone."""
    query = columns.where(
        Instance.county_id == county_id,
        Instance.package == package,
        Instance.status == InstanceStatus.RUNNING,
        Instance.release_number != to_number,
    )
    return query if from_number is None else query.where(Instance.release_number == from_number)


def dry_run(
    county_id: int,
    package: str,
    *,
    to_number: int,
    from_number: int | None = None,
    mapping: Mapping[str, str],
    now: datetime,
    limit: int = LOOKS,
) -> DryRun:
    """Try to move each process; nothing is written. Raises PackageNotFound for an unknown release."""
    to = definitions.numbered_release(county_id, package, to_number)
    total = db.session.scalar(to_be_moved(select(func.count()), county_id, package, to_number, from_number)) or 0
    columns = select(Instance.id, Instance.subject_id, Instance.release_id, Instance.process_id, Instance.state)
    query = to_be_moved(columns, county_id, package, to_number, from_number).order_by(Instance.id).limit(limit)
    zone, calendar = directory.zone_of(county_id), CountyCalendar(county_id)
    looks = []
    for row in db.session.execute(query):
        was = definitions.release(county_id, row.release_id)
        looked = Looked(county_id, row.id, row.subject_id, zone, calendar, now)
        before, after = Outlook(looked, was), Outlook(looked, to)
        tried = transplanted(row.state, row.process_id, (was, before), (to, after), mapping, now)
        looks.append(_look(row, was, tried))
    return DryRun(to, total, tuple(looks))


def _look(row: Any, was: ReleaseInfo, tried: Transplanted | Blocked) -> Look:
    if isinstance(tried, Blocked):
        return Look(row.id, row.subject_id, was.number, row.process_id, "blocked", tried.reasons)
    return Look(row.id, row.subject_id, was.number, row.process_id, "mapped" if tried.mapped else "as_is")


def transplanted(
    state: bytes,
    process_id: str,
    before: tuple[ReleaseInfo, Environment],
    after: tuple[ReleaseInfo, Environment],
    mapping: Mapping[str, str],
    now: datetime,
) -> Transplanted | Blocked:
    """A process on another release, or why not: the same for a try and for the move itself."""
    target = definitions.contents(after[0])
    wanted = mapping.get(process_id, process_id)
    if wanted not in target.process_ids:
        named = {"element": process_id, "name": process_id}
        return Blocked((Reason("move_process_missing", process_id, process_id, process_id, named),))
    try:
        running = Running.restore(definitions.contents(before[0]).process(process_id), state, before[1])
        return running.transplant(target.process(wanted), mapping, now, environment=after[1])
    except EngineError as error:
        return Blocked((Reason(error.code, process_id, process_id, process_id, dict(error.params)),))


def move_of(county_id: int, move_id: int) -> Move:
    """Raises MoveNotFound."""
    found = db.session.get(Move, (county_id, move_id))
    if found is None:
        raise MoveNotFound
    return found


def moves_of(county_id: int, package: str, limit: int = 20) -> Sequence[Move]:
    """The newest moves of a package."""
    return db.session.scalars(
        select(Move).where(Move.county_id == county_id, Move.package == package).order_by(Move.id.desc()).limit(limit)
    ).all()


def results_of(move: Move) -> dict[str, int]:
    """How many processes of the move have come to which result."""
    rows = db.session.execute(
        select(MovedInstance.status, func.count())
        .where(MovedInstance.county_id == move.county_id, MovedInstance.move_id == move.id)
        .group_by(MovedInstance.status)
    )
    return {row[0]: row[1] for row in rows}


def moved_instances(
    move: Move, *, statuses: Sequence[str] = (), after: int = 0, limit: int = 100
) -> Sequence[MovedInstance]:
    """Processes of the move in the order of their ids, those with one of `statuses` if any is given."""
    query = select(MovedInstance).where(
        MovedInstance.county_id == move.county_id, MovedInstance.move_id == move.id, MovedInstance.id > after
    )
    if statuses:
        query = query.where(MovedInstance.status.in_(statuses))
    return db.session.scalars(query.order_by(MovedInstance.id).limit(limit)).all()


def moved_instance(move: Move, moved_id: int) -> MovedInstance:
    """Raises MoveNotFound."""
    found = db.session.get(MovedInstance, (move.county_id, moved_id))
    if found is None or found.move_id != move.id:
        raise MoveNotFound
    return found


def places(county_id: int, instance_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """Where these processes stand: (process id, element id) of each place."""
    rows = db.session.execute(
        select(Instance.id, Instance.active).where(Instance.county_id == county_id, Instance.id.in_(instance_ids))
    )
    return {row.id: [(one["process_id"], one["element_id"]) for one in row.active] for row in rows}


def still_undoable(move: Move) -> frozenset[int]:
    """Ids of the rows whose process has done nothing since it was moved."""
    rows = db.session.scalars(
        select(MovedInstance.id)
        .join(
            Instance,
            and_(Instance.county_id == MovedInstance.county_id, Instance.id == MovedInstance.instance_id),
        )
        .where(
            MovedInstance.county_id == move.county_id,
            MovedInstance.move_id == move.id,
            MovedInstance.status == MoveResult.MOVED,
            Instance.steps == MovedInstance.steps,
            Instance.status == InstanceStatus.RUNNING,
        )
    )
    return frozenset(rows)
