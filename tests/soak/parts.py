"""Web and worker as processes that may be killed: the real commands, forked from a process that has imported once."""

import contextlib
import http.client
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVED = "tests.soak.served:create_served()"

_nursery = multiprocessing.get_context("forkserver")
_nursery.set_forkserver_preload(["tests.soak.parts", "tests.soak.served"])


def run_web(port: int, workers: int, threads: int, patience: int | None) -> None:
    """`gunicorn tests.soak.served:create_served()`, with the `gunicorn.conf.py` of the product."""
    from gunicorn.app import wsgiapp

    sys.argv = ["gunicorn", SERVED, f"--workers={workers}", f"--threads={threads}"]
    sys.argv += [f"--bind=127.0.0.1:{port}", "--log-level=warning", "--keep-alive=30"]
    if patience is not None:
        sys.argv.append(f"--graceful-timeout={patience}")
    wsgiapp.run()


def run_worker(patience: int | None) -> None:
    """`flask worker`"""
    from flask.cli import main

    from app.scheduling import worker

    if patience is not None:
        worker.STOP_SECONDS = patience
    sys.argv = ["flask", "--app", SERVED, "worker"]
    main()


def run_both() -> None:
    """`python -m app.serve`, with the application of these tests in place of its own."""
    import app.factory
    from app import serve
    from tests.soak.served import create_served

    app.factory.create_app = create_served
    sys.exit(serve.main())


def _begin(work: Callable[..., None], environment: dict[str, str], log: Path, arguments: tuple[object, ...]) -> None:
    os.setsid()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    work(*arguments)


class Part:
    """One started command with everything that it forks: a process group of its own."""

    def __init__(self, work: Callable[..., None], environment: dict[str, str], log: Path, *arguments: object) -> None:
        self.log = log
        self._process: BaseProcess = _nursery.Process(target=_begin, args=(work, environment, log, arguments))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def children(self) -> list[int]:
        try:
            return [int(one) for one in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        except OSError:
            return []

    def kill(self) -> None:
        """kill -9 of the whole group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.join(20)

    def kill_child(self, number: int) -> None:
        """kill -9 of one child: a single web worker."""
        children = self.children()
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(children[number % len(children)], signal.SIGKILL)

    def end(self, seconds: float = 30) -> float:
        """SIGTERM; returns how long it took until the process and all that it forked were gone."""
        began = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        self._process.join(seconds)
        while self.is_alive() and time.monotonic() < began + seconds:
            time.sleep(0.02)
        return time.monotonic() - began

    def is_alive(self) -> bool:
        """Whether anything of the group lives."""
        self._process.join(0)
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    @property
    def exit_code(self) -> int | None:
        return self._process.exitcode

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class House:
    """Web and workers on one database and one port.

    `patience` is for how many seconds work that has begun may go on after SIGTERM; None: as long as the product says.
    """

    def __init__(
        self, database_url: str, folder: Path, port: int, *, web_workers: int, threads: int, patience: int | None
    ) -> None:
        self.folder = folder
        self.port = port
        self.database_url = database_url
        self._patience = patience
        self._web = (port, web_workers, threads, patience)
        self._environment = {name: value for name, value in os.environ.items() if name not in ("HOST", "PORT")} | {
            "DATABASE_URL": database_url,
            "MAPLEBRIDGE_VAR": str(folder),
            "SECRET_KEY": "soak",
            "DEMO": "0",
            "HOST": "127.0.0.1",
            "PORT": str(port),
        }
        self._parts: list[Part] = []

    def start_web(self) -> Part:
        return self._start(run_web, "web.log", *self._web)

    def start_worker(self) -> Part:
        return self._start(run_worker, "worker.log", self._patience)

    def start_both(self) -> Part:
        return self._start(run_both, "both.log")

    def _start(self, work: Callable[..., None], log: str, *arguments: object) -> Part:
        part = Part(work, self._environment, self.folder / log, *arguments)
        self._parts.append(part)
        return part

    def wait_until_it_answers(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.health() is not None:
                return
            time.sleep(0.05)
        raise AssertionError("the web never answered:\n" + "".join(part.said()[-3000:] for part in self._parts))

    def health(self) -> tuple[int, bytes] | None:
        """What /healthz says; None when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def kill_all(self) -> None:
        for part in self._parts:
            part.kill()
