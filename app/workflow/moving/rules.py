"""What people write about moves. Plain values only."""

from collections.abc import Iterable


def read_mapping(lines: Iterable[str]) -> dict[str, str]:
    """`old=new` lines, as the command line and forms give them; ValueError for one that is none."""
    mapping = {}
    for line in lines:
        old, sign, new = (part.strip() for part in line.partition("="))
        if not (old and sign and new):
            raise ValueError(line)
        mapping[old] = new
    return mapping
