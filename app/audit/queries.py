"""Read the history."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.audit import envelopes
from app.audit.models import HistoryRow, StreamHead
from app.audit.services import Stream
from app.core.database import db


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a row: one line of a timeline. `payload` is empty once it has been erased."""

    sequence: int
    at: datetime
    event: str
    actor_kind: str
    actor_id: int | None
    about: dict[str, Any]
    payload: dict[str, Any]

    @property
    def actor_name(self) -> str:
        return str(self.payload.get("actor_name", ""))


def entries(stream: Stream, *, limit: int = 500, before: int | None = None) -> Sequence[Entry]:
    """What the newest rows of a stream tell, newest first, strictly in the order of the chain.

    `before` cuts the next page: a row's events stand on one page.
    """
    query = select(HistoryRow).where(HistoryRow.county_id == stream.county_id, HistoryRow.stream == stream.name)
    if before is not None:
        query = query.where(HistoryRow.sequence < before)
    rows = db.session.scalars(query.order_by(HistoryRow.sequence.desc()).limit(limit))
    return [entry for row in rows for entry in reversed(list(told(row)))]


def told(row: HistoryRow) -> Iterator[Entry]:
    """The events of one row, in the order in which they happened."""
    content = envelopes.read(row.envelope, row.payload)
    for one in content.told:
        yield Entry(
            row.sequence,
            content.at,
            one.event,
            content.actor_kind,
            content.actor_id,
            dict(one.about),
            dict(one.payload),
        )


def head(stream: Stream) -> tuple[int, bytes] | None:
    """(sequence, hash) of the last row, or None for an empty stream."""
    row = db.session.execute(
        select(StreamHead.sequence, StreamHead.hash).where(
            StreamHead.county_id == stream.county_id, StreamHead.stream == stream.name
        )
    ).one_or_none()
    return (row.sequence, row.hash) if row else None
