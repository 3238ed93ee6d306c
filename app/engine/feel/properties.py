"""Properties of dates, times, durations and ranges (DMN 1.5, 10.3.2.12, table 61)."""

from zoneinfo import ZoneInfo

from app.engine.feel.ranges import Range
from app.engine.feel.temporal import SECOND as _SECOND
from app.engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from app.engine.feel.values import number


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
            return number(time.second)
        case "time offset":
            seconds = time.offset if offset is None else offset
            return None if seconds is None else DaysTimeDuration(seconds * _SECOND)
        case "timezone":
            return time.zone.key if isinstance(time.zone, ZoneInfo) else None
    return None


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
