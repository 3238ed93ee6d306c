"""Does the history still say what was written? Chains, heads, anchors, and the things that chains are about."""

from collections.abc import Callable, Iterable, Iterator

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from app.audit.anchoring import anchor_root
from app.audit.models import Anchor, HistoryRow, StreamHead
from app.audit.rules import START, Fault, is_whole
from app.core.database import db

Owners = Callable[[int], Iterable[int]]

_owners: dict[str, Owners] = {}


def register_owner(prefix: str, ids: Owners) -> None:
    """Tell what streams named `<prefix>:<id>` are about: `ids(county_id)` gives every id that exists."""
    _owners[prefix] = ids


def verify(county_id: int, key: Ed25519PublicKey) -> list[Fault]:
    """Every fault of a county's history.

    edited   a row's bytes do not give its hash
    missing  a sequence number is not there
    tail     rows that the head or an anchor knows are gone
    head     the head is gone, or is older than its rows
    anchor   an anchor was changed or removed
    owner    the case (or other thing) that a stream is about is gone, or one has no stream
    """
    heads = {
        row.stream: (row.sequence, row.hash)
        for row in db.session.execute(
            select(StreamHead.stream, StreamHead.sequence, StreamHead.hash).where(StreamHead.county_id == county_id)
        )
    }
    faults, found = _check_chains(county_id, heads)
    faults.extend(_check_anchors(county_id, key, found))
    faults.extend(_check_owners(county_id, set(heads) | set(found)))
    return faults


def _check_chains(
    county_id: int, heads: dict[str, tuple[int, bytes]]
) -> tuple[list[Fault], dict[str, dict[int, bytes]]]:
    faults: list[Fault] = []
    found: dict[str, dict[int, bytes]] = {}
    rows = db.session.execute(
        select(
            HistoryRow.stream,
            HistoryRow.sequence,
            HistoryRow.envelope,
            HistoryRow.payload,
            HistoryRow.salt,
            HistoryRow.payload_hash,
            HistoryRow.hash,
        )
        .where(HistoryRow.county_id == county_id)
        .order_by(HistoryRow.stream, HistoryRow.sequence),
        execution_options={"yield_per": 1000},
    )
    previous: bytes | None
    stream, expected, previous = None, 1, START
    for row in rows:
        if row.stream != stream:
            stream, expected, previous = row.stream, 1, START
        chain = found.setdefault(row.stream, {})
        if row.sequence != expected:
            faults.extend(Fault(county_id, row.stream, n, "missing") for n in range(expected, row.sequence))
            previous = None
        if not is_whole(previous, row):
            faults.append(Fault(county_id, row.stream, row.sequence, "edited"))
        chain[row.sequence] = row.hash
        expected, previous = row.sequence + 1, row.hash
    for name in sorted(set(heads) | set(found)):
        faults.extend(_check_head(county_id, name, heads.get(name), found.get(name, {})))
    return faults, found


def _check_head(
    county_id: int, stream: str, head: tuple[int, bytes] | None, chain: dict[int, bytes]
) -> Iterator[Fault]:
    last = max(chain, default=0)
    if head is None:
        yield Fault(county_id, stream, last, "head")
    elif head[0] > last:
        yield Fault(county_id, stream, head[0], "tail")
    elif chain.get(head[0]) != head[1] or head[0] < last:
        yield Fault(county_id, stream, head[0], "head")


def _check_anchors(county_id: int, key: Ed25519PublicKey, found: dict[str, dict[int, bytes]]) -> Iterator[Fault]:
    previous, number = START, 0
    for anchor in db.session.scalars(select(Anchor).where(Anchor.county_id == county_id).order_by(Anchor.number)):
        number += 1
        try:
            key.verify(anchor.signature, anchor.root)
            signed = anchor.root == anchor_root(anchor.previous, anchor.heads)
        except (InvalidSignature, ValueError):
            signed = False
        if not signed or anchor.previous != previous or anchor.number != number:
            yield Fault(county_id, "anchors", number, "anchor")
            number = anchor.number
        previous = anchor.root
        if not signed:
            continue
        for stream, sequence, hash_hex in orjson.loads(anchor.heads):
            kept = found.get(stream, {}).get(sequence)
            if kept is None:
                yield Fault(county_id, stream, sequence, "tail")
            elif kept.hex() != hash_hex:
                yield Fault(county_id, stream, sequence, "edited")


def _check_owners(county_id: int, streams: set[str]) -> Iterator[Fault]:
    for prefix, ids in _owners.items():
        existing = {f"{prefix}:{one}" for one in ids(county_id)}
        named = {stream for stream in streams if stream.startswith(f"{prefix}:")}
        for stream in sorted(existing ^ named):
            yield Fault(county_id, stream, 0, "owner")
