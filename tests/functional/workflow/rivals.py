"""Two at once: work on a connection of its own, and the moment at which one waits for the other."""

import threading
import time
from collections.abc import Callable

from flask import Flask
from sqlalchemy import text

from app.core.database import db


def in_thread(app: Flask, work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Run `work` in a thread of its own, with its own connection; its result or exception lands in the list."""
    results: list[object] = []

    def run() -> None:
        with app.app_context():
            try:
                results.append(work())
            except Exception as error:
                results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def wait_for_a_waiter() -> None:
    """Until a connection of this database waits for a lock (PostgreSQL)."""
    deadline = time.monotonic() + 60
    while not _somebody_waits_for_a_lock():
        assert time.monotonic() < deadline, "the second one never waited: there is nothing to test"
        time.sleep(0.02)


def _somebody_waits_for_a_lock() -> bool:
    with db.engine.connect() as connection:
        waiting = text(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        return bool(connection.execute(waiting).scalar_one())
