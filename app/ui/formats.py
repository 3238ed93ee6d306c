"""How spans, limits and colours are worded; template filters and functions, with those for days."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache, lru_cache

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext, to_user_timezone

from app.core.days import (
    day_distance_words,
    day_words,
    full_day_words,
    full_moment_words,
    last_day_words,
    moment_words,
)
from app.core.sizes import size_words
from app.core.translations import language

SOON_DAYS = 1


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


def begin(words: object) -> str:
    """Words as an entry of a list of choices begins with them: a capital in English."""
    text = words if isinstance(words, str) else str(words)
    return text[:1].upper() + text[1:]


def due_words(days: int, *, working: bool = False) -> str:
    """What a due chip says: ``days`` left, in working or natural days; negative when overdue."""
    return _due_words(days, working, language())


@lru_cache(maxsize=4096)
def _due_words(days: int, working: bool, _language: str) -> str:
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


_COLOURS = {"red": _l("Red"), "orange": _l("Orange"), "yellow": _l("Yellow"), "blue": _l("Blue"), "green": _l("Green")}

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


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        begin=begin,
        day=day_words,
        moment=moment_words,
        last_day=last_day_words,
        day_distance=day_distance_words,
        span=span_words,
        size=size_words,
        short_moment=lambda at: f"{to_user_timezone(at):%Y-%m-%d %H:%M}",
        clock_time=lambda at: f"{to_user_timezone(at):%H:%M}",
        full_day=full_day_words,
        full_moment=full_moment_words,
    )
    app.jinja_env.globals.update(
        due_words=due_words, due_tone=due_tone, colour_words=colour_words, colour_tone=colour_tone, cached=cache
    )
