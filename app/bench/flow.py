"""Measure whole cases over HTTP: a database and a server of the run's own, clients side by side."""

import contextlib
import http.client
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import URL

from app.audit.services import SYSTEM
from app.bench import consistency, long_package
from app.bench.client import SHORT, SHORT_TASKS, Failed, crowd, play
from app.bench.floors import database_floor, engine_floor
from app.bench.place import environment_for, own_database
from app.core import clock
from app.core.database import Base, db
from app.core.unit_of_work import run_unit, unit_of_work
from app.definitions.services import import_folder
from app.directory import services as directory
from app.factory import create_app
from app.workflow.counting import fold
from app.workflow.models import Instance, ItemStatus, WorkItem

LOCAL_SERVER = "postgresql+psycopg://root@127.0.0.1:5432/postgres"
PACKAGE = Path(__file__).parent / "package" / "processes" / SHORT
COUNTY = 1
WARM_UP_CASES = 5
LONG_CASES = 10
"""At most: a run that weighs fewer cases plays fewer of these too."""
ROUNDS = 5
SCOPES = ["tasks:read", "tasks:write", "cases:read"]
SWEPT_AFTER = 100
"""Cases after which dead rows are swept up: about as many as autovacuum is told to wait for."""
WRITES = {"start": 8, "complete": 8}
"""Of the statements of a request, those that write; the others look something up."""


def measure(*, server: str, workers: int, clients: Sequence[int], cases: int, seconds: float) -> dict[str, Any]:
    """Latencies with one client, bytes over `cases` cases, then throughput: each with what cannot be undercut."""
    with own_database(server) as (url, _), tempfile.TemporaryDirectory() as var:
        environment = environment_for(url, Path(var))
        app, token = prepare(environment, Path(var))
        with web(environment, 1) as port:
            figures = _latencies(port, token, cases)
            figures |= _bytes_per_case(app, url, port, token, cases)
        figures["throughput"] = _throughput(app, environment, token, workers, clients, seconds) if clients else []
        _add_floors(figures, url)
    figures["completions_per_s"] = figures["throughput"][0]["completions_per_s"] if clients else None
    return figures


def _throughput(
    app: Flask, environment: dict[str, str], token: str, workers: int, clients: Sequence[int], seconds: float
) -> list[dict[str, Any]]:
    """What crowds of several sizes get done: each plays in turn with the others, and the median of its turns counts.

    `ratio_to_first` compares turn by turn with the first size, so that a slow moment of the machine meets both.
    """
    rounds: dict[int, list[tuple[float, float]]] = {many: [] for many in clients}
    with web(environment, workers) as port:
        for many in clients:
            crowd(port, token, many, min(2, seconds))
        for _ in range(ROUNDS):
            for many in clients:
                played, completions, took = crowd(port, token, many, seconds / ROUNDS)
                rounds[many].append((round(completions / took, 1), round(played / took, 1)))
    _check(app)
    first = [completions for completions, _ in rounds[clients[0]]]
    return [
        {
            "clients": many,
            "workers": workers,
            "completions_per_s": median(completions for completions, _ in turns),
            "starts_per_s": median(starts for _, starts in turns),
            "turns": [completions for completions, _ in turns],
            "ratio_to_first": round(median(one / beside for (one, _), beside in zip(turns, first, strict=True)), 2),
        }
        for many, turns in rounds.items()
    ]


def _latencies(port: int, token: str, cases: int) -> dict[str, Any]:
    """Of six-step cases every kind of request; of the 40-task case its completions, which are the ones that count."""
    play(port, token, WARM_UP_CASES, look=True)
    short = play(port, token, max(10, cases // 10), look=True)
    play(port, token, 1, package=long_package.NAME)
    long = play(port, token, min(LONG_CASES, cases), package=long_package.NAME)
    figures: dict[str, Any] = {kind: short[kind].figures() for kind in ("start", "claim", "inbox", "open")}
    figures["complete"] = long["complete"].figures() | {"tasks": long_package.TASKS}
    figures["complete_six_steps"] = short["complete"].figures()
    return figures


def _bytes_per_case(app: Flask, url: URL, port: int, token: str, cases: int) -> dict[str, Any]:
    """How much the tables grow by a finished case of six steps; what is dead is swept up, as it is in time.

    The room that dead rows take between two sweeps is there before anything is weighed: it does not grow.
    """
    play(port, token, min(SWEPT_AFTER, cases))
    _sweep(app, url)
    before = _sizes(url)
    for played in range(0, cases, SWEPT_AFTER):
        play(port, token, min(SWEPT_AFTER, cases - played))
        _sweep(app, url)
    grown = Counter({name: size - before[name] for name, size in _sizes(url).items()})
    _check(app)
    by_table = {name: size // cases for name, size in grown.most_common(8)}
    return {"bytes_per_case": sum(grown.values()) // cases, "bytes_by_table": by_table, "cases": cases}


def _sweep(app: Flask, url: URL) -> None:
    with app.app_context():
        run_unit(fold)
        db.engine.dispose()
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM"))
    engine.dispose()


def _sizes(url: URL) -> dict[str, int]:
    """Size of every table with its indexes."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            names = [table.name for table in Base.metadata.sorted_tables]
            sizes = text("SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relname = ANY(:names)")
            return {name: int(size) for name, size in connection.execute(sizes, {"names": names})}
    finally:
        engine.dispose()


def _add_floors(figures: dict[str, Any], url: URL) -> None:
    """Beside each figure the engine alone, a bare transaction alone, and how many times both it took."""
    engine = engine_floor()
    for kind in ("start", "complete"):
        one = figures[kind]
        one["floor_ms"] = engine[kind]
        one["database_floor_ms"] = database_floor(url, reads=one["statements"] - WRITES[kind], writes=WRITES[kind])
        one["ratio"] = round(one["median_ms"] / (one["floor_ms"] + one["database_floor_ms"]), 2)
    figures["floor_ms"] = figures["complete"]["floor_ms"]
    figures["database_floor_ms"] = figures["complete"]["database_floor_ms"]


def prepare(environment: dict[str, str], var: Path) -> tuple[Flask, str]:
    """Tables, a county with one clerk, both packages; returns the clerk's API token."""
    app = create_app(
        {
            "SQLALCHEMY_DATABASE_URI": environment["DATABASE_URL"],
            "SECRET_KEY": environment["SECRET_KEY"],
            "VAR": var,
            "DEMO": False,
        }
    )
    with app.app_context(), tempfile.TemporaryDirectory() as folder:
        long = long_package.write(Path(folder))
        Base.metadata.create_all(db.engine)
        token = run_unit(lambda: _fill(long))
        db.engine.dispose()
    return app, token


def _fill(long: Path) -> str:
    now = clock.now()
    directory.create_county(code="990000", name_zh="测速县", name_en="Benchmark", prefix="CS", county_id=COUNTY)
    place: dict[str, Any] = {"tier": "county", "kind": "government", "code": "990000"}
    county = directory.create_organisation(COUNTY, parent=None, name_zh="测速县", name_en="Benchmark", **place)
    clerk = directory.create_person(COUNTY, login="clerk", name="测速员")
    directory.assign_role(clerk, "clerk", county, from_date=date(2020, 1, 1))
    for package in (PACKAGE, long):
        import_folder(COUNTY, package, actor=SYSTEM, now=now)
    _, secret = directory.create_api_token(clerk, name="bench", scopes=SCOPES, now=now)
    return secret


@contextlib.contextmanager
def web(environment: dict[str, str], workers: int) -> Iterator[int]:
    """gunicorn on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "app.bench.server:create_bench_app()", "--workers", str(workers)]
    command += ["--threads", "4", "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--keep-alive", "30"]
    home = Path(__file__).parents[2]
    with (
        tempfile.TemporaryFile() as told_,
        subprocess.Popen(  # noqa: S603 - our own program
            command, env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=told_
        ) as process,
    ):
        try:
            if not _answers(port, process):
                told_.seek(0)
                raise Failed(f"the web server did not start: {told_.read()[-2000:].decode(errors='replace')}")
            yield port
        finally:
            process.terminate()


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Whether the server answers before long; it listens some time before it can."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return True
        time.sleep(0.1)
    return False


def _check(app: Flask) -> None:
    """Every hash holds, nothing was done twice and nothing is left: the figures are those of a run that worked."""
    with app.app_context():
        found = consistency.flaws()
        with unit_of_work(write=False):
            done = _ids(select(WorkItem.id).where(WorkItem.status == ItemStatus.DONE))
            open_ = _ids(select(WorkItem.id).where(WorkItem.status == ItemStatus.OPEN))
            ended = _ids(select(Instance.process_id).where(Instance.status == "finished"))
            running = _ids(select(Instance.id).where(Instance.status == "running"))
        db.engine.dispose()
    if found:
        raise Failed(f"{len(found)} flaws, the first: {found[0]}")
    cases = Counter(ended)
    expected = cases[SHORT] * SHORT_TASKS + cases[long_package.NAME] * long_package.TASKS
    if open_ or running or done.total() != expected:
        raise Failed(f"{done.total()} tasks done in {ended.total()} cases, {len(open_)} open, {len(running)} running")


def _ids(query: Any) -> Counter[Any]:
    return Counter(db.session.scalars(query))
