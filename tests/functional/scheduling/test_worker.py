"""The worker as a process of its own beside whoever writes: it works, it stops when it is told to."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from app.audit.services import SYSTEM
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.scheduling import services
from app.workflow import queries
from app.workflow.commands import Complete
from app.workflow.models import Instance
from app.workflow.services import advance, start_instance
from tests.functional.workflow.errands import stored

ROOT = Path(__file__).parents[3]
ERRAND = ROOT / "tests" / "packages" / "processes" / "errand"


@contextmanager
def worker(app: Flask, var: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`flask worker` on the test's database."""
    environment = os.environ | {
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "MAPLEBRIDGE_VAR": str(var),
        "DEMO": "0",
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(there: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline, "it did not happen in time"
        db.session.rollback()
        time.sleep(0.1)


def start_nap(county: int) -> int:
    """A nap of a minute that began long ago."""
    began = clock.now() - timedelta(minutes=10)
    return run_unit(lambda: start_instance(county, "errand", "nap", actor=SYSTEM, now=began).instance_id)


def test_worker_beside_a_busy_writer_does_everything_once_and_stops_on_sigterm(
    app: Flask, county: int, tmp_path: Path
) -> None:
    run_unit(lambda: import_folder(county, ERRAND, actor=SYSTEM, now=clock.now()))
    with worker(app, tmp_path) as process:
        wait_until(lambda: services.last_beat() is not None)
        naps = [start_nap(county) for _ in range(20)]

        def all_awake() -> bool:
            return len(queries.open_items(county)) == len(naps)

        wait_until(all_awake)
        for item in queries.open_items(county):
            run_unit(
                lambda item=item: advance(  # type: ignore[misc]
                    county, item.instance_id, Complete(item.id), actor=SYSTEM, now=clock.now()
                )
            )
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    db.session.rollback()
    assert stored("turns") == [1] * 20
    assert set(db.session.scalars(select(Instance.status))) == {"finished"}


def test_killed_worker_leaves_nothing_half_done(app: Flask, county: int, tmp_path: Path) -> None:
    run_unit(lambda: import_folder(county, ERRAND, actor=SYSTEM, now=clock.now()))
    naps = [start_nap(county) for _ in range(60)]
    with worker(app, tmp_path) as process:
        wait_until(lambda: len(queries.open_items(county)) > 5)
        process.kill()
        process.wait()
    db.session.rollback()
    awake = len(queries.open_items(county))
    counted = stored("turns")
    assert counted == [1] * awake, "a timer has fired with everything that belongs to it, or not at all"
    db.session.rollback()
    run_unit(lambda: _end_leases())
    with worker(app, tmp_path):
        wait_until(lambda: len(queries.open_items(county)) == len(naps))
    assert stored("turns") == [1] * len(naps)


def _end_leases() -> None:
    """As if the lease of the killed worker had run out."""
    for instance in db.session.scalars(select(Instance).where(Instance.leased_until.is_not(None))):
        instance.leased_until = clock.now() - timedelta(seconds=1)
