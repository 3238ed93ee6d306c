"""Every night what was typed for tasks that are over is forgotten."""

from app.scheduling import timetable
from app.tasks.drafts.services import drop_left_over


def register() -> None:
    timetable.register("drafts of finished tasks", "52 2 * * *", _sweep)


def _sweep() -> None:
    drop_left_over()
