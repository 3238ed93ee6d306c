"""`flask worker`."""

import click
from flask import Flask, current_app

from app.scheduling.worker import run_worker


@click.command("worker")
def worker() -> None:
    """Do the work beside the requests: timers, messages, jobs, notices, the timetable."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    run_worker(app)


def init_app(app: Flask) -> None:
    app.cli.add_command(worker)
