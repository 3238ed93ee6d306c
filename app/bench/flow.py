"""Measure whole cases over HTTP: a database and a server of the run's own, clients side by side."""

import contextlib
import http.client
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from app.audit.services import SYSTEM
from app.bench.server import COMMITS, STATEMENTS
from app.core import clock
from app.core.database import Base, db
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.directory import services as directory
from app.factory import create_app

LOCAL_SERVER = "postgresql+psycopg://root@127.0.0.1:5432/postgres"
PACKAGE = Path(__file__).parent / "package" / "processes" / "bench"
COUNTY = 1
TASKS = 6
WARM_UP_CASES = 5
SCOPES = ["tasks:read", "tasks:write", "cases:read"]


@dataclass(slots=True)
class Samples:
    """What was measured of one sort of request."""

    milliseconds: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)

    def figures(self) -> dict[str, float | int]:
        """Median and 95th percentile; statements and commits are the median, too."""
        ordered = sorted(self.milliseconds)
        return {
            "median_ms": round(statistics.median(ordered), 2),
            "p95_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
            "statements": int(statistics.median_high(self.statements)),
            "commits": int(statistics.median_high(self.commits)),
        }


class Failed(Exception):
    """The server did not answer as it should, or what it left behind is wrong."""


def measure(*, server: str, workers: int, clients: int, cases: int) -> dict[str, Any]:
    """Run `cases` cases from start to end with `clients` clients against `workers` gunicorn workers."""
    with _database(server) as url, tempfile.TemporaryDirectory() as var:
        environment = os.environ | {
            "DATABASE_URL": url.render_as_string(hide_password=False),
            "MAPLEBRIDGE_VAR": var,
            "SECRET_KEY": secrets.token_hex(16),
            "DEMO": "0",
        }
        token = _prepare(environment)
        with _web(environment, workers) as port:
            _play(port, token, WARM_UP_CASES, 1)
            before = _bytes(url)
            began = time.perf_counter()
            samples = _play(port, token, cases, clients)
            elapsed = time.perf_counter() - began
            grown = _bytes(url) - before
        _verify(url, cases + WARM_UP_CASES)
    return {kind: samples[kind].figures() for kind in ("start", "complete", "inbox", "open", "claim")} | {
        "bytes_per_case": grown // cases,
        "completions_per_s": round(cases * TASKS / elapsed, 1),
        "workers": workers,
        "clients": clients,
        "cases": cases,
    }


@contextlib.contextmanager
def _database(server: str) -> Iterator[URL]:
    """A database of this run's own, dropped at the end."""
    url = make_url(server)
    name = f"maplebridge_bench_{secrets.token_hex(5)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield url.set(database=name)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        engine.dispose()


def _prepare(environment: dict[str, str]) -> str:
    """Tables, a county with one clerk, the package; returns the clerk's API token."""
    app = create_app(
        {
            "SQLALCHEMY_DATABASE_URI": environment["DATABASE_URL"],
            "SECRET_KEY": environment["SECRET_KEY"],
            "VAR": Path(environment["MAPLEBRIDGE_VAR"]),
            "DEMO": False,
        }
    )
    with app.app_context():
        Base.metadata.create_all(db.engine)
        token = run_unit(_fill)
        db.engine.dispose()
    return token


def _fill() -> str:
    now = clock.now()
    directory.create_county(code="990000", name_zh="测速县", name_en="Benchmark", prefix="CS", county_id=COUNTY)
    place: dict[str, Any] = {"tier": "county", "kind": "government", "code": "990000"}
    county = directory.create_organisation(COUNTY, parent=None, name_zh="测速县", name_en="Benchmark", **place)
    clerk = directory.create_person(COUNTY, login="clerk", name="测速员")
    directory.assign_role(clerk, "clerk", county, from_date=date(2020, 1, 1))
    import_folder(COUNTY, PACKAGE, actor=SYSTEM, now=now)
    _, secret = directory.create_api_token(clerk, name="bench", scopes=SCOPES, now=now)
    return secret


@contextlib.contextmanager
def _web(environment: dict[str, str], workers: int) -> Iterator[int]:
    """gunicorn on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "app.bench.server:create_bench_app()", "--workers", str(workers)]
    command += ["--threads", "4", "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--keep-alive", "30"]
    home = Path(__file__).parents[2]
    with (
        tempfile.TemporaryFile() as told,
        subprocess.Popen(  # noqa: S603 - our own program
            command, env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=told
        ) as process,
    ):
        try:
            if not _answers(port, process):
                told.seek(0)
                raise Failed(f"the web server did not start: {told.read()[-2000:].decode(errors='replace')}")
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


class Client:
    """One program at the API, over one connection that is kept."""

    def __init__(self, port: int, token: str, samples: dict[str, Samples]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._samples = samples

    def call(self, kind: str, method: str, path: str, body: object = None) -> Any:
        """One request, measured from the first byte sent to the last one read."""
        data = None if body is None else orjson.dumps(body)
        began = time.perf_counter()
        self._connection.request(method, path, data, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        spent = (time.perf_counter() - began) * 1000
        if answer.status >= 400:
            raise Failed(f"{method} {path}: {answer.status} {content[:500]!r}")
        sample = self._samples[kind]
        sample.milliseconds.append(spent)
        sample.statements.append(int(answer.headers[STATEMENTS]))
        sample.commits.append(int(answer.headers[COMMITS]))
        return orjson.loads(content)

    def play_case(self) -> None:
        """A case from its start to its end."""
        opened = self.call("start", "POST", "/bench/cases", {})["opened"]
        for number in range(1, TASKS + 1):
            (item,) = opened
            self.call("claim", "POST", f"/api/v1/tasks/{item}/claim")
            self.call("inbox", "GET", "/api/v1/tasks?tab=mine&size=20")
            self.call("open", "GET", f"/api/v1/tasks/{item}")
            values = {
                f"note_{number}": "院墙往外移了半米，双方各让一步。" * 3,
                f"amount_{number}": 100 * number,
                f"day_{number}": "2026-03-02",
                f"agreed_{number}": True,
            }
            done = self.call("complete", "POST", f"/api/v1/tasks/{item}/completion", {"values": values})
            opened = done["opened"]
        if opened or not done["finished"]:
            raise Failed("the case did not end after its last task")


def _play(port: int, token: str, cases: int, clients: int) -> dict[str, Samples]:
    """Play the cases with several clients at once; everything they measured."""
    shares = [cases // clients + (number < cases % clients) for number in range(clients)]
    measured: list[dict[str, Samples]] = []
    failures: list[BaseException] = []

    def run(share: int) -> None:
        samples: dict[str, Samples] = defaultdict(Samples)
        measured.append(samples)
        client = Client(port, token, samples)
        try:
            for _ in range(share):
                client.play_case()
        except (Failed, OSError) as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    together: dict[str, Samples] = defaultdict(Samples)
    for samples in measured:
        for kind, one in samples.items():
            together[kind].milliseconds += one.milliseconds
            together[kind].statements += one.statements
            together[kind].commits += one.commits
    return together


def _bytes(url: URL) -> int:
    """Size of every table with its indexes."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            names = [table.name for table in Base.metadata.sorted_tables]
            total = text("SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE c.relname = ANY(:names)")
            return int(connection.execute(total, {"names": names}).scalar_one())
    finally:
        engine.dispose()


def _verify(url: URL, cases: int) -> None:
    """Nothing was done twice and nothing was left: the figures are those of a run that worked."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            done = connection.execute(text("SELECT count(*) FROM work_items WHERE status = 'done'")).scalar_one()
            ended = connection.execute(text("SELECT count(*) FROM instances WHERE status = 'finished'")).scalar_one()
            told = connection.execute(text("SELECT count(*) FROM history WHERE event = 'task.completed'")).scalar_one()
            totals = connection.execute(text("SELECT DISTINCT value FROM variables WHERE name = 'total'")).scalars()
            if (done, ended, told) != (cases * TASKS, cases, cases * TASKS):
                raise Failed(f"{done} tasks done, {ended} cases ended, {told} completions told; {cases} cases played")
            if [bytes(total) for total in totals] != [b"1500"]:
                raise Failed("a script has worked something else out")
    finally:
        engine.dispose()
