"""Texts of a played case, looked through once for all its copies: what a copy says in place of what was found."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_ISO_DAY = r"(?<![0-9A-Za-z-])(\d{4})-(\d\d)-(\d\d)(?![\d-])"
_CHINESE_DAY = r"(\d{4})年(\d{1,2})月(\d{1,2})日"
_ID = r"\d{15,19}"
_OPEN = "\ue000"
"""Begins the name of a place that each copy fills in by itself; no text has this sign."""
_MICROSECOND = timedelta(microseconds=1)
_MOMENT = re.compile(r"1[5-9]\d{14}")
"""Microseconds since 1970, as states and visits tell moments; an id has more digits."""


def opening(*name: object) -> str:
    """A JSON string in whose place each copy puts JSON of its own."""
    return _OPEN + ".".join(map(str, name))


def opened(*name: object) -> str:
    """What is found in a text where `opening` stands."""
    return f'"{opening(*name)}"'


@dataclass(frozen=True, slots=True)
class Text:
    """What stays, and what was found in it, in order."""

    form: str
    found: Sequence[str]

    def filled(self, words: Mapping[str, str]) -> str:
        return self.form % tuple([words[one] for one in self.found])


class Texts:
    """The texts of one played case: `known` are its own words, `amount` is what it is about."""

    def __init__(self, known: Iterable[str], amount: str | None) -> None:
        words = "|".join(re.escape(word) for word in sorted(known, key=len, reverse=True))
        money = f"|(?<![0-9A-Za-z.]){amount}(?![0-9A-Za-z])" if amount else ""
        self._pattern = re.compile(f'{_ISO_DAY}|{_CHINESE_DAY}|{_ID}|"{_OPEN}[^"]+"|{words}{money}')
        self._found: dict[str, re.Match[str]] = {}

    def read(self, text: str) -> Text | None:
        """None where every copy says the same."""
        form, found, end = "", [], 0
        for match in self._pattern.finditer(text):
            form += text[end : match.start()].replace("%", "%%") + "%s"
            found.append(match[0])
            self._found.setdefault(match[0], match)
            end = match.end()
        return Text(form + text[end:].replace("%", "%%"), found) if found else None

    def words(self, new: Mapping[str, str], shift: timedelta) -> dict[str, str]:
        """What a copy says in place of everything that was found, where `new` are its own words."""
        return {told: _moved(match, new, shift) for told, match in self._found.items()}


def _moved(found: re.Match[str], new: Mapping[str, str], shift: timedelta) -> str:
    if found[1]:
        return (date(int(found[1]), int(found[2]), int(found[3])) + shift).isoformat()
    if found[4]:
        day = date(int(found[4]), int(found[5]), int(found[6])) + shift
        return f"{day.year}年{day.month}月{day.day}日"
    word = new.get(found[0])
    if word is None and _MOMENT.fullmatch(found[0]):
        return str(int(found[0]) + shift // _MICROSECOND)
    return found[0] if word is None else word
