from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.cases.rules import days_until
from app.cases.search.results import search
from app.cases.search.rules import excerpt, marked
from app.core import clock
from app.core.database import FOREVER
from app.directory.sessions import current_viewer
from app.workflow.models import WorkItem

blueprint = Blueprint("search", __name__, url_prefix="/search")

MOST_CHARACTERS = 60


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What was found, in groups, with the words marked."""
    viewer = current_viewer()
    text = request.args.get("q", "").strip()[:MOST_CHARACTERS]
    now = clock.now()

    def days(item: WorkItem) -> int | None:
        return days_until(item.due_at, now, viewer.zone) if item.due_at < FOREVER else None

    return render_template(
        "cases/search.html",
        text=text,
        found=search(viewer, text),
        marked=lambda words: marked(words, text),
        excerpt=lambda words: excerpt(words, text),
        days=days,
    )
