"""Working-day arithmetic over the environment's calendar, holidays and make-up days included. An extension."""

from decimal import Decimal

from app.engine.feel.builtins.standard import STANDARD
from app.engine.feel.environment import Run, WorkingCalendar
from app.engine.feel.errors import FeelError
from app.engine.feel.temporal import Date, DateTime
from app.engine.feel.values import number

_MAX_DAYS = 10_000


def _calendar(run: Run) -> WorkingCalendar:
    calendar = run.environment.calendar
    if calendar is None:
        raise FeelError("feel_no_calendar")
    return calendar


def _local_day(run: Run, moment: Date | DateTime) -> Date:
    """The day of a moment on the clocks of the environment's zone."""
    return moment.in_zone(run.environment.zone).date if isinstance(moment, DateTime) else moment


@STANDARD.function("add working days", "from: date|datetime", "days: number")
def add_working_days(run: Run, moment: Date | DateTime, days: Decimal) -> Date | DateTime | None:
    """The working day that lies `days` working days after `from` (before it when negative), at the same time of day.

    Days between that are not worked are not counted; 0 gives `from` itself. Null for a fraction of a day.
    """
    if days != days.to_integral_value() or abs(days) > _MAX_DAYS:
        return None
    calendar = _calendar(run)
    day = _local_day(run, moment)
    step = 1 if days > 0 else -1
    left = abs(int(days))
    while left:
        run.charge()
        day = day.plus_days(step)
        if calendar.is_working_day(day.to_python()):
            left -= 1
    if isinstance(moment, DateTime):
        return DateTime(day, moment.in_zone(run.environment.zone).time)
    return day


@STANDARD.function("working days between", "from: date|datetime", "to: date|datetime")
def working_days_between(run: Run, start: Date | DateTime, end: Date | DateTime) -> Decimal | None:
    """How many working days come after `from` up to and including `to`; negative when `to` lies before `from`."""
    calendar = _calendar(run)
    first, last = _local_day(run, start), _local_day(run, end)
    sign = 1
    if last < first:
        first, last, sign = last, first, -1
    if last.days - first.days > _MAX_DAYS:
        return None
    count = 0
    day = first
    while day < last:
        run.charge()
        day = day.plus_days(1)
        count += calendar.is_working_day((day if sign > 0 else day.plus_days(-1)).to_python())
    return number(sign * count)
