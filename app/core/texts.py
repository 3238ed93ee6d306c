"""What is kept of a typed text."""

import re

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""They let what follows read backwards, and so a name look like another."""


def plain_text(value: str) -> str:
    """Without control characters and lone surrogates, with one kind of line end, trimmed."""
    return _UNPRINTABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(value: str) -> str:
    """A name, a place, a number: plain text of one line, its words one space apart."""
    return " ".join(_TURNING.sub("", plain_text(value)).split())
