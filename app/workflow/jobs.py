"""Work beside the request: due timers, service tasks outside a step, messages between processes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from app.audit.services import SYSTEM, Actor
from app.core import clock
from app.core.database import db
from app.core.errors import Refusal, Unavailable
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.directory import queries as directory
from app.engine.findings import EngineError
from app.scheduling import jobs as kinds
from app.scheduling import timetable
from app.scheduling.jobs import Settle
from app.scheduling.services import DueJob
from app.scheduling.stopping import asked_to_stop
from app.scheduling.worker import register_beat
from app.workflow import messaging, queries, services, storage, topics
from app.workflow.commands import Broadcast, FinishJob
from app.workflow.environment import World, as_feel
from app.workflow.errors import NotPossibleNow, ProcessEnded
from app.workflow.messaging import SIGNAL_TO_JOB, Incoming
from app.workflow.saving import KEPT_JOB, MESSAGE_JOB, SIGNAL_JOB, TOPIC_JOB

log = structlog.get_logger()

BATCH = 200
"""Instances of one transaction: what it costs itself is shared by all, and nobody waits long for one of them."""
LEASE = timedelta(seconds=30)

Key = tuple[int, int, int | None]
"""County, instance, subject."""


def register() -> None:
    """Name this room's kinds of jobs and its beat; once, in the factory."""
    kinds.register(TOPIC_JOB, do_service_task, failed=give_up_service_task)
    kinds.register(MESSAGE_JOB, deliver_message)
    kinds.register(SIGNAL_JOB, deliver_signal)
    kinds.register(SIGNAL_TO_JOB, deliver_signal_to)
    kinds.register(KEPT_JOB, deliver_kept)
    register_beat("timers", wake_due, seconds=0.25)
    register_beat("kept messages", bring_kept, seconds=15)
    timetable.register("kept messages", "*/5 * * * *", expire_kept)


def wake_due(limit: int = BATCH) -> int:
    """Fire due timers, many instances in one transaction; returns how many were claimed.

    When one of them fails nothing of the batch is kept, and each is done alone: it fails alone, and rests for a while.
    """
    now = clock.now()
    tried: list[Key] = []
    try:
        return run_unit(lambda: _wake_together(limit, now, tried))
    except Unavailable:
        raise
    except Exception:
        log.warning("timers.one_by_one", instances=len(tried), exc_info=True)
    return _wake_alone(tried)


def _wake_together(limit: int, now: datetime, tried: list[Key]) -> int:
    tried.clear()
    return services.wake_together(limit, actor=SYSTEM, now=now, tried=tried)


def _wake_alone(keys: Sequence[Key]) -> int:
    """Each in a transaction of its own. The lease only spares workers a race, and a failing one the next beat."""
    run_unit(lambda: _lease(keys, clock.now() + LEASE))
    for number, key in enumerate(keys):
        if asked_to_stop():
            run_unit(lambda rest=keys[number:]: _lease(rest, None))  # type: ignore[misc]
            break
        try:
            run_unit(lambda key=key: _wake(*key))  # type: ignore[misc]
        except Unavailable:
            raise
        except Exception:
            log.exception("timer.failed", county=key[0], instance=key[1])
    return len(keys)


def _lease(found: Sequence[Key], until: datetime | None) -> None:
    if found:
        storage.lease_instances([(county, instance) for county, instance, _ in found], until=until)


def _wake(county_id: int, instance_id: int, subject_id: int | None) -> bool:
    return services.wake(county_id, instance_id, actor=SYSTEM, now=clock.now(), subject_id=subject_id)


def do_service_task(job: DueJob) -> Settle:
    """A service task marked asynchronous: its topic's handler, then the result put to the process.

    A handler that reaches outside runs here with no transaction open; one that works on the database runs in the
    transaction that moves the process on.
    """
    topic = topics.registered(job.payload["topic"])
    if topic is None:
        raise EngineError("topic_unknown", topic=job.payload["topic"])
    if not topic.outside:
        return lambda: _finish(job, _call(topic, job))
    call = run_unit(lambda: _outside_call(job))
    try:
        outputs: dict[str, object] | EngineError = topics.call(topic, call)
    except topics.BpmnError as error:
        outputs = error
    return lambda: _finish(job, outputs)


def _outside_call(job: DueJob) -> topics.TopicCall:
    """What the handler needs, read in a unit that ends before the call begins."""
    instance_id = job.payload["instance"]
    subject_id = queries.subject_of(job.county_id, instance_id)
    return topics.TopicCall(
        county_id=job.county_id,
        subject_id=subject_id,
        instance_id=instance_id,
        package=queries.package_of(job.county_id, instance_id),
        element_id=job.payload["element"],
        process_id=job.payload["process"],
        inputs=_inputs(job),
        actor=SYSTEM,
        now=clock.now(),
        key=job.key,
        variables=queries.variables_by_scope(job.county_id, instance_id).get("", {}),
    )


def _call(topic: topics.Topic, job: DueJob) -> dict[str, object] | EngineError:
    """Run a handler that works on the database, in this unit; its own rows are undone when it fails."""
    held = services.hold(job.county_id, job.payload["instance"])
    world = World(
        county_id=job.county_id,
        instance_id=held.row.id,
        subject_id=held.row.subject_id,
        release=held.release,
        scopes=held.scopes,
        facts=held.facts,
        zone=directory.zone_of(job.county_id),
        actor=SYSTEM,
        now=clock.now(),
    )
    try:
        return world.run_handler(
            topic,
            _inputs(job),
            element_id=job.payload["element"],
            process_id=job.payload["process"],
            variables=world.variables(""),
            key=job.key,
        )
    except topics.BpmnError as error:
        return error


def give_up_service_task(job: DueJob, reason: str) -> None:
    """After the last attempt: an incident at the element, which a person may retry."""
    _finish(job, EngineError("topic_failed", topic=job.payload["topic"], reason=reason[:300]))


def _finish(job: DueJob, result: dict[str, object] | EngineError) -> None:
    """Put the result to the process; one that has gone on without it takes no harm."""
    try:
        services.advance(
            job.county_id,
            job.payload["instance"],
            FinishJob(job.reference or "", result),
            actor=SYSTEM,
            now=clock.now(),
        )
    except (ProcessEnded, NotPossibleNow):
        log.info("job.not_wanted", job=job.id)


def deliver_message(job: DueJob) -> Settle:
    """A message that one process threw, at the same door as one from outside; nobody waiting is no error.

    Without a key it stays with the case of the process that threw it.
    """

    def settle() -> None:
        sender = job.payload.get("from")
        subject_id, organisation_id = queries.place_of(job.county_id, sender) if sender else (None, None)
        message = Incoming(
            id=f"job:{job.key}",
            name=job.payload["name"],
            key=job.payload["key"],
            payload=messaging.loaded(job.payload["payload"]),
            subject_id=subject_id,
            organisation_id=organisation_id,
            thrown=True,
        )
        receipt = messaging.receive_message(job.county_id, message, actor=SYSTEM, now=clock.now())
        log.info("message.thrown", name=message.name, status=receipt.status)

    return settle


def deliver_kept(job: DueJob) -> Settle:
    """A kept message, for who waits for it now."""
    return lambda: _deliver_kept(job.county_id, job.payload["message"])


def _deliver_kept(county_id: int, message_id: int) -> None:
    messaging.deliver_kept(county_id, message_id, now=clock.now())


def bring_kept(limit: int = BATCH) -> int:
    """Bring kept messages to those who wait: of two in the same moment neither saw the other."""
    found = queries.kept_and_awaited(now=clock.now(), limit=limit)
    db.session.rollback()
    for county_id, message_id in found:
        try:
            run_unit(lambda key=(county_id, message_id): _deliver_kept(*key))  # type: ignore[misc]
        except Refusal as refusal:
            log.warning("message.kept_refused", county=county_id, message=message_id, reason=type(refusal).__name__)
    return 0


def expire_kept() -> None:
    """End the keeping of messages whose time is over; they stay in the list as expired, for the time of memory."""
    now = clock.now()
    ended = messaging.expire_kept(now=now)
    messaging.forget_old(now=now)
    if ended:
        log.info("message.expired", count=ended)


def deliver_signal(job: DueJob) -> Settle:
    """A signal that one process gave, for all the others."""

    def settle() -> None:
        messaging.send_signal(
            job.county_id,
            job.payload["name"],
            payload=messaging.loaded(job.payload["payload"]),
            but_not=job.payload["from"],
            actor=SYSTEM,
            now=clock.now(),
        )

    return settle


def deliver_signal_to(job: DueJob) -> Settle:
    """A signal for one of those who wait: it takes the names that it declares. One that waits no more takes no harm."""
    told = job.payload

    def settle() -> None:
        dictionary = definitions.contents(definitions.release(job.county_id, told["release"])).dictionary
        given = messaging.loaded(told["payload"])
        values = {name: value for name, value in given.items() if dictionary is None or name in dictionary}
        actor = Actor(told["actor"]["kind"], told["actor"]["id"], told["actor"]["name"])
        signal = Broadcast(told["name"], values)
        try:
            services.advance(job.county_id, told["instance"], signal, actor=actor, now=clock.now())
        except ProcessEnded:
            log.info("signal.not_wanted", job=job.id)

    return settle


def _inputs(job: DueJob) -> dict[str, object]:
    return as_feel(messaging.loaded(job.payload["inputs"]))
