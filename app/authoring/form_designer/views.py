"""The form designer and its preview by the product's own renderer."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.authoring import queries
from app.authoring.draft_views import find_draft, show_editor
from app.authoring.errors import ContentRefused
from app.authoring.models import Draft
from app.authoring.values import told_values
from app.core import clock
from app.core.translations import language
from app.definitions.rules import Dictionary, Entry
from app.directory import queries as directory
from app.directory.calendars import CountyCalendar
from app.directory.rules import Viewer
from app.engine.feel import Environment, to_json
from app.engine.findings import EngineError
from app.forms.answers import from_posted
from app.forms.asked import AskedForm
from app.forms.components import parse
from app.forms.errors import FormInvalid
from app.ui.security_headers import allow_style_elements

blueprint = Blueprint("form_designer", __name__, url_prefix="/authoring", template_folder="templates")

_COMPONENTS = {"number": "number", "boolean": "radio", "date": "datetime", "date_time": "datetime", "list": "checklist"}
"""The component that a declared name gets on a form; a text is a line, or a list when it has values."""


@blueprint.get("/<package>/drafts/<int:draft_id>/form")
def editor(package: str, draft_id: int) -> str:
    """Design a form."""
    viewer, draft = find_draft(package, draft_id)
    allow_style_elements()
    return show_editor(
        "authoring/form_designer/editor.html",
        viewer,
        draft,
        names=[_offered(name, entry) for name, entry in (_dictionary(viewer, draft) or {}).items() if entry.form],
        preview=_preview(viewer, draft),
    )


@blueprint.get("/<package>/drafts/<int:draft_id>/preview")
def preview(package: str, draft_id: int) -> str:
    """The saved draft as people would see it."""
    viewer, draft = find_draft(package, draft_id)
    return _page(draft, _preview(viewer, draft))


@blueprint.post("/<package>/drafts/<int:draft_id>/preview")
def preview_again(package: str, draft_id: int) -> str:
    """The fields for what is typed so far: an answer may open or close others."""
    viewer, draft = find_draft(package, draft_id)
    asked = _readable(viewer, draft)
    return asked.shown_again(request.form, language=language(), refresh_url=_again(draft), within="preview")


@blueprint.post("/<package>/drafts/<int:draft_id>/reading")
def reading(package: str, draft_id: int) -> ResponseReturnValue:
    """What a task would get of what was typed, or what is wrong with it; nothing is kept."""
    viewer, draft = find_draft(package, draft_id)
    asked = _readable(viewer, draft)
    shown = partial(asked.shown, language=language(), refresh_url=_again(draft), within="preview")
    try:
        values = asked.values(from_posted(parse(asked.form), request.form), language=language())
    except FormInvalid as refused:
        return _page(draft, {"fields": shown(refused.typed, refused.fields)})
    read = told_values(_dictionary(viewer, draft), {name: to_json(value) for name, value in values.items()})
    return _page(draft, {"fields": shown(values), "read": read})


def _page(draft: Draft, shown: Mapping[str, Any]) -> str:
    return render_template("authoring/form_designer/_preview.html", draft=draft, package=draft.package, preview=shown)


def _again(draft: Draft) -> str:
    return url_for("form_designer.preview_again", package=draft.package, draft_id=draft.id)


def _preview(viewer: Viewer, draft: Draft) -> dict[str, Any]:
    """The shown fields; `wrong` tells why a draft cannot be shown."""
    try:
        asked = _asked(viewer, draft)
        return {"fields": asked.shown({}, language=language(), refresh_url=_again(draft), within="preview")}
    except (EngineError, ValueError, TypeError, AttributeError, KeyError) as error:
        return {"fields": "", "wrong": str(error)}


def _readable(viewer: Viewer, draft: Draft) -> AskedForm:
    """The form to be filled in. Raises ContentRefused for a draft that is no form yet."""
    try:
        return _asked(viewer, draft)
    except (EngineError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise ContentRefused(path=draft.path, reason=str(error)) from None


def _asked(viewer: Viewer, draft: Draft) -> AskedForm:
    form = orjson.loads(draft.content)
    parse(form)
    environment = Environment(
        clock.now(), directory.zone_of(viewer.county_id), calendar=CountyCalendar(viewer.county_id)
    )
    dictionary = _dictionary(viewer, draft)
    return AskedForm(form, dictionary, dict.fromkeys(dictionary or ()), environment)


def _dictionary(viewer: Viewer, draft: Draft) -> Dictionary | None:
    return queries.dictionary_of(queries.draft_contents(viewer.county_id, draft.package))


def _offered(name: str, entry: Entry) -> dict[str, Any]:
    """A field as the designer takes it: type, key, words in both languages, choices."""
    kind = _COMPONENTS.get(entry.type, "select" if entry.values else "textfield")
    field: dict[str, Any] = {"type": kind, "key": name, "label": entry.label.zh}
    if entry.label.en:
        field["properties"] = {"label.en": entry.label.en}
    if kind == "datetime":
        field |= {"subtype": "date" if entry.type == "date" else "datetime", "dateLabel": entry.label.zh}
        field.pop("label")
    if kind in ("select", "checklist"):
        field["values"] = [
            {"label": one.label.zh, "value": one.value, "label.en": one.label.en} for one in entry.values
        ]
    if kind == "radio":
        field["values"] = [
            {"label": "是", "value": True, "label.en": "Yes"},
            {"label": "否", "value": False, "label.en": "No"},
        ]
    return {"name": name, "label": entry.label.in_language(language()), "field": field}
