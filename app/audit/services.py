"""Append to the history. Rows are gathered during the unit and written, one chain at a time, just before its commit."""

import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Select, bindparam, event, select, update
from sqlalchemy.orm import Session, SessionTransaction

from app.audit.models import HistoryRow, StreamHead
from app.audit.rules import START, payload_digest, row_digest
from app.core.bulk import insert_rows
from app.core.database import db, table_of
from app.core.ids import new_id
from app.core.locking import insert_for, locked


@dataclass(frozen=True, slots=True)
class Stream:
    """The chain that a row belongs to."""

    county_id: int
    name: str

    @classmethod
    def case(cls, county_id: int, case_id: int) -> "Stream":
        return cls(county_id, f"case:{case_id}")

    @classmethod
    def person(cls, county_id: int, person_id: int) -> "Stream":
        return cls(county_id, f"person:{person_id}")

    @classmethod
    def package(cls, county_id: int, package: str) -> "Stream":
        return cls(county_id, f"package:{package}")

    @classmethod
    def organisation(cls, county_id: int, organisation_id: int) -> "Stream":
        return cls(county_id, f"organisation:{organisation_id}")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a person, a party by their own link, a channel, or the system itself."""

    kind: str
    id: int | None = None
    name: str = ""


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class _Pending:
    stream: Stream
    id: int
    at: datetime
    event: str
    envelope: bytes
    payload: bytes


def record(
    stream: Stream,
    event_name: str,
    *,
    actor: Actor,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    about: Mapping[str, int | str] | None = None,
) -> int:
    """Add one row to `stream`, in this transaction; returns its id.

    `about` holds ids only and stands in the envelope; names and words belong in `payload`, which can be erased.
    """
    row_id = new_id()
    envelope: dict[str, Any] = {"id": row_id, "at": now.isoformat(), "event": event_name, "actor": actor.kind}
    if actor.id is not None:
        envelope["actor_id"] = actor.id
    if about:
        envelope["about"] = dict(about)
    body = dict(payload or {})
    if actor.name:
        body["actor_name"] = actor.name
    _pending(db.session()).append(
        _Pending(stream, row_id, now, event_name, orjson.dumps(envelope), orjson.dumps(body, default=str))
    )
    return row_id


def write_pending(session: Session) -> None:
    """Write what was gathered: per chain, lock its head, add the rows, move the head."""
    rows = _pending(session)
    if not rows:
        return
    by_stream: dict[Stream, list[_Pending]] = defaultdict(list)
    for row in rows:
        by_stream[row.stream].append(row)
    rows.clear()
    values: list[dict[str, Any]] = []
    for stream in sorted(by_stream, key=lambda s: (s.county_id, s.name)):
        values.extend(_chain(session, stream, by_stream[stream]))
    insert_rows(table_of(HistoryRow), values, session=session)


_heads = table_of(StreamHead)
_OF_STREAM = (_heads.c.county_id == bindparam("key_county")) & (_heads.c.stream == bindparam("key_stream"))
_MOVE = update(_heads).where(_OF_STREAM).values(sequence=bindparam("new_sequence"), hash=bindparam("new_hash"))


@cache
def _lock(dialect: str) -> Select[*tuple[Any, ...]]:
    return locked(select(_heads.c.sequence, _heads.c.hash).where(_OF_STREAM), dialect)


def _chain(session: Session, stream: Stream, rows: list[_Pending]) -> list[dict[str, Any]]:
    key = {"key_county": stream.county_id, "key_stream": stream.name}
    dialect = session.get_bind().dialect.name
    head = session.execute(_lock(dialect), key).one_or_none()
    if head is None:
        _begin(session, stream, dialect)
        head = session.execute(_lock(dialect), key).one()
    sequence, previous = head.sequence, head.hash
    values = []
    for row in rows:
        sequence += 1
        salt = secrets.token_bytes(16)
        hashed = payload_digest(salt, row.payload)
        previous = row_digest(previous, row.envelope, hashed)
        values.append(
            {
                "county_id": stream.county_id,
                "id": row.id,
                "stream": stream.name,
                "sequence": sequence,
                "at": row.at,
                "event": row.event,
                "envelope": row.envelope,
                "payload": row.payload,
                "salt": salt,
                "payload_hash": hashed,
                "hash": previous,
            }
        )
    session.execute(_MOVE, key | {"new_sequence": sequence, "new_hash": previous})
    return values


def _begin(session: Session, stream: Stream, dialect: str) -> None:
    """An empty chain; of two who begin the same one the second waits and goes on behind the first."""
    empty = {"county_id": stream.county_id, "stream": stream.name, "sequence": 0, "hash": START}
    session.execute(insert_for(StreamHead, dialect).values(**empty, anchored_sequence=0).on_conflict_do_nothing())


def _pending(session: Session) -> list[_Pending]:
    pending: list[_Pending] = session.info.setdefault("history", [])
    return pending


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        write_pending(session)


@event.listens_for(Session, "after_transaction_create")
def _on_transaction(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault("history_marks", {})[transaction] = len(_pending(session))


@event.listens_for(Session, "after_soft_rollback")
def _on_rollback(session: Session, previous: SessionTransaction) -> None:
    if previous.nested:
        del _pending(session)[session.info["history_marks"][previous] :]
    else:
        _pending(session).clear()


@event.listens_for(Session, "after_transaction_end")
def _on_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop("history_marks", None)
