"""How dates, spans and colours are worded; template filters and functions."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from flask import Flask
from flask_babel import get_locale, get_timezone, ngettext, to_user_timezone
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import clock

SOON_DAYS = 1


def day_words(day: date) -> str:
    """A date with how long from now: 11月25日（3 天后）."""
    today = clock.now().astimezone(_zone()).date()
    pattern = "MMMd" if day.year == today.year else "yMMMd"
    return str(_("%(date)s (%(distance)s)", date=_date(day, pattern), distance=distance_words((day - today).days)))


def moment_words(at: datetime) -> str:
    """A moment with how long from now, in the county's time."""
    today = clock.now().astimezone(_zone()).date()
    local = to_user_timezone(at)
    pattern = "MMMd" if local.year == today.year else "yMMMd"
    words = f"{_date(local.date(), pattern)} {local:%H:%M}"
    return str(_("%(date)s (%(distance)s)", date=words, distance=distance_words((local.date() - today).days)))


def distance_words(days: int) -> str:
    if days == 0:
        return str(_("today"))
    if days > 0:
        return str(ngettext("in %(num)s day", "in %(num)s days", days))
    return str(ngettext("%(num)s day ago", "%(num)s days ago", -days))


def span_words(span: timedelta) -> str:
    """A length of time in its largest two units that matter: 2 天 3 小时."""
    minutes = max(0, int(span.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    words = []
    if days:
        words.append(ngettext("%(num)s day", "%(num)s days", days))
    if hours and days < 10:
        words.append(ngettext("%(num)s hour", "%(num)s hours", hours))
    if rest and not days:
        words.append(ngettext("%(num)s minute", "%(num)s minutes", rest))
    return " ".join(words) or _("less than a minute")


def due_words(days: int, *, working: bool = False) -> str:
    """What a due chip says: ``days`` left, in working or natural days; negative when overdue."""
    if days == 0:
        return str(_("Due today"))
    if days > 0:
        if working:
            return str(ngettext("%(num)s working day left", "%(num)s working days left", days))
        return str(ngettext("%(num)s day left", "%(num)s days left", days))
    if working:
        return str(ngettext("%(num)s working day overdue", "%(num)s working days overdue", -days))
    return str(ngettext("%(num)s day overdue", "%(num)s days overdue", -days))


def due_tone(days: int) -> str:
    if days < 0:
        return "bad"
    return "warn" if days <= SOON_DAYS else "calm"


_COLOURS = {"red": _l("Red"), "orange": _l("Orange"), "yellow": _l("Yellow"), "green": _l("Green")}

_own_colours: list[Callable[[str], tuple[str, str]]] = []


def use_own_colours(reader: Callable[[str], tuple[str, str]]) -> None:
    """Ask `reader` first how a colour is called here and in which tone it is shown; empty: as everywhere."""
    _own_colours[:] = [reader]


def colour_tone(colour: str) -> str:
    """The tone in which a risk colour is shown."""
    return next((tone for _words, tone in (reader(colour) for reader in _own_colours) if tone), colour)


def colour_words(colour: str) -> str:
    """The word that always stands beside a risk colour; an unknown colour is shown as it is."""
    own = next((words for words, _tone in (reader(colour) for reader in _own_colours) if words), "")
    if own:
        return own
    return str(_COLOURS.get(colour, colour))


def _zone() -> ZoneInfo:
    return ZoneInfo(str(get_timezone()))


def _date(day: date, skeleton: str) -> str:
    return _in_words(day, skeleton, get_locale())


def full_day_words(day: date) -> str:
    """The weekday with day, month and year."""
    return _in_words(day, "full", get_locale())


def full_moment_words(at: datetime) -> str:
    """The same with the time, in the county's time."""
    local = to_user_timezone(at)
    return f"{full_day_words(local.date())} {local:%H:%M}"


@lru_cache(maxsize=4096)
def _in_words(day: date, form: str, locale: Locale) -> str:
    return format_date(day, form, locale) if form == "full" else format_skeleton(form, day, locale=locale)


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        day=day_words,
        moment=moment_words,
        span=span_words,
        short_moment=lambda at: f"{to_user_timezone(at):%Y-%m-%d %H:%M}",
        clock_time=lambda at: f"{to_user_timezone(at):%H:%M}",
        full_day=full_day_words,
        full_moment=full_moment_words,
    )
    app.jinja_env.globals.update(
        due_words=due_words, due_tone=due_tone, colour_words=colour_words, colour_tone=colour_tone
    )
