"""Questions that go past SQLAlchemy answer as they would through it."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Integer, Select, bindparam, literal, select

from app.core.database import UtcDateTime, db, is_one_of
from app.core.reads import answers
from app.core.writes import driver_form
from app.directory.models import Organisation

_NOON, _MIDNIGHT = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)


def test_questions_alike_share_their_words_and_keep_their_values(app: Flask, county: int) -> None:
    ids = list(db.session.scalars(select(Organisation.id).order_by(Organisation.id).limit(2)))
    first, second = (select(Organisation.id).where(Organisation.id == one) for one in ids)
    assert [[row.id for row in answers(one)] for one in (first, second, first)] == [[ids[0]], [ids[1]], [ids[0]]]
    dialect = db.session.connection().dialect
    assert driver_form(first, dialect).compiled is driver_form(second, dialect).compiled


def test_a_moment_is_found_out_whenever_it_is_asked(app: Flask, county: int) -> None:
    def one_hour_later_each_time(first: datetime) -> Select[datetime]:
        moments = (first + timedelta(hours=number) for number in range(9))
        return select(bindparam(None, callable_=lambda: next(moments), type_=UtcDateTime()).label("at"))

    noon, midnight = one_hour_later_each_time(_NOON), one_hour_later_each_time(_MIDNIGHT)
    told = [_moment(answers(one)[0].at) for one in (noon, midnight, noon)]
    assert told[2] > told[0]
    assert told[1].date() > told[0].date()


def _moment(told: datetime | str) -> datetime:
    """SQLite knows no type for what stands in no table."""
    return told if isinstance(told, datetime) else datetime.fromisoformat(told)


def test_what_has_a_list_in_it_is_answered_too(app: Flask, county: int) -> None:
    ids = sorted(db.session.scalars(select(Organisation.id).limit(3)))
    spread = select(Organisation.id).where(Organisation.id.in_(ids)).order_by(Organisation.id)
    assert [row.id for row in answers(spread)] == ids


@pytest.mark.parametrize("given", [list, set, tuple])
def test_very_many_ids_are_one_parameter(app: Flask, county: int, given: type) -> None:
    ids = sorted(db.session.scalars(select(Organisation.id).limit(3)))
    dialect = db.session.connection().dialect.name
    named = select(Organisation.id).where(is_one_of(Organisation.id, "wanted", dialect)).order_by(Organisation.id)
    assert [row.id for row in answers(named, {"wanted": given(ids)})] == ids
    assert answers(named, {"wanted": given([])}) == []
    there = select(Organisation.id).where(is_one_of(Organisation.id, given(ids), dialect)).order_by(Organisation.id)
    assert list(db.session.scalars(there)) == ids


def test_rows_have_names(app: Flask, county: int) -> None:
    (row,) = answers(select(literal(7, Integer()).label("seven"), literal("x").label("letter")))
    assert (row.seven, row.letter) == (7, "x")
