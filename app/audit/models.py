from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey


class HistoryRow(Base):
    """What one actor did to one thing at one moment, in the past tense: one event, or several of one step.

    `envelope` (ids, events, moment; no names) and `payload` are kept as the very bytes that were hashed
    (`app.audit.envelopes` reads them).
    `hash = H(previous hash ‖ envelope ‖ H(salt ‖ payload))`: payload and salt can be erased and the chain stays whole;
    `payload_hash` then stands for both, and need not be kept before.
    """

    __tablename__ = "history"

    county_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    stream: Mapped[str] = mapped_column(String(80), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    payload_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class StreamHead(Base):
    """Where a stream stands: the last sequence and hash. Locked by whoever appends."""

    __tablename__ = "stream_heads"

    county_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    stream: Mapped[str] = mapped_column(String(80), primary_key=True)
    sequence: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    anchored_sequence: Mapped[int] = mapped_column(default=0)


class Anchor(CountyKey, Base):
    """A signed Merkle root over the heads that changed since the anchor before it."""

    __tablename__ = "anchors"
    __table_args__ = (UniqueConstraint("county_id", "number"),)

    number: Mapped[int]
    at: Mapped[datetime]
    heads: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
