"""The rule editor: the table, a trial above it, its spreadsheet."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.authoring import library, queries, services
from app.authoring.draft_views import find_draft, show_editor
from app.authoring.errors import SheetRefused, TableNotFound
from app.authoring.models import Draft
from app.authoring.tables import spreadsheets, trial
from app.core import clock
from app.core.translations import language
from app.definitions.rules import Dictionary
from app.directory import queries as directory
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.engine.dmn import DecisionModel
from app.ui.security_headers import allow_style_elements

blueprint = Blueprint("tables", __name__, url_prefix="/authoring", template_folder="templates")

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/<package>/drafts/<int:draft_id>/table")
def editor(package: str, draft_id: int) -> str:
    """Keep a table."""
    viewer, draft = find_draft(package, draft_id)
    allow_style_elements()
    return show_editor("authoring/tables/editor.html", viewer, draft, **_page(viewer, draft))


@blueprint.get("/<package>/drafts/<int:draft_id>/trial")
def trial_form(package: str, draft_id: int) -> str:
    """The fields of a trial, as the saved draft asks for them."""
    viewer, draft = find_draft(package, draft_id)
    return render_template("authoring/tables/_trial.html", draft=draft, package=package, **_trial(viewer, draft))


@blueprint.post("/<package>/drafts/<int:draft_id>/trial")
def try_it(package: str, draft_id: int) -> str:
    """Decide by the draft on typed values; nothing is kept."""
    viewer, draft = find_draft(package, draft_id)
    values = _trial(viewer, draft)
    model, reference = values["model"], values["reference"]
    zone, now = directory.zone_of(viewer.county_id), clock.now()
    typed = {name.removeprefix("value."): request.form.getlist(name) for name in request.form}
    wrong: dict[str, str] = {}
    outcome = None
    if model is not None:
        try:
            read = trial.read_values(values["asked"], typed, now, zone)
            outcome = trial.try_decision(
                model, reference, read, county_id=viewer.county_id, now=now, zone=zone, language=language()
            )
        except trial.WrongValue as error:
            wrong = {error.name: str(error)}
    return render_template(
        "authoring/tables/_trial.html",
        draft=draft,
        package=package,
        **values | {"typed": typed, "outcome": outcome, "wrong": wrong},
    )


@blueprint.get("/<package>/drafts/<int:draft_id>/sheet")
def sheet(package: str, draft_id: int) -> ResponseReturnValue:
    """The table as a spreadsheet."""
    _viewer, draft = find_draft(package, draft_id)
    decision = request.args.get("decision", "")
    answer = Response(spreadsheets.write_sheet(draft.content, decision), mimetype=SHEET_TYPE)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{' '.join(decision.split())[:100]}.xlsx")
    return answer


@blueprint.post("/<package>/drafts/<int:draft_id>/sheet")
def take_sheet(package: str, draft_id: int) -> ResponseReturnValue:
    """The rules as an uploaded spreadsheet has them; a version in the draft's history."""
    viewer, draft = find_draft(package, draft_id)
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise SheetRefused(place="XLSX", reason=_("no file was chosen"))
    packed = upload.stream.read(spreadsheets.MOST_BYTES + 1)
    content = spreadsheets.read_sheet(draft.content, request.form.get("decision", ""), packed)
    services.save_draft(
        draft, content, expected_revision=draft.revision, actor=actor_of(viewer), now=clock.now(), apart=True
    )
    flash(_("The rules were taken from the spreadsheet. The version before is in the history."))
    return redirect(url_for(".editor", package=package, draft_id=draft.id), code=303)


def _page(viewer: Viewer, draft: Draft) -> dict[str, Any]:
    held = queries.draft_contents(viewer.county_id, draft.package)
    titles = {
        element: label.in_language(language())
        for (path, element), label in library.elements(held).items()
        if path == draft.path
    }
    return _trial(viewer, draft) | {"names": _names(queries.dictionary_of(held)), "titles": titles}


def _dictionary(viewer: Viewer, draft: Draft) -> Dictionary | None:
    return queries.dictionary_of(queries.draft_contents(viewer.county_id, draft.package))


def _names(dictionary: Dictionary | None) -> list[dict[str, Any]]:
    """The dictionary for the columns: name, label, type, allowed values as the cells write them."""
    return [
        {
            "name": name,
            "label": entry.label.in_language(language()),
            "type": {"text": "string", "date_time": "dateTime"}.get(entry.type, entry.type),
            "values": [f'"{one.value}"' if isinstance(one.value, str) else str(one.value) for one in entry.values],
        }
        for name, entry in (dictionary or {}).items()
    ]


def _trial(viewer: Viewer, draft: Draft) -> dict[str, Any]:
    """The decisions of the saved file, the chosen one, and what it asks for."""
    model: DecisionModel | None = queries.draft_contents(viewer.county_id, draft.package).decisions.get(draft.path)
    reference = _chosen(model, request.values.get("decision", ""))
    asked = []
    if model is not None and reference:
        asked = trial.asked_by(model, reference, _dictionary(viewer, draft), language())
    empty: Mapping[str, Any] = {"typed": {}, "outcome": None, "wrong": {}}
    return {"model": model, "reference": reference, "asked": asked, **empty}


def _chosen(model: DecisionModel | None, wanted: str) -> str:
    if model is None or not model.decisions:
        return ""
    if wanted and model.find(wanted) is None:
        raise TableNotFound(name=wanted)
    return wanted or model.decisions[-1].id
