"""Set a day of the county's calendar, and take one back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.audit.services import Actor, Stream, record
from app.core.database import db
from app.directory.calendar.errors import DayIsSo, DayTooFar, NoOverride, ReasonMissing
from app.directory.models import CalendarDay
from app.directory.queries import county_office

FIRST = date(2004, 1, 1)
YEARS_AHEAD = 5

WORKING: Mapping[str, bool | None] = {"worked": True, "free": False, "national": None}
"""By the words in which forms and files say how a day counts."""


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day is to be worked, free, or (None) as the nation says, for a reason in one language or two."""

    day: date
    working: bool | None
    reason: str = ""
    reason_en: str = ""

    @property
    def reasons(self) -> tuple[str, str]:
        """As they are kept."""
        return self.reason.strip()[:120], self.reason_en.strip()[:120]


def change_day(county_id: int, change: DayChange, *, actor: Actor, now: datetime) -> None:
    """From now on a day counts as asked, whatever the national calendar says; or as that says, again."""
    day = change.day
    there = refuse_change(county_id, change, now=now)
    payload = {"day": day.isoformat()}
    if change.working is None:
        db.session.delete(there)
        event = "calendar.day_national"
    else:
        reason, reason_en = change.reasons
        if there is None:
            there = CalendarDay(county_id=county_id, day=day)
            db.session.add(there)
        there.working, there.reason, there.reason_en = change.working, reason, reason_en
        event = "calendar.day_worked" if change.working else "calendar.day_free"
        payload["reason"] = reason
    db.session.flush()
    record(calendar_stream(county_id), event, actor=actor, now=now, payload=payload)


def refuse_change(county_id: int, change: DayChange, *, now: datetime) -> CalendarDay | None:
    """Raises what is wrong with a change; returns what the county has set for the day so far."""
    day, there = change.day, override_of(county_id, change.day)
    if change.working is None:
        if there is None:
            raise NoOverride
        return there
    if not change.reasons[0]:
        raise ReasonMissing
    if day < FIRST or day.year > now.year + YEARS_AHEAD:
        raise DayTooFar
    if there is not None and (there.working, there.reason, there.reason_en) == (change.working, *change.reasons):
        raise DayIsSo
    return there


def override_of(county_id: int, day: date) -> CalendarDay | None:
    return db.session.scalars(
        select(CalendarDay).where(CalendarDay.county_id == county_id, CalendarDay.day == day)
    ).one_or_none()


def calendar_stream(county_id: int) -> Stream:
    """The calendar's history is the county office's."""
    return Stream.organisation(county_id, county_office(county_id).id)
