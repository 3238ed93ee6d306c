"""Measure decisions: a condition, tables of two sizes, compiling and checking; other libraries side by side.

Processor time of this process is measured, so that other work on the machine counts little. The rounds of all
measurements alternate; a figure is the median of its rounds.
"""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.bench.rule_peers import Decide, Peer, installed
from app.bench.rule_tables import DECISION, Table, Value, make_table
from app.engine.dmn import DecisionModel, NameType, lint_decisions, parse_decisions
from app.engine.feel import Environment, compile_expression

SEED = 1963
ROUNDS = 7
LEAST_SECONDS = 0.01

CONDITION = '(dispute_type = "labour") and (people_count > 10)'
CONDITION_GIVEN: Mapping[str, Value] = {"dispute_type": "labour", "people_count": 12}

SMALL = (20, 5, 0.4)
LARGE = (300, 60, 0.8)
"""Rows, inputs, share of empty cells."""

LIMITS = {
    "condition_us": 3.0,
    "table_20_ms": 0.1,
    "table_300_ms": 2.0,
    "compile_300_ms": 300.0,
    "lint_300_ms": 200.0,
}
"""What the figures of this product may be at most."""

_UNITS = {"us": 1e6, "ms": 1e3}


class Wrong(Exception):
    """Something under measurement gave another answer than the table has."""


@dataclass(slots=True)
class Subject:
    """One figure in the making."""

    owner: str
    figure: str
    work: Callable[[], object]
    prepare: Callable[[], object] = lambda: None
    once: bool = False
    """Whether a round is one call, made after `prepare`; otherwise it is as many as give a time worth reading."""
    calls: int = 1
    seconds: list[float] = field(default_factory=list)

    def warm_up(self) -> None:
        """Find how many calls a round needs."""
        while not self.once and self._timed() < LEAST_SECONDS:
            self.calls *= 2

    def round(self) -> None:
        self.prepare()
        gc.collect()
        self.seconds.append(self._timed() / self.calls)

    def _timed(self) -> float:
        calls, work = range(self.calls), self.work
        began = time.process_time()
        for _ in calls:
            work()
        return time.process_time() - began

    @property
    def value(self) -> float:
        """The median in the unit that the figure's name ends with."""
        return float(f"{statistics.median(self.seconds) * _UNITS[self.figure[-2:]]:.3g}")


def measure(*, seed: int = SEED, rounds: int = ROUNDS) -> dict[str, Any]:
    """This product's figures at the top, the others' under `peers`: null for what a library does not do.

    `ratios` says how many times as long each of them takes.
    """
    others = installed()
    small, large = make_table(*SMALL[:2], seed=seed, empty=SMALL[2]), make_table(*LARGE[:2], seed=seed, empty=LARGE[2])
    subjects = _own_subjects(small, large, seed)
    for name, (peer, _version) in others.items():
        if peer is not None:
            subjects += _peer_subjects(name, peer, small, large)
    for subject in subjects:
        subject.warm_up()
    for _ in range(rounds):
        for subject in subjects:
            subject.round()
    own = {subject.figure: subject.value for subject in subjects if not subject.owner}
    told: dict[str, Any] = {**own, "limits": LIMITS, "seed": seed, "rounds": rounds, "peers": {}, "ratios": {}}
    for name, (peer, version) in others.items():
        if peer is None:
            told["peers"][name] = {"installed": False}
            continue
        figures = {subject.figure: subject.value for subject in subjects if subject.owner == name}
        told["peers"][name] = {"installed": True, "version": version, **{one: figures.get(one) for one in own}}
        told["ratios"][name] = {one: float(f"{value / own[one]:.3g}") for one, value in figures.items()}
    return told


def _own_subjects(small: Table, large: Table, seed: int) -> list[Subject]:
    environment = Environment(now=datetime(2026, 1, 1, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))
    small_model, large_model = parse_decisions(small.dmn()), parse_decisions(large.dmn())

    def decide(model: DecisionModel) -> Decide:
        return lambda given: model.decide(DECISION, given, environment).result

    def condition(given: Mapping[str, Value]) -> object:
        return compile_expression(CONDITION).evaluate(given, environment)

    fresh = _Fresh(seed)
    names = {
        name: NameType("text", tuple(large.words)) if large.type(name) == "string" else NameType("number")
        for name in large.inputs
    }
    return [
        *_decisions("", condition, decide(small_model), decide(large_model), small, large),
        Subject(
            "",
            "compile_300_ms",
            lambda: decide(parse_decisions(fresh.file))(fresh.table.given),
            prepare=fresh.next,
            once=True,
        ),
        Subject("", "lint_300_ms", lambda: lint_decisions(large_model, names), once=True),
    ]


class _Fresh:
    """A table with cells that were not compiled before, so that no cache helps."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.next()

    def next(self) -> None:
        self._seed += 1
        self.table = make_table(*LARGE[:2], seed=self._seed, empty=LARGE[2])
        self.file = self.table.dmn()


def _peer_subjects(name: str, peer: Peer, small: Table, large: Table) -> list[Subject]:
    subjects = _decisions(name, peer.condition(CONDITION), peer.table(small), peer.table(large), small, large)
    if peer.compiles:
        subjects.append(Subject(name, "compile_300_ms", lambda: peer.table(large)(large.given), once=True))
    return subjects


def _decisions(
    owner: str, condition: Decide, decide_small: Decide, decide_large: Decide, small: Table, large: Table
) -> list[Subject]:
    """The three figures that everybody has, once the answers are right."""
    for decide, given, wanted in (
        (condition, CONDITION_GIVEN, True),
        (decide_small, small.given, small.hit),
        (decide_large, large.given, large.hit),
    ):
        answer = decide(given)
        if answer != wanted:
            raise Wrong(f"{owner or 'maplebridge'}: {answer!r} instead of {wanted!r}")
    return [
        Subject(owner, "condition_us", lambda: condition(CONDITION_GIVEN)),
        Subject(owner, "table_20_ms", lambda: decide_small(small.given)),
        Subject(owner, "table_300_ms", lambda: decide_large(large.given)),
    ]


def as_text(told: Mapping[str, Any]) -> str:
    """The figures as a table for people."""
    names = list(told["peers"])
    lines = [f"{'':16}{'maplebridge':>12}{'at most':>10}" + "".join(f"{name:>22}" for name in names)]
    for figure, limit in told["limits"].items():
        line = f"{figure:16}{told[figure]:>12g}{limit:>10g}"
        for name in names:
            value, ratio = told["peers"][name].get(figure), told["ratios"].get(name, {}).get(figure)
            line += f"{'–' if value is None else f'{value:g}  (× {ratio:g})':>22}"
        lines.append(line)
    lines += [f"{name} is not installed" for name in names if not told["peers"][name]["installed"]]
    lines.append(
        f"Medians of {told['rounds']} rounds, processor time; tables of {SMALL[0]} × {SMALL[1]} and "
        f"{LARGE[0]} × {LARGE[1]} cells from seed {told['seed']}; compiling includes the first decision."
    )
    return "\n".join(lines)
