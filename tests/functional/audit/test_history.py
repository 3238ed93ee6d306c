"""Whoever changes the history is found."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import zstandard
from flask import Flask
from sqlalchemy import delete, select, text, update

from app.audit import cbor, envelopes, verification
from app.audit.anchoring import anchor_key, make_anchor
from app.audit.envelopes import envelope, payload
from app.audit.models import Anchor, HistoryRow, StreamHead
from app.audit.queries import entries, head
from app.audit.rules import START, Fault, payload_digest, row_digest
from app.audit.services import SYSTEM, Actor, Stream, erase_payload, expect_head, record
from app.core.database import db
from app.core.unit_of_work import unit_of_work

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MILL = Stream(1, "matter:7")
WELL = Stream(1, "matter:8")


@pytest.fixture
def three_rows(app: Flask) -> None:
    for number in (1, 2, 3):
        with unit_of_work():
            record(MILL, "matter.noted", actor=SYSTEM, now=NOW, payload={"number": number})
            record(WELL, "matter.noted", actor=SYSTEM, now=NOW)
    with unit_of_work():
        make_anchor(1, key=anchor_key(app.config["VAR"]), now=NOW)


def _edit(**values: object) -> None:
    db.session.execute(
        update(HistoryRow).where(HistoryRow.stream == "matter:7", HistoryRow.sequence == 2).values(**values)
    )


def faults(app: Flask) -> list[Fault]:
    return verification.verify(1, anchor_key(app.config["VAR"]).public_key())


def test_untouched_history_is_whole(app: Flask, three_rows: None) -> None:
    assert faults(app) == []
    assert [entry.payload["number"] for entry in entries(MILL)] == [3, 2, 1]


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (
            lambda: db.session.execute(
                update(HistoryRow)
                .where(HistoryRow.stream == "matter:7", HistoryRow.sequence == 2)
                .values(payload=payload("", [{"number": 9}]))
            ),
            ("matter:7", 2, "edited"),
        ),
        (
            lambda: db.session.execute(
                delete(HistoryRow).where(HistoryRow.stream == "matter:7", HistoryRow.sequence == 2)
            ),
            ("matter:7", 2, "missing"),
        ),
        (
            lambda: db.session.execute(
                delete(HistoryRow).where(HistoryRow.stream == "matter:7", HistoryRow.sequence == 3)
            ),
            ("matter:7", 3, "tail"),
        ),
        (
            lambda: (
                db.session.execute(delete(HistoryRow).where(HistoryRow.stream == "matter:7")),
                db.session.execute(delete(StreamHead).where(StreamHead.stream == "matter:7")),
            ),
            ("matter:7", 3, "tail"),
        ),
        (
            lambda: db.session.execute(update(Anchor).values(signature=b"0" * 64)),
            ("anchors", 1, "anchor"),
        ),
        (lambda: _edit(envelope=envelope(NOW, "system", None, [("matter.forgotten", {})])), ("matter:7", 2, "edited")),
        (lambda: _edit(payload=payload("", [{"number": 9}]), salt=None), ("matter:7", 2, "edited")),
        (lambda: _edit(payload=None), ("matter:7", 2, "edited")),
        (lambda: _edit(payload=None, salt=None), ("matter:7", 2, "edited")),
        (lambda: _edit(payload_hash=b"0" * 32), ("matter:7", 2, "edited")),
    ],
    ids=[
        "edited",
        "removed in the middle",
        "removed tail",
        "removed with its head",
        "forged anchor",
        "another event",
        "a payload without its salt",
        "a payload taken away alone",
        "a payload taken away without a trace",
        "the hash of another payload",
    ],
)
def test_tampering_is_found(
    app: Flask, three_rows: None, tamper: Callable[[], object], found: tuple[str, int, str]
) -> None:
    with unit_of_work():
        tamper()
    assert found in [(fault.stream, fault.sequence, fault.kind) for fault in faults(app)]
    assert "matter:8" not in {fault.stream for fault in faults(app)}


def test_erasing_a_payload_leaves_the_chain_whole(app: Flask, three_rows: None) -> None:
    with unit_of_work():
        erase_payload(MILL, 2, actor=SYSTEM, now=NOW)
    assert faults(app) == []
    assert [entry.payload for entry in entries(MILL) if entry.sequence == 2] == [{}]
    assert [entry.about for entry in entries(MILL) if entry.event == "history.erased"] == [{"row": 2}]


def test_events_of_one_actor_and_moment_are_one_row(app: Flask) -> None:
    clerk = Actor("person", 7, "周芳")
    with unit_of_work():
        record(MILL, "matter.begun", actor=clerk, now=NOW, payload={"number": 1})
        record(MILL, "matter.noted", actor=clerk, now=NOW, payload={"number": 2}, about={"item": 2**60})
        record(MILL, "matter.fell", actor=SYSTEM, now=NOW)
    told = [(one.sequence, one.event, one.actor_name, one.payload.get("number")) for one in entries(MILL)]
    assert told == [(2, "matter.fell", "", None), (1, "matter.noted", "周芳", 2), (1, "matter.begun", "周芳", 1)]
    assert [one.about for one in entries(MILL, before=2)] == [{"item": 2**60}, {}]
    assert faults(app) == []


def test_rows_of_the_older_form_are_read_and_verified_and_gone_on_from(app: Flask) -> None:
    envelope_ = b'{"id":5,"at":"2026-01-02T03:04:05.000006+00:00","event":"matter.begun","actor":"person","actor_id":7}'
    payload_, salt = b'{"number":1,"actor_name":"\xe5\x91\xa8\xe8\x8a\xb3"}', b"s" * 16
    hashed = payload_digest(salt, payload_)
    first = row_digest(START, envelope_, hashed)
    row = {"county_id": 1, "stream": MILL.name, "sequence": 1, "hash": first}
    with unit_of_work():
        db.session.add(StreamHead(**row))
        db.session.add(HistoryRow(**row, envelope=envelope_, payload=payload_, salt=salt, payload_hash=hashed))
    with unit_of_work():
        record(MILL, "matter.noted", actor=SYSTEM, now=NOW)
    assert faults(app) == []
    later, old = entries(MILL)
    assert (later.sequence, later.event) == (2, "matter.noted")
    assert (old.event, old.actor_kind, old.actor_id, old.actor_name) == ("matter.begun", "person", 7, "周芳")
    assert old.at == datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    with unit_of_work():
        db.session.execute(update(HistoryRow).where(HistoryRow.sequence == 1).values(payload=b'{"number":2}'))
    assert [(fault.sequence, fault.kind) for fault in faults(app)] == [(1, "edited")]


def test_rows_of_the_second_form_are_read(app: Flask) -> None:
    with_text = cbor.dumps([2, 1767323045000006, "person", 7, "task.completed", {"item": 2**60}])
    packed = bytes.fromhex("01") + zstandard.ZstdCompressor(dict_data=envelopes._WORDS).compress(
        b'["\xe5\x91\xa8",{"n":1}]'
    )
    found = envelopes.read(with_text, packed)
    assert (found.actor_kind, found.actor_id, found.at.year) == ("person", 7, 2026)
    assert [(one.event, one.about, one.payload) for one in found.told] == [
        ("task.completed", {"item": 2**60}, {"n": 1, "actor_name": "周"})
    ]


def test_words_of_envelopes_keep_their_places(app: Flask) -> None:
    """Every row was written with these numbers: who needs another word adds it behind."""
    known = hashlib.sha256(" ".join(envelopes.BOOK[:63]).encode()).hexdigest()
    assert known == "80bc6898dadff7c710931c776af448b8a657065d49f4cc96d2b5effb7a94d43a"
    with unit_of_work():
        record(MILL, "task.completed", actor=Actor("person", 7, "周芳"), now=NOW, about={"item": 2**60, "odd": "x"})
    (entry,) = entries(MILL)
    assert (entry.event, entry.about, entry.actor_kind) == ("task.completed", {"item": 2**60, "odd": "x"}, "person")
    assert b"task" not in db.session.scalars(select(HistoryRow.envelope)).one()
    for strange in ([3, 1, 9999, None], [3, 1, 0, None, 9999, {}], [3, 1, 0, None, 1, {9999: 1}]):
        with pytest.raises(LookupError):
            envelopes.read(cbor.dumps(strange), None)


def test_a_head_that_moved_since_it_was_seen_is_gone_on_from(app: Flask, three_rows: None) -> None:
    """What a unit saw of a stream may be old when it ends: its row stands behind what was told in between."""
    seen = head(MILL)
    with unit_of_work():
        record(MILL, "matter.noted", actor=SYSTEM, now=NOW, payload={"number": 4})
    for stale in (seen, None):
        with unit_of_work():
            expect_head(MILL, stale)
            record(MILL, "matter.noted", actor=SYSTEM, now=NOW, payload={"number": 5})
    assert [entry.payload["number"] for entry in entries(MILL)] == [5, 5, 4, 3, 2, 1]
    assert faults(app) == []


def test_rows_of_a_failed_savepoint_vanish(app: Flask) -> None:
    with unit_of_work():
        record(MILL, "matter.begun", actor=SYSTEM, now=NOW)
        try:
            with db.session.begin_nested():
                db.session.execute(text("SELECT 1"))
                record(MILL, "matter.undone", actor=SYSTEM, now=NOW)
                raise ValueError("the handler fails")
        except ValueError:
            pass
        record(MILL, "matter.ended", actor=SYSTEM, now=NOW)
    assert [entry.event for entry in entries(MILL)] == ["matter.ended", "matter.begun"]


def test_a_rolled_back_unit_leaves_nothing(app: Flask) -> None:
    with pytest.raises(RuntimeError), unit_of_work():
        record(MILL, "matter.begun", actor=SYSTEM, now=NOW)
        raise RuntimeError("the power fails")
    with unit_of_work():
        pass
    assert head(MILL) is None


def test_a_matter_without_history_or_a_history_without_its_matter(
    app: Flask, three_rows: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "_owners", {"matter": lambda county_id: [8, 9]})
    assert {(fault.stream, fault.kind) for fault in faults(app)} == {("matter:7", "owner"), ("matter:9", "owner")}
