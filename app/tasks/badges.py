"""The number beside the inbox in the navigation."""

from app.directory.rules import Viewer
from app.tasks.queries import Filter, count


def inbox_badge(viewer: Viewer) -> int:
    """How many tasks wait for this very person."""
    return count(viewer, Filter("mine"))
