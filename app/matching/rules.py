"""The score of a mediator for a case, taken apart: plain values in, plain values out."""

from collections.abc import Iterable
from dataclasses import dataclass

CAP = 8
"""Open cases beyond which nobody is proposed."""

FIELD_POINTS = 40
HISTORY_MOST = 20
LOAD_POINTS = 5
NEARNESS = (40, 25, 15, 5)
"""Points for the same organisation, one level up, two levels up, elsewhere."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known of a mediator: where they sit, what they know, what they have on the desk, what they settled."""

    person: int
    name: str
    path: str
    tags: frozenset[str]
    open_cases: int
    settled: int
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A mediator with the parts of the score: (what, points)."""

    applicant: Applicant
    parts: tuple[tuple[str, int], ...]

    @property
    def score(self) -> int:
        return sum(points for _what, points in self.parts)


def rank(applicants: Iterable[Applicant], *, tags: Iterable[str], home: str, most: int = 5) -> list[Ranked]:
    """The best `most` for a matter of the given fields at the organisation path `home`, best first.

    Nobody at the cap is proposed. Equal scores go by fewer open cases, then by name.
    """
    wanted = frozenset(tags)
    ranked = [_ranked(one, wanted, home) for one in applicants if one.open_cases < CAP]
    ranked.sort(key=lambda one: (-one.score, one.applicant.open_cases, one.applicant.name))
    return ranked[:most]


def _ranked(one: Applicant, wanted: frozenset[str], home: str) -> Ranked:
    parts = [
        ("field", FIELD_POINTS if wanted & one.tags else 0),
        ("nearness", _nearness(one.path, home)),
        ("history", min(one.settled * 2, HISTORY_MOST)),
        ("load", -LOAD_POINTS * one.open_cases),
    ]
    return Ranked(one, tuple(parts))


def _nearness(path: str, home: str) -> int:
    if path == home:
        return NEARNESS[0]
    if home.startswith(path):
        levels = home[len(path) :].count("/")
        return NEARNESS[min(levels, len(NEARNESS) - 1)]
    if path.startswith(home):
        return NEARNESS[1]
    return NEARNESS[-1]
