"""Which days are worked: the national calendar with its make-up days, then the county's own overrides."""

from calendar import isleap
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
from sqlalchemy import select

from app.core.database import db
from app.core.remembered import remembered
from app.directory.models import CalendarDay


def national_days(year: int) -> list[tuple[date, bool, tuple[str, str]]] | None:
    """(day, whether worked, what for in both languages) of days unlike their weekday; None while none are known."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return None
    found = []
    for number in range(366 if isleap(year) else 365):
        day = date(year, 1, 1) + timedelta(days=number)
        worked = bool(chinese_calendar.is_workday(day))
        if worked != (day.weekday() < 5):
            holiday = chinese_calendar.workdays.get(day) or chinese_calendar.holidays.get(day)
            named = next((one for one in chinese_calendar.Holiday if one.value == holiday), None)
            found.append((day, worked, (named.chinese, named.value) if named is not None else ("", "")))
    return found


@lru_cache(maxsize=4096)
def _nation_works(day: date) -> bool | None:
    """None while the year's holidays are not known."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


class NationalCalendar:
    """The working calendar that holds for the whole country, as FEEL's working-day functions want it.

    The State Council announces a year's holidays late in the year before. Until a year is known, Monday to Friday
    count as worked and `guessed` turns true, so that whoever keeps the date can say so and count again later.
    """

    def __init__(self) -> None:
        self.guessed = False

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is worked."""
        worked = _nation_works(day)
        if worked is None:
            self.guessed = True
            return day.weekday() < 5
        return worked


class CountyCalendar(NationalCalendar):
    """The national calendar with a county's overrides, which are read at the first question.

    `supposed` are days that are worked, free or (None) as the nation says, to see what a change would do.
    """

    def __init__(self, county_id: int, supposed: Mapping[date, bool | None] | None = None) -> None:
        super().__init__()
        self._county_id = county_id
        self._supposed = supposed or {}
        self._overrides: Mapping[date, bool] | None = None
        self._known: dict[date, bool] = {}

    def is_working_day(self, day: date) -> bool:
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._is_working_day(day)
        return known

    def _is_working_day(self, day: date) -> bool:
        if self._overrides is None:
            self._overrides = remembered(("calendar", self._county_id), self._read)
        worked = self._supposed[day] if day in self._supposed else self._overrides.get(day)
        return super().is_working_day(day) if worked is None else worked

    def _read(self) -> Mapping[date, bool]:
        rows = db.session.execute(
            select(CalendarDay.day, CalendarDay.working).where(CalendarDay.county_id == self._county_id)
        )
        return {row.day: row.working for row in rows}
