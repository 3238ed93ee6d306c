"""Lines that differ, each with a little of what stands around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

AROUND = 2
MOST_LINES = 4_000


@dataclass(frozen=True, slots=True)
class Line:
    """`change` is added, removed, same, or gap where lines were left out."""

    change: str
    text: str = ""


def compare_lines(old: str, new: str) -> tuple[Line, ...]:
    """The differing lines in order. Beyond MOST_LINES lines only how many there are is compared."""
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > MOST_LINES:
        return (Line("removed", f"… {len(before)}"), Line("added", f"… {len(after)}"))
    lines: list[Line] = []
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(AROUND):
        if lines:
            lines.append(Line("gap"))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines += _told("same", before[i1:i2])
            else:
                lines += _told("removed", before[i1:i2]) + _told("added", after[j1:j2])
    return tuple(lines)


def _told(change: str, texts: Sequence[str]) -> list[Line]:
    return [Line(change, text) for text in texts]
