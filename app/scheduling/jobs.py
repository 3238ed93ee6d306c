"""Kinds of jobs and how one is done: effect outside a transaction, then its result and its end in one unit."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from app.core import clock
from app.core.errors import Unavailable
from app.core.unit_of_work import run_unit
from app.scheduling import services
from app.scheduling.errors import LeaseLost, UnknownKind
from app.scheduling.services import DueJob
from app.scheduling.stopping import asked_to_stop

log = structlog.get_logger()

Settle = Callable[[], None]
Handler = Callable[[DueJob], Settle | None]
Failed = Callable[[DueJob, str], None]


@dataclass(frozen=True, slots=True)
class Kind:
    handler: Handler
    failed: Failed | None


_kinds: dict[str, Kind] = {}


def register(kind: str, handler: Handler, *, failed: Failed | None = None) -> None:
    """Serve jobs of `kind`.

    `handler` is called with no transaction open, perhaps more than once; what it returns is called in the unit that
    marks the job done, so that result and mark are kept together or not at all. `failed` is called in the unit that
    gives the job up after the last attempt.
    """
    _kinds[kind] = Kind(handler, failed)


def run_due_jobs(limit: int = 20) -> int:
    """Claim what is due and do it; returns how many were claimed."""
    claimed = run_unit(lambda: services.claim_jobs(now=clock.now(), limit=limit))
    for number, job in enumerate(claimed):
        if asked_to_stop():
            run_unit(lambda rest=claimed[number:]: services.give_back(rest))  # type: ignore[misc]
            break
        run_job(job)
    return len(claimed)


def run_job(job: DueJob) -> None:
    """Do one claimed job and settle it. A failure is noted on the job, never raised.

    Only a database that is away is: the job stays as it is until its lease has run out, then it is done again.
    """
    try:
        kind = _kinds.get(job.kind)
        if kind is None:
            raise UnknownKind(job.kind)
        settle = kind.handler(job)
        run_unit(lambda: _finish(job, settle))
    except LeaseLost:
        log.warning("job.lease_lost", kind=job.kind, job=job.id, attempt=job.attempt)
    except Unavailable:
        raise
    except Exception as error:
        log.warning("job.failed", kind=job.kind, job=job.id, attempt=job.attempt, error=type(error).__name__)
        reason = f"{type(error).__name__}: {error}"
        try:
            run_unit(lambda: _put_off(job, reason))
        except LeaseLost:
            log.warning("job.lease_lost", kind=job.kind, job=job.id, attempt=job.attempt)


def _finish(job: DueJob, settle: Settle | None) -> None:
    if settle is not None:
        settle()
    services.finish_job(job, now=clock.now())


def _put_off(job: DueJob, reason: str) -> None:
    kind = _kinds.get(job.kind)
    if services.put_off(job, reason, now=clock.now()) and kind is not None and kind.failed is not None:
        kind.failed(job, reason)
