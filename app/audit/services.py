"""Append to the history. Rows are gathered during the unit and written, one chain at a time, just before its commit."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    LargeBinary,
    Select,
    String,
    bindparam,
    event,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session, SessionTransaction

from app.audit import envelopes
from app.audit.models import HistoryRow, StreamHead
from app.audit.rules import START, payload_digest, payload_hash_of, row_digest
from app.core.database import db, table_of
from app.core.locking import insert_for
from app.core.writes import execute_later, insert_later


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
    """Who did it: a person, a party by their own link, a channel, or the system itself.

    `on_behalf_of` names whom a deputy stands in for: the history names both.
    """

    kind: str
    id: int | None = None
    name: str = ""
    on_behalf_of: str = ""
    on_behalf_of_id: int | None = None

    @property
    def person_id(self) -> int | None:
        """Whose hand it was; None for everything that is no person of the directory."""
        return self.id if self.kind == "person" else None


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class _Pending:
    """An event that waits for its row; those of one stream, moment and actor in a line make one."""

    stream: Stream
    at: datetime
    actor: Actor
    event: str
    about: Mapping[str, int | str]
    payload: Mapping[str, Any]

    def goes_with(self, other: "_Pending") -> bool:
        return (self.at, self.actor) == (other.at, other.actor)


@dataclass(frozen=True, slots=True)
class _Row:
    envelope: bytes
    payload: bytes
    salt: bytes


def record(
    stream: Stream,
    event_name: str,
    *,
    actor: Actor,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    about: Mapping[str, int | str] | None = None,
) -> None:
    """Tell one event to `stream`, in this transaction.

    `about` holds ids only and stands in the envelope; names and words belong in `payload`, which can be erased.
    """
    told, ids = dict(payload or {}), dict(about or {})
    if actor.on_behalf_of:
        told["on_behalf_of"] = actor.on_behalf_of
    if actor.on_behalf_of_id is not None:
        ids["on_behalf_of"] = actor.on_behalf_of_id
    _pending(db.session()).append(_Pending(stream, now, actor, event_name, ids, told))


def expect_head(stream: Stream, head: tuple[int, bytes] | None) -> None:
    """Tell where the stream was seen to stand in this transaction; None: nothing was ever told to it.

    It saves the look and the lock when it still stands there as the transaction ends, which the database finds out.
    """
    db.session().info.setdefault("history_heads", {})[stream] = head or (0, START)


def erase_payload(stream: Stream, sequence: int, *, actor: Actor, now: datetime) -> None:
    """Take the words out of one row for ever; its place in the chain, and that it was erased, stay."""
    row = db.session.scalars(
        select(HistoryRow).where(
            HistoryRow.county_id == stream.county_id, HistoryRow.stream == stream.name, HistoryRow.sequence == sequence
        )
    ).one()
    row.payload_hash = payload_hash_of(row)
    row.payload = row.salt = None
    record(stream, "history.erased", actor=actor, now=now, about={"row": sequence})


def write_pending(session: Session) -> None:
    """Gather what was told for writing: per chain, the rows behind its head, and where the head stands then."""
    pending = _pending(session)
    if not pending:
        return
    by_stream: dict[Stream, list[_Pending]] = defaultdict(list)
    for one in pending:
        by_stream[one.stream].append(one)
    pending.clear()
    known: dict[Stream, tuple[int, bytes]] = session.info.pop("history_heads", {})
    waiting: dict[Stream, list[_Row]] = {}
    for stream, events in by_stream.items():
        rows = _rows(events)
        if len(rows) == 1 and stream in known and session.get_bind().dialect.name == "postgresql":
            _append_at(stream, known[stream], rows[0])
        else:
            waiting[stream] = rows
    if waiting:
        _append(session, waiting)


def _rows(events: list[_Pending]) -> list[_Row]:
    together: list[list[_Pending]] = []
    for one in events:
        if together and together[-1][-1].goes_with(one):
            together[-1].append(one)
        else:
            together.append([one])
    return [_row(several) for several in together]


def _row(events: list[_Pending]) -> _Row:
    first = events[0]
    return _Row(
        envelopes.envelope(first.at, first.actor.kind, first.actor.id, [(one.event, one.about) for one in events]),
        envelopes.payload(first.actor.name, [one.payload for one in events]),
        secrets.token_bytes(16),
    )


_heads = table_of(StreamHead)
_history = table_of(HistoryRow)
_OF_STREAM = (_heads.c.county_id == bindparam("key_county")) & (_heads.c.stream == bindparam("key_stream"))
_MOVE = update(_heads).where(_OF_STREAM).values(sequence=bindparam("new_sequence"), hash=bindparam("new_hash"))

_INTO_HISTORY = (
    "INSERT INTO history (county_id, stream, sequence, envelope, payload, salt, hash) "
    "SELECT :county, :stream, :sequence, :envelope, :payload, :salt, :hash FROM moved"
)
_KINDS: list[BindParameter[Any]] = [
    bindparam("county", type_=BigInteger),
    bindparam("stream", type_=String),
    bindparam("sequence", type_=BigInteger),
    bindparam("hash", type_=LargeBinary),
    bindparam("envelope", type_=LargeBinary),
    bindparam("payload", type_=LargeBinary),
    bindparam("salt", type_=LargeBinary),
]
_APPEND_FIRST = text(
    "WITH moved AS (INSERT INTO stream_heads (county_id, stream, sequence, hash, anchored_sequence) "
    "VALUES (:county, :stream, :sequence, :hash, 0) ON CONFLICT DO NOTHING RETURNING 1) " + _INTO_HISTORY
).bindparams(*_KINDS)
_MOVED = (
    "WITH moved AS (UPDATE stream_heads SET sequence = :sequence, hash = :hash WHERE county_id = :county "
    "AND stream = :stream AND sequence = :known AND hash = :known_hash RETURNING 1) "
)
_APPEND_NEXT = text(_MOVED + _INTO_HISTORY).bindparams(
    *_KINDS, bindparam("known", type_=BigInteger), bindparam("known_hash", type_=LargeBinary)
)


def _append_at(stream: Stream, head: tuple[int, bytes], row: _Row) -> None:
    """Add a row where the stream was seen to stand; if it has moved since, behind what was told in between."""
    sequence, previous = head
    values = {
        "county": stream.county_id,
        "stream": stream.name,
        "sequence": sequence + 1,
        "hash": row_digest(previous, row.envelope, payload_digest(row.salt, row.payload)),
        "envelope": row.envelope,
        "payload": row.payload,
        "salt": row.salt,
    }
    if sequence:
        values |= {"known": sequence, "known_hash": previous}

    def look(added: int) -> None:
        if not added:
            _append(db.session(), {stream: [row]})

    execute_later(_APPEND_NEXT if sequence else _APPEND_FIRST, values, then=look)


_LOOK = select(_heads.c.county_id, _heads.c.stream, _heads.c.sequence, _heads.c.hash)


@cache
def _lock(dialect: str) -> Select[*tuple[Any, ...]]:
    """Heads by their names, locked in that order.

    The names are joined as one parameter, not listed: two hundred of them are compared by hash or by key, never all
    with every row.
    """
    of_county = _LOOK.where(_heads.c.county_id == bindparam("county"))
    if dialect == "sqlite":
        return of_county.where(_heads.c.stream.in_(bindparam("streams", expanding=True))).order_by(_heads.c.stream)
    wanted = func.unnest(bindparam("streams", type_=ARRAY(String))).table_valued("wanted").render_derived()
    return (
        of_county.join(wanted, _heads.c.stream == wanted.c.wanted).order_by(wanted.c.wanted).with_for_update(of=_heads)
    )


def _append(session: Session, waiting: Mapping[Stream, list[_Row]]) -> None:
    """Lock the heads, always in the same order, and add the rows behind them."""
    heads = _locked_heads(session, waiting)
    values = []
    for stream, rows in waiting.items():
        sequence, previous = heads[stream]
        for row in rows:
            sequence += 1
            previous = row_digest(previous, row.envelope, payload_digest(row.salt, row.payload))
            values.append(
                {
                    "county_id": stream.county_id,
                    "stream": stream.name,
                    "sequence": sequence,
                    "envelope": row.envelope,
                    "payload": row.payload,
                    "salt": row.salt,
                    "hash": previous,
                }
            )
        key = {"key_county": stream.county_id, "key_stream": stream.name}
        execute_later(_MOVE, key | {"new_sequence": sequence, "new_hash": previous})
    insert_later(_history, values)


def _locked_heads(session: Session, streams: Collection[Stream]) -> dict[Stream, tuple[int, bytes]]:
    dialect = session.get_bind().dialect.name
    found: dict[Stream, tuple[int, bytes]] = {}
    by_county: dict[int, list[str]] = defaultdict(list)
    for stream in streams:
        by_county[stream.county_id].append(stream.name)
    for county_id, names in sorted(by_county.items()):
        found |= _look(session, dialect, county_id, names)
        new = sorted(name for name in names if Stream(county_id, name) not in found)
        if new:
            _begin(session, dialect, county_id, new)
            found |= _look(session, dialect, county_id, new)
    return found


def _look(session: Session, dialect: str, county_id: int, names: list[str]) -> dict[Stream, tuple[int, bytes]]:
    rows = session.execute(_lock(dialect), {"county": county_id, "streams": sorted(names)})
    return {Stream(row.county_id, row.stream): (row.sequence, row.hash) for row in rows}


AT_ONCE = 1_000
"""Chains that one statement begins: a statement takes some ten thousand values."""


def _begin(session: Session, dialect: str, county_id: int, names: list[str]) -> None:
    """Empty chains; of two who begin the same one the second waits and goes on behind the first."""
    empty = {"county_id": county_id, "sequence": 0, "hash": START, "anchored_sequence": 0}
    rows = [{**empty, "stream": name} for name in names]
    for at in range(0, len(rows), AT_ONCE):
        session.execute(insert_for(StreamHead, dialect).values(rows[at : at + AT_ONCE]).on_conflict_do_nothing())


def _pending(session: Session) -> list[_Pending]:
    pending: list[_Pending] = session.info.setdefault("history", [])
    return pending


@event.listens_for(Session, "before_commit", insert=True)
def _before_commit(session: Session) -> None:
    """Ahead of `core.writes`, which sends the rows together with all else."""
    if not session.in_nested_transaction():
        write_pending(session)


@event.listens_for(Session, "after_transaction_create")
def _on_transaction(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault("history_marks", {})[transaction] = len(_pending(session))


@event.listens_for(Session, "after_soft_rollback")
def _on_rollback(session: Session, previous: SessionTransaction) -> None:
    session.info.pop("history_heads", None)
    if previous.nested:
        del _pending(session)[session.info["history_marks"][previous] :]
    else:
        _pending(session).clear()


@event.listens_for(Session, "after_transaction_end")
def _on_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop("history_marks", None)
        session.info.pop("history_heads", None)
