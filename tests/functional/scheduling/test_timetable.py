"""What happens by the clock on the wall happens once, however many workers look at it."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.scheduling import services, timetable
from app.scheduling.models import Heartbeat, TimetableRun
from app.scheduling.timetable import Entry, Timetable

NINE_IN_COUNTY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def ran(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the entries that ran; the timetable holds one that runs at nine, county time."""
    ran: list[str] = []
    monkeypatch.setattr(timetable, "_entries", {})
    timetable.register("greet", "0 9 * * *", lambda: ran.append("greet"))
    return ran


def test_each_slot_runs_once_for_all_workers(ran: list[str]) -> None:
    since = NINE_IN_COUNTY - timedelta(hours=1)
    one, two = Timetable("one", since), Timetable("two", since)
    with clock.freeze(NINE_IN_COUNTY - timedelta(seconds=1)):
        assert one.run_due() + two.run_due() == 0
    with clock.freeze(NINE_IN_COUNTY + timedelta(seconds=2)):
        assert one.run_due() + two.run_due() + one.run_due() == 1
    assert ran == ["greet"]
    row = db.session.scalars(select(TimetableRun)).one()
    assert (row.job, row.slot, row.taken_by) == ("greet", NINE_IN_COUNTY, "one")
    with clock.freeze(NINE_IN_COUNTY + timedelta(days=1)):
        assert two.run_due() == 1


def test_slots_missed_meanwhile_run_once(ran: list[str]) -> None:
    table = Timetable("one", NINE_IN_COUNTY - timedelta(days=5))
    with clock.freeze(NINE_IN_COUNTY + timedelta(hours=3)):
        assert table.run_due() == 1


def test_failed_entry_leaves_its_slot_free_and_holds_up_no_other(ran: list[str]) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    timetable.register("greet", "0 9 * * *", fail)
    timetable.register("wave", "0 9 * * *", lambda: ran.append("wave"))
    table = Timetable("one", NINE_IN_COUNTY - timedelta(hours=1))
    with clock.freeze(NINE_IN_COUNTY):
        assert table.run_due() == 1
    assert ran == ["wave"]
    timetable.register("greet", "0 9 * * *", lambda: ran.append("greet"))
    with clock.freeze(NINE_IN_COUNTY + timedelta(seconds=5)):
        assert table.run_due() == 0, "it is left alone for a while"
    with clock.freeze(NINE_IN_COUNTY + timetable.AFTER_FAILURE):
        assert table.run_due() == 1
    assert ran == ["wave", "greet"]


def test_whatever_the_product_registers_runs(county: int) -> None:
    names = [entry.name for entry in timetable.entries()]
    with clock.freeze(NINE_IN_COUNTY):
        assert Timetable("one", NINE_IN_COUNTY - timedelta(days=1)).run_due() == len(names) > 0
    assert sorted(db.session.scalars(select(TimetableRun.job))) == sorted(names)


def test_latest_slot_is_in_county_time() -> None:
    entry = Entry("x", "30 0 * * mon", lambda: None)
    monday = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    assert entry.latest_slot(monday - timedelta(days=1), monday) == monday
    assert entry.latest_slot(monday, monday + timedelta(days=6)) is None


def test_days_of_the_week_are_named() -> None:
    with pytest.raises(ValueError, match="name the day"):
        timetable.register("x", "0 9 * * 1", lambda: None)


def test_heartbeat_is_the_latest_of_all_workers(app: Flask) -> None:
    assert services.last_beat() is None
    for name, at in (("one", NINE_IN_COUNTY), ("two", NINE_IN_COUNTY + timedelta(seconds=9)), ("one", NINE_IN_COUNTY)):
        run_unit(lambda name=name, at=at: services.beat(name, started_at=NINE_IN_COUNTY, now=at))  # type: ignore[misc]
    assert services.last_beat() == NINE_IN_COUNTY + timedelta(seconds=9)


def test_workers_long_gone_are_forgotten(app: Flask) -> None:
    long_ago = NINE_IN_COUNTY - timedelta(days=2)
    run_unit(lambda: services.beat("old", started_at=long_ago, now=long_ago))
    run_unit(lambda: services.beat("new", started_at=NINE_IN_COUNTY, now=NINE_IN_COUNTY))
    assert db.session.scalars(select(Heartbeat.worker)).all() == ["new"]
