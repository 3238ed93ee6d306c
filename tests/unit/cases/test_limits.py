"""Time limits: natural and working days, holidays and make-up days, and what is left of them."""

from datetime import UTC, date, datetime

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cases.rules import Limit, days_left, end_of_day, last_day, last_day_of, local_day, worse

SHANGHAI = "Asia/Shanghai"


class National:
    """The announced calendar of 2026."""

    def is_working_day(self, day: date) -> bool:
        return bool(chinese_calendar.is_workday(day)) if day.year <= 2026 else day.weekday() < 5


CALENDAR = National()
DAYS = st.dates(date(2025, 1, 1), date(2026, 6, 30))


@pytest.mark.parametrize(
    ("start", "days", "kind", "last"),
    [
        (date(2026, 3, 2), 30, "natural", date(2026, 4, 1)),
        (date(2026, 3, 2), 5, "working", date(2026, 3, 9)),
        (date(2026, 3, 6), 1, "working", date(2026, 3, 9)),
        (date(2026, 9, 4), 30, "natural", date(2026, 10, 8)),
        (date(2026, 9, 30), 1, "working", date(2026, 10, 8)),
        (date(2026, 10, 9), 1, "working", date(2026, 10, 10)),
        (date(2026, 9, 10), 30, "natural", date(2026, 10, 10)),
        (date(2026, 3, 2), 0, "working", date(2026, 3, 2)),
    ],
    ids=[
        "the first day counted is the day after",
        "a weekend is not worked",
        "from Friday to Monday",
        "a last day in the National Day holiday moves behind it",
        "working days jump over the holiday",
        "the Saturday of 10 October was worked",
        "a last day on a worked Saturday stays",
        "no day at all",
    ],
)
def test_the_last_day_of_a_limit(start: date, days: int, kind: str, last: date) -> None:
    assert last_day(start, Limit(days, kind), CALENDAR) == last


@given(DAYS, st.integers(0, 90), st.sampled_from(["natural", "working"]))
def test_what_is_left_on_the_first_day_is_the_limit(start: date, days: int, kind: str) -> None:
    last = last_day(start, Limit(days, kind), CALENDAR)
    left = days_left(start, last, kind, CALENDAR)
    assert left == days if kind == "working" else left >= days
    assert last >= start


@given(DAYS, st.integers(1, 60), st.integers(1, 60), st.sampled_from(["natural", "working"]))
def test_a_shorter_promise_never_ends_later(start: date, promise: int, law: int, kind: str) -> None:
    first = last_day(start, Limit(min(promise, law), kind), CALENDAR)
    assert first <= last_day(start, Limit(law, kind), CALENDAR)


def test_what_has_passed_is_negative() -> None:
    assert days_left(date(2026, 3, 9), date(2026, 3, 6), "natural", CALENDAR) == -3
    assert days_left(date(2026, 3, 9), date(2026, 3, 6), "working", CALENDAR) == -1
    assert days_left(date(2026, 3, 6), date(2026, 3, 6), "working", CALENDAR) == 0


def test_a_day_ends_at_24_of_the_countys_own_clock() -> None:
    due = end_of_day(date(2026, 3, 6), SHANGHAI)
    assert due == datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
    assert last_day_of(due, SHANGHAI) == date(2026, 3, 6)
    assert local_day(datetime(2026, 3, 6, 15, 59, tzinfo=UTC), SHANGHAI) == date(2026, 3, 6)
    assert local_day(datetime(2026, 3, 6, 16, 0, tzinfo=UTC), SHANGHAI) == date(2026, 3, 7)


def test_the_worse_of_two_colours() -> None:
    assert worse("green", "yellow") == worse("yellow", "green") == "yellow"
    assert worse("red", "orange") == "red"
