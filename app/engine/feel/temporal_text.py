"""Dates, times and durations as ISO 8601 text, read and written (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.8)."""

import re
from zoneinfo import ZoneInfo

from app.engine.feel.temporal import (
    SECOND,
    Date,
    DateTime,
    DaysTimeDuration,
    TemporalError,
    Time,
    YearsMonthsDuration,
    Zone,
)

Temporal = Date | Time | DateTime | DaysTimeDuration | YearsMonthsDuration

_DATE = re.compile(r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(Z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z0-9_+/-]{1,64})?",
    re.ASCII | re.IGNORECASE,
)
_DURATION = re.compile(
    r"(-)?P(?:(\d{1,18})Y)?(?:(\d{1,18})M)?(?:(\d{1,18})D)?"
    r"(?:T(?=\d)(?:(\d{1,18})H)?(?:(\d{1,18})M)?(?:(\d{1,18})(?:\.(\d{0,30}))?S)?)?",
    re.ASCII,
)
_MAX_OFFSET = 18 * 3600


def parse_date(text: str) -> Date:
    """Raises TemporalError unless `text` is a date."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise TemporalError("not a date")
    return Date(int(match[1]), int(match[2]), int(match[3]))


def parse_time(text: str) -> Time:
    """Raises TemporalError unless `text` is a time of day; 24:00:00 is midnight."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise TemporalError("not a time")
    if _ends_day(text):
        return Time(0, _parse_zone(match[5]))
    fraction = int((match[4] or "")[:9].ljust(9, "0"))
    return Time.of(int(match[1]), int(match[2]), int(match[3]), fraction, _parse_zone(match[5]))


def parse_date_and_time(text: str) -> DateTime:
    """Raises TemporalError unless `text` is a date and time; a date alone is its midnight."""
    day, separator, clock = text.partition("T")
    date, time = parse_date(day), parse_time(clock) if separator else Time(0)
    return DateTime(date.plus_days(1) if _ends_day(clock) else date, time)


def _ends_day(clock: str) -> bool:
    return clock.startswith("24:00:00") and not clock[8:].lstrip(".0")[:1].isdigit()


def parse_duration(text: str) -> DaysTimeDuration | YearsMonthsDuration:
    """Raises TemporalError unless `text` is a duration of one of the two kinds."""
    match = _DURATION.fullmatch(text)
    if match is None or text[-1] in "PT":
        raise TemporalError("not a duration")
    sign = -1 if match[1] else 1
    years, months, days, hours, minutes, seconds = (match[index] for index in range(2, 8))
    if years is not None or months is not None:
        if any(part is not None for part in (days, hours, minutes, seconds)):
            raise TemporalError("not a duration")
        return YearsMonthsDuration(sign * (int(years or 0) * 12 + int(months or 0)))
    whole = int(days or 0) * 86_400 + int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return DaysTimeDuration(sign * (whole * SECOND + int((match[8] or "")[:9].ljust(9, "0"))))


def parse_temporal(text: str) -> Temporal:
    """The value of the literal `@"text"`; raises TemporalError when it is none."""
    if text.startswith(("P", "-P")):
        return parse_duration(text)
    if "T" in text.partition("@")[0]:
        return parse_date_and_time(text)
    return parse_time(text) if ":" in text else parse_date(text)


def _parse_zone(text: str | None) -> Zone:
    if text is None:
        return None
    if text in ("Z", "z"):
        return 0
    if text[0] == "@":
        return named_zone(text[1:])
    parts = [int(part) for part in text[1:].split(":")]
    seconds = parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) == 3 else 0)
    if seconds > _MAX_OFFSET or any(part > 59 for part in parts[1:]):
        raise TemporalError("no such offset")
    return -seconds if text[0] == "-" else seconds


def named_zone(name: str) -> ZoneInfo:
    """A zone of the IANA data; raises TemporalError for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise TemporalError("no such zone") from None


def format_temporal(value: Temporal) -> str:
    """The ISO text of a value, which reads back as the same value."""
    match value:
        case Date():
            return _format_date(value)
        case Time():
            return _format_clock(value) + _format_zone(value.zone)
        case DateTime():
            return f"{_format_date(value.date)}T{_format_clock(value.time)}{_format_zone(value.zone)}"
        case YearsMonthsDuration():
            return _format_months(value.months)
    return _format_nanoseconds(value.nanoseconds)


def _format_date(date: Date) -> str:
    sign = "-" if date.year < 0 else ""
    return f"{sign}{abs(date.year):04d}-{date.month:02d}-{date.day:02d}"


def _format_clock(time: Time) -> str:
    return f"{time.hour:02d}:{time.minute:02d}:{time.second:02d}{_format_fraction(time.fraction)}"


def _format_fraction(nanoseconds: int) -> str:
    return f".{nanoseconds:09d}".rstrip("0") if nanoseconds else ""


def _format_zone(zone: Zone) -> str:
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    if zone == 0:
        return "Z"
    minutes, seconds = divmod(abs(zone), 60)
    text = f"{'-' if zone < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def _format_months(months: int) -> str:
    if not months:
        return "P0M"
    years, rest = divmod(abs(months), 12)
    return f"{'-' if months < 0 else ''}P{f'{years}Y' if years else ''}{f'{rest}M' if rest else ''}"


def _format_nanoseconds(nanoseconds: int) -> str:
    if not nanoseconds:
        return "PT0S"
    seconds, fraction = divmod(abs(nanoseconds), SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    text = f"{'-' if nanoseconds < 0 else ''}P{f'{days}D' if days else ''}"
    clock = f"{f'{hours}H' if hours else ''}{f'{minutes}M' if minutes else ''}"
    if seconds or fraction:
        clock += f"{seconds}{_format_fraction(fraction)}S"
    return f"{text}T{clock}" if clock else text
