"""Dates, times and durations (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.8), for any year up to nine digits.

Python's own types stop at the years 1 and 9999 and at microseconds; these do not.
A zone is None (local), seconds east of UTC, or a named ZoneInfo.
"""

import datetime as python
from abc import ABC, abstractmethod
from dataclasses import dataclass
from zoneinfo import ZoneInfo

Zone = int | ZoneInfo | None

MAX_YEAR = 999_999_999
MAX_NANOSECONDS = 10**27
MAX_MONTHS = MAX_YEAR * 12
SECOND = 1_000_000_000
DAY_SECONDS = 86_400
DAY = DAY_SECONDS * SECOND
_DAYS_PER_400_YEARS = 146_097
_EPOCH = python.date(1970, 1, 1).toordinal()


class TemporalError(ValueError):
    """A date, time or duration that does not exist or is out of reach."""


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A day of the proleptic Gregorian calendar; raises TemporalError for one that does not exist."""

    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        if not -MAX_YEAR <= self.year <= MAX_YEAR or not 1 <= self.month <= 12:
            raise TemporalError("no such date")
        if not 1 <= self.day <= days_in_month(self.year, self.month):
            raise TemporalError("no such date")

    @classmethod
    def from_python(cls, day: python.date) -> "Date":
        return cls(day.year, day.month, day.day)

    def to_python(self) -> python.date:
        """The same day as a `datetime.date`; raises TemporalError outside the years 1 to 9999."""
        if not 1 <= self.year <= 9999:
            raise TemporalError("year out of reach")
        return python.date(self.year, self.month, self.day)

    @classmethod
    def from_days(cls, days: int) -> "Date":
        """The day that lies `days` after 1970-01-01."""
        cycle, within = divmod(days + _EPOCH - 1, _DAYS_PER_400_YEARS)
        day = python.date.fromordinal(within + 1)
        return cls(day.year + 400 * cycle, day.month, day.day)

    @property
    def days(self) -> int:
        """Days since 1970-01-01."""
        cycle, within = divmod(self.year - 1, 400)
        return python.date(within + 1, self.month, self.day).toordinal() + cycle * _DAYS_PER_400_YEARS - _EPOCH

    @property
    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday."""
        return (self.days + 3) % 7 + 1

    @property
    def day_of_year(self) -> int:
        return self.days - Date(self.year, 1, 1).days + 1

    def plus_days(self, days: int) -> "Date":
        return Date.from_days(self.days + days)

    def plus_months(self, months: int) -> "Date":
        """The same day of a later month, or that month's last day."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Date(year, month + 1, min(self.day, days_in_month(year, month + 1)))


class _Clocked(ABC):
    """Comparison by whole seconds: the valuet and valuedt of 10.3.2.3.4 and 10.3.2.3.6, as table 54 orders them."""

    __slots__ = ()

    @property
    @abstractmethod
    def zone(self) -> Zone: ...

    @property
    @abstractmethod
    def instant(self) -> int:
        """Nanoseconds from midnight or from 1970-01-01, in UTC when zoned."""

    @property
    @abstractmethod
    def local_seconds(self) -> int:
        """Whole seconds on the wall clock."""

    def _pair(self, other: "_Clocked") -> tuple[int, int]:
        """The two numbers to compare; where one of the two has no offset it takes the other's."""
        if type(other) is not type(self):
            raise TypeError("no order between different kinds")
        if (self.zone is None) != (other.zone is None):
            return self.local_seconds, other.local_seconds
        return self.instant // SECOND, other.instant // SECOND

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Clocked) or type(other) is not type(self):
            return NotImplemented
        return (self.zone is None) == (other.zone is None) and self.instant // SECOND == other.instant // SECOND

    def __lt__(self, other: "_Clocked") -> bool:
        one, two = self._pair(other)
        return one < two

    def __le__(self, other: "_Clocked") -> bool:
        one, two = self._pair(other)
        return one <= two

    def __gt__(self, other: "_Clocked") -> bool:
        one, two = self._pair(other)
        return one > two

    def __ge__(self, other: "_Clocked") -> bool:
        one, two = self._pair(other)
        return one >= two

    def __hash__(self) -> int:
        return hash((self.zone is None, self.instant // SECOND))


@dataclass(frozen=True, slots=True, eq=False)
class Time(_Clocked):
    """A time of day; `nanoseconds` counts from midnight. Times are compared by their whole seconds."""

    nanoseconds: int
    zone: Zone = None

    def __post_init__(self) -> None:
        if not 0 <= self.nanoseconds < DAY:
            raise TemporalError("no such time")

    @classmethod
    def of(cls, hour: int, minute: int, second: int, nanosecond: int = 0, zone: Zone = None) -> "Time":
        if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 and 0 <= nanosecond < SECOND):
            raise TemporalError("no such time")
        return cls((hour * 3600 + minute * 60 + second) * SECOND + nanosecond, zone)

    @classmethod
    def from_python(cls, time: python.time) -> "Time":
        zone: Zone = time.tzinfo if isinstance(time.tzinfo, ZoneInfo) else None
        if zone is None and time.tzinfo is not None:
            zone = _whole_seconds(time.utcoffset())
        return cls.of(time.hour, time.minute, time.second, time.microsecond * 1000, zone)

    @property
    def hour(self) -> int:
        return self.nanoseconds // (3600 * SECOND)

    @property
    def minute(self) -> int:
        return self.nanoseconds // (60 * SECOND) % 60

    @property
    def second(self) -> int:
        return self.nanoseconds // SECOND % 60

    @property
    def fraction(self) -> int:
        """Nanoseconds within the second."""
        return self.nanoseconds % SECOND

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC, None for a local time; a named zone is taken at its offset of 1970-01-01."""
        return zone_offset(self.zone, Date(1970, 1, 1), self.nanoseconds)

    @property
    def instant(self) -> int:
        return self.nanoseconds - (self.offset or 0) * SECOND

    @property
    def local_seconds(self) -> int:
        return self.nanoseconds // SECOND

    def plus(self, nanoseconds: int) -> "Time":
        return Time((self.nanoseconds + nanoseconds) % DAY, self.zone)


@dataclass(frozen=True, slots=True, eq=False)
class DateTime(_Clocked):
    """A date with a time of day, compared by whole seconds; zoned ones as instants."""

    date: Date
    time: Time

    @classmethod
    def from_python(cls, moment: python.datetime) -> "DateTime":
        zone: Zone = moment.tzinfo if isinstance(moment.tzinfo, ZoneInfo) else None
        if zone is None and moment.tzinfo is not None:
            zone = _whole_seconds(moment.utcoffset())
        time = Time.of(moment.hour, moment.minute, moment.second, moment.microsecond * 1000, zone)
        return cls(Date.from_python(moment.date()), time)

    def to_python(self, zone: ZoneInfo) -> python.datetime:
        """The same moment as an aware `datetime.datetime`; `zone` is the one of a local value.

        Nanoseconds are cut to microseconds. Raises TemporalError outside the years 1 to 9999.
        """
        time = self.time
        own: python.tzinfo = zone
        if isinstance(time.zone, ZoneInfo):
            own = time.zone
        elif time.zone is not None:
            own = python.timezone(python.timedelta(seconds=time.zone))
        clock = python.time(time.hour, time.minute, time.second, time.fraction // 1000)
        return python.datetime.combine(self.date.to_python(), clock, own)

    @classmethod
    def from_instant(cls, instant: int, zone: Zone) -> "DateTime":
        """The moment `instant` nanoseconds after 1970-01-01T00:00:00Z on the clocks of `zone`."""
        if isinstance(zone, ZoneInfo):
            seconds, fraction = divmod(instant, SECOND)
            offset = _offset_at_instant(zone, seconds)
            days, within = divmod(seconds + offset, DAY_SECONDS)
            return cls(Date.from_days(days), Time(within * SECOND + fraction, zone))
        days, within = divmod(instant + (zone or 0) * SECOND, DAY)
        return cls(Date.from_days(days), Time(within, zone))

    @property
    def zone(self) -> Zone:
        return self.time.zone

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC, None for a local date and time."""
        return zone_offset(self.time.zone, self.date, self.time.nanoseconds)

    @property
    def instant(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00, in UTC when zoned."""
        return self.date.days * DAY + self.time.nanoseconds - (self.offset or 0) * SECOND

    @property
    def local_seconds(self) -> int:
        return self.date.days * DAY_SECONDS + self.time.nanoseconds // SECOND

    def plus(self, nanoseconds: int) -> "DateTime":
        if isinstance(self.zone, ZoneInfo):
            return DateTime.from_instant(self.instant + nanoseconds, self.zone)
        days, within = divmod(self.time.nanoseconds + nanoseconds, DAY)
        return DateTime(self.date.plus_days(days), Time(within, self.time.zone))

    def plus_months(self, months: int) -> "DateTime":
        return DateTime(self.date.plus_months(months), self.time)

    def in_zone(self, zone: ZoneInfo) -> "DateTime":
        """The same moment on the clocks of `zone`; a local one is taken to be there already."""
        if self.zone is None:
            return DateTime(self.date, Time(self.time.nanoseconds, zone))
        return DateTime.from_instant(self.instant, zone)


@dataclass(frozen=True, slots=True, order=True)
class DaysTimeDuration:
    """A days and time duration, in nanoseconds."""

    nanoseconds: int

    def __post_init__(self) -> None:
        if abs(self.nanoseconds) > MAX_NANOSECONDS:
            raise TemporalError("duration out of reach")

    @classmethod
    def from_python(cls, duration: python.timedelta) -> "DaysTimeDuration":
        return cls((duration.days * DAY_SECONDS + duration.seconds) * SECOND + duration.microseconds * 1000)

    def to_python(self) -> python.timedelta:
        """The same length as a `datetime.timedelta`; raises TemporalError beyond its reach."""
        try:
            return python.timedelta(microseconds=self.nanoseconds // 1000)
        except OverflowError:
            raise TemporalError("duration out of reach") from None

    def part(self, unit: str) -> int | None:
        """Days, hours, minutes or seconds as they stand in the ISO text, with the duration's sign."""
        seconds = abs(self.nanoseconds) // SECOND
        sign = -1 if self.nanoseconds < 0 else 1
        match unit:
            case "days":
                return sign * (seconds // DAY_SECONDS)
            case "hours":
                return sign * (seconds // 3600 % 24)
            case "minutes":
                return sign * (seconds // 60 % 60)
            case "seconds":
                return sign * (seconds % 60)
        return None


@dataclass(frozen=True, slots=True, order=True)
class YearsMonthsDuration:
    """A years and months duration, in months."""

    months: int

    def __post_init__(self) -> None:
        if abs(self.months) > MAX_MONTHS:
            raise TemporalError("duration out of reach")

    def part(self, unit: str) -> int | None:
        """Years or months as they stand in the ISO text, with the duration's sign."""
        sign = -1 if self.months < 0 else 1
        match unit:
            case "years":
                return sign * (abs(self.months) // 12)
            case "months":
                return sign * (abs(self.months) % 12)
        return None


def zone_offset(zone: Zone, date: Date, nanoseconds: int) -> int | None:
    """Seconds east of UTC that `zone` keeps at a wall-clock moment; None for no zone."""
    if zone is None or isinstance(zone, int):
        return zone
    clock = python.datetime.combine(_near(date), python.time.min) + python.timedelta(microseconds=nanoseconds // 1000)
    return _whole_seconds(clock.replace(tzinfo=zone).utcoffset())


def _offset_at_instant(zone: ZoneInfo, seconds: int) -> int:
    days, within = divmod(seconds, DAY_SECONDS)
    day = _near(Date.from_days(days))
    moment = python.datetime.combine(day, python.time.min, python.UTC) + python.timedelta(seconds=within)
    return _whole_seconds(moment.astimezone(zone).utcoffset())


def _near(date: Date) -> python.date:
    """The day itself, or for years that Python lacks one of a year with the same calendar."""
    year = date.year
    if year < 3:
        year = 400 + year % 400
    elif year > 9997:
        year = 9200 + year % 400
    return python.date(year, date.month, date.day)


def _whole_seconds(offset: python.timedelta | None) -> int:
    return 0 if offset is None else offset.days * DAY_SECONDS + offset.seconds
