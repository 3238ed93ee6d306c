"""The table of docs/access.md: read and written."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from app.directory.rules import CASE_ROLES, READING_ROLES, ROLES, TASK_ROLES
from tests.functional.access.people import ELSEWHERE, HERE

PAGE = Path(__file__).resolve().parents[3] / "docs" / "access.md"
NOBODY = "nobody"
"""Stands where a role stands, for somebody who is not signed in."""

Rows = Mapping[tuple[str, str], Mapping[tuple[str, str], str]]
"""What each (role, place) met at each (method, address): `open`, `403` or `404`."""

ALL = frozenset(ROLES)
GROUPS: dict[str, frozenset[str]] = {
    "anyone": ALL | {NOBODY},
    "everyone": ALL,
    "task roles": TASK_ROLES,
    "case roles": CASE_ROLES,
    "acting case roles": CASE_ROLES - READING_ROLES,
    "none": frozenset(),
}
_SEPARATOR = ", "


def worded(roles: Iterable[str]) -> str:
    """A set of roles in words: the name of a group, what it has more or less, or the roles themselves."""
    found = frozenset(roles)
    spelled: list[str] = []
    for name, group in GROUPS.items():
        less, more = sorted(group - found), sorted(found - group)
        if len(less) + len(more) <= 4 and len(group) > 4:
            words = [name, *(f"+{role}" for role in more), *(f"−{role}" for role in less)]
            spelled.append(_SEPARATOR.join(words))
    spelled.append(_SEPARATOR.join(sorted(found)) or "none")
    return min(spelled, key=lambda words: (words.count(_SEPARATOR), len(words)))


def roles_of(words: str) -> frozenset[str]:
    """The set that `worded` has put into words."""
    found: frozenset[str] = frozenset()
    for word in words.split(_SEPARATOR):
        if word.startswith("+"):
            found |= {word[1:]}
        elif word.startswith("−"):
            found -= {word[1:]}
        else:
            found |= GROUPS.get(word, frozenset({word}))
    return found


def read_page() -> dict[tuple[str, str], dict[str, str]]:
    """Each row of the page: (method, address) → its cells by column."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for line in PAGE.read_text().splitlines():
        if not line.startswith("| `"):
            continue
        address, here, elsewhere, others = (cell.strip() for cell in line.strip("|").split("|"))
        method, _, rule = address.strip("`").partition(" ")
        rows[method, rule] = {HERE: here, ELSEWHERE: elsewhere, "others": others}
    return rows


def page_row(met: Mapping[tuple[str, str], str]) -> tuple[str, str, str]:
    """The cells of one row: who is let in here, who elsewhere, what the others are told."""
    let_in = {place: {role for (role, at), told in met.items() if told == "open" and at == place} for place in PLACES}
    others = sorted({told for told in met.values() if told != "open"})
    return worded(let_in[HERE]), worded(let_in[ELSEWHERE]), " or ".join(others) or "–"


PLACES = (HERE, ELSEWHERE)


def write_page(rows: Rows, rooms: Mapping[tuple[str, str], str]) -> None:
    """Write what was met below the page's own introduction."""
    introduction = PAGE.read_text().partition("\n## ")[0].rstrip()
    parts = [introduction]
    for room in sorted(set(rooms.values())):
        parts.append(f"\n## {room}\n\n| address | in their area | elsewhere | others get |\n|---|---|---|---|")
        parts += [
            "| `{} {}` | {} | {} | {} |".format(*address, *page_row(met))
            for address, met in rows.items()
            if rooms[address] == room
        ]
    PAGE.write_text("\n".join(parts) + "\n")
