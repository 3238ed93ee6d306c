"""How a history row is hashed and a chain is checked: plain values in, plain values out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

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
