"""Decide logged decisions again by another table and count what differs: plain values in, plain values out."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from app.engine.dmn import DecisionModel
from app.engine.dmn.trace import Trace
from app.engine.feel import Environment, from_json, load, to_json
from app.engine.findings import EngineError
from app.engine.words import sentence

KEPT_DIFFERENCES = 2_000
"""Differing decisions that a rehearsal lists; beyond them it only counts."""

DEFAULTED = 0
"""Stands for "no row: the default outputs" where row numbers are told."""

HIDDEN = "•••"

Borrow = Callable[[Sequence[str]], Mapping[str, object]]
"""Names → their present values, for what was not kept when the decision was made."""

EnvironmentAt = Callable[[datetime], Environment]


class Verdict(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Logged:
    """A decision that was made: what it could read (`given`), what came out and by which rows."""

    id: int
    at: datetime
    office: int | None
    given: Mapping[str, object]
    result: object
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """The same decision by the other table. `borrowed` names have their value of today, `error` says why it failed."""

    logged: Logged
    verdict: Verdict
    result: object
    rows: tuple[int, ...]
    borrowed: tuple[str, ...] = ()
    error: Mapping[str, str] = field(default_factory=dict)


def logged(decision_id: int, at: datetime, office: int | None, result: object, trace: Mapping[str, Any]) -> Logged:
    """The logged decision as its row tells it."""
    return Logged(decision_id, at, office, given_of(trace), result, _rows_of_json(trace))


def replay(one: Logged, model: DecisionModel, reference: str, environment: EnvironmentAt, borrow: Borrow) -> Replayed:
    """Decide `one` again by `reference` of `model`, at the moment at which it was decided."""
    given = dict(one.given)
    missing = tuple(name for name in model.inputs_of(reference) if name not in given)
    borrowed: tuple[str, ...] = ()
    if missing:
        found = borrow(missing)
        borrowed = tuple(name for name in missing if found.get(name) is not None)
        given |= {name: found.get(name) for name in missing}
    try:
        decision = model.decide(reference, given, environment(one.at))
    except EngineError as error:
        return Replayed(one, Verdict.FAILED, None, (), borrowed, worded(error.code, error.params))
    result = to_json(decision.result)
    verdict = Verdict.SAME if result == one.result else Verdict.CHANGED
    return Replayed(one, verdict, result, _rows_of_trace(decision.trace), borrowed)


def worded(code: str, params: Mapping[str, object]) -> dict[str, str]:
    """An error in both languages, without the value that a case had: whoever counts errors need not see the case."""
    told = {name: HIDDEN if name == "value" else value for name, value in params.items()}
    return {language: sentence(code, told, language) for language in ("zh", "en")}


def given_of(trace: Mapping[str, Any]) -> dict[str, object]:
    """What the decision could read: kept beside its trace, or else read off the inputs of its tables."""
    if "given" in trace:
        return cast("dict[str, object]", load(trace["given"]))
    given: dict[str, object] = {}
    for part in _parts(trace):
        for table in part.get("tables", ()):
            for one in table["inputs"]:
                given.setdefault(str(one["expression"]).strip(), from_json(one["value"]))
    return given


def _parts(trace: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The decision's trace and those of what it required."""
    found = [trace]
    for required in trace.get("required", ()):
        found += _parts(required)
    return found


def _rows_of_json(trace: Mapping[str, Any]) -> tuple[int, ...]:
    tables = trace.get("tables") or ()
    if not tables:
        return ()
    return tuple(int(row["number"]) for row in tables[-1]["rows"]) or (DEFAULTED,)


def _rows_of_trace(trace: Trace) -> tuple[int, ...]:
    if trace.table is None:
        return ()
    return tuple(row.number for row in trace.rows) or (DEFAULTED,)


@dataclass(slots=True)
class Tally:
    """What a rehearsal has found so far; kept as JSON between its steps."""

    same: int = 0
    changed: int = 0
    failed: int = 0
    borrowed: set[str] = field(default_factory=set)
    ways: dict[str, int] = field(default_factory=dict)
    """How often a result moved, by "old rows>new rows"."""
    offices: dict[str, list[int]] = field(default_factory=dict)
    """By office: how many were decided again, how many of them differ or fail."""
    differing: list[dict[str, Any]] = field(default_factory=list)

    @property
    def compared(self) -> int:
        return self.same + self.changed + self.failed

    def add(self, one: Replayed) -> None:
        self.borrowed |= set(one.borrowed)
        office = self.offices.setdefault(str(one.logged.office or ""), [0, 0])
        office[0] += 1
        if one.verdict == Verdict.SAME:
            self.same += 1
            return
        office[1] += 1
        if one.verdict == Verdict.CHANGED:
            self.changed += 1
            way = f"{_listed(one.logged.rows)}>{_listed(one.rows)}"
            self.ways[way] = self.ways.get(way, 0) + 1
        else:
            self.failed += 1
        if len(self.differing) < KEPT_DIFFERENCES:
            self.differing.append(
                {
                    "id": one.logged.id,
                    "was": one.logged.result,
                    "was_rows": list(one.logged.rows),
                    "result": one.result,
                    "rows": list(one.rows),
                    "error": dict(one.error),
                }
            )

    def to_json(self) -> dict[str, Any]:
        return {
            "same": self.same,
            "changed": self.changed,
            "failed": self.failed,
            "borrowed": sorted(self.borrowed),
            "ways": self.ways,
            "offices": self.offices,
            "differing": self.differing,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Tally":
        if not data:
            return cls()
        return cls(
            data["same"],
            data["changed"],
            data["failed"],
            set(data["borrowed"]),
            dict(data["ways"]),
            {office: list(counts) for office, counts in data["offices"].items()},
            list(data["differing"]),
        )


def counted_errors(differing: Sequence[Mapping[str, Any]]) -> list[Mapping[str, str]]:
    """How often each error was met, the most frequent first: its words by language and "count"."""
    counts = Counter((one["error"]["zh"], one["error"]["en"]) for one in differing if one["error"])
    return [{"zh": zh, "en": en, "count": str(count)} for (zh, en), count in counts.most_common()]


def _listed(rows: Sequence[int]) -> str:
    return ",".join(map(str, rows))
