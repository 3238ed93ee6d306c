"""What the worker does at night for the house itself."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.directory.models import Attempt
from app.scheduling.timetable import Timetable

QUARTER_PAST_THREE = datetime(2026, 3, 2, 19, 18, tzinfo=UTC)


def test_old_sign_in_attempts_are_forgotten_at_night(app: Flask) -> None:
    for at in (QUARTER_PAST_THREE - timedelta(days=3), QUARTER_PAST_THREE - timedelta(minutes=1)):
        run_unit(lambda at=at: db.session.add(Attempt(county_id=1, key="sign-in clerk", at=at)))  # type: ignore[misc]
    with clock.freeze(QUARTER_PAST_THREE):
        assert Timetable("worker", QUARTER_PAST_THREE - timedelta(minutes=5)).run_due() >= 1
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_a_writing_unit_inside_another_is_refused_at_once(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="inside another"):
        run_unit(lambda: run_unit(lambda: None))
