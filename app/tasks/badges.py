"""The number beside the inbox in the navigation."""

from flask import g

from app.directory.rules import Viewer
from app.tasks.filters import Filter
from app.tasks.listing import count


def inbox_badge(viewer: Viewer) -> int:
    """How many tasks wait for this very person; a page that has counted them says so with `note_counted`."""
    counted: dict[Viewer, int] = g.get("own_tasks", {})
    return counted[viewer] if viewer in counted else count(viewer, Filter("mine"))


def note_counted(viewer: Viewer, number: int) -> None:
    """Spare the navigation of this request the question that its page has asked already."""
    g.own_tasks = {viewer: number}
