"""`flask audit verify` on a county with cases in every state: whole as it is, and every tampering found."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, func, select, text, update

from app.audit import envelopes
from app.audit.anchoring import anchor_key, make_anchor
from app.audit.models import HistoryRow, StreamHead
from app.cases.models import Case
from app.core import clock
from app.core.database import Base, db
from app.core.unit_of_work import run_unit


def verify(app: Flask) -> Result:
    db.session.remove()
    return app.test_cli_runner().invoke(args=["audit", "verify"])


def anchor(app: Flask) -> None:
    db.session.remove()
    run_unit(lambda: make_anchor(1, key=anchor_key(app.config["VAR"]), now=clock.now()))


def a_stream() -> str:
    """The longest history of a case."""
    longest = select(StreamHead.stream).where(StreamHead.stream.like("case:%")).order_by(StreamHead.sequence.desc())
    return db.session.scalars(longest.limit(1)).one()


def edit(stream: str) -> None:
    """Somebody else's name in the third row."""
    row = db.session.scalars(select(HistoryRow).where(HistoryRow.stream == stream, HistoryRow.sequence == 3)).one()
    row.payload = envelopes.payload("别人", [{"x": 1}])


def edit_envelope(stream: str) -> None:
    db.session.execute(
        update(HistoryRow).where(HistoryRow.stream == stream, HistoryRow.sequence == 2).values(envelope=b'{"id":1}')
    )


def remove_middle(stream: str) -> None:
    db.session.execute(delete(HistoryRow).where(HistoryRow.stream == stream, HistoryRow.sequence == 3))


def remove_end(stream: str) -> None:
    last = db.session.scalar(select(func.max(HistoryRow.sequence)).where(HistoryRow.stream == stream))
    db.session.execute(delete(HistoryRow).where(HistoryRow.stream == stream, HistoryRow.sequence == last))


def remove_end_with_its_head(stream: str) -> None:
    """The tail is gone and the head tells the row before: only the anchor knows."""
    remove_end(stream)
    sequence, digest = db.session.execute(
        select(HistoryRow.sequence, HistoryRow.hash)
        .where(HistoryRow.stream == stream)
        .order_by(HistoryRow.sequence.desc())
        .limit(1)
    ).one()
    db.session.execute(update(StreamHead).where(StreamHead.stream == stream).values(sequence=sequence, hash=digest))


def remove_case(stream: str) -> None:
    """The case with all that hangs on it, its history left."""
    _remove_rows_of(stream)


def remove_case_and_history(stream: str) -> None:
    _remove_rows_of(stream)
    db.session.execute(delete(HistoryRow).where(HistoryRow.stream == stream))
    db.session.execute(delete(StreamHead).where(StreamHead.stream == stream))


def _remove_rows_of(stream: str) -> None:
    case_id = int(stream.partition(":")[2])
    for table in reversed(Base.metadata.sorted_tables):
        if table.name == "cases":
            db.session.execute(delete(Case).where(Case.id == case_id))
        elif "case_id" in table.columns:
            db.session.execute(text(f'DELETE FROM "{table.name}" WHERE case_id = :id'), {"id": case_id})


def remove_everything(stream: str) -> None:
    """A whole county's history, heads included."""
    db.session.execute(delete(HistoryRow))
    db.session.execute(delete(StreamHead))


def test_a_played_county_is_whole(app: Flask, played_county: int) -> None:
    for _ in range(2):
        result = verify(app)
        assert result.exit_code == 0, result.output
        assert "are whole" in result.output
        anchor(app)


def test_every_change_is_one_row_of_its_case(app: Flask, played_county: int) -> None:
    heads = db.session.execute(select(StreamHead.stream, StreamHead.sequence)).all()
    assert len(heads) > 9
    for head in heads:
        rows = db.session.scalars(
            select(HistoryRow.sequence).where(HistoryRow.stream == head.stream).order_by(HistoryRow.sequence)
        ).all()
        assert list(rows) == list(range(1, head.sequence + 1))


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        (edit, "(edited)"),
        (edit_envelope, "(edited)"),
        (remove_middle, "(missing)"),
        (remove_end, "(tail)"),
        (remove_end_with_its_head, "(tail)"),
        (remove_case, "(owner)"),
        (remove_case_and_history, "(tail)"),
        (remove_everything, "(tail)"),
    ],
)
def test_tampering_is_found(app: Flask, played_county: int, tamper: Callable[[str], None], kind: str) -> None:
    anchor(app)
    stream = a_stream()
    db.session.remove()
    run_unit(lambda: tamper(stream))
    result = verify(app)
    assert result.exit_code == 1
    assert any(stream in line and kind in line for line in result.output.splitlines()), result.output[:2000]
