"""`flask worker`"""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.scheduling.worker import run_worker


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Do the work beside the requests: timers, messages, jobs, notices, the timetable."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    run_worker(app)
