from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from app.cases.rules import Due, due_of
from app.cases.search.results import FoundTask, search
from app.cases.search.rules import excerpt, marked
from app.core import clock
from app.directory.calendars import CountyCalendar
from app.directory.sessions import current_viewer

blueprint = Blueprint("search", __name__, url_prefix="/search")

MOST_CHARACTERS = 60


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What was found, in groups, with the words marked."""
    viewer = current_viewer()
    text = request.args.get("q", "").strip()[:MOST_CHARACTERS]
    cursor = request.args.get("cursor")
    now, calendar = clock.now(), CountyCalendar(viewer.county_id)

    def due(task: FoundTask) -> Due | None:
        return due_of(task.due_at, now=now, zone=viewer.zone, calendar=calendar)

    return render_template(
        "cases/search.html",
        text=text,
        found=search(viewer, text, cursor),
        later=cursor is not None,
        with_marks=lambda words: with_marks(words, text),
        excerpt=lambda words: excerpt(words, text),
        due=due,
    )


def with_marks(words: str, text: str) -> Markup:
    """The words, with what was asked for marked in them."""
    pieces = (_MARK.format(piece) if hit else escape(piece) for piece, hit in marked(words, text))
    return Markup("").join(pieces)


_MARK = Markup("<mark>{}</mark>")
