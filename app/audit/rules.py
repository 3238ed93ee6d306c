"""How a history row is hashed and a chain is checked: plain values in, plain values out."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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
    def id(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def event(self) -> str: ...
    @property
    def envelope(self) -> bytes: ...
    @property
    def payload(self) -> bytes | None: ...
    @property
    def salt(self) -> bytes | None: ...
    @property
    def payload_hash(self) -> bytes: ...
    @property
    def hash(self) -> bytes: ...


def is_whole(previous: bytes | None, row: KeptRow) -> bool:
    """Whether everything that is shown of a row is what was hashed: its bytes, and the columns beside them.

    `previous` is None where the row before is gone. A payload is erased together with its salt; one without the
    other was put there by hand.
    """
    if previous is not None and row_digest(previous, row.envelope, row.payload_hash) != row.hash:
        return False
    told = json.loads(row.envelope)
    if (told["id"], told["event"], datetime.fromisoformat(told["at"])) != (row.id, row.event, row.at):
        return False
    if row.payload is None or row.salt is None:
        return row.payload is None and row.salt is None
    return payload_digest(row.salt, row.payload) == row.payload_hash


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
