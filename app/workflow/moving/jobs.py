"""The worker's part of a move: some processes at a time, each in a transaction of its own."""

from collections.abc import Callable

import structlog

from app.audit.services import SYSTEM, Actor
from app.core import clock
from app.core.unit_of_work import run_unit
from app.scheduling import jobs as kinds
from app.scheduling.jobs import Settle
from app.scheduling.services import DueJob
from app.workflow.moving import queries, services
from app.workflow.moving.errors import UndoTooLate
from app.workflow.moving.models import MoveResult

log = structlog.get_logger()

BATCH = 25
"""Processes of one job: few enough to be done before its lease ends."""


def register() -> None:
    """Name the kind of job; once, in the factory."""
    kinds.register(services.JOB, do_some)


def do_some(job: DueJob) -> Settle:
    """Do the next processes of a move; whoever was killed half way goes on with those that still wait."""
    move_id, name = job.payload["move"], job.payload["name"]
    work_through(job.county_id, move_id, limit=BATCH, name=name)
    return lambda: _go_on(job.county_id, move_id, name)


def _go_on(county_id: int, move_id: int, name: str) -> None:
    move = queries.move_of(county_id, move_id)
    if not services.end_if_done(move, now=clock.now()):
        services.ask_worker(move, now=clock.now(), name=name)


def work_through(county_id: int, move_id: int, *, limit: int, name: str = "") -> int:
    """Do at most `limit` of the processes that wait; returns how many there were. `name` is who takes them back."""
    rows = run_unit(lambda: _waiting(county_id, move_id, limit))
    for moved_id, status, by in rows:
        work = _undo(county_id, moved_id, by, name) if status == MoveResult.UNDOING else _move(county_id, moved_id)
        try:
            run_unit(work)
        except Exception as error:
            log.exception("move.failed", county=county_id, moved=moved_id)
            words = f"{type(error).__name__}: {error}"
            run_unit(lambda moved_id=moved_id, words=words: _failed(county_id, moved_id, words))  # type: ignore[misc]
    return len(rows)


def _waiting(county_id: int, move_id: int, limit: int) -> list[tuple[int, str, int | None]]:
    move = queries.move_of(county_id, move_id)
    found = queries.moved_instances(move, statuses=(MoveResult.WAITING, MoveResult.UNDOING), limit=limit)
    return [(one.id, one.status, one.undone_by) for one in found]


def _move(county_id: int, moved_id: int) -> Callable[[], object]:
    return lambda: services.move_one(county_id, moved_id, now=clock.now())


def _undo(county_id: int, moved_id: int, by: int | None, name: str) -> Callable[[], object]:
    actor = SYSTEM if by is None else Actor("person", by, name)

    def undo() -> None:
        try:
            services.undo_one(county_id, moved_id, actor=actor, now=clock.now())
        except UndoTooLate:
            services.leave_moved(county_id, moved_id)

    return undo


def _failed(county_id: int, moved_id: int, words: str) -> None:
    services.note_failure(county_id, moved_id, words, now=clock.now())
