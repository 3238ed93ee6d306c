"""Measure a process that comes back to the same task again and again: the last turns against the first."""

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.audit.services import SYSTEM
from app.bench import consistency, flow
from app.bench.client import Client, Failed, Samples
from app.bench.floors import alone, database_floor
from app.bench.place import environment_for, own_database
from app.core import clock
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.engine.bpmn.instance import Instance

PACKAGE = flow.PACKAGE.parent / "loop"
WINDOW = 40
EARLY = range(5, 15)
"""The turns that are "near turn 10"."""

FLOOR_TURNS = 60


def measure(*, server: str, turns: int, window: int = WINDOW) -> dict[str, Any]:
    """Play one case for `turns` turns over HTTP; then its next turns by turns with the tenth ones of new cases.

    Both are measured in the same seconds, so that what else the machine does meanwhile falls on both.
    """
    with own_database(server) as (url, _), tempfile.TemporaryDirectory() as var:
        environment = environment_for(url, Path(var))
        app, token = flow.prepare(environment, Path(var))
        with app.app_context():
            run_unit(lambda: import_folder(flow.COUNTY, PACKAGE, actor=SYSTEM, now=clock.now()))
        with flow.web(environment, 1) as port:
            late, early = _play(port, token, turns, window)
        found = consistency.check(app)
        if found:
            raise Failed(f"{len(found)} flaws, the first: {found[0]}")
        writes = flow.WRITES["complete"]
        statements = int(statistics.median(late.statements))
        bare = database_floor(url, reads=max(1, statements - writes), writes=writes)
    first, last = statistics.median(early.milliseconds), statistics.median(late.milliseconds)
    return {
        "turns": turns,
        "window": len(late.milliseconds),
        "turn_10_ms": round(first, 2),
        "turn_last_ms": round(last, 2),
        "ratio": round(last / first, 3),
        "statements": statements,
        "commits": max(late.commits),
        "floor_ms": _engine_floor(),
        "database_floor_ms": bare,
    }


def _play(port: int, token: str, turns: int, window: int) -> tuple[Samples, Samples]:
    """What the last turns of a long case took, and turns near the tenth of short ones."""
    old = _Case(port, token)
    for _ in range(max(0, turns - window)):
        old.turn()
    late, early = Samples(), Samples()
    while len(late.milliseconds) < window:
        young = _Case(port, token)
        for _ in range(EARLY.start - 1):
            young.turn()
        for _ in range(min(len(EARLY), window - len(late.milliseconds))):
            young.turn(early)
            old.turn(late)
        young.end()
    old.end()
    return late, early


class _Case:
    """A case that runs in circles, played by a client of its own."""

    def __init__(self, port: int, token: str) -> None:
        self._samples: Mapping[str, Samples] = defaultdict(Samples)
        self._client = Client(port, token, self._samples)
        (self._item,) = self._client.call("start", "POST", "/bench/cases", {"package": "loop"})["opened"]

    def turn(self, into: Samples | None = None, *, again: bool = True) -> dict[str, Any]:
        values = {"note": "院墙往外移了半米，双方各让一步。", "amount": 300, "again": again}
        done: dict[str, Any] = self._client.call(
            "complete", "POST", f"/api/v1/tasks/{self._item}/completion", {"values": values}
        )
        if again:
            (self._item,) = done["opened"]
        if into is not None:
            taken = self._samples["complete"]
            into.milliseconds.append(taken.milliseconds[-1])
            into.statements.append(taken.statements[-1])
            into.commits.append(taken.commits[-1])
        return done

    def end(self) -> None:
        if not self.turn(again=False)["finished"]:
            raise Failed("the loop did not end")
        self._client.close()


def _engine_floor() -> float:
    """Milliseconds of a turn without a database: restore, complete, state."""
    definition, world = alone(PACKAGE)
    now, spent = datetime(2026, 3, 2, 1, tzinfo=UTC), []
    instance, step = Instance.start(definition, world, now)  # type: ignore[arg-type]
    state = instance.state()
    for _ in range(FLOOR_TURNS):
        (item,) = step.opened
        now += timedelta(minutes=1)
        began = time.perf_counter()
        instance = Instance.restore(definition, state, world)  # type: ignore[arg-type]
        step = instance.complete(item.id, {"note": "一轮", "amount": 300, "again": True}, now)
        state = instance.state()
        spent.append(time.perf_counter() - began)
        for scope, values in step.variables.items():
            world.values.setdefault(scope, {}).update(values)
    return round(statistics.median(spent) * 1000, 2)


def as_text(figures: dict[str, Any]) -> str:
    return (
        f"turn 10: {figures['turn_10_ms']} ms · turn {figures['turns']}: {figures['turn_last_ms']} ms · "
        f"ratio {figures['ratio']} (medians of {figures['window']})\n"
        f"{figures['statements']} statements, {figures['commits']} commit; the engine alone {figures['floor_ms']} ms, "
        f"a bare transaction {figures['database_floor_ms']} ms"
    )
