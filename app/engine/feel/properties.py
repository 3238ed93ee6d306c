"""Properties of dates, times, durations and ranges (DMN 1.5, 10.3.2.15, tables 64 to 67)."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from app.engine.feel.ranges import Range
from app.engine.feel.temporal import SECOND as _SECOND
from app.engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from app.engine.feel.values import NUMBERS, number


def property_of(value: object, name: str) -> object:
    """The property `name` of the value, null when it has none."""
    match value:
        case Date():
            return _of_date(value, name)
        case Time():
            return _of_time(value, name)
        case DateTime():
            return _of_date(value.date, name) or _of_time(value.time, name, value.offset)
        case DaysTimeDuration() | YearsMonthsDuration():
            if name == "seconds" and isinstance(value, DaysTimeDuration):
                sign = -1 if value.nanoseconds < 0 else 1
                return _with_fraction(sign * (abs(value.nanoseconds) % (60 * _SECOND)))
            part = value.part(name)
            return None if part is None else number(part)
        case Range():
            return _of_range(value, name)
    return None


def _of_date(date: Date, name: str) -> object:
    match name:
        case "year":
            return number(date.year)
        case "month":
            return number(date.month)
        case "day":
            return number(date.day)
        case "weekday":
            return number(date.weekday)
    return None


def _of_time(time: Time, name: str, offset: int | None = None) -> object:
    match name:
        case "hour":
            return number(time.hour)
        case "minute":
            return number(time.minute)
        case "second":
            return _with_fraction(time.second * _SECOND + time.fraction)
        case "time offset":
            seconds = time.offset if offset is None else offset
            return None if seconds is None else DaysTimeDuration(seconds * _SECOND)
        case "timezone":
            return time.zone.key if isinstance(time.zone, ZoneInfo) else None
    return None


def _with_fraction(nanoseconds: int) -> Decimal:
    """Seconds as a number, whole ones without a point."""
    if nanoseconds % _SECOND == 0:
        return number(nanoseconds // _SECOND)
    return NUMBERS.divide(Decimal(nanoseconds), Decimal(_SECOND))


def _of_range(range_: Range, name: str) -> object:
    match name:
        case "start":
            return range_.low
        case "end":
            return range_.high
        case "start included":
            return range_.low_closed
        case "end included":
            return range_.high_closed
    return None
