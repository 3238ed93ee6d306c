"""Measure timers that are all due at one moment, fired by real workers: from due to done."""

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import URL

from app.audit.services import SYSTEM
from app.bench import consistency, flow
from app.bench.client import Failed
from app.bench.floors import alone, database_floor
from app.bench.place import environment_for, own_database
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit, unit_of_work
from app.definitions.services import import_folder
from app.directory import queries as directory
from app.engine.bpmn.instance import Instance
from app.workflow import services
from app.workflow.models import Instance as InstanceRow
from app.workflow.models import InstanceStatus

PACKAGE = flow.PACKAGE.parent / "timers"
BATCH = 100
TRIED = 20
"""Instances that tell how long it takes to make one."""

WORKERS_START_SECONDS = 25
POLL_SECONDS = 0.05
PATIENCE_SECONDS = 900
READS, WRITES = 4, 5
"""What the firing of a single timer puts to the database, when it is done by itself."""


def measure(*, server: str, due: int, workers: int) -> dict[str, Any]:
    """Let `due` processes wait for one moment, with `workers` workers up before it comes."""
    with own_database(server) as (url, _), tempfile.TemporaryDirectory() as var:
        environment = environment_for(url, Path(var))
        app, _token = flow.prepare(environment, Path(var))
        with app.app_context():
            run_unit(lambda: import_folder(flow.COUNTY, PACKAGE, actor=SYSTEM, now=clock.now()))
            moment = _make_waiting(due)
            db.engine.dispose()
        _know_sizes(url)
        with _workers(environment, workers):
            _await_workers(url, moment, workers)
            done = _watch(url, moment, due)
        _nothing_fired_twice(app, due)
        bare = database_floor(url, reads=READS, writes=WRITES, rounds=100)
    last = max(done)
    return {
        "due": due,
        "workers": workers,
        "median_s": round(statistics.median(done), 3),
        "p95_s": round(sorted(done)[min(due - 1, int(due * 0.95))], 3),
        "last_s": round(last, 3),
        "per_s": round(due / last, 1),
        "per_s_and_worker": round(due / last / workers, 1),
        "floor_ms": _engine_floor(),
        "database_floor_ms": bare,
    }


def _start(moment: datetime, now: datetime) -> int:
    place = directory.organisations(flow.COUNTY)[0]
    return services.start_instance(
        flow.COUNTY, "timers", organisation_id=place.id, variables={"moment": moment}, actor=SYSTEM, now=now
    ).instance_id


def _make_waiting(due: int) -> datetime:
    """The processes, all waiting for the moment that is returned; it lies behind their making."""
    far = clock.now() + timedelta(days=3650)
    for _ in ("everything for the first time", "as fast as the others will be"):
        began = time.monotonic()
        run_unit(lambda: [_start(far, clock.now()) for _ in range(TRIED)])
    each = (time.monotonic() - began) / TRIED
    moment = clock.now() + timedelta(seconds=WORKERS_START_SECONDS + 2 * each * due)
    for first in range(0, due, BATCH):
        run_unit(lambda first=first: [_start(moment, clock.now()) for _ in range(min(BATCH, due - first))])  # type: ignore[misc]
    if clock.now() + timedelta(seconds=WORKERS_START_SECONDS / 2) > moment:
        raise Failed("the moment came before everything waited for it; the machine is too busy")
    return moment


def _know_sizes(url: URL) -> None:
    """What autovacuum tells the planner of a database that is older than a minute."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


@contextlib.contextmanager
def _workers(environment: dict[str, str], count: int) -> Iterator[None]:
    """`flask worker`, several times."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    home = Path(__file__).parents[2]
    quiet = subprocess.DEVNULL
    running = [
        subprocess.Popen(command, env=environment, cwd=home, stdout=quiet, stderr=quiet)  # noqa: S603 - our own program
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for worker in running:
            worker.terminate()
        for worker in running:
            worker.wait(timeout=60)


def _await_workers(url: URL, moment: datetime, count: int) -> None:
    """All of them must have shown themselves before the moment: their start is not what is measured."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            while connection.scalar(text("SELECT count(*) FROM heartbeats")) < count:
                if clock.now() >= moment:
                    raise Failed("the workers were not up at the moment; the machine is too busy")
                time.sleep(POLL_SECONDS)
    finally:
        engine.dispose()


def _watch(url: URL, moment: datetime, due: int) -> list[float]:
    """Seconds from the moment until each was seen done by somebody else: the database's clock tells."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    seen = text("SELECT clock_timestamp(), count(*) FROM instances WHERE package = 'timers' AND finished_at >= :moment")
    spent: list[float] = []
    deadline = time.monotonic() + (moment - clock.now()).total_seconds() + PATIENCE_SECONDS
    try:
        with engine.connect() as connection:
            while len(spent) < due:
                if time.monotonic() > deadline:
                    raise Failed(f"{len(spent)} of {due} timers fired")
                at, done = connection.execute(seen, {"moment": moment}).one()
                spent += [(at - moment).total_seconds()] * (done - len(spent))
                time.sleep(POLL_SECONDS)
    finally:
        engine.dispose()
    return spent


def _nothing_fired_twice(app: Flask, due: int) -> None:
    """Each fired once, ended once, and every table and every hash agrees."""
    with app.app_context(), unit_of_work(write=False):
        fired = Counter(
            entry.about.get("instance") for _county, entry in consistency.history() if entry.event == "timer.fired"
        )
        ended = db.session.scalar(
            select(func.count()).select_from(InstanceRow).where(InstanceRow.status == InstanceStatus.FINISHED)
        )
    if len(fired) != due or set(fired.values()) != {1} or ended != due:
        raise Failed(f"{len(fired)} instances fired, {sum(fired.values())} times; {ended} ended; {due} were due")
    found = consistency.check(app)
    if found:
        raise Failed(f"{len(found)} flaws, the first: {found[0]}")


def _engine_floor(rounds: int = 200) -> float:
    """Milliseconds of a firing without a database: restore, wake, state."""
    definition, world = alone(PACKAGE)
    now = clock.now()
    instance, step = Instance.start(definition, world, now, variables={"moment": now + timedelta(hours=1)})  # type: ignore[arg-type]
    for scope, values in step.variables.items():
        world.values.setdefault(scope, {}).update(values)
    state, spent = instance.state(), []
    for _ in range(rounds):
        began = time.perf_counter()
        instance = Instance.restore(definition, state, world)  # type: ignore[arg-type]
        if not instance.wake(now + timedelta(hours=2)).finished:
            raise Failed("the engine alone does not fire the timer")
        instance.state()
        spent.append(time.perf_counter() - began)
    return round(statistics.median(spent) * 1000, 2)


def as_text(figures: dict[str, Any]) -> str:
    return (
        f"{figures['due']} timers due at once, {figures['workers']} workers: "
        f"median {figures['median_s']} s, p95 {figures['p95_s']} s, last {figures['last_s']} s\n"
        f"{figures['per_s']} per second, {figures['per_s_and_worker']} per second and worker\n"
        f"for one the engine alone takes {figures['floor_ms']} ms, a bare transaction of {READS} reads and {WRITES} "
        f"writes {figures['database_floor_ms']} ms"
    )
