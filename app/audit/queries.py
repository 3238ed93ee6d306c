"""Read the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from app.audit.models import HistoryRow, StreamHead
from app.audit.services import Stream
from app.core.database import db


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline; `payload` is empty once it has been erased."""

    id: int
    sequence: int
    at: datetime
    event: str
    envelope: dict[str, Any]
    payload: dict[str, Any]

    @property
    def actor_name(self) -> str:
        return str(self.payload.get("actor_name", ""))

    @property
    def actor_kind(self) -> str:
        return str(self.envelope.get("actor", ""))


def entries(stream: Stream, *, limit: int = 500, before: int | None = None) -> Sequence[Entry]:
    """The newest rows of a stream, newest first, strictly ordered by sequence; `before` cuts the next page."""
    query = select(HistoryRow).where(HistoryRow.county_id == stream.county_id, HistoryRow.stream == stream.name)
    if before is not None:
        query = query.where(HistoryRow.sequence < before)
    rows = db.session.scalars(query.order_by(HistoryRow.sequence.desc()).limit(limit))
    return [
        Entry(
            row.id,
            row.sequence,
            row.at,
            row.event,
            orjson.loads(row.envelope),
            orjson.loads(row.payload) if row.payload is not None else {},
        )
        for row in rows
    ]


def head(stream: Stream) -> tuple[int, bytes] | None:
    """(sequence, hash) of the last row, or None for an empty stream."""
    row = db.session.execute(
        select(StreamHead.sequence, StreamHead.hash).where(
            StreamHead.county_id == stream.county_id, StreamHead.stream == stream.name
        )
    ).one_or_none()
    return (row.sequence, row.hash) if row else None
