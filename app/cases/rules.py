"""Codes, titles, masks and time limits of a case: plain values in, plain values out."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from app.core.database import FOREVER
from app.directory.registers.rules import PALETTE

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Characters of a code: none that is mistaken for another on paper (no 0 O 1 I)."""

NATURAL = "natural"
WORKING = "working"


class WorkingCalendar(Protocol):
    def is_working_day(self, day: date) -> bool: ...


def check_character(body: str) -> str:
    """A weighted sum that one wrong digit or two swapped neighbours among the digits always change."""
    total = 0
    for character in body:
        if character.isalnum():
            total = (total * 2 + int(character, 36)) % 31
    return ALPHABET[total]


def case_code(prefix: str, year: int, sequence: int) -> str:
    """`FX2026-000123-7KQ`: prefix, year, sequence, two random characters, check character."""
    random_part = "".join(secrets.choice(ALPHABET) for _ in range(2))
    body = f"{prefix}{year}-{sequence:06d}-{random_part}"
    return body + check_character(body)


def is_case_code(code: str) -> bool:
    """Whether the check character fits."""
    return len(code) > 8 and check_character(code[:-1]) == code[-1]


def masked_name(name: str) -> str:
    """张三丰 -> 张×× ; an organisation keeps its first four characters."""
    name = name.strip()
    if len(name) <= 1:
        return name
    if len(name) > 4:
        return name[:4] + "×"
    return name[0] + "×" * (len(name) - 1)


def masked_phone(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else ("****" if phone else "")


def case_title(applicants: Iterable[str], respondents: Iterable[str], summary: str) -> str:
    """The masked names of the two sides, or the beginning of what happened."""
    sides = [
        masked_name(names[0]) + ("等" if len(names) > 1 else "")
        for names in (list(applicants), list(respondents))
        if names
    ]
    if sides:
        return "与".join(sides)
    text = " ".join(summary.split())
    return text[:24] + ("…" if len(text) > 24 else "")


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit in days, natural or working."""

    days: int
    day_kind: str


def last_day(start: date, limit: Limit, calendar: WorkingCalendar) -> date:
    """The last day of a limit that starts on `start`.

    The first day counted is the day after. Natural days that end on a day off move on to the next working day.
    """
    if limit.day_kind == WORKING:
        return add_working_days(start, limit.days, calendar)
    day = start + timedelta(days=limit.days)
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(start: date, days: int, calendar: WorkingCalendar) -> date:
    day = start
    while days > 0:
        day += timedelta(days=1)
        if calendar.is_working_day(day):
            days -= 1
    return day


def end_of_day(day: date, zone: str) -> datetime:
    """24:00 local of `day`, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(zone)).astimezone(UTC)


def local_day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def last_day_of(due_at: datetime, zone: str) -> date:
    """The day whose 24:00 is `due_at`."""
    return local_day(due_at - timedelta(seconds=1), zone)


def days_left(today: date, last: date, day_kind: str, calendar: WorkingCalendar) -> int:
    """Days from today until the last day, in the limit's own kind of days; negative when it has passed."""
    if day_kind == NATURAL:
        return (last - today).days
    step = 1 if last >= today else -1
    count, day = 0, today
    while day != last:
        day += timedelta(days=step)
        counted = day if step > 0 else day + timedelta(days=1)
        if calendar.is_working_day(counted):
            count += step
    return count


def worse(first: str, second: str) -> str:
    """The more dangerous of two colours."""
    rank = {colour: position for position, colour in enumerate(PALETTE)}
    return first if rank.get(first, -1) >= rank.get(second, -1) else second


MOST_WORKING_DAYS = 40
"""Beyond, days are told as the calendar counts them."""


@dataclass(frozen=True, slots=True)
class Due:
    """Days until a date, in working days while it lies ahead; negative when it has passed."""

    days: int
    working: bool
    at: datetime


def due_of(at: datetime, *, now: datetime, zone: str, calendar: WorkingCalendar) -> Due | None:
    """How long there is until a task is due (24:00 belongs to the day it ends); None for one without a date.

    Every page that shows a task asks here, so that all of them tell the same.
    """
    if at >= FOREVER:
        return None
    today, last = local_day(now, zone), last_day_of(at, zone)
    working = 0 <= (last - today).days <= MOST_WORKING_DAYS
    return Due(days_left(today, last, WORKING if working else NATURAL, calendar), working, at)


ADULT = 18


def sensitivity_of(*, danger_signs: object, guarded: object, ages: Iterable[int | None]) -> str:
    """ "restricted" where a family's violence or a child is part of the matter, else "normal"."""
    violence = isinstance(danger_signs, list) and bool({"domestic_violence", "minor_in_danger"} & set(danger_signs))
    child = any(age is not None and age < ADULT for age in ages)
    return "restricted" if violence or child or guarded is True else "normal"
