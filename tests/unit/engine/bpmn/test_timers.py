"""Points in time, durations and cycles."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.engine.bpmn import timers
from app.engine.feel import Date, YearsMonthsDuration
from app.engine.findings import EngineError

COUNTY = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 1, 31, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "due"),
    [
        ("2026-03-01T09:00", "2026-03-01T01:00:00+00:00"),
        ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00+00:00"),
        ("2026-03-01T09:00:00+02:00", "2026-03-01T07:00:00+00:00"),
        ("2026-03-01", "2026-03-01T16:00:00+00:00"),
        (date(2026, 3, 1), "2026-03-01T16:00:00+00:00"),
        (Date(2026, 3, 1), "2026-03-01T16:00:00+00:00"),
        (datetime.fromisoformat("2026-03-01T09:00"), "2026-03-01T01:00:00+00:00"),
        ("P1D", "2026-02-01T01:00:00+00:00"),
        ("PT90M", "2026-01-31T02:30:00+00:00"),
        ("P1M", "2026-02-28T01:00:00+00:00"),
        ("P1M1D", "2026-03-01T01:00:00+00:00"),
        ("P2W", "2026-02-14T01:00:00+00:00"),
        (timedelta(hours=1), "2026-01-31T02:00:00+00:00"),
        (YearsMonthsDuration(13), "2027-02-28T01:00:00+00:00"),
    ],
)
def test_a_point_in_time(value: object, due: str) -> None:
    assert timers.point(value, NOW, COUNTY).isoformat() == due


@pytest.mark.parametrize("value", ["tomorrow", "P", "PT", "P1H", "", 7, "2026-13-01", "P-1D", "R/P1D"])
def test_what_is_no_point_in_time_is_refused(value: object) -> None:
    with pytest.raises(EngineError, match="timer_not_understood"):
        timers.point(value, NOW, COUNTY)


def test_a_time_without_value_is_told_from_a_wrong_one() -> None:
    with pytest.raises(EngineError, match="timer_without_value"):
        timers.point(None, NOW, COUNTY)


def test_times_out_of_reach_are_refused() -> None:
    for text in ("P99999999999D", "P99999Y"):
        with pytest.raises(EngineError, match="timer_out_of_reach"):
            timers.point(text, NOW, COUNTY)


@pytest.mark.parametrize(
    ("text", "first", "left"),
    [
        ("R3/PT1H", "2026-01-31T02:00:00+00:00", 3),
        ("R/P1D", "2026-02-01T01:00:00+00:00", -1),
        ("P1D", "2026-02-01T01:00:00+00:00", -1),
        ("R2/2026-02-03T08:00/P7D", "2026-02-03T00:00:00+00:00", 2),
    ],
)
def test_a_cycle(text: str, first: str, left: int) -> None:
    turn = timers.cycle(text, NOW, COUNTY)
    assert (turn.due.isoformat(), turn.left) == (first, left)


@pytest.mark.parametrize(("text", "code"), [("R3", "timer_not_understood"), ("0 0 9 * * ?", "timer_not_understood"),
                                            ("R/PT0S", "timer_too_fast")])  # fmt: skip
def test_what_is_no_cycle_is_refused(text: str, code: str) -> None:
    with pytest.raises(EngineError, match=code):
        timers.cycle(text, NOW, COUNTY)


def test_missed_turns_count_as_fired_and_keep_the_beat() -> None:
    turn = timers.cycle("R10/PT1H", NOW, COUNTY)
    following = timers.next_turn(turn, NOW + timedelta(hours=3, minutes=20), COUNTY)
    assert following is not None
    assert (following.due - NOW, following.left) == (timedelta(hours=4), 7)
    assert timers.next_turn(turn, NOW + timedelta(hours=30), COUNTY) is None


def test_a_cycle_that_slept_for_years_wakes_at_once() -> None:
    turn = timers.cycle("R/PT1S", NOW, COUNTY)
    later = NOW + timedelta(days=3650)
    following = timers.next_turn(turn, later, COUNTY)
    assert following is not None
    assert later < following.due <= later + timedelta(seconds=1)


def test_months_keep_to_the_calendar_of_the_county() -> None:
    turn = timers.cycle("R/P1M", datetime(2026, 1, 31, 17, tzinfo=UTC), COUNTY)
    assert turn.due.isoformat() == "2026-02-28T17:00:00+00:00"
