"""Working-day arithmetic over a calendar with holidays and make-up days."""

from dataclasses import replace
from datetime import date

import pytest

from app.engine.feel import Date, FeelError, compile_expression
from app.engine.findings import EngineError


class Calendar:
    """Weekends off; the first three days of May off, the fourth, a Saturday, worked; data for 2024 and 2025 alone."""

    holidays = frozenset({date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 3)})
    make_up = frozenset({date(2024, 5, 4)})

    def is_working_day(self, day: date) -> bool:
        if day.year not in (2024, 2025):
            raise EngineError("calendar_year_missing", year=day.year)
        return day in self.make_up or (day.isoweekday() < 6 and day not in self.holidays)


@pytest.fixture
def count(environment):
    surroundings = replace(environment, calendar=Calendar())
    return lambda text: compile_expression(text).evaluate({}, surroundings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('add working days(@"2024-04-30", 1)', '@"2024-05-04"'),
        ('add working days(@"2024-04-30", 2)', '@"2024-05-06"'),
        ('add working days(@"2024-05-06", -2)', '@"2024-04-30"'),
        ('add working days(@"2024-05-01", 0)', '@"2024-05-01"'),
        ('add working days(@"2024-05-01", 1.5)', "null"),
        ('add working days(@"2024-04-30T17:30:00", 1)', '@"2024-05-04T17:30:00@Asia/Shanghai"'),
        ('add working days(@"2024-04-30T20:00:00Z", 1)', '@"2024-05-04T04:00:00@Asia/Shanghai"'),
        ('working days between(@"2024-04-30", @"2024-05-06")', "2"),
        ('working days between(@"2024-05-06", @"2024-04-30")', "-2"),
        ('working days between(@"2024-05-06", @"2024-05-06")', "0"),
        ('working days between(from: @"2024-05-01", to: @"2024-05-05")', "1"),
        ("add working days(null, 1)", "null"),
    ],
)
def test_working_days(count, text, expected):
    assert count(text) == count(expected)


def test_adding_and_counting_agree(count):
    for days in range(1, 60):
        assert count(f'working days between(@"2024-03-01", add working days(@"2024-03-01", {days}))') == days


def test_a_year_without_data_is_an_error_not_a_guess(count):
    with pytest.raises(EngineError, match="calendar_year_missing"):
        count('add working days(@"2025-12-31", 1)')
    assert isinstance(count('add working days(@"2025-12-30", 1)'), Date)


def test_without_a_calendar_there_is_no_answer(feel):
    with pytest.raises(FeelError, match="feel_no_calendar"):
        feel('add working days(@"2024-01-01", 1)')
