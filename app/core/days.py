"""How days and moments are told: in the reader's language, in the county's time, with how long from now."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from flask_babel import get_locale, get_timezone, ngettext, to_user_timezone
from flask_babel import gettext as _

from app.core import clock

_KEPT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2})?")


def day_words(day: date) -> str:
    """A date with how long from now: 11月25日（3 天后）."""
    today = _today()
    pattern = "MMMd" if day.year == today.year else "yMMMd"
    return str(_("%(date)s (%(distance)s)", date=_date(day, pattern), distance=distance_words((day - today).days)))


def moment_words(at: datetime) -> str:
    """A moment with how long from now, in the county's time."""
    today = _today()
    local = to_user_timezone(at)
    pattern = "MMMd" if local.year == today.year else "yMMMd"
    words = f"{_date(local.date(), pattern)} {local:%H:%M}"
    return str(_("%(date)s (%(distance)s)", date=words, distance=distance_words((local.date() - today).days)))


def last_day_words(end: datetime) -> str:
    """The last day that belongs to what ends at this moment; midnight ends the day before it."""
    return day_words(to_user_timezone(end - timedelta(seconds=1)).date())


def day_distance_words(day: date) -> str:
    return distance_words((day - _today()).days)


def distance_words(days: int) -> str:
    if days == 0:
        return str(_("today"))
    if days > 0:
        return str(ngettext("in %(num)s day", "in %(num)s days", days))
    return str(ngettext("%(num)s day ago", "%(num)s days ago", -days))


def full_day_words(day: date) -> str:
    """The weekday with day, month and year."""
    return _date(day, "full")


def full_moment_words(at: datetime) -> str:
    """The same with the time, in the county's time."""
    local = to_user_timezone(at)
    return f"{full_day_words(local.date())} {local:%H:%M}"


def told(value: object) -> object:
    """A value as a sentence says it: days and moments in words, anything else as it is."""
    if isinstance(value, datetime):
        return moment_words(value)
    return day_words(value) if isinstance(value, date) else value


def kept_told(value: object) -> object:
    """The same for what a history keeps: a day as text, with or without the county's time, is told in words."""
    if not isinstance(value, str) or not _KEPT.fullmatch(value):
        return told(value)
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return day_words(at.date()) if len(value) == len("2026-12-02") else moment_words(at.replace(tzinfo=_zone()))


def kept_in_full(value: object, locale: Locale) -> object:
    """The same for what is read at any time later, such as a mail: with the year, and without how long from now."""
    if not isinstance(value, str) or not _KEPT.fullmatch(value):
        return value
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    day = _in_words(at.date(), "full", locale)
    return day if len(value) == len("2026-12-02") else f"{day} {at:%H:%M}"


def _today() -> date:
    return clock.now().astimezone(_zone()).date()


def _zone() -> ZoneInfo:
    return ZoneInfo(str(get_timezone()))


def _date(day: date, form: str) -> str:
    return _in_words(day, form, get_locale())


@lru_cache(maxsize=4096)
def _in_words(day: date, form: str, locale: Locale) -> str:
    return format_date(day, form, locale) if form == "full" else format_skeleton(form, day, locale=locale)
