from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.cases import queries as cases
from app.cases.page.decisions import routing_decision
from app.cases.rules import due_of
from app.core import clock
from app.core.errors import Invalid, Refusal
from app.core.paging import encode_cursor
from app.core.translations import label, language, words_of
from app.directory import queries as directory
from app.directory.calendars import CountyCalendar
from app.directory.rules import Viewer
from app.directory.sessions import current_viewer
from app.forms import FormInvalid, FormUnfinished
from app.tasks import queries, services
from app.tasks.answering import files_of_form, posted_values
from app.tasks.aspects import ASPECTS, aspect, aspect_links
from app.tasks.choices import filter_of, list_of
from app.tasks.comments.views import comments_panel
from app.tasks.conditions import TABS
from app.tasks.drafts.models import TaskDraft
from app.tasks.drafts.queries import Given, answers_given, answers_of, draft_of
from app.tasks.drafts.services import drop_drafts
from app.tasks.drafts.views import typed_words
from app.tasks.filters import OPEN_TABS, Filter
from app.tasks.listing import PAGE_SIZE, inbox_page, key_of
from app.tasks.moves.views import blueprint as moves
from app.tasks.moves.views import moves_panel
from app.tasks.rows import list_page, shown_numbers
from app.tasks.saved_views import views as saved_views
from app.tasks.versions import present_state, version_of
from app.ui.errors import as_everywhere, wants_page
from app.ui.htmx import page_or_fragment
from app.workflow.models import ItemStatus, WorkItem

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks", template_folder="templates")


def home() -> ResponseReturnValue:
    """The start page is the inbox."""
    return redirect(url_for("tasks.inbox"))


@blueprint.get("/")
def inbox() -> ResponseReturnValue:
    viewer = current_viewer()
    return page_or_fragment("tasks/inbox.html", "tasks/_list.html", **_inbox(viewer), chosen=None)


@blueprint.get("/news")
def news() -> ResponseReturnValue:
    """Whether anything came, went or changed since the page knew its lists; asked every few seconds.

    The page names the `row`s that it shows and the `state` that it knows them in. Nothing is said when all is the same.
    """
    viewer = current_viewer()
    said, tab = request.args, request.args.get("tab", "")
    version, state = version_of(viewer), ""
    if tab in TABS:
        rows = [
            int(row) for row in said.getlist("row")[:PAGE_SIZE] if row.isascii() and row.isdecimal() and len(row) < 19
        ]
        state = present_state(viewer, tab, rows, later=said.get("later") == "1")
    if (version, state) == (said.get("version"), said.get("state", "")):
        return "", 204
    return jsonify(version=version, state=state, numbers=shown_numbers(viewer))


@blueprint.get("/<int:item_id>")
def task(item_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    return _task_page(viewer, queries.task_for(viewer, item_id))


@blueprint.post("/<int:item_id>/claim")
def claim(item_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    services.claim_task(queries.task_for(viewer, item_id), viewer=viewer, now=clock.now())
    return redirect(url_for("tasks.task", item_id=item_id, **list_of(viewer)))


@blueprint.post("/<int:item_id>/release")
def release(item_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    reason = request.form.get("reason", "").strip()[:500]
    services.release_task(queries.task_for(viewer, item_id), viewer=viewer, reason=reason, now=clock.now())
    flash(_("The task is back in the pool."), "success")
    return redirect(url_for("tasks.inbox", **list_of(viewer)))


@blueprint.post("/<int:item_id>/fields")
def fields(item_id: int) -> ResponseReturnValue:
    """The form again for what is typed so far: an answer may open or close other questions."""
    viewer = current_viewer()
    item, offered = queries.task_and_offer(viewer, item_id)
    services.refuse_who_may_not_fill(item, viewer, offered=offered)
    form = queries.task_form(item, zone=viewer.zone, now=clock.now())
    if form is None:
        return ""
    case = cases.case_by_id(item.county_id, item.subject_id) if item.subject_id is not None else None
    return form.shown_again(
        request.form,
        language=language(),
        refresh_url=url_for("tasks.fields", item_id=item.id),
        files=files_of_form(viewer, item, case) if case else None,
    )


@blueprint.post("/<int:item_id>/completion")
def complete(item_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    item, offered = queries.task_and_offer(viewer, item_id)
    services.refuse_stranger(item, viewer, offered=offered)
    services.refuse_if_lent(item)
    chosen = _filter(viewer)
    place = key_of(item, chosen)
    held = services.hold_process(item)
    form = queries.task_form(item, zone=viewer.zone, now=clock.now(), held=held)
    values: dict[str, object] = {}
    if form is not None:
        try:
            values = posted_values(item, form, viewer)
        except FormUnfinished as unfinished:
            return _task_page(viewer, item, typed=unfinished.typed)
        except FormInvalid as invalid:
            return _task_page(viewer, item, typed=invalid.typed, errors=invalid.fields), 422
    try:
        services.complete_task(item, values, viewer=viewer, now=clock.now(), held=held, asked=True)
    except Invalid as invalid:
        return _task_page(viewer, item, typed=request.form, errors=invalid.fields), 422
    if request.form.get("_draft", "0") != "0":
        drop_drafts(item)
    flash(_("Done: %(name)s", name=label(item, "name")), "success")
    if request.form.get("then") == "case" and item.subject_id is not None:
        case = cases.case_by_id(item.county_id, item.subject_id)
        if cases.may_see(viewer, case):
            return redirect(url_for("cases.overview", code=case.code))
    return redirect(_next_of(viewer, chosen, place))


def refused(refusal: Refusal) -> ResponseReturnValue:
    """Something was not done: the page of its task, or the list where that is gone or several were chosen, says why and
    holds what was typed.
    """
    if request.method != "POST" or refusal.status not in REFUSALS or not wants_page():
        return as_everywhere(refusal)
    item_id, viewer = (request.view_args or {}).get("item_id"), current_viewer()
    item, arguments = queries.visible_task(viewer, item_id) if item_id is not None else None, list_of(viewer)
    if item is None:
        if refusal.status == HTTPStatus.FORBIDDEN:
            return as_everywhere(refusal)
        page = render_template(
            "tasks/inbox.html",
            **_inbox(viewer),
            chosen=None,
            refused=words_of(refusal),
            address=url_for("tasks.inbox", **arguments),
            picked=request.form.getlist("item"),
            reason=request.form.get("reason", ""),
        )
        return page, refusal.status
    form_is_his = request.endpoint == "tasks.complete" and queries.may_do(viewer, item)
    page = _task_page(
        viewer,
        item,
        typed=request.form if form_is_his else None,
        refused=words_of(refusal),
        kept=[] if form_is_his else typed_words(viewer, item),
    )
    return page, refusal.status


REFUSALS = (HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
"""What a person may meet at work, and go on from."""

for _one in (blueprint, moves):
    _one.register_error_handler(Refusal, refused)


def _inbox(viewer: Viewer) -> dict[str, Any]:
    """The list that stands beside whatever is chosen."""
    shown = list_page(viewer, *filter_of(viewer, request.args))
    return {
        "inbox": shown,
        "views": saved_views.chips(viewer, shown.filter),
        "view_offices": saved_views.offices(viewer),
        "version": shown.version,
    }


def _filter(viewer: Viewer) -> Filter:
    """The list that this task was opened from."""
    return filter_of(viewer, request.args)[0]


def _next_of(viewer: Viewer, chosen: Filter, done: list[Any]) -> str:
    """The task that followed in the same list, else the first of it, else the list."""
    if chosen.tab in OPEN_TABS:
        for cursor in (encode_cursor(done), None):
            page = inbox_page(viewer, chosen.but(cursor=cursor), size=1)
            if page.rows:
                return url_for("tasks.task", item_id=page.rows[0].item.id, **chosen.arguments)
    return url_for("tasks.inbox", **chosen.arguments)


def _others_answers(given: Sequence[Given], draft: TaskDraft | None) -> Given | None:
    """Whose answers stand in the form instead of one's own: those asked for, or the latest while one has none."""
    asked = request.args.get("answers", "")
    if asked:
        return next((one for one in given if str(one.person_id) == asked), None)
    return given[0] if given and draft is None else None


def _task_page(
    viewer: Viewer,
    item: WorkItem,
    *,
    typed: Any = None,
    errors: dict[str, list[str]] | None = None,
    refused: str = "",
    kept: Sequence[tuple[str, str]] = (),
) -> str:
    now = clock.now()
    case = cases.case_by_id(item.county_id, item.subject_id) if item.subject_id is not None else None
    opened = item.status == ItemStatus.OPEN
    mine = opened and (queries.is_in_hands_of(viewer, item) or typed is not None)
    hidden = not mine and not queries.matter_is_seen(viewer, item)
    if hidden:
        case = None
    tab = request.args.get("show", "")
    tab = tab if case is not None and typed is None and tab in ASPECTS else ASPECTS[0]
    helps = not mine and queries.is_co_worker(viewer, item)
    form = queries.task_form(item, zone=viewer.zone, now=now) if (mine or helps) and tab == "form" else None
    shown, draft, given, others = None, None, [], None
    if form is not None:
        draft = draft_of(viewer, item)
        given = answers_given(viewer, item) if mine else []
        others = _others_answers(given, draft)
        files = files_of_form(viewer, item, case) if case else None
        address = url_for("tasks.fields", item_id=item.id)
        if typed is None and (others is not None or draft is not None):
            answers = MultiDict(others.typed if others is not None else answers_of(draft))
            shown = form.shown_again(answers, language=language(), refresh_url=address, files=files)
        else:
            values = form.variables if typed is None else typed
            shown = form.shown(values, errors, language=language(), refresh_url=address, files=files)
    beside = _inbox(viewer)
    people = {one for one in (item.assignee_id, item.closed_by) if one is not None}
    names = directory.names_of(item.county_id, people) if not hidden else {}
    return render_template(
        "tasks/task.html",
        **beside,
        **(aspect(case, tab, now=now) if case else {}),
        tab=tab,
        tabs=aspect_links(item, beside["inbox"].filter, tab) if case else [],
        chosen=item,
        refused=refused,
        kept=kept,
        address=url_for("tasks.task", item_id=item.id, **beside["inbox"].filter.arguments),
        hidden=hidden,
        case=case,
        parties=cases.parties_of(case) if case else [],
        case_type=cases.type_label(viewer.county_id, case.dispute_type) if case else ("", ""),
        form=shown,
        draft=draft,
        given=given,
        others=others,
        mine=mine,
        helps=helps,
        moves=moves_panel(viewer, item, hidden=hidden),
        comments=comments_panel(viewer, item, case) if case is not None or item.subject_id is None else "",
        why=routing_decision(case) if case and opened and item.stage == "triage" else None,
        offered=opened and item.assignee_id is None and queries.is_offered(viewer, item),
        holder=names.get(item.assignee_id or 0),
        closed_by=names.get(item.closed_by or 0) or item.closed_by_name,
        due=due_of(item.due_at, now=now, zone=viewer.zone, calendar=CountyCalendar(viewer.county_id)),
    )
