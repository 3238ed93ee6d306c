"""The anchor of each minute: a signed root over the heads that moved since the last one."""

import os
from datetime import datetime
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import select, update

from app.audit.models import Anchor, StreamHead
from app.audit.rules import START, digest, merkle_root
from app.core.database import db
from app.core.locking import locked


def anchor_key(var: Path) -> Ed25519PrivateKey:
    """The signing key: outside the database, made once, readable by the program's own account alone."""
    path = var / "anchor.key"
    if not path.exists():
        raw = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def counties_to_anchor() -> list[int]:
    """Counties with a stream that moved since its last anchor."""
    moved = select(StreamHead.county_id).where(StreamHead.sequence > StreamHead.anchored_sequence).distinct()
    return list(db.session.scalars(moved.order_by(StreamHead.county_id)))


def make_anchor(county_id: int, *, key: Ed25519PrivateKey, now: datetime) -> Anchor | None:
    """Anchor every moved stream of a county; None when nothing moved.

    `heads` is the JSON list of [stream, sequence, hash in hex]; the root covers it and the anchor before.
    """
    dialect = db.session.get_bind().dialect.name
    previous = db.session.scalars(
        locked(select(Anchor).where(Anchor.county_id == county_id).order_by(Anchor.number.desc()).limit(1), dialect)
    ).first()
    moved = db.session.execute(
        select(StreamHead.stream, StreamHead.sequence, StreamHead.hash)
        .where(StreamHead.county_id == county_id, StreamHead.sequence > StreamHead.anchored_sequence)
        .order_by(StreamHead.stream)
    ).all()
    if not moved:
        return None
    heads = orjson.dumps([[row.stream, row.sequence, row.hash.hex()] for row in moved])
    before = previous.root if previous else START
    root = anchor_root(before, heads)
    anchor = Anchor(
        county_id=county_id,
        number=previous.number + 1 if previous else 1,
        at=now,
        heads=heads,
        previous=before,
        root=root,
        signature=key.sign(root),
    )
    db.session.add(anchor)
    for row in moved:
        db.session.execute(
            update(StreamHead)
            .where(StreamHead.county_id == county_id, StreamHead.stream == row.stream)
            .values(anchored_sequence=row.sequence)
        )
    db.session.flush()
    return anchor


def anchor_root(previous: bytes, heads: bytes) -> bytes:
    """What is signed: the root before, and the Merkle root over the heads."""
    leaves = [orjson.dumps(head) for head in orjson.loads(heads)]
    return digest(previous, merkle_root(leaves))
