"""How a history row is hashed and a chain is checked: plain values in, plain values out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.audit.envelopes import read

START = b"\0" * 32


def digest(*parts: bytes) -> bytes:
    """SHA-256 over length-prefixed parts, so that no two lists of parts look alike."""
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(len(part).to_bytes(8, "big"))
        hasher.update(part)
    return hasher.digest()


def payload_digest(salt: bytes, payload: bytes) -> bytes:
    return digest(salt, payload)


def row_digest(previous: bytes, envelope: bytes, payload_hash: bytes) -> bytes:
    return digest(previous, envelope, payload_hash)


class KeptRow(Protocol):
    """A history row as the database keeps it."""

    @property
    def envelope(self) -> bytes: ...
    @property
    def payload(self) -> bytes | None: ...
    @property
    def salt(self) -> bytes | None: ...
    @property
    def payload_hash(self) -> bytes | None: ...
    @property
    def hash(self) -> bytes: ...


def payload_hash_of(row: KeptRow) -> bytes | None:
    """The hash of the payload: of what is there, or the one that was left when it was erased.

    None where neither says what was hashed: a payload is erased together with its salt, its hash stays; one without
    the other was taken away, or put there, by hand.
    """
    if row.payload is None or row.salt is None:
        return row.payload_hash if row.payload is None and row.salt is None else None
    found = payload_digest(row.salt, row.payload)
    return found if row.payload_hash in (None, found) else None


def is_whole(previous: bytes | None, row: KeptRow) -> bool:
    """Whether everything that is shown of a row is what was hashed. `previous` is None where the row before is gone."""
    hashed = payload_hash_of(row)
    if hashed is None:
        return False
    try:
        read(row.envelope, row.payload)
    except (ValueError, LookupError, TypeError):
        return False
    return previous is None or row_digest(previous, row.envelope, hashed) == row.hash


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root over the leaves in the given order; an odd node is carried up."""
    level = [digest(b"leaf", leaf) for leaf in leaves]
    if not level:
        return START
    while len(level) > 1:
        paired = [digest(b"node", level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a chain: `kind` is edited, missing, tail, head, anchor or case."""

    county_id: int
    stream: str
    sequence: int
    kind: str
