"""The door for messages and signals: from outside, from the case page, from one process to another.

A message has one receiver; a signal has all that wait. What comes with a number of its own is taken once.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import orjson
from sqlalchemy import delete, select, update

from app.audit.services import SYSTEM, Actor
from app.core.database import db
from app.core.ids import new_id
from app.core.locking import insert_for, locked
from app.definitions import queries as definitions
from app.definitions.rules import Dictionary
from app.directory import queries as directory
from app.engine import feel
from app.scheduling import services as scheduling
from app.workflow import queries, starts
from app.workflow.commands import Deliver
from app.workflow.errors import (
    CaseNeeded,
    MessageIdTaken,
    NothingWaits,
    ProcessEnded,
    SeveralStart,
    SeveralWait,
)
from app.workflow.models import Message, MessageStatus
from app.workflow.ports import subject_keeper
from app.workflow.queries import Subscriber
from app.workflow.services import Outcome, advance, start_instance
from app.workflow.typed_values import typed_values

SIGNAL_TO_JOB = "workflow.signal_to"
REMEMBERED = timedelta(days=90)
"""How long the number of a settled message is known."""
PROCESS = "process"
"""Kind of the sender of a message that a process threw."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message at the door. `id` is the sender's own number for it.

    `subject_id` is the case that it is for; `organisation_id` where the tasks of a process belong that it starts.
    `to_all` gives it to everyone who waits, not to one alone. `thrown` says that a process sends it: its values have
    their types already.
    """

    id: str
    name: str
    key: str | None = None
    payload: Mapping[str, object] | None = None
    subject_id: int | None = None
    organisation_id: int | None = None
    to_all: bool = False
    thrown: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message. `reached` are processes that took it, or the one that it started."""

    status: str
    reached: tuple[int, ...]
    keep_until: datetime | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Spread:
    """Where a signal goes: processes that waited, and how many it begins."""

    reached: tuple[int, ...]
    begun: int


def receive_message(county_id: int, message: Incoming, *, actor: Actor, now: datetime) -> Receipt:
    """Take a message once: give it to the one that waits, or start what it starts, or keep it, or note that nobody is.

    The same number with the same body gets the first answer again, and nothing is done; with another body it raises
    MessageIdTaken. Raises SeveralWait, SeveralStart, CaseNeeded, ValuesWrong, and what `advance` refuses; then nothing
    is noted either.
    """
    digest = _digest("message", message)
    row = _enter(county_id, "message", message, digest, actor, now)
    if row is None:
        return _first_answer(county_id, message.id, digest)
    reached = _to_those_who_wait(county_id, message, actor=actor, now=now)
    status = MessageStatus.DELIVERED
    if not reached:
        reached = _to_a_start(county_id, message, actor=actor, now=now)
        status = MessageStatus.STARTED
    if reached:
        return _settled(row, status, reached, now)
    keep_until = kept_until(county_id, message.name, now=now)
    if keep_until is None:
        return _settled(row, MessageStatus.NOBODY, [], now)
    row.status, row.keep_until = MessageStatus.KEPT, keep_until
    row.payload = stored(message.payload)
    db.session.flush()
    return Receipt(MessageStatus.KEPT, (), keep_until)


def receive_signal(county_id: int, signal: Incoming, *, actor: Actor, now: datetime) -> Receipt:
    """Give a signal to all that wait for it, each in a job of its own; the same number once."""
    digest = _digest("signal", signal)
    row = _enter(county_id, "signal", signal, digest, actor, now)
    if row is None:
        return _first_answer(county_id, signal.id, digest)
    spread = send_signal(county_id, signal.name, payload=signal.payload, actor=actor, now=now)
    begun = MessageStatus.STARTED if spread.begun else MessageStatus.NOBODY
    return _settled(row, MessageStatus.DELIVERED if spread.reached else begun, list(spread.reached), now)


def deliver_kept(county_id: int, row_id: int, *, now: datetime) -> bool:
    """Give a kept message to the longest waiting of those it fits; false when it is kept no longer or nobody waits."""
    row = db.session.execute(
        locked(
            select(Message).where(Message.county_id == county_id, Message.id == row_id),
            db.engine.dialect.name,
        )
    ).scalar_one_or_none()
    if row is None or row.status != MessageStatus.KEPT or row.keep_until is None or row.keep_until <= now:
        return False
    thrown = row.sender_kind == PROCESS
    actor = SYSTEM if thrown else Actor(row.sender_kind, row.sender_id, row.sender_name)
    payload = loaded(row.payload)
    message = Incoming(row.message_id, row.name, row.key, payload, row.subject_id, row.organisation_id, thrown=thrown)
    found = _reachable(county_id, queries.subscribers(county_id, "message", row.name), message, actor=actor, now=now)
    for one in choose(found, message):
        if _deliver(county_id, [one], message, actor=actor, now=now):
            _settled(row, MessageStatus.DELIVERED, [one.instance_id], now)
            return True
    return False


def send_message(
    county_id: int,
    name: str,
    *,
    subject_id: int | None = None,
    key: str | None = None,
    payload: Mapping[str, object] | None = None,
    actor: Actor,
    now: datetime,
) -> list[Outcome]:
    """Deliver a message at once to every process that waits for it, those of `subject_id` only if it is given.

    Raises NothingWaits when nobody took it.
    """
    found = [one for one in queries.subscribers(county_id, "message", name) if one.key is None or one.key == key]
    if subject_id is not None:
        found = [one for one in found if one.subject_id == subject_id]
    outcomes = _deliver(county_id, found, Incoming("", name, key, payload, thrown=True), actor=actor, now=now)
    if not outcomes:
        raise NothingWaits(name=name)
    return outcomes


def send_signal(
    county_id: int,
    name: str,
    *,
    payload: Mapping[str, object] | None = None,
    but_not: int | None = None,
    actor: Actor,
    now: datetime,
) -> Spread:
    """Give a signal to every process of the county that waits for it, each in a job of its own; returns their ids.

    Processes that begin on it do so, in jobs too. `but_not` is the process that gave it: its own catchers have had it.
    """
    waiting = [one for one in queries.subscribers(county_id, "signal", name) if one.instance_id != but_not]
    found = _reachable(county_id, waiting, None, actor=actor, now=now)
    reached = {one.instance_id: one.release_id for one in found}
    for instance_id, release_id in reached.items():
        told = {"instance": instance_id, "release": release_id, "name": name, "payload": stored(payload)}
        scheduling.enqueue(county_id, SIGNAL_TO_JOB, told | {"actor": _told(actor)}, now=now)
    begun = starts.start_on_signal(county_id, name, payload=payload, actor=actor, now=now)
    return Spread(tuple(reached), begun)


def choose(found: Sequence[Subscriber], message: Incoming) -> list[Subscriber]:
    """Who may take the message, one entry for each process: those subscribed to its key, else those without a key.

    A process about a case that names no key takes only what is for its case. A message for a case goes nowhere else,
    except one that a process threw with a key.
    """
    if message.subject_id is not None and not (message.thrown and message.key is not None):
        found = [one for one in found if one.subject_id == message.subject_id]
    exact = [one for one in found if message.key is not None and one.key == message.key]
    if message.to_all:
        chosen = [*exact, *(one for one in found if one.key is None)]
    else:
        own = (None, message.subject_id)
        chosen = exact or [one for one in found if one.key is None and one.subject_id in own]
    return list({one.instance_id: one for one in chosen}.values())


def _reachable(
    county_id: int, found: Sequence[Subscriber], message: Incoming | None, *, actor: Actor, now: datetime
) -> Sequence[Subscriber]:
    """Those whom the sender may reach: who sends as a person reaches no case in which this person may do nothing."""
    if actor.person_id is None or (message is not None and message.thrown):
        return found
    subjects = {one.subject_id for one in found if one.subject_id is not None}
    seen = subject_keeper().open_to(county_id, actor.person_id, subjects, now=now) if subjects else frozenset()
    return [one for one in found if one.subject_id is None or one.subject_id in seen]


def kept_until(county_id: int, name: str, *, now: datetime) -> datetime | None:
    """Until when a message of this name is kept if nobody waits: the longest time that an active diagram names."""
    zone = directory.zone_of(county_id)
    found = [
        duration.after(now, zone)
        for package in definitions.active_packages(county_id)
        for duration in definitions.contents(definitions.active_release(county_id, package)).message_keeps.get(name, ())
    ]
    return max(found, default=None)


def _to_those_who_wait(county_id: int, message: Incoming, *, actor: Actor, now: datetime) -> list[int]:
    found = _reachable(
        county_id, queries.subscribers(county_id, "message", message.name), message, actor=actor, now=now
    )
    chosen = choose(found, message)
    if len(chosen) > 1 and not message.to_all:
        raise SeveralWait(count=len(chosen), name=message.name)
    outcomes = _deliver(county_id, chosen, message, actor=actor, now=now)
    if not outcomes and not message.thrown and message.subject_id is None and any(one.key is None for one in found):
        raise CaseNeeded(name=message.name)
    return [one.instance_id for one in outcomes]


def _to_a_start(county_id: int, message: Incoming, *, actor: Actor, now: datetime) -> list[int]:
    """Start the process of an active release that begins with this message, if there is one."""
    starts = [
        (release, start)
        for package in definitions.active_packages(county_id)
        for release in [definitions.active_release(county_id, package)]
        for start in definitions.contents(release).message_starts.get(message.name, ())
    ]
    if len(starts) > 1:
        raise SeveralStart(name=message.name, processes=", ".join(start.process_id for _, start in starts))
    reached = []
    for release, start in starts:
        dictionary = definitions.contents(release).dictionary
        outcome = start_instance(
            county_id,
            release.package,
            start.process_id,
            start_event=start.element_id,
            subject_id=message.subject_id,
            organisation_id=message.organisation_id,
            variables=_typed(county_id, dictionary, message),
            actor=actor,
            now=now,
        )
        reached.append(outcome.instance_id)
    return reached


def _deliver(
    county_id: int, receivers: Collection[Subscriber], message: Incoming, *, actor: Actor, now: datetime
) -> list[Outcome]:
    """Put the message to each of them; one that waits no more is left out, and nothing of it is half done."""
    outcomes = []
    for one in receivers:
        release = definitions.release(county_id, one.release_id)
        payload = _typed(county_id, definitions.contents(release).dictionary, message)
        command = Deliver(message.name, message.key, payload)
        try:
            with db.session.begin_nested():
                moved = advance(county_id, one.instance_id, command, actor=actor, now=now, subject_id=one.subject_id)
            outcomes.append(moved)
        except (NothingWaits, ProcessEnded):
            continue
    return outcomes


def _typed(county_id: int, dictionary: Dictionary | None, message: Incoming) -> Mapping[str, object]:
    payload = message.payload or {}
    return payload if message.thrown else typed_values(dictionary, payload, directory.zone_of(county_id))


def _enter(county_id: int, kind: str, message: Incoming, digest: str, actor: Actor, now: datetime) -> Message | None:
    """A new row for the message; None when its number is known. Of two at once the second waits for the first."""
    row_id = new_id()
    entered = db.session.execute(
        insert_for(Message, db.engine.dialect.name)
        .values(
            county_id=county_id,
            id=row_id,
            message_id=message.id,
            kind=kind,
            name=message.name,
            key=message.key,
            subject_id=message.subject_id,
            organisation_id=message.organisation_id,
            payload={},
            digest=digest,
            status=MessageStatus.NOBODY,
            reached=[],
            sender_kind=PROCESS if message.thrown else actor.kind[:10],
            sender_id=actor.id,
            sender_name=actor.name[:60],
            received_at=now,
        )
        .on_conflict_do_nothing(index_elements=["county_id", "message_id"])
        .returning(Message.id)
    ).all()
    return db.session.get_one(Message, (county_id, row_id)) if entered else None


def _first_answer(county_id: int, message_id: str, digest: str) -> Receipt:
    row = db.session.scalars(
        select(Message).where(Message.county_id == county_id, Message.message_id == message_id)
    ).one()
    if row.digest != digest:
        raise MessageIdTaken(id=message_id)
    return Receipt(row.status, tuple(row.reached), row.keep_until, again=True)


def _settled(row: Message, status: MessageStatus, reached: list[int], now: datetime) -> Receipt:
    row.status, row.reached, row.settled_at, row.payload = status, reached, now, {}
    db.session.flush()
    return Receipt(status, tuple(reached), row.keep_until)


def expire_kept(*, now: datetime) -> int:
    """End the keeping of messages whose time is over; returns how many there were. Their payload is forgotten."""
    rows = db.session.execute(
        update(Message)
        .where(Message.status == MessageStatus.KEPT, Message.keep_until <= now)
        .values(status=MessageStatus.EXPIRED, settled_at=now, payload={})
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(rows)


def forget_old(*, now: datetime) -> int:
    """Forget messages that were settled long ago: from then on their numbers are free again."""
    rows = db.session.execute(
        delete(Message)
        .where(Message.settled_at < now - REMEMBERED)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(rows)


def _digest(kind: str, message: Incoming) -> str:
    """Equal for equal bodies, whatever the order of names."""
    told = [
        kind,
        message.name,
        message.key,
        str(message.subject_id or ""),
        message.to_all,
        feel.dump(feel.from_json(message.payload or {})),
    ]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def stored(payload: Mapping[str, object] | None) -> dict[str, Any]:
    """A payload as a row keeps it; `loaded` turns it back."""
    return cast("dict[str, Any]", feel.dump(feel.from_json(payload or {})))


def loaded(stored: object) -> dict[str, object]:
    found = feel.load(stored)
    return found if isinstance(found, dict) else {}


def _told(actor: Actor) -> dict[str, object]:
    return {"kind": actor.kind, "id": actor.id, "name": actor.name}
