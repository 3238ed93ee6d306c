"""The page of the calendar."""

from functools import partial

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.administration.calendar import queries
from app.administration.calendar.jobs import JOB
from app.administration.queries import today_of
from app.administration.telling import lines_of
from app.administration.views import given_day, keeper
from app.core import clock
from app.core.errors import Refusal
from app.core.translations import words_of
from app.directory.calendar import services
from app.directory.calendar.errors import CountsAsMissing
from app.directory.calendar.services import FIRST, YEARS_AHEAD, calendar_stream
from app.directory.sessions import current_actor
from app.scheduling.services import enqueue
from app.ui.htmx import go_to

blueprint = Blueprint("calendar", __name__, url_prefix="/administration/calendar", template_folder="../templates")


@blueprint.get("")
def page() -> ResponseReturnValue:
    keeper()
    return _page()


@blueprint.post("/preview")
def preview() -> ResponseReturnValue:
    """Which running limits a change would move, before it is made. Nothing is written."""
    viewer = keeper()
    try:
        asked = _asked()
        services.refuse_change(viewer.county_id, asked, now=clock.now())
        moved = queries.limits_moved(viewer.county_id, {asked.day: asked.working})
    except Refusal as refusal:
        return _page(refusal), refusal.status
    return render_template(
        "administration/calendar/preview.html",
        asked=asked,
        rows=moved,
        limit_words=partial(queries.limit_words, viewer.county_id),
    )


@blueprint.post("/days")
def set_day() -> ResponseReturnValue:
    """Set or take back a day; the running limits are counted again in the background."""
    viewer = keeper()
    try:
        asked = _asked()
        services.change_day(viewer.county_id, asked, actor=current_actor(), now=clock.now())
    except Refusal as refusal:
        return _page(refusal), refusal.status
    enqueue(viewer.county_id, JOB, {"after": 0}, now=clock.now())
    flash(_("The day is set. Running limits are counted again."), "success")
    return go_to(url_for(".page", year=asked.day.year))


def _page(refusal: Refusal | None = None) -> str:
    viewer = keeper()
    today = today_of(viewer, clock.now())
    latest = today.year + YEARS_AHEAD
    year = min(max(request.values.get("year", today.year, type=int), FIRST.year), latest)
    html: str = render_template(
        "administration/calendar/page.html",
        year=queries.year_of(viewer.county_id, year),
        earlier=year - 1 if year > FIRST.year else None,
        later=year + 1 if year < latest else None,
        given=request.form,
        refusal=words_of(refusal) if refusal else "",
        lines=lines_of(calendar_stream(viewer.county_id), lambda one: one.event.startswith("calendar.")),
    )
    return html


def _asked() -> services.DayChange:
    """The change that the form asks for. Raises DayUnreadable, CountsAsMissing."""
    form = request.form
    day = given_day("day")
    if form.get("as") not in services.WORKING:
        raise CountsAsMissing
    return services.DayChange(day, services.WORKING[form["as"]], form.get("reason", ""), form.get("reason_en", ""))
