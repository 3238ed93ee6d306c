"""What the walks of a rehearsal have found so far; kept as JSON between its pieces."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from app.authoring.rehearsal.rules import KEPT_DIFFERENCES
from app.authoring.rehearsal.walks import Verdict, Walked

DIFFERING = (Verdict.OTHER, Verdict.MISSING, Verdict.STUCK)


@dataclass(slots=True)
class WalkTally:
    """`stops` and `turns` count cases by place ("process/element"), `reasons` why some could not be compared."""

    counts: dict[str, int] = field(default_factory=dict)
    stops: dict[str, dict[str, int]] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    offices: dict[str, list[int]] = field(default_factory=dict)
    differing: list[dict[str, Any]] = field(default_factory=list)

    def count(self, verdict: str) -> int:
        return self.counts.get(verdict, 0)

    @property
    def walked(self) -> int:
        return sum(self.counts.values())

    @property
    def compared(self) -> int:
        return self.walked - self.count(Verdict.UNCOMPARED)

    @property
    def changed(self) -> int:
        return sum(self.count(verdict) for verdict in DIFFERING)

    def add(self, one: Walked) -> None:
        self.counts[str(one.verdict)] = self.count(one.verdict) + 1
        if one.verdict == Verdict.UNCOMPARED:
            self.reasons[one.reason] = self.reasons.get(one.reason, 0) + 1
        else:
            office = self.offices.setdefault(str(one.office or ""), [0, 0])
            office[0] += 1
            office[1] += one.verdict in DIFFERING
        if one.verdict in (Verdict.MISSING, Verdict.STUCK):
            at = self.stops.setdefault("/".join(one.place), {})
            at[str(one.verdict)] = at.get(one.verdict, 0) + 1
        elif one.verdict == Verdict.OTHER:
            way = ">".join("/".join(place) for place in (one.instead_of, one.place))
            self.turns[way] = self.turns.get(way, 0) + 1
        if one.verdict != Verdict.SAME and len(self.differing) < KEPT_DIFFERENCES:
            self.differing.append(
                {
                    "id": one.story_id,
                    "verdict": str(one.verdict),
                    "place": list(one.place),
                    "instead_of": list(one.instead_of),
                    "reason": one.reason,
                    "error": dict(one.error),
                }
            )

    def to_json(self) -> dict[str, Any]:
        return {
            "counts": self.counts,
            "stops": self.stops,
            "turns": self.turns,
            "reasons": self.reasons,
            "offices": self.offices,
            "differing": self.differing,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "WalkTally":
        return cls(**deepcopy(dict(data)))
