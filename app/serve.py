"""`python -m app.serve`: a small parent that prepares the database, then runs the web server and the worker as two
children which are stopped together. Production runs `gunicorn wsgi:app` and `flask worker` by its own means instead."""

import contextlib
import ctypes
import ipaddress
import multiprocessing
import os
import signal
import socket
import sys
import time
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any

THREADS = 8
STOP_SECONDS = 20

# The program is imported once, before the children are forked from this process: they start at once and share memory.
_processes = multiprocessing.get_context("fork")


class Stopped(Exception):
    """A signal asked the parent to stop."""


def main() -> int:
    os.environ.setdefault("DEMO", "1")
    host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 8000)
    objection = _objection(host, port)
    if objection:
        _say(objection)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _on_signal)
    children: list[BaseProcess] = []
    try:
        from app import factory  # noqa: F401 - see _processes

        preparation = _start(children, _prepare)
        preparation.join()
        if preparation.exitcode:
            _say("The database could not be prepared; the reason is above. 数据库准备失败，原因见上。")
            return 1
        ready, tell_ready = _processes.Pipe(duplex=False)
        web = _start(children, _serve_web, host, port, tell_ready)
        tell_ready.close()
        worker = _start(children, _run_worker)
        with contextlib.suppress(EOFError):
            ready.recv()
            _say_where(host, port)
        wait([web.sentinel, worker.sentinel])
        stopped = "web server" if web.exitcode is not None else "worker"
        _say(f"The {stopped} ended by itself; stopping everything.")
        return 1
    except Stopped:
        return 0
    finally:
        _stop(children)


def _objection(host: str, port: int) -> str | None:
    """Why this address cannot be served, if so."""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if os.environ["DEMO"] == "1" and not loopback and os.environ.get("DEMO_ANYWHERE") != "1":
        return (
            f"The demo accounts have public passwords, so the demo is served on this machine only, not on {host}.\n"
            "Set DEMO=0 to serve without them, or DEMO_ANYWHERE=1 if everyone may sign in."
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"Port {port} on {host} cannot be used ({error.strerror}). Choose another: make run PORT={port + 1}"
    return None


def _start(children: list[BaseProcess], work: Any, *args: Any) -> BaseProcess:
    child = _processes.Process(target=_as_child, args=(work, os.getpid(), *args))
    child.start()
    children.append(child)
    return child


def _as_child(work: Any, parent: int, *args: Any) -> None:
    """A child of its own process group: Ctrl-C reaches the parent alone, which then stops its children in order."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    os.setpgid(0, 0)
    if sys.platform == "linux":
        # Should the parent be killed, its children end too (prctl PR_SET_PDEATHSIG).
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        if os.getppid() != parent:
            return
    work(*args)


def _prepare() -> None:
    """Bring the database to the newest migration; in demo mode put the demo county into an empty one."""
    from flask_migrate import upgrade

    from app.devdata import ensure_demo
    from app.factory import create_app

    app = create_app()
    first = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") and not any(Path(app.config["VAR"]).glob("*.db"))
    if first:
        _say("First start: creating the database and the demo county … 首次启动：正在建库并生成演示县 …")
    with app.app_context():
        upgrade()
        if app.config["DEMO"]:
            ensure_demo()


def _serve_web(host: str, port: int, tell_ready: Connection) -> None:
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

    from app.core.memory import keep_what_is_there
    from app.factory import create_app

    def ready(worker: object) -> None:
        keep_what_is_there()
        tell_ready.send(True)

    class Web(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            settings = {
                "bind": [address],
                "workers": 1,
                "threads": THREADS,
                "worker_class": "gthread",
                "loglevel": "warning",
                "graceful_timeout": STOP_SECONDS - 5,
                "post_worker_init": ready,
                "control_socket_disable": True,
            }
            for name, value in settings.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return create_app()

    Web().run()


def _run_worker() -> None:
    from app.factory import create_app
    from app.scheduling.worker import run_worker

    run_worker(create_app())


def _stop(children: list[BaseProcess]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        if child.is_alive():
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.join(max(0.0, deadline - time.monotonic()))
        if child.is_alive():
            child.kill()
            child.join()


def _on_signal(number: int, frame: FrameType | None) -> None:
    raise Stopped


def _say_where(host: str, port: int) -> None:
    shown = "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host  # noqa: S104 - compared only
    _say(f"Maplebridge is running: http://{shown}:{port}    枫桥已启动")
    if os.environ["DEMO"] == "1":
        _say("The sign-in page lists demo accounts and their password. 演示账号和密码见登录页。")
    _say("Stop with Ctrl-C. 按 Ctrl-C 停止。")


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
