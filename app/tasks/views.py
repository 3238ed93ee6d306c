from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.cases import queries as cases
from app.cases.attachments import keep_uploads, shown_files
from app.cases.page.decisions import routing_decision
from app.cases.rules import days_until
from app.core import clock
from app.core.database import FOREVER
from app.core.errors import Invalid
from app.core.translations import language
from app.core.unit_of_work import keep_changes
from app.directory import queries as directory
from app.directory.rules import TEAM_ROLES, Viewer
from app.directory.sessions import actor_of, current_viewer
from app.forms import AskedForm, FormInvalid, FormUnfinished, ShownFile
from app.tasks import queries, services
from app.tasks.conditions import TABS
from app.tasks.numbers import shown_number
from app.tasks.queries import Filter
from app.workflow.models import ItemStatus, WorkItem

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks", template_folder="templates")


def home() -> ResponseReturnValue:
    """The start page is the inbox."""
    return redirect(url_for("tasks.inbox"))


@blueprint.get("/")
def inbox() -> ResponseReturnValue:
    return render_template("tasks/inbox.html", **_list(current_viewer()), chosen=None)


@blueprint.get("/<int:item_id>")
def task(item_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    return _task_page(viewer, queries.task_for(viewer, item_id))


@blueprint.post("/<int:item_id>/claim")
def claim(item_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    services.claim_task(queries.task_for(viewer, item_id), viewer=viewer, now=clock.now())
    return redirect(url_for("tasks.task", item_id=item_id, tab="mine"))


@blueprint.post("/<int:item_id>/release")
def release(item_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    reason = request.form.get("reason", "").strip()[:500]
    services.release_task(queries.task_for(viewer, item_id), viewer=viewer, reason=reason, now=clock.now())
    flash(_("The task is back in the pool."), "success")
    return redirect(url_for("tasks.inbox", tab="available"))


@blueprint.post("/<int:item_id>/fields")
def fields(item_id: int) -> ResponseReturnValue:
    """The form again for what is typed so far: an answer may open or close other questions."""
    viewer = current_viewer()
    item, offered = queries.task_and_offer(viewer, item_id)
    services.refuse_stranger(item, viewer, offered=offered)
    form = queries.task_form(item, zone=viewer.zone, now=clock.now())
    if form is None:
        return ""
    return form.shown_again(
        request.form,
        language=language(),
        refresh_url=url_for("tasks.fields", item_id=item.id),
        files=shown_files(cases.case_by_id(item.county_id, item.subject_id)) if item.subject_id else None,
    )


@blueprint.post("/<int:item_id>/completion")
def complete(item_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    item, offered = queries.task_and_offer(viewer, item_id)
    services.refuse_stranger(item, viewer, offered=offered)
    held = services.hold_process(item)
    form = queries.task_form(item, zone=viewer.zone, now=clock.now(), held=held)
    values: dict[str, object] = {}
    if form is not None:
        try:
            values = _read(item, form, viewer)
        except FormUnfinished as unfinished:
            return _task_page(viewer, item, typed=unfinished.typed)
        except FormInvalid as invalid:
            return _task_page(viewer, item, typed=invalid.typed, errors=invalid.fields), 422
    try:
        services.complete_task(item, values, viewer=viewer, now=clock.now(), held=held, asked=True)
    except Invalid as invalid:
        return _task_page(viewer, item, typed=request.form, errors=invalid.fields), 422
    flash(_("Done: %(name)s", name=item.name_en if language() == "en" and item.name_en else item.name_zh), "success")
    if request.form.get("then") == "case" and item.subject_id is not None:
        case = cases.case_by_id(item.county_id, item.subject_id)
        if cases.may_see(viewer, case):
            return redirect(url_for("cases.overview", code=case.code))
    return redirect(_next_of(viewer))


def _next_of(viewer: Viewer) -> str:
    """The next task of one's own, else the inbox."""
    page = queries.inbox_page(viewer, Filter("mine"), size=1)
    if page.rows:
        return url_for("tasks.task", item_id=page.rows[0].item.id, tab="mine")
    return url_for("tasks.inbox", tab="mine")


def _read(item: WorkItem, form: AskedForm, viewer: Viewer) -> dict[str, object]:
    """The values of the posted form. Files that came with a form that is not accepted yet are kept all the same."""
    posted, known = MultiDict(request.form), dict[str, ShownFile]()
    try:
        if item.subject_id is not None:
            case = cases.case_by_id(item.county_id, item.subject_id)
            actor = actor_of(viewer)
            kept = keep_uploads(case, form, posted, request.files, actor=actor, now=clock.now())
            posted, known = kept.values, dict(kept.files)
        return form.values(posted, language=language(), known_files=known)
    except FormInvalid:
        if request.files:
            keep_changes()
        raise


def _list(viewer: Viewer) -> dict[str, Any]:
    tab = request.args.get("tab", "mine")
    chosen = Filter(tab if tab in TABS else "mine", request.args.get("q", "").strip()[:60], request.args.get("cursor"))
    page = queries.inbox_page(viewer, chosen)
    numbers = {name: shown_number(name, number) for name, number in queries.counts(viewer).items()}
    if chosen.text:
        numbers[chosen.tab] = shown_number("", queries.count(viewer, chosen))
    now = clock.now()
    owners = directory.names_of(
        viewer.county_id, {row.item.assignee_id for row in page.rows if row.item.assignee_id is not None}
    )
    return {
        "filter": chosen,
        "page": page,
        "counts": numbers,
        "tabs": [name for name in TABS if name != "team" or viewer.has_role(*TEAM_ROLES)],
        "owners": owners,
        "due": {
            row.item.id: days_until(row.item.due_at, now, viewer.zone) for row in page.rows if row.item.due_at < FOREVER
        },
        "type_labels": {
            row.case.id: cases.type_label(viewer.county_id, row.case.dispute_type) for row in page.rows if row.case
        },
    }


def _task_page(viewer: Viewer, item: WorkItem, *, typed: Any = None, errors: dict[str, list[str]] | None = None) -> str:
    now = clock.now()
    case = cases.case_by_id(item.county_id, item.subject_id) if item.subject_id is not None else None
    opened = item.status == ItemStatus.OPEN
    if case is not None and not opened and not cases.may_see(viewer, case):
        case = None
    mine = opened and (item.assignee_id == viewer.person_id or typed is not None)
    form = queries.task_form(item, zone=viewer.zone, now=now) if mine else None
    shown = None
    if form is not None:
        shown = form.shown(
            form.variables if typed is None else typed,
            errors,
            language=language(),
            refresh_url=url_for("tasks.fields", item_id=item.id),
            files=shown_files(case) if case else None,
        )
    return render_template(
        "tasks/task.html",
        **_list(viewer),
        chosen=item,
        case=case,
        parties=cases.parties_of(case) if case else [],
        case_type=cases.type_label(viewer.county_id, case.dispute_type) if case else ("", ""),
        form=shown,
        mine=mine,
        why=routing_decision(case) if case and opened and item.stage == "triage" else None,
        offered=opened and item.assignee_id is None and queries.is_offered(viewer, item),
        holder=directory.names_of(item.county_id, {item.assignee_id}).get(item.assignee_id)
        if item.assignee_id
        else None,
        days=days_until(item.due_at, now, viewer.zone) if item.due_at < FOREVER else None,
    )
