"""Which days are worked: the national calendar with its make-up days, then the county's own overrides."""

from collections.abc import Mapping
from datetime import date

import chinese_calendar
from sqlalchemy import select

from app.core.database import db
from app.core.remembered import remembered
from app.directory.models import CalendarDay


class NationalCalendar:
    """The working calendar that holds for the whole country, as FEEL's working-day functions want it.

    The State Council announces a year's holidays late in the year before. Until a year is known, Monday to Friday
    count as worked and `guessed` turns true, so that whoever keeps the date can say so and count again later.
    """

    def __init__(self) -> None:
        self.guessed = False

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is worked."""
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            self.guessed = True
            return day.weekday() < 5


class CountyCalendar(NationalCalendar):
    """The national calendar with a county's overrides, which are read at the first question."""

    def __init__(self, county_id: int) -> None:
        super().__init__()
        self._county_id = county_id
        self._overrides: Mapping[date, bool] | None = None

    def is_working_day(self, day: date) -> bool:
        if self._overrides is None:
            self._overrides = remembered(("calendar", self._county_id), self._read)
        worked = self._overrides.get(day)
        return super().is_working_day(day) if worked is None else worked

    def _read(self) -> Mapping[date, bool]:
        rows = db.session.execute(
            select(CalendarDay.day, CalendarDay.working).where(CalendarDay.county_id == self._county_id)
        )
        return {row.day: row.working for row in rows}
