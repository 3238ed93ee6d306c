"""`make run`'s parent: one command, two children, one end."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., "Served"]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Served:
    """A started `python -m app.serve` and what it has said so far."""

    def __init__(self, log: Path, environment: dict[str, str]) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.serve"], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
            )

    def said(self, words: str) -> str:
        """Wait until it has said `words`; returns everything that it said."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            ended = self.process.poll() is not None
            text = self.log.read_text()
            if words in text:
                return text
            if ended:
                break
            time.sleep(0.05)
        raise AssertionError(f"never said {words!r}:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


@pytest.fixture
def start(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Start]:
    started: list[Served] = []
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DEMO")}
    logs = tmp_path_factory.mktemp("logs")

    def run(**settings: str) -> Served:
        served = Served(
            logs / f"{len(started)}.log",
            environment | {"MAPLEBRIDGE_VAR": str(tmp_path), "PORT": str(port)} | settings,
        )
        started.append(served)
        return served

    yield run
    for served in started:
        served.stop()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def row_count(database: Path, table: str) -> int:
    with sqlite3.connect(database) as connection:
        count = int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    connection.close()
    return count


def test_the_first_start_makes_the_demo_county_and_the_second_keeps_it(start: Start, tmp_path: Path, port: int) -> None:
    first = start()
    said = first.said("Stop with Ctrl-C")
    assert "First start" in said
    assert f"http://127.0.0.1:{port}" in said
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=60) as answer:
        assert answer.status == 200
    assert first.stop() == 0

    people = row_count(tmp_path / "maplebridge.db", "people")
    secret = (tmp_path / "secret.key").read_text()
    second = start()
    began = time.monotonic()
    assert "First start" not in second.said("Stop with Ctrl-C")
    # Five seconds are promised on a machine with nothing else to do; tests run beside others.
    assert time.monotonic() - began < 45
    assert row_count(tmp_path / "maplebridge.db", "people") == people >= 40
    assert (tmp_path / "secret.key").read_text() == secret


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("child", [0, 1], ids=["web", "worker"])
def test_when_one_child_dies_the_other_is_stopped(start: Start, port: int, child: int) -> None:
    served = start()
    served.said("Stop with Ctrl-C")
    children = children_of(served.process.pid)
    assert len(children) == 2
    os.kill(children[child], signal.SIGKILL)
    assert served.process.wait(40) == 1
    served.said(f"The {['web server', 'worker'][child]} ended by itself")
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)


@pytest.mark.skipif(sys.platform != "linux", reason="needs prctl")
def test_a_killed_parent_leaves_no_child(start: Start) -> None:
    served = start()
    served.said("Stop with Ctrl-C")
    children = children_of(served.process.pid)
    served.process.kill()
    served.process.wait(10)
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)


def test_a_port_in_use_is_told_before_anything_starts(start: Start, port: int, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        served = start()
        assert served.process.wait(30) == 1
    served.said(f"Port {port} on 127.0.0.1 cannot be used")
    assert list(tmp_path.iterdir()) == []


def test_the_demo_is_not_served_to_other_machines(start: Start, tmp_path: Path) -> None:
    served = start(HOST="0.0.0.0")  # noqa: S104 - this is what is refused
    assert served.process.wait(30) == 1
    served.said("this machine only")
    assert list(tmp_path.iterdir()) == []
