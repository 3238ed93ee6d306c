"""What stands beside a task's form, one at a time: the matter, its timeline, its diagram."""

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.cases.models import Case
from app.cases.page.diagram import diagram
from app.cases.timeline import timeline
from app.tasks.filters import Filter
from app.workflow.models import WorkItem

ASPECTS = ("form", "case", "timeline", "diagram")
LINES = 60


def aspect_links(item: WorkItem, chosen: Filter, shown: str) -> list[dict[str, Any]]:
    """The tabs over a task, each an address that keeps the list beside it."""
    words = {"form": _("Form"), "case": _("The matter"), "timeline": _("Timeline"), "diagram": _("Diagram")}
    return [
        {
            "url": url_for("tasks.task", item_id=item.id, **chosen.arguments, show=None if name == "form" else name),
            "label": words[name],
            "current": name == shown,
        }
        for name in ASPECTS
    ]


def aspect(case: Case, shown: str, *, now: datetime) -> dict[str, Any]:
    """What the chosen tab has to tell of the case."""
    if shown == "timeline":
        return {"lines": timeline(case, limit=LINES)}
    return {"diagram": diagram(case, "", now=now)} if shown == "diagram" else {}
