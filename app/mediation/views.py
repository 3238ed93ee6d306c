"""The sessions on the case page, and the next one in the rows of the inbox."""

from collections.abc import Collection

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.cases.models import Case
from app.cases.page.words import word
from app.cases.timeline import Wording, register
from app.core import clock
from app.directory.rules import Viewer
from app.mediation.queries import may_read_private, next_sessions, sessions_of
from app.tasks.panels import RowNote, add_row_note

blueprint = Blueprint("mediation", __name__, template_folder="templates")


def register_wordings() -> None:
    """How the timeline tells of parties and sessions."""
    values = {"answer": "consent_answer"}
    register("party.consented", Wording(_l("%(name)s was asked: %(answer)s"), "message-circle", values=values))
    register("party.signed", Wording(_l("%(name)s signed"), "signature", "good"))
    register(
        "session.held", Wording(_l("A session was held: %(result)s"), "users", values={"result": "session_result"})
    )


def sessions_card(viewer: Viewer, case: Case) -> Markup | None:
    """The card of the sessions; nothing before the first."""
    sessions = sessions_of(case)
    if not sessions:
        return None
    private = may_read_private(viewer, case)
    html = render_template(
        "mediation/_sessions.html", sessions=sessions, private=private, case=case, session_words=word
    )
    return Markup(html)  # noqa: S704 - made by an autoescaping template


def register_inbox() -> None:
    """The next session in the rows of every list."""
    add_row_note(RowNote("session", _session_marks, 20))


def _session_marks(viewer: Viewer, case_ids: Collection[int]) -> dict[int, Markup]:
    planned = next_sessions(viewer.county_id, case_ids, now=clock.now())
    return {
        case_id: Markup(render_template("mediation/_next_session.html", at=at))  # noqa: S704 - autoescaped
        for case_id, at in planned.items()
    }
