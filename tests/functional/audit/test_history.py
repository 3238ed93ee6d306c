"""Whoever changes the history is found."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import delete, text, update

from app.audit import verification
from app.audit.anchoring import anchor_key, make_anchor
from app.audit.models import Anchor, HistoryRow, StreamHead
from app.audit.queries import entries, head
from app.audit.rules import Fault
from app.audit.services import SYSTEM, Stream, record
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
                .values(payload=b'{"number":9}')
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
        (lambda: _edit(event="matter.forgotten"), ("matter:7", 2, "edited")),
        (lambda: _edit(at=NOW.replace(year=2020)), ("matter:7", 2, "edited")),
        (lambda: _edit(payload=b'{"number":9}', salt=None), ("matter:7", 2, "edited")),
        (lambda: _edit(payload=None), ("matter:7", 2, "edited")),
    ],
    ids=[
        "edited",
        "removed in the middle",
        "removed tail",
        "removed with its head",
        "forged anchor",
        "another event",
        "another moment",
        "a payload without its salt",
        "a payload taken away alone",
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
        db.session.execute(
            update(HistoryRow)
            .where(HistoryRow.stream == "matter:7", HistoryRow.sequence == 2)
            .values(payload=None, salt=None)
        )
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
