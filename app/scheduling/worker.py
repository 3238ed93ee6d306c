"""The process beside the web: every second the due work, the timetable, a sign of life. SIGTERM stops it cleanly."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from types import FrameType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from app.core import clock
from app.core.errors import Unavailable
from app.core.memory import keep_what_is_there
from app.core.unit_of_work import run_unit
from app.scheduling import services
from app.scheduling.jobs import run_due_jobs
from app.scheduling.stopping import stopped_by
from app.scheduling.timetable import Timetable

log = structlog.get_logger()

HEARTBEAT_SECONDS = 5
STOP_SECONDS = 14
"""How long a job that has begun may take to end after SIGTERM; a web worker has about as long."""


@dataclass(frozen=True, slots=True)
class Beat:
    """Due work of one sort: `work` does a batch, commits, and returns how much there was."""

    name: str
    work: Callable[[], int]
    seconds: float


_beats: dict[str, Beat] = {}


def register_beat(name: str, work: Callable[[], int], *, seconds: float = 1) -> None:
    """Look for work of this sort every `seconds`, and again at once while there is any."""
    _beats[name] = Beat(name, work, seconds)


register_beat("jobs", run_due_jobs, seconds=1)


class Worker:
    """One worker. Any number of them may run beside each other on one PostgreSQL."""

    def __init__(self, app: Flask, name: str | None = None) -> None:
        self._app = app
        self.name = (name or f"{socket.gethostname()}:{os.getpid()}")[:80]
        self._stop = threading.Event()
        self._rounds = threading.Condition()
        self._running: list[str] = []
        self._started_at = clock.now()
        self._timetable = Timetable(self.name, self._started_at)

    def stop(self) -> None:
        """Finish what is being done and end."""
        self._stop.set()

    def run(self) -> bool:
        """Work until `stop`; whether everything that was begun has been ended by then, or STOP_SECONDS later."""
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(_beats) + 2)},
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
        )
        for beat in _beats.values():
            self._every(scheduler, beat.name, beat.seconds, self._drain(beat))
        self._every(scheduler, "timetable", 5, lambda: self._safely("timetable", self._timetable.run_due))
        self._every(scheduler, "heartbeat", HEARTBEAT_SECONDS, lambda: self._safely("heartbeat", self._show_life))
        self._safely("heartbeat", self._show_life)
        scheduler.start()
        log.info("worker.started", worker=self.name)
        try:
            self._stop.wait()
        finally:
            scheduler.shutdown(wait=False)
            with self._rounds:
                ended = self._rounds.wait_for(lambda: not self._running, timeout=STOP_SECONDS)
            if ended:
                log.info("worker.stopped", worker=self.name)
            else:
                log.warning("worker.stopped_in_the_middle", worker=self.name, work=sorted(self._running))
        return ended

    def _every(self, scheduler: BackgroundScheduler, name: str, seconds: float, work: Callable[[], object]) -> None:
        scheduler.add_job(work, "interval", seconds=seconds, id=name)

    def _drain(self, beat: Beat) -> Callable[[], None]:
        def drain() -> None:
            while not self._stop.is_set() and self._safely(beat.name, beat.work):
                pass

        return drain

    def _safely(self, name: str, work: Callable[[], int]) -> int:
        """One round; a failure is logged and the next beat tries again. An outage has been logged when it began."""
        with self._rounds:
            if self._stop.is_set():
                return 0
            self._running.append(name)
        try:
            with self._app.app_context(), stopped_by(self._stop.is_set):
                return work()
        except Unavailable:
            return 0
        except Exception:
            log.exception("worker.round_failed", work=name)
            return 0
        finally:
            with self._rounds:
                self._running.remove(name)
                self._rounds.notify_all()

    def _show_life(self) -> int:
        run_unit(lambda: services.beat(self.name, started_at=self._started_at, now=clock.now()))
        return 0


def run_worker(app: Flask) -> None:
    """`flask worker`: work until SIGTERM or SIGINT."""
    worker = Worker(app)

    def on_signal(number: int, frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    keep_what_is_there()
    if not worker.run():
        # A thread that hangs would keep the process; its transaction is undone, its job's lease runs out.
        os._exit(0)
