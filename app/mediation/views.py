"""The sessions on the case page, and the next one in the rows of the inbox."""

from collections.abc import Collection

from flask import Blueprint, get_template_attribute
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.cases.page.words import word
from app.cases.timeline import Wording, register
from app.cases.views import find_case, show_tab
from app.core import clock
from app.directory.rules import Viewer
from app.mediation.queries import may_read_private, next_sessions, sessions_of
from app.tasks.panels import RowNote, add_row_note

blueprint = Blueprint("mediation", __name__, url_prefix="/cases", template_folder="templates")


def register_wordings() -> None:
    """How the timeline tells of parties and sessions."""
    values = {"answer": "consent_answer"}
    register("party.consented", Wording(_l("%(name)s was asked: %(answer)s"), "message-circle", values=values))
    register("party.signed", Wording(_l("%(name)s signed"), "signature", "good"))
    register(
        "session.held", Wording(_l("A session was held: %(result)s"), "users", values={"result": "session_result"})
    )


@blueprint.get("/<code>/mediation")
def sessions(code: str) -> ResponseReturnValue:
    """The tab of the sessions: planned and held, with the private record for the case's mediator alone."""
    viewer, case = find_case(code)
    return show_tab(
        "mediation/sessions.html",
        viewer,
        case,
        "mediation",
        sessions=sessions_of(case),
        private=may_read_private(viewer, case),
        word=word,
    )


def register_inbox() -> None:
    """The next session in the rows of every list."""
    add_row_note(RowNote("session", _session_marks, 20))


def _session_marks(viewer: Viewer, case_ids: Collection[int]) -> dict[int, Markup]:
    planned = next_sessions(viewer.county_id, case_ids, now=clock.now())
    mark = get_template_attribute("mediation/_next_session.html", "next_session")
    return {case_id: mark(at) for case_id, at in planned.items()}
