"""The number beside the inbox in the navigation."""

from app.directory.rules import Viewer
from app.tasks.filters import Filter
from app.tasks.listing import count


def inbox_badge(viewer: Viewer) -> int:
    """How many tasks wait for this very person."""
    return count(viewer, Filter("mine"))
