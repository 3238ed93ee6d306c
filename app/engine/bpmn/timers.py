"""Points in time, durations and cycles (ISO 8601 as BPMN 2.0.2, 10.5.5.6 uses it). All results are UTC."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.engine.bpmn.values import plain
from app.engine.feel.temporal import YearsMonthsDuration
from app.engine.findings import EngineError

_DURATION = re.compile(
    r"P(?!$)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?!$)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?$",
    re.IGNORECASE,
)
_CYCLE = re.compile(r"R(?P<count>\d*)/(?:(?P<start>\d[^/]*)/)?(?P<every>P[^/]+)$", re.IGNORECASE)
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Duration:
    months: int
    rest: timedelta
    text: str

    def after(self, start: datetime, zone: ZoneInfo) -> datetime:
        """Months are counted on the calendar of `zone`, the rest exactly."""
        local = start.astimezone(zone)
        if self.months:
            year, month = divmod(local.year * 12 + local.month - 1 + self.months, 12)
            if not 1 <= year <= 9999:
                raise EngineError("timer_out_of_reach", text=self.text)
            local = local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))
        try:
            return local.astimezone(UTC) + self.rest
        except OverflowError:
            raise EngineError("timer_out_of_reach", text=self.text) from None


@dataclass(frozen=True, slots=True)
class Cycle:
    """`left` is how many firings remain, -1 for no end."""

    due: datetime
    every: Duration
    left: int


def parse_duration(text: str) -> Duration:
    """An ISO 8601 duration; raises EngineError `timer_not_understood`."""
    found = _DURATION.match(text.strip())
    if found is None:
        raise EngineError("timer_not_understood", text=text)
    part = {name: float(value.replace(",", ".")) if value else 0.0 for name, value in found.groupdict().items()}
    try:
        rest = timedelta(
            weeks=part["weeks"],
            days=part["days"],
            hours=part["hours"],
            minutes=part["minutes"],
            seconds=part["seconds"],
        )
    except OverflowError:
        raise EngineError("timer_out_of_reach", text=text) from None
    return Duration(int(part["years"]) * 12 + int(part["months"]), rest, text.strip().upper())


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """24:00 of the day on the clocks of `zone`."""
    return datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)


def point(value: object, now: datetime, zone: ZoneInfo) -> datetime:
    """When a date, a date and time, a duration, or a text of one of them comes.

    A date is a deadline, 24:00 of that day. Raises EngineError `timer_not_understood`.
    """
    value = plain(value, zone)
    match value:
        case None:
            raise EngineError("timer_without_value")
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
        case date():
            return end_of(value, zone)
        case timedelta():
            return now.astimezone(UTC) + value
        case YearsMonthsDuration():
            return Duration(value.months, timedelta(), f"P{value.months}M").after(now, zone)
        case str():
            text = value.strip()
            if text[:1] in ("P", "p"):
                return parse_duration(text).after(now, zone)
            try:
                if len(text) == 10:
                    return end_of(date.fromisoformat(text), zone)
                moment = datetime.fromisoformat(text)
            except ValueError:
                raise EngineError("timer_not_understood", text=text) from None
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    raise EngineError("timer_not_understood", text=str(value))


def cycle(value: object, now: datetime, zone: ZoneInfo) -> Cycle:
    """`R3/P1D`, `R/2026-03-01T08:00/PT24H`, `P1D` (without end), or a duration value."""
    value = plain(value, zone)
    if isinstance(value, timedelta):
        every = Duration(0, value, f"PT{int(value.total_seconds())}S")
        return Cycle(_some(every).after(now, zone), every, -1)
    if isinstance(value, YearsMonthsDuration):
        every = Duration(value.months, timedelta(), f"P{value.months}M")
        return Cycle(_some(every).after(now, zone), every, -1)
    text = str(value).strip()
    if text[:1] in ("P", "p"):
        every = _some(parse_duration(text))
        return Cycle(every.after(now, zone), every, -1)
    found = _CYCLE.match(text)
    if found is None:
        raise EngineError("timer_not_understood", text=text)
    every = _some(parse_duration(found["every"]))
    left = int(found["count"]) if found["count"] else -1
    start = point(found["start"], now, zone) if found["start"] else every.after(now, zone)
    return Cycle(start, every, left)


def next_turn(turn: Cycle, now: datetime, zone: ZoneInfo) -> Cycle | None:
    """The turn after those that are due at `now`: missed ones count as fired. None when the cycle is over."""
    due, left = turn.due, turn.left
    if not turn.every.months and (behind := now - due) >= turn.every.rest * _MANY:
        skipped = behind // turn.every.rest
        due += turn.every.rest * skipped
        left = left if left < 0 else max(left - skipped, 0)
    while due <= now and left:
        due = turn.every.after(due, zone)
        left -= left > 0
    return Cycle(due, turn.every, left) if left else None


def _some(every: Duration) -> Duration:
    if not every.months and every.rest < timedelta(seconds=1):
        raise EngineError("timer_too_fast", text=every.text)
    return every
