"""What a comment may be: plain values in, plain values out."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

LONGEST = 2000
CHANGEABLE_FOR = timedelta(minutes=15)
MOST_MENTIONED = 20
LONGEST_NAME = 60

_CALL = re.compile(r"(?<![0-9A-Za-z_.@-])@([\w.·'’-]{1,60}(?: [\w.·'’-]{1,60}){0,3})")
"""An @ that begins a word, and what follows: in Chinese a name runs on into the sentence, in English it has spaces."""


_WITHIN_WORD = re.compile(r"[0-9A-Za-z]{2}| ")


def calls(text: str) -> list[str]:
    """What stands behind each @ of a text."""
    return [found[1] for found in _CALL.finditer(text)][:MOST_MENTIONED]


def beginnings(call: str) -> list[str]:
    """The names that may be meant by what stands behind an @, the longest first. No word of letters is cut."""
    lengths = range(min(len(call), LONGEST_NAME), 0, -1)
    return [call[:length] for length in lengths if not _WITHIN_WORD.match(call, length - 1)]


def called(call: str, known: Mapping[str, Collection[int]]) -> Collection[int]:
    """Who is meant: the people with the longest name with which the call begins; nobody when there is none."""
    return next((known[name] for name in beginnings(call) if name in known), ())


def called_as(text: str, names: Iterable[tuple[str, str]]) -> str:
    """A text in which those who were called by one name are called by another: (as written, as read)."""
    for written, read in sorted(names, key=lambda one: -len(one[0])):
        text = text.replace(f"@{written}", f"@{read}") if written and read else text
    return text


def may_be_changed(at: datetime, now: datetime) -> bool:
    return now - at <= CHANGEABLE_FOR
