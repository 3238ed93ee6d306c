"""Set a day of the county's calendar, and take one back."""

from datetime import date, datetime

from sqlalchemy import select

from app.audit.services import Actor, Stream, record
from app.core.database import db
from app.directory.calendar.errors import DayIsSo, DayTooFar, NoOverride, ReasonMissing
from app.directory.models import CalendarDay
from app.directory.queries import county_office

FIRST = date(2004, 1, 1)
YEARS_AHEAD = 5


def set_day(
    county_id: int, day: date, *, working: bool, reason: str, reason_en: str = "", actor: Actor, now: datetime
) -> None:
    """From now on a day is worked or free, whatever the national calendar says."""
    reason, reason_en = reason.strip()[:120], reason_en.strip()[:120]
    if not reason:
        raise ReasonMissing
    if not day >= FIRST or day.year > now.year + YEARS_AHEAD:
        raise DayTooFar
    there = override_of(county_id, day)
    if there is not None and there.working == working:
        raise DayIsSo
    if there is None:
        db.session.add(CalendarDay(county_id=county_id, day=day, working=working, reason=reason, reason_en=reason_en))
    else:
        there.working, there.reason, there.reason_en = working, reason, reason_en
    db.session.flush()
    event = "calendar.day_worked" if working else "calendar.day_free"
    record(calendar_stream(county_id), event, actor=actor, now=now, payload={"day": day.isoformat(), "reason": reason})


def take_day_back(county_id: int, day: date, *, actor: Actor, now: datetime) -> None:
    """The national calendar counts again for a day."""
    there = override_of(county_id, day)
    if there is None:
        raise NoOverride
    db.session.delete(there)
    db.session.flush()
    record(calendar_stream(county_id), "calendar.day_national", actor=actor, now=now, payload={"day": day.isoformat()})


def override_of(county_id: int, day: date) -> CalendarDay | None:
    return db.session.scalars(
        select(CalendarDay).where(CalendarDay.county_id == county_id, CalendarDay.day == day)
    ).one_or_none()


def calendar_stream(county_id: int) -> Stream:
    """The calendar's history is the county office's."""
    return Stream.organisation(county_id, county_office(county_id).id)
