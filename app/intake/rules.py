"""Reading what people write: who quarrels with whom, and where. Plain values in, plain values out."""

import re
from collections.abc import Iterable

_BETWEEN = re.compile(r"\s*(?:和|与|同|跟|、|,|，|/|\bv\.?s?\b|\band\b)\s*")
MOST_NAMES = 20


def names_of_both_sides(text: str) -> tuple[list[str], list[str]]:
    """「张三和李四」 gives the applicant 张三 and the respondent 李四; more names join the second side."""
    names = [name for name in _BETWEEN.split(text.strip()) if name][:MOST_NAMES]
    return names[:1], names[1:]


def place_in(text: str, names: Iterable[tuple[int, str]]) -> int | None:
    """The id of the longest name that stands in `text`; None when none does."""
    found = [(len(name), place) for place, name in names if name and name in text]
    return max(found)[1] if found else None
