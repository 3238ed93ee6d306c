"""The pages of who answers for processes that stand still."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.cases.models import Case
from app.core import clock
from app.core.errors import Forbidden, NotFound
from app.directory.rules import Viewer
from app.directory.sessions import current_viewer
from app.operations import page, queries, room, services
from app.operations.errors import NothingToRetry
from app.operations.queries import Filter, Row
from app.ui.htmx import go_to, page_or_fragment
from app.workflow.errors import ValuesWrong
from app.workflow.inspection import Stopped, stopped_at
from app.workflow.services import Outcome

blueprint = Blueprint("operations", __name__, url_prefix="/operations", template_folder="templates")


def responsible() -> Viewer:
    """Who is signed in, if they answer for processes; what is not theirs is not there."""
    viewer = current_viewer()
    if not queries.is_responsible(viewer):
        raise NotFound
    return viewer


def incident_address(viewer: Viewer, case: Case, incident_id: int) -> str | None:
    """Where the incident of a case is repaired, for those who may."""
    if not queries.answers_for(viewer, case):
        return None
    return url_for("operations.incident", incident_id=incident_id)


@blueprint.get("/incidents")
def incidents() -> ResponseReturnValue:
    """What stands still, by element and cause, then one by one."""
    viewer = responsible()
    chosen = _filter(request.args)
    now = clock.now()
    found = queries.incident_list(viewer, chosen, now=now)
    return page_or_fragment(
        "operations/incidents.html",
        "operations/_incidents.html",
        chosen=chosen,
        page=found,
        groups=queries.groups(viewer, chosen, now=now),
        package_options=[(one, one) for one in queries.packages(viewer)],
        code_options=[(one, page.code_words(one)) for one in queries.codes(viewer)],
        words=page,
    )


@blueprint.post("/incidents/retry")
def retry_group() -> ResponseReturnValue:
    """Try a whole group again, each in a job of its own; the answer shows how far it is."""
    viewer = responsible()
    reason = _reason()
    now = clock.now()
    ids = queries.incident_ids(viewer, _filter(request.form), now=now)
    if not ids:
        raise NothingToRetry
    batch = services.retry_many(viewer, ids, reason=reason or _("Tried again together"), now=now)
    return go_to(url_for(".repairs", batch=batch))


@blueprint.get("/repairs/<int:batch>")
def repairs(batch: int) -> ResponseReturnValue:
    rows = queries.batch(responsible(), batch)
    waiting = sum(repair.result == "waiting" for repair, _incident in rows)
    return page_or_fragment(
        "operations/repairs.html", "operations/_repairs.html", batch=batch, rows=rows, waiting=waiting, words=page
    )


@blueprint.get("/incidents/<int:incident_id>")
def incident(incident_id: int) -> ResponseReturnValue:
    row = queries.incident_for(responsible(), incident_id)
    return _page(row)


@blueprint.get("/incidents/<int:incident_id>/diagram.bpmn")
def diagram(incident_id: int) -> ResponseReturnValue:
    """The diagram in the very version that this process runs on."""
    row = queries.incident_for(responsible(), incident_id)
    stopped = stopped_at(row.incident, now=clock.now())
    content = stopped.contents.process_files.get(row.incident.file)
    if content is None:
        raise NotFound
    return Response(content, mimetype="application/xml", headers={"Cache-Control": "private, max-age=300"})


@blueprint.post("/incidents/<int:incident_id>/retry")
def retry(incident_id: int) -> ResponseReturnValue:
    return _repair(
        incident_id, lambda row, viewer, reason: services.retry(row, viewer=viewer, reason=reason, now=clock.now())
    )


@blueprint.post("/incidents/<int:incident_id>/skip")
def skip(incident_id: int) -> ResponseReturnValue:
    return _repair(
        incident_id, lambda row, viewer, reason: services.skip(row, viewer=viewer, reason=reason, now=clock.now())
    )


@blueprint.post("/incidents/<int:incident_id>/restart")
def restart(incident_id: int) -> ResponseReturnValue:
    element = request.form.get("element", "")
    return _repair(
        incident_id,
        lambda row, viewer, reason: services.restart(row, element, viewer=viewer, reason=reason, now=clock.now()),
    )


@blueprint.post("/incidents/<int:incident_id>/variables")
def variables(incident_id: int) -> ResponseReturnValue:
    """Set what was typed anew, and try again if that is wished; both or neither."""
    viewer = responsible()
    row = queries.incident_for(viewer, incident_id)
    stopped = stopped_at(row.incident, now=clock.now())
    values, wrong = page.changed(request.form, page.fields(row, stopped), stopped)
    reason = _reason()
    if not reason:
        wrong.append(("values-reason", _("Reason"), [_("A reason is needed; it stands in the history.")]))
    if not values and not wrong:
        wrong.append(("", "", [_("Nothing was changed: every value is as before.")]))
    if wrong:
        return _page(row, wrong=wrong), 422
    try:
        outcome = services.change_values(
            row, values, retry_after="retry" in request.form, viewer=viewer, reason=reason, now=clock.now()
        )
    except ValuesWrong as refused:
        return _page(row, wrong=[(page.PREFIX + name, name, told) for name, told in refused.fields.items()]), 422
    return _answer(row, outcome, settled="retry" in request.form)


@blueprint.get("/engine-room")
def engine_room() -> ResponseReturnValue:
    """Work beside the requests: what is late, what has failed, who works, which messages wait."""
    viewer = responsible()
    return page_or_fragment(
        "operations/engine_room.html", "operations/_engine_room.html", room=room.look(viewer, now=clock.now())
    )


@blueprint.post("/jobs/<int:job_id>/retry")
def retry_job(job_id: int) -> ResponseReturnValue:
    viewer = responsible()
    if not room.answers_for_county(viewer):
        raise Forbidden
    services.retry_job(viewer, job_id, reason=_reason(), now=clock.now())
    flash(_("It is tried again at once."), "success")
    return go_to(url_for(".engine_room"))


def _repair(incident_id: int, work: Callable[[Row, Viewer, str], Outcome]) -> ResponseReturnValue:
    viewer = responsible()
    row = queries.incident_for(viewer, incident_id)
    reason = _reason()
    if not reason:
        kind = (request.endpoint or "").rpartition(".")[2]
        missing = (f"{kind}-reason", _("Reason"), [_("A reason is needed; it stands in the history.")])
        return _page(row, wrong=[missing]), 422
    return _answer(row, work(row, viewer, reason), settled=True)


def _answer(row: Row, outcome: Outcome, *, settled: bool) -> ResponseReturnValue:
    """To the next thing that needs repair, else back to the list."""
    if outcome.incidents:
        flash(_("It still cannot go on. This is the reason now."), "warning")
        return go_to(url_for(".incident", incident_id=outcome.incidents[0]))
    if not settled:
        flash(_("The values are set. Try again when all is as it should be."), "success")
        return go_to(url_for(".incident", incident_id=row.incident.id))
    flash(_("Done: the process goes on."), "success")
    return go_to(url_for(".incidents"))


def _page(row: Row, wrong: list[tuple[str, str, list[str]]] | None = None) -> str:
    stopped: Stopped = stopped_at(row.incident, now=clock.now())
    listed = page.fields(row, stopped)
    html: str = render_template(
        "operations/incident.html",
        row=row,
        incident=row.incident,
        stopped=stopped,
        look=stopped.inspection,
        fields=listed,
        others=page.other_names(stopped, listed),
        inputs=page.inputs(row, stopped),
        story=page.story(row, row.incident.subject_id),
        wrong=wrong or [],
        restart_options=_restart_options(stopped),
        words=page,
    )
    return html


def _restart_options(stopped: Stopped) -> list[tuple[str, str]]:
    look = stopped.inspection
    return [(one.id, f"{page.element_words(one)} · {one.id}") for one in look.restarts] if look else []


def _reason() -> str:
    return request.form.get("reason", "").strip()[:500]


def _filter(given: Any) -> Filter:
    return Filter(
        package=given.get("package", "")[:60],
        process=given.get("process", "")[:120],
        element=given.get("element", "")[:120],
        code=given.get("code", "")[:60],
        age=given.get("age", "")[:10],
        text=given.get("q", "").strip()[:60],
        cursor=given.get("cursor"),
    )
