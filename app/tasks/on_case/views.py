"""The form of one's own task beside its case, completed there: never a task of another case."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.cases.models import Case
from app.cases.page.loaded import case_values, contents_of_instance, scopes_of, state_of
from app.cases.page.work import open_tasks
from app.cases.queries import may_see
from app.cases.views import find_case, overview_page
from app.core import clock
from app.core.errors import Invalid, Refusal
from app.core.translations import label, language, words_of
from app.directory.rules import Viewer
from app.forms import AskedForm, FormInvalid, FormUnfinished
from app.tasks import queries, services
from app.tasks.answering import files_of_form, posted_values
from app.tasks.drafts.queries import answers_of, draft_of
from app.tasks.drafts.services import drop_drafts
from app.tasks.drafts.views import typed_words
from app.ui.errors import as_everywhere, wants_page
from app.workflow.models import WorkItem
from app.workflow.queries import values_seen_by

blueprint = Blueprint("case_tasks", __name__, url_prefix="/cases", template_folder="../templates")


def my_task_card(viewer: Viewer, case: Case) -> Markup | None:
    """The form of the reader's own task in this case, the most urgent of them; nothing when there is none.

    What they do for somebody else is handed back from its own page.
    """
    tasks = open_tasks(viewer, case, now=clock.now())
    mine = next((one.item for one in tasks if one.mine and one.item.owner_id is None), None)
    return None if mine is None else _card(viewer, case, mine)


@blueprint.post("/<code>/tasks/<int:item_id>/fields")
def fields(code: str, item_id: int) -> ResponseReturnValue:
    """The form again for what is typed so far: an answer may open or close other questions."""
    viewer, case = find_case(code)
    item = queries.task_of_case(viewer, case, item_id)
    services.refuse_stranger(item, viewer)
    form = _form(viewer, case, item)
    if form is None:
        return ""
    return form.shown_again(
        request.form, language=language(), refresh_url=_fields_url(case, item), files=files_of_form(viewer, item, case)
    )


@blueprint.post("/<code>/tasks/<int:item_id>/completion")
def complete(code: str, item_id: int) -> ResponseReturnValue:
    viewer, case = find_case(code)
    item = queries.task_of_case(viewer, case, item_id)
    services.refuse_stranger(item, viewer)
    services.refuse_if_lent(item)
    held = services.hold_process(item)
    form = queries.task_form(item, zone=viewer.zone, now=clock.now(), held=held)
    try:
        values = {} if form is None else posted_values(item, form, viewer)
        services.complete_task(item, values, viewer=viewer, now=clock.now(), held=held, asked=True)
    except FormUnfinished as unfinished:
        return _again(viewer, case, item, unfinished.typed)
    except FormInvalid as invalid:
        return _again(viewer, case, item, invalid.typed, invalid.fields), 422
    except Invalid as invalid:
        return _again(viewer, case, item, request.form, invalid.fields), 422
    if request.form.get("_draft", "0") != "0":
        drop_drafts(item)
    flash(_("Done: %(name)s", name=label(item, "name")), "success")
    return redirect(url_for("cases.overview", code=case.code) if may_see(viewer, case) else url_for("tasks.inbox"))


def _again(
    viewer: Viewer, case: Case, item: WorkItem, typed: Any, errors: Mapping[str, Sequence[str]] | None = None
) -> str:
    return overview_page(viewer, case, instead={"my_task": _card(viewer, case, item, typed=typed, errors=errors)})


def refused(refusal: Refusal) -> ResponseReturnValue:
    """The task was not completed: the page of the case says why, and holds what was typed."""
    if request.endpoint != "case_tasks.complete" or refusal.status != HTTPStatus.CONFLICT or not wants_page():
        return as_everywhere(refusal)
    viewer, case = find_case((request.view_args or {})["code"])
    item = queries.visible_task(viewer, (request.view_args or {})["item_id"])
    if item is None or (item.county_id, item.subject_id) != (case.county_id, case.id):
        return as_everywhere(refusal)
    told = words_of(refusal)
    if queries.may_do(viewer, item):
        card = _card(viewer, case, item, typed=request.form, refused=told)
    else:
        card = _rendered(case, item, refused=told, kept=typed_words(viewer, item))
    return overview_page(viewer, case, instead={"my_task": card}), refusal.status


blueprint.register_error_handler(Refusal, refused)


def _card(
    viewer: Viewer,
    case: Case,
    item: WorkItem,
    *,
    typed: Any = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    refused: str = "",
) -> Markup:
    form = _form(viewer, case, item)
    if form is None:
        return _rendered(case, item, open=True, refused=refused)
    draft = draft_of(viewer, item)
    address, files = _fields_url(case, item), files_of_form(viewer, item, case) if form.takes_files else {}
    if typed is None and draft is not None:
        shown = form.shown_again(MultiDict(answers_of(draft)), language=language(), refresh_url=address, files=files)
    else:
        values = form.variables if typed is None else typed
        shown = form.shown(values, errors, language=language(), refresh_url=address, files=files)
    return _rendered(case, item, open=True, form=shown, draft=draft, refused=refused)


def _rendered(case: Case, item: WorkItem, **facts: Any) -> Markup:
    html = render_template("tasks/_on_case.html", **{"open": False, "form": None} | facts, case=case, item=item)
    return Markup(html)  # noqa: S704 - made by an autoescaping template


def _form(viewer: Viewer, case: Case, item: WorkItem) -> AskedForm | None:
    """The task's form with the values that the page has read already."""
    number = item.instance_id
    values = values_seen_by(item, scopes_of(case, number), case_values(case), state_of(case, number))
    contents = contents_of_instance(case, item.instance_id)
    return queries.asked_form(item, contents, values, zone=viewer.zone, now=clock.now())


def _fields_url(case: Case, item: WorkItem) -> str:
    return url_for("case_tasks.fields", code=case.code, item_id=item.id)
