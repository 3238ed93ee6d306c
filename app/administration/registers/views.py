"""The pages of the registers."""

from collections.abc import Mapping

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.administration.queries import today_of
from app.administration.registers import queries
from app.administration.telling import lines_of
from app.administration.views import given_day_if_any, keeper
from app.administration.words import REGISTER_NAMES
from app.core import clock
from app.core.errors import NotFound, Refusal
from app.core.translations import language, words_of
from app.directory.calendar.services import calendar_stream
from app.directory.registers import services
from app.directory.registers.queries import entries
from app.directory.registers.rules import COLOURS, ICONS, REGISTERS, TONES
from app.directory.sessions import current_actor
from app.ui.htmx import go_to

blueprint = Blueprint("registers", __name__, url_prefix="/administration/registers", template_folder="../templates")


@blueprint.get("")
def index() -> ResponseReturnValue:
    keeper()
    return go_to(url_for(".page", register=REGISTERS[0]))


@blueprint.get("/<register>")
def page(register: str) -> ResponseReturnValue:
    return _page(_known(register))


@blueprint.post("/<register>")
def write(register: str) -> ResponseReturnValue:
    """A new entry, or other words and days for the one that was chosen."""
    viewer, form = keeper(), request.form
    _known(register)
    code = form.get("code", "").strip()
    try:
        if "known" not in form:
            services.refuse_second(viewer.county_id, register, code)
        services.write_entry(
            viewer.county_id,
            register,
            code=code,
            parent=form.get("parent", ""),
            name_zh=form.get("name_zh", ""),
            name_en=form.get("name_en", ""),
            icon=form.get("icon", "").strip(),
            tone=form.get("tone", "")[:10],
            needs_number="needs_number" in form,
            from_date=given_day_if_any("from"),
            to_date=given_day_if_any("to"),
            actor=current_actor(),
            now=clock.now(),
        )
    except Refusal as refusal:
        return _page(register, refusal), refusal.status
    flash(_("Saved."), "success")
    return go_to(url_for(".page", register=register))


@blueprint.post("/<register>/<code>/<any(up, down):way>")
def order(register: str, code: str, way: str) -> ResponseReturnValue:
    viewer = keeper()
    services.move_entry(
        viewer.county_id, _known(register), code, up=way == "up", actor=current_actor(), now=clock.now()
    )
    return go_to(url_for(".page", register=register, _anchor=f"entry-{code}"))


@blueprint.post("/<register>/fill")
def fill(register: str) -> ResponseReturnValue:
    """Begin with the values of the active release, in their order and with their words; what is there stays."""
    viewer = keeper()
    there = {one.code for one in entries(viewer.county_id, _known(register))}
    for value in queries.package_values(viewer.county_id, register):
        if str(value.value) in there:
            continue
        services.write_entry(
            viewer.county_id,
            register,
            code=str(value.value),
            name_zh=value.label.zh,
            name_en=value.label.en,
            actor=current_actor(),
            now=clock.now(),
        )
    return go_to(url_for(".page", register=register))


def _page(register: str, refusal: Refusal | None = None) -> str:
    viewer = keeper()
    lines = queries.lines_of_register(viewer.county_id, register, today_of(viewer, clock.now()))
    wanted = request.args.get("code") or (request.form.get("code") if "known" in request.form else None)
    chosen = next((one.word for one in lines if one.word.code == wanted), None)
    parents = queries.possible_parents(viewer.county_id, register, chosen.code if chosen else "")
    html: str = render_template(
        "administration/registers/page.html",
        register=register,
        registers=REGISTERS,
        names=REGISTER_NAMES,
        entries=lines,
        chosen=chosen,
        given=request.form,
        refusal=words_of(refusal) if refusal else "",
        icon_options=_options(ICONS),
        tone_options=_options(TONES) if register == COLOURS else [],
        parent_options=[(one.code, one.en if language() == "en" else one.zh) for one in parents],
        lines=lines_of(
            calendar_stream(viewer.county_id),
            lambda one: one.event.startswith("register.") and one.payload.get("register") == register,
        ),
    )
    return html


def _options(known: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    return [(code, words[language() == "en"]) for code, words in known.items()]


def _known(register: str) -> str:
    if register not in REGISTERS:
        raise NotFound
    return register
