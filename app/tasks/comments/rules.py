"""What a comment may be: plain values in, plain values out."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

LONGEST = 2000
CHANGEABLE_FOR = timedelta(minutes=15)
MOST_MENTIONED = 20
LONGEST_NAME = 20

_CALL = re.compile(r"(?<![0-9A-Za-z_.@-])@([\w.·-]{1,60})")
"""An @ that begins a word, and what follows: in Chinese a name runs on into the sentence."""


def calls(text: str) -> list[str]:
    """What stands behind each @ of a text."""
    return [found[1] for found in _CALL.finditer(text)][:MOST_MENTIONED]


def beginnings(call: str) -> list[str]:
    """The names that may be meant by what stands behind an @, the longest first."""
    return [call[:length] for length in range(min(len(call), LONGEST_NAME), 0, -1)]


def called(call: str, known: Mapping[str, Collection[int]]) -> Collection[int]:
    """Who is meant: the people with the longest name with which the call begins; nobody when there is none."""
    return next((known[name] for name in beginnings(call) if name in known), ())


def may_be_changed(at: datetime, now: datetime) -> bool:
    return now - at <= CHANGEABLE_FOR
