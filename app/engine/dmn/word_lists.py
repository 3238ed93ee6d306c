"""The words that a cell such as `matches(?, "(网购|退.{0,4}款)")` looks for, as people read them: 网购, 退…款."""

from __future__ import annotations

import re

_MATCHES = re.compile(r'matches\(\s*\?\s*,\s*"((?:[^"\\]|\\.)*)"\s*\)')
_ANYTHING = re.compile(r"(?:\.|\[\^[^\]]*\])(?:\*|\+|\?|\{\d*,?\d*\})")
_UNREAD = re.compile(r"[\\\[\]{}*+?^$.]")


def words_sought(cell: str) -> list[str] | None:
    """The words of a pattern that is a list of words; None for any other cell.

    What may stand between two words is told by "…", and a choice within a word by "/".
    """
    found = _MATCHES.fullmatch(cell.strip())
    if found is None:
        return None
    words = [_readable(one) for one in _choices(_unwrapped(found[1]))]
    return None if any(not word or _UNREAD.search(word) for word in words) else words


def _unwrapped(pattern: str) -> str:
    """The pattern without brackets around the whole of it."""
    while pattern.startswith("(") and _closing(pattern) == len(pattern) - 1:
        pattern = pattern[1:-1]
    return pattern


def _closing(pattern: str) -> int:
    """Where the bracket that the pattern begins with is closed; -1 where it is not."""
    depth = 0
    for at, sign in enumerate(pattern):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            return at
    return -1


def _choices(pattern: str) -> list[str]:
    choices, depth = [""], 0
    for sign in pattern:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|" and depth == 0:
            choices.append("")
        else:
            choices[-1] += sign
    return choices


def _readable(choice: str) -> str:
    spaced = _ANYTHING.sub("…", choice)
    return spaced.replace("|", "/").replace("(", "").replace(")", "").strip("…")
