"""A year of the calendar: what the nation and the county say of its days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.cases.queries import value_label
from app.cases.services.recalculation import summary, would_move
from app.core.database import db
from app.core.translations import language
from app.directory.calendars import CountyCalendar, national_days
from app.directory.models import CalendarDay, Organisation


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


LOOKED_AT = 5_000
"""Limits that a preview looks at; beyond them it says "at least"."""


def limits_moved(county_id: int, supposed: Mapping[date, bool | None]) -> Sequence[tuple[str, Organisation, int, int]]:
    """(kind, office, days, how many) of the running limits that end on another day if these days counted so."""
    calendar = CountyCalendar(county_id, supposed)
    moved = would_move(county_id, calendar, since=min(supposed), limit=LOOKED_AT)
    return summary([one for one in moved if one.before != one.after])


def limit_words(county_id: int, kind: str) -> str:
    zh, en = value_label(county_id, "clock", kind)
    return en if language() == "en" else zh


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
    for one in own:
        lines[one.day] = DayLine(one.day, one.working, (english and one.reason_en) or one.reason, True)
    return Year(number, nation is not None, [lines[day] for day in sorted(lines)])
