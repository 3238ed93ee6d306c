"""Which days are worked: the national calendar with its make-up days, then the county's own overrides."""

from collections.abc import Mapping
from datetime import date

import chinese_calendar
from sqlalchemy import select

from app.core.database import db
from app.directory.models import CalendarDay


class CountyCalendar:
    """A working calendar as FEEL's working-day functions want it; overrides are read at its first question.

    The State Council announces a year's holidays late in the year before. Until a year is known, Monday to Friday
    count as worked and `guessed` turns true, so that whoever keeps the date can say so and count again later.
    """

    def __init__(self, county_id: int) -> None:
        self._county_id = county_id
        self._overrides: Mapping[date, bool] | None = None
        self.guessed = False

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is worked."""
        if self._overrides is None:
            rows = db.session.execute(
                select(CalendarDay.day, CalendarDay.working).where(CalendarDay.county_id == self._county_id)
            )
            self._overrides = {row.day: row.working for row in rows}
        if day in self._overrides:
            return self._overrides[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            self.guessed = True
            return day.weekday() < 5
