"""A year of the calendar: what the nation and the county say of its days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.core.database import db
from app.core.translations import language
from app.directory.calendars import national_days
from app.directory.models import CalendarDay


@dataclass(frozen=True, slots=True)
class DayLine:
    """A day that counts otherwise than its weekday says: free or worked, by whom and why."""

    day: date
    working: bool
    reason: str
    own: bool


@dataclass(frozen=True, slots=True)
class Year:
    number: int
    known: bool
    days: Sequence[DayLine]


def year_of(county_id: int, number: int) -> Year:
    """The days of a year in order; `known` is false while its holidays are not announced."""
    nation = national_days(number)
    own = db.session.scalars(
        select(CalendarDay).where(
            CalendarDay.county_id == county_id,
            CalendarDay.day >= date(number, 1, 1),
            CalendarDay.day <= date(number, 12, 31),
        )
    ).all()
    english = language() == "en"
    lines = {day: DayLine(day, working, names[english], False) for day, working, names in nation or ()}
    lines |= {one.day: DayLine(one.day, one.working, one.reason, True) for one in own}
    return Year(number, nation is not None, [lines[day] for day in sorted(lines)])
