"""Which days are worked: the national calendar with its make-up days, then the county's own overrides."""

from collections.abc import Mapping
from datetime import date

import chinese_calendar
from sqlalchemy import select

from app.core.database import db
from app.directory.models import CalendarDay
from app.engine.findings import EngineError


class CalendarUnknown(EngineError):
    """No holiday data for a year: said, never guessed."""

    def __init__(self, year: int) -> None:
        super().__init__("calendar_unknown", year=year)


class CountyCalendar:
    """A working calendar as FEEL's working-day functions want it; overrides are read at its first question."""

    def __init__(self, county_id: int) -> None:
        self._county_id = county_id
        self._overrides: Mapping[date, bool] | None = None

    def is_working_day(self, day: date) -> bool:
        """True on a day that is worked. Raises CalendarUnknown for a year without data."""
        if self._overrides is None:
            rows = db.session.execute(
                select(CalendarDay.day, CalendarDay.working).where(CalendarDay.county_id == self._county_id)
            )
            self._overrides = {row.day: row.working for row in rows}
        if day in self._overrides:
            return self._overrides[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError as error:
            raise CalendarUnknown(day.year) from error
