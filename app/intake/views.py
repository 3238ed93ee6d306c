from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from app.cases.attachments import keep_uploads
from app.cases.models import Case
from app.cases.queries import PACKAGE, codes_seen, may_see
from app.cases.schemas import PartySchema, messages_of, posted_party
from app.core import clock
from app.core.errors import Forbidden, Invalid
from app.core.once import FIELD, number_for_form, number_of_form, sent_form
from app.core.texts import one_line
from app.core.translations import language, words_of
from app.definitions import queries as definitions
from app.definitions.registered import arranged
from app.definitions.rules import Entry
from app.directory import queries as directory
from app.directory.calendars import CountyCalendar
from app.directory.models import Organisation
from app.directory.rules import Viewer
from app.directory.sessions import actor_of, current_viewer
from app.engine import feel
from app.forms import AskedForm, FormInvalid, FormUnfinished
from app.intake import services
from app.intake.errors import ChannelClosed, FormAltered, NumberMissing
from app.intake.rules import names_of_both_sides
from app.intake.schemas import KINDS
from app.intake.services import NewReport, Receipt
from app.tasks.queries import task_for
from app.tasks.services import complete_task
from app.workflow.queries import open_items

blueprint = Blueprint("intake", __name__, url_prefix="/reports", template_folder="templates")

REGISTER_ROLES = ("clerk", "grid_worker", "grid_chief", "mediator", "dispatcher", "police_liaison", "justice_office")
DOORSTEP_ROLES = ("mediator", "grid_worker", "grid_chief", "clerk")
REGISTRATION_FORM = "dispute/registration"
DOORSTEP_FORM = "dispute/doorstep"
DOORSTEP_TASK = "record_doorstep"
SIDES = ("applicant", "respondent")


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    return _registration_page(_registrar(*REGISTER_ROLES))


@blueprint.post("/")
def register() -> ResponseReturnValue:
    """File a full registration: report, case, parties and process in one transaction."""
    viewer = _registrar(*REGISTER_ROLES)
    parties, errors = _posted_parties()
    if request.form.get("another_party"):
        return _registration_page(viewer, typed=request.form)
    try:
        values = _asked(REGISTRATION_FORM, viewer).values(request.form, language=language())
    except FormUnfinished as unfinished:
        return _registration_page(viewer, typed=request.form, form_typed=unfinished.typed)
    except FormInvalid as invalid:
        found = {**errors, **_wrong_choices(viewer), **invalid.fields}
        return _registration_page(viewer, typed=request.form, form_typed=invalid.typed, errors=found), 422
    errors.update(_wrong_choices(viewer))
    if errors:
        return _registration_page(viewer, typed=request.form, form_typed=request.form, errors=errors), 422
    place = request.form.get("place_organisation", "")
    try:
        receipt = _filed(viewer, values, parties, place)
    except Invalid as invalid:
        return _registration_page(viewer, typed=request.form, form_typed=request.form, errors=invalid.fields), 422
    except NumberMissing as refusal:
        found = {"source_number": [words_of(refusal)]}
        return _registration_page(viewer, typed=request.form, form_typed=request.form, errors=found), 422
    except FormAltered as refusal:
        return _registration_page(viewer, typed=request.form, form_typed=request.form, altered=refusal), refusal.status
    if not receipt.created:
        return _sent_before(viewer, receipt)
    flash(_("Registered as %(code)s.", code=receipt.case.code), "success")
    return _on_with(viewer, receipt.case)


def _filed(viewer: Viewer, values: dict[str, object], parties: list[dict[str, Any]], place: str) -> Receipt:
    return services.receive_report(
        viewer.county_id,
        NewReport(
            channel=request.form["channel"],
            kind=request.form["report_kind"],
            text=str(values.get("summary") or ""),
            source_number=one_line(request.form.get("source_number", ""))[:80] or None,
            place=str(values.get("place") or ""),
            reporter_name=one_line(request.form.get("reporter_name", ""))[:60],
            reporter_phone=one_line(request.form.get("reporter_phone", ""))[:30],
            dispute_type=str(values["dispute_type"]) if values.get("dispute_type") else None,
            danger=values.get("danger") is True,
            parties=parties,
            place_organisation_id=int(place) if place else None,
            variables={**values, "registered": True},
            form=sent_form(request.form, request.files),
        ),
        received_by=_office(viewer, *REGISTER_ROLES),
        received_by_id=viewer.person_id,
        actor=actor_of(viewer),
        now=clock.now(),
    )


@blueprint.post("/fields")
def fields() -> ResponseReturnValue:
    form = _asked(REGISTRATION_FORM, _registrar(*REGISTER_ROLES))
    return form.shown_again(request.form, language=language(), refresh_url=url_for("intake.fields"))


@blueprint.get("/doorstep")
def doorstep() -> ResponseReturnValue:
    return _doorstep_page(_registrar(*DOORSTEP_ROLES))


@blueprint.post("/doorstep")
def record_doorstep() -> ResponseReturnValue:
    """A quarrel settled at the door: report, case and its one form in one step."""
    viewer = _registrar(*DOORSTEP_ROLES)
    now = clock.now()
    form = _asked(DOORSTEP_FORM, viewer)
    posted = request.form.copy()
    for name in request.files:
        posted.poplist(name)
    try:
        values = form.values(posted, language=language())
    except FormUnfinished as unfinished:
        return _doorstep_page(viewer, typed=unfinished.typed)
    except FormInvalid as invalid:
        return _doorstep_page(viewer, typed=invalid.typed, errors=invalid.fields), 422
    applicants, respondents = names_of_both_sides(str(values.get("doorstep_parties") or ""))
    try:
        receipt = services.receive_report(
            viewer.county_id,
            NewReport(
                channel="grid" if viewer.has_role("grid_worker", "grid_chief") else "people_mediation",
                text=str(values.get("summary") or ""),
                place=str(values.get("place") or ""),
                danger=values.get("danger") is True,
                parties=[{"side": "applicant", "name": name[:80]} for name in applicants]
                + [{"side": "respondent", "name": name[:80]} for name in respondents],
                variables={"doorstep": True, "registered": True},
                form=sent_form(request.form, request.files),
            ),
            received_by=_office(viewer, *DOORSTEP_ROLES),
            received_by_id=viewer.person_id,
            actor=actor_of(viewer),
            now=now,
        )
    except (ChannelClosed, NumberMissing) as refusal:
        flash(words_of(refusal), "error")
        return _doorstep_page(viewer, typed=posted), 422
    except FormAltered as refusal:
        return _doorstep_page(viewer, typed=posted, altered=refusal), refusal.status
    if not receipt.created:
        return _sent_before(viewer, receipt)
    try:
        kept = keep_uploads(receipt.case, form, request.form.copy(), request.files, actor=actor_of(viewer), now=now)
        values = form.values(kept.values, language=language(), known_files=kept.files)
    except FormInvalid as invalid:
        return _doorstep_page(viewer, typed=invalid.typed, errors=invalid.fields), 422
    for item in open_items(viewer.county_id, subject_id=receipt.case.id):
        if item.element_id == DOORSTEP_TASK:
            complete_task(task_for(viewer, item.id), values, viewer=viewer, now=now)
    flash(_("Kept as %(code)s.", code=receipt.case.code), "success")
    return _on_with(viewer, receipt.case)


@blueprint.post("/doorstep/fields")
def doorstep_fields() -> ResponseReturnValue:
    form = _asked(DOORSTEP_FORM, _registrar(*DOORSTEP_ROLES))
    return form.shown_again(request.form, language=language(), refresh_url=url_for("intake.doorstep_fields"))


def _registrar(*roles: str) -> Viewer:
    viewer = current_viewer()
    if not viewer.has_role(*roles):
        raise Forbidden
    return viewer


def _sent_before(viewer: Viewer, receipt: Receipt) -> ResponseReturnValue:
    if receipt.report.source_number:
        flash(_("This number of this channel was registered before; here is its case."), "warning")
    else:
        flash(_("This form was sent before; here is its case. For another report, open the form anew."), "warning")
    return _on_with(viewer, receipt.case)


def _carried_on(viewer: Viewer, altered: FormAltered | None) -> dict[str, Any]:
    """What a form carries with it: its number, and of which case it was before it was changed.

    Sent once more it is another report, so it begins anew with a number of its own.
    """
    if altered is None:
        return {"once": (FIELD, _once())}
    code = str(altered.params["code"])
    url = url_for("cases.overview", code=code) if codes_seen(viewer, [code]) else ""
    return {"once": (FIELD, number_for_form()), "altered": words_of(altered), "altered_url": url}


def _once() -> str:
    """The number that the posted form carries; a new one for a form that begins."""
    carried = request.form.get(FIELD, "")
    return carried if number_of_form(carried) is not None else number_for_form()


def _on_with(viewer: Viewer, case: Case) -> ResponseReturnValue:
    """To the case, or on to the next report when it is not this person's to see."""
    if may_see(viewer, case):
        return redirect(url_for("cases.overview", code=case.code))
    flash(_("This matter is kept among a few people; they have it now, and you do not see it any more."), "warning")
    return redirect(url_for("tasks.inbox"))


def _wrong_choices(viewer: Viewer) -> dict[str, list[str]]:
    """What was chosen beside the form of the package and is not on offer."""
    channel = _declared(viewer, "channel")
    offered = {
        "channel": [str(one.value) for one in channel.values],
        "report_kind": KINDS,
        "place_organisation": ["", *(str(one.id) for one in _villages(viewer))],
    }
    wrong = {
        name: [_("Please choose one of the list.")]
        for name, values in offered.items()
        if request.form.get(name, "") not in values
    }
    ended = next((one for one in channel.ended if str(one.value) == request.form.get("channel")), None)
    if ended is not None:
        wrong["channel"] = [words_of(ChannelClosed(channel=ended.label.in_language(language())))]
    return wrong


def _declared(viewer: Viewer, name: str) -> Entry:
    """A name of the dictionary as the registers have it today."""
    today = clock.now().astimezone(ZoneInfo(viewer.zone)).date()
    entry = services.declared(viewer.county_id, name)
    found = arranged(viewer.county_id, {name: entry}, today)
    return found[name] if found else entry


def _villages(viewer: Viewer) -> list[Organisation]:
    return [
        one
        for one in directory.organisations(viewer.county_id)
        if one.kind == "government" and one.tier in ("town", "village")
    ]


def _office(viewer: Viewer, *roles: str) -> Organisation:
    held = next(one for one in viewer.roles if one.role in roles)
    return directory.organisation(viewer.county_id, held.organisation_id)


def _posted_parties() -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """The parties of whom anything was filled in, and what is wrong with them by field."""
    parties: list[dict[str, Any]] = []
    errors: dict[str, list[str]] = {}
    for number in range(_party_rows()):
        prefix = f"party-{number}-"
        values = posted_party(request.form, prefix)
        if not any(value for name, value in values.items() if name not in ("side", "kind")):
            continue
        try:
            parties.append(PartySchema().load(values))
        except ValidationError as error:
            errors.update({prefix + name: messages for name, messages in messages_of(error).items()})
    return parties, errors


def _party_rows() -> int:
    asked = request.form.get("party_rows", "2")
    rows = min(int(asked), 20) if asked.isdecimal() and len(asked) < 6 else 2
    return rows + 1 if request.form.get("another_party") else rows


def _asked(key: str, viewer: Viewer) -> AskedForm:
    contents = definitions.contents(definitions.active_release(viewer.county_id, PACKAGE))
    calendar = CountyCalendar(viewer.county_id)
    now, zone = clock.now(), ZoneInfo(viewer.zone)
    environment = feel.Environment(now=now, zone=zone, calendar=calendar, strict=False)
    dictionary = arranged(viewer.county_id, contents.dictionary, now.astimezone(zone).date())
    return AskedForm(contents.form(key), dictionary, {}, environment)


def _registration_page(
    viewer: Viewer,
    *,
    typed: Any = None,
    form_typed: Any = None,
    errors: Any = None,
    altered: FormAltered | None = None,
) -> str:
    lang = language()
    entries = {name: _declared(viewer, name) for name in ("channel", "report_kind")}
    options = {
        name: [(str(one.value), one.label.in_language(lang)) for one in entry.values] for name, entry in entries.items()
    }
    places = [(str(one.id), one.name_en if lang == "en" else one.name_zh) for one in _villages(viewer)]
    default_channel = "grid" if viewer.has_role("grid_worker", "grid_chief") else "window"
    wrong = _summary(errors or {})
    beside = {name for name, _label, _messages in wrong}
    inside = {name: messages for name, messages in (errors or {}).items() if name not in beside}
    shown_typed = form_typed if form_typed is not None else (typed or {})
    return render_template(
        "intake/new.html",
        options=options,
        places=places,
        typed=typed if typed is not None else {"channel": default_channel, "report_kind": "dispute"},
        form=_asked(REGISTRATION_FORM, viewer).shown(
            shown_typed, inside, language=lang, refresh_url=url_for("intake.fields")
        ),
        errors=errors or {},
        wrong=wrong,
        party_rows=_party_rows() if typed is not None else 2,
        sides=SIDES,
        **_carried_on(viewer, altered),
    )


def _summary(errors: Mapping[str, list[str]]) -> list[tuple[str, str, list[str]]]:
    """What is wrong beside the form of the package, which has a summary of its own."""
    labels = {
        "channel": _("Channel"),
        "report_kind": _("Kind of report"),
        "source_number": _("Number given by the channel"),
        "place_organisation": _("Village or community"),
        "name": _("Name"),
        "phone": _("Telephone"),
        "identity_number": _("Identity number"),
        "age": _("Age"),
        "guardian_name": _("Guardian"),
        "agent_name": _("Agent"),
    }
    found = []
    for name, messages in errors.items():
        field = name.rpartition("-")[2] if name.startswith("party-") else name
        if name.startswith("party-") or name in labels:
            found.append((name, labels.get(field, field), messages))
    return found


def _doorstep_page(viewer: Viewer, *, typed: Any = None, errors: Any = None, altered: FormAltered | None = None) -> str:
    form = _asked(DOORSTEP_FORM, viewer)
    shown = form.shown(typed or {}, errors, language=language(), refresh_url=url_for("intake.doorstep_fields"))
    return render_template("intake/doorstep.html", form=shown, **_carried_on(viewer, altered))
