"""Temporal functions (DMN 1.5, 10.3.4.8) and the present moment (10.3.4.11)."""

from decimal import Decimal

from app.engine.feel.builtins.standard import STANDARD
from app.engine.feel.environment import Run
from app.engine.feel.temporal import Date, DateTime
from app.engine.feel.values import number

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day_of(moment: Date | DateTime) -> Date:
    return moment.date if isinstance(moment, DateTime) else moment


@STANDARD.function("now")
def now(run: Run) -> DateTime:
    """The environment's time on the clocks of its zone."""
    environment = run.environment
    return DateTime.from_python(environment.now.astimezone(environment.zone))


@STANDARD.function("today")
def today(run: Run) -> Date:
    return now(run).date


@STANDARD.function("day of year", "date: date|datetime", pure=True)
def day_of_year(run: Run, date: Date | DateTime) -> Decimal:
    return number(day_of(date).day_of_year)


@STANDARD.function("day of week", "date: date|datetime", pure=True)
def day_of_week(run: Run, date: Date | DateTime) -> str:
    return _WEEKDAYS[day_of(date).weekday - 1]


@STANDARD.function("month of year", "date: date|datetime", pure=True)
def month_of_year(run: Run, date: Date | DateTime) -> str:
    return _MONTHS[day_of(date).month - 1]


@STANDARD.function("week of year", "date: date|datetime", pure=True)
def week_of_year(run: Run, date: Date | DateTime) -> Decimal:
    """The week of ISO 8601: the one with the year's first Thursday is week 1."""
    day = day_of(date)
    thursday = day.plus_days(4 - day.weekday)
    return number((thursday.day_of_year - 1) // 7 + 1)
