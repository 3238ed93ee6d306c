"""One transaction that tells to several histories, each where it was seen to stand, tells each thing once."""

from flask import Flask
from sqlalchemy import select

from app.audit.anchoring import anchor_key
from app.audit.models import HistoryRow, StreamHead
from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream, expect_head, record
from app.audit.verification import verify
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit

COUNTY = 7
PLACES = (11, 12, 13)


def tell_all(heads: dict[int, tuple[int, bytes] | None]) -> None:
    for place, head in heads.items():
        stream = Stream.organisation(COUNTY, place)
        expect_head(stream, head)
        record(stream, "office.told", actor=SYSTEM, now=clock.now(), about={"place": place})


def test_each_thing_is_told_once(app: Flask) -> None:
    run_unit(lambda: tell_all(dict.fromkeys(PLACES)))
    rows = db.session.execute(select(HistoryRow.stream, HistoryRow.sequence, HistoryRow.hash)).all()
    assert sorted((row.stream, row.sequence) for row in rows) == [(f"organisation:{place}", 1) for place in PLACES]
    heads = {int(row.stream.partition(":")[2]): (row.sequence, row.hash) for row in rows}
    db.session.remove()
    stale: dict[int, tuple[int, bytes] | None] = {**heads, 12: (1, b"elsewhere")}
    run_unit(lambda: tell_all(stale))
    told = db.session.execute(select(HistoryRow.stream, HistoryRow.sequence)).all()
    assert sorted(tuple(row) for row in told) == [
        (f"organisation:{place}", sequence) for place in PLACES for sequence in (1, 2)
    ]
    db.session.remove()
    assert verify(COUNTY, anchor_key(app.config["VAR"]).public_key()) == []


def test_thousands_of_chains_begin_in_one_transaction(app: Flask) -> None:
    """Whoever has that many matters in hand leaves in one step."""
    streams = [Stream.organisation(COUNTY, number) for number in range(14_000)]

    def tell() -> None:
        for stream in streams:
            record(stream, "office.told", actor=SYSTEM, now=clock.now())

    run_unit(tell)
    assert db.session.query(StreamHead).count() == len(streams)
    assert [entry.event for entry in entries(streams[-1])] == ["office.told"]
