"""What an account, a phone number and a role may be: plain values in, plain values out."""

import re
from datetime import date

from app.core.texts import one_line
from app.directory.rules import ROLES
from app.directory.staff.errors import NameMissing, NoLogin, PhoneWrong, RoleEndsBeforeItBegins, RoleUnknown

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,59}")
_PHONE = re.compile(r"\+?[0-9][0-9 \-]{3,28}[0-9]")

PAST, CURRENT, PLANNED = "past", "current", "planned"

LANGUAGES: dict[str, tuple[str, str]] = {
    "zh": ("普通话", "Mandarin"),
    "wu": ("吴语", "Wu"),
    "yue": ("粤语", "Cantonese"),
    "min": ("闽语", "Min"),
    "hakka": ("客家话", "Hakka"),
    "bo": ("藏语", "Tibetan"),
    "ug": ("维吾尔语", "Uyghur"),
    "mn": ("蒙古语", "Mongolian"),
    "za": ("壮语", "Zhuang"),
    "ii": ("彝语", "Yi"),
    "ko": ("朝鲜语", "Korean"),
    "sign": ("手语", "Sign language"),
    "en": ("英语", "English"),
}
"""What a person may speak with the parties."""


def checked_login(login: str) -> str:
    """The account as it is kept; NoLogin for what is none."""
    if not _LOGIN.fullmatch(login.strip()):
        raise NoLogin
    return login.strip()


def checked_name(name: str) -> str:
    name = one_line(name)[:60]
    if not name:
        raise NameMissing
    return name


def checked_phone(phone: str) -> str | None:
    """The phone number, None for none; PhoneWrong for what is none."""
    phone = phone.strip()
    if not phone:
        return None
    if not _PHONE.fullmatch(phone) or not 5 <= sum(character.isdigit() for character in phone) <= 20:
        raise PhoneWrong
    return phone


def checked_term(role: str, from_date: date, to_date: date | None) -> None:
    if role not in ROLES:
        raise RoleUnknown
    if to_date is not None and to_date < from_date:
        raise RoleEndsBeforeItBegins


def term_on(day: date, from_date: date, to_date: date | None) -> str:
    """Whether a role is past, current or planned on a day."""
    if to_date is not None and to_date < day:
        return PAST
    return PLANNED if day < from_date else CURRENT
