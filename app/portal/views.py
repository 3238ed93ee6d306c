from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.services import Actor
from app.cases.attachments import keep_uploads, shown_files
from app.cases.models import Case, Party
from app.cases.page.loaded import contents_of
from app.cases.queries import type_label
from app.core import clock
from app.core.errors import NotFound
from app.core.translations import language
from app.core.unit_of_work import keep_changes
from app.directory import queries as directory
from app.directory.services import count_attempt, refuse_after
from app.directory.sign_in.rules import network_of
from app.forms import AskedForm, FormInvalid, FormUnfinished
from app.notices.queries import notices_of_party
from app.notices.words import worded
from app.portal import queries
from app.portal.errors import AnswerNotAwaited
from app.tasks.queries import task_form
from app.workflow import services as workflow
from app.workflow.commands import Complete
from app.workflow.errors import ProcessEnded, TaskAlreadyCompleted, TaskOvertaken, TaskWithdrawn
from app.workflow.models import WorkItem

blueprint = Blueprint("portal", __name__, template_folder="templates")

PRIVATE = "private"
WRONG_CODES = 40

PUBLIC_STATUS = {
    "open": _l("In progress"),
    "closed": _l("Finished"),
    "archived": _l("Finished and filed"),
    "merged": _l("Goes on together with another report"),
}


@blueprint.get("/c/<code>")
def scan(code: str) -> ResponseReturnValue:
    """What the QR code of a case opens: step, office and elapsed time in public words.

    Codes that are no case are counted for the network that asks, so that nobody finds cases by trying.
    """
    key, now = f"scan::{network_of(request.remote_addr or '')}", clock.now()
    refuse_after(key, WRONG_CODES, now=now)
    case = queries.case_by_public_code(code)
    if case is None:
        count_attempt(key, now=now)
        keep_changes()
        raise NotFound
    return render_template("portal/scan.html", **_public(case))


@blueprint.get("/p/<secret>")
def own_case(secret: str) -> ResponseReturnValue:
    party, case = queries.party_by_link(secret)
    questions = queries.questions_for(party)
    asked = [(item, _shown(item, secret, case)) for item in questions]
    return _own_page(party, case, secret, asked)


@blueprint.post("/p/<secret>/<int:item_id>")
def answer(secret: str, item_id: int) -> ResponseReturnValue:
    """The party's own answer to one question."""
    party, case = queries.party_by_link(secret)
    item = queries.question_for(party, item_id)
    form = _form(item, case)
    actor = Actor("party", party.id, party.name)
    others = shown_files(case).keys()
    try:
        kept = keep_uploads(case, form, request.form.copy(), request.files, actor=actor, now=clock.now())
        values = form.values(kept.values, language=language(), known_files=kept.files.keys() - others)
    except FormUnfinished as unfinished:
        return _again(party, case, secret, item, unfinished.typed, None)
    except FormInvalid as invalid:
        return _again(party, case, secret, item, invalid.typed, invalid.fields), 422
    try:
        workflow.advance(
            item.county_id,
            item.instance_id,
            Complete(item.id, values),
            actor=actor,
            now=clock.now(),
            subject_id=item.subject_id,
        )
    except (TaskAlreadyCompleted, TaskWithdrawn, TaskOvertaken, ProcessEnded) as error:
        raise AnswerNotAwaited from error
    flash(_("Thank you. Your answer is kept."), "success")
    return redirect(url_for("portal.own_case", secret=secret))


@blueprint.post("/p/<secret>/<int:item_id>/fields")
def fields(secret: str, item_id: int) -> ResponseReturnValue:
    party, case = queries.party_by_link(secret)
    item = queries.question_for(party, item_id)
    form = _form(item, case)
    return form.shown_again(
        request.form,
        language=language(),
        refresh_url=url_for("portal.fields", secret=secret, item_id=item.id),
        within=str(item.id),
    )


@blueprint.after_request
def _no_referrer(response: Any) -> Any:
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _public(case: Case) -> dict[str, Any]:
    zh, en = type_label(case.county_id, case.dispute_type)
    english = language() == "en"
    lead = directory.organisation(case.county_id, case.lead_organisation_id)
    stages = contents_of(case).settings.stages
    done = [stage.id for stage in stages]
    reached = done.index(case.stage) if case.stage in done else 0
    finished = case.status in ("closed", "archived", "merged")
    steps = [
        {
            "label": stage.label.in_language(language()),
            "state": _state(position, reached, finished),
            "spent": "",
            "url": None,
        }
        for position, stage in enumerate(stages)
    ]
    return {
        "case": case,
        "type": en if english else zh,
        "office": lead.name_en if english else lead.name_zh,
        "office_phone": lead.phone or "",
        "status": PUBLIC_STATUS.get(case.status, PUBLIC_STATUS["open"]),
        "steps": steps,
        "elapsed": (case.closed_at or clock.now()) - case.opened_at,
    }


def _state(position: int, reached: int, finished: bool) -> str:
    if position < reached or (finished and position == reached):
        return "done"
    if finished:
        return "skipped"
    return "current" if position == reached else "upcoming"


def _form(item: WorkItem, case: Case) -> AskedForm:
    """The form of a question; nothing that is private among the house stands behind it, whatever its author wrote."""
    zone = str(ZoneInfo(directory.county(case.county_id).zone))
    form = task_form(item, zone=zone, now=clock.now(), form_key=item.party_form)
    if form is None:
        raise NotFound
    known = form.dictionary or {}
    seen = {name: value for name, value in form.variables.items() if not _is_private(known, name)}
    return replace(form, variables=seen)


def _is_private(known: Any, name: str) -> bool:
    return name in known and known[name].sensitivity == PRIVATE


def _shown(item: WorkItem, secret: str, case: Case, typed: Any = None, errors: Any = None) -> Any:
    form = _form(item, case)
    return form.shown(
        typed or {},
        errors,
        language=language(),
        refresh_url=url_for("portal.fields", secret=secret, item_id=item.id),
        within=str(item.id),
    )


def _again(party: Party, case: Case, secret: str, item: WorkItem, typed: Any, errors: Any) -> str:
    return _own_page(party, case, secret, [(item, _shown(item, secret, case, typed, errors))])


def _own_page(party: Party, case: Case, secret: str, asked: list[tuple[WorkItem, Any]]) -> str:
    told = [
        (notice.created_at, *worded(notice.template, notice.params, language()))
        for notice in notices_of_party(party.county_id, party.id)
    ]
    return render_template("portal/own_case.html", party=party, secret=secret, asked=asked, told=told, **_public(case))
