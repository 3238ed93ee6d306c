"""The page of the calendar."""

from datetime import date
from functools import partial

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.administration.calendar import queries
from app.administration.calendar.jobs import JOB
from app.administration.errors import DayUnreadable
from app.administration.people.views import keeper
from app.administration.queries import today_of
from app.administration.telling import lines_of
from app.core import clock
from app.core.errors import Refusal
from app.core.translations import words_of
from app.directory.calendar import services
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
        day = _day()
        moved = queries.limits_moved(viewer.county_id, {day: _working()})
    except Refusal as refusal:
        return _page(refusal), refusal.status
    return render_template(
        "administration/calendar/preview.html",
        day=day,
        working=_working(),
        reason=request.form.get("reason", "")[:120],
        reason_en=request.form.get("reason_en", "")[:120],
        rows=moved,
        limit_words=partial(queries.limit_words, viewer.county_id),
    )


@blueprint.post("/days")
def set_day() -> ResponseReturnValue:
    """Set or take back a day; the running limits are counted again in the background."""
    viewer, working = keeper(), _working()
    try:
        day = _day()
        if working is None:
            services.take_day_back(viewer.county_id, day, actor=current_actor(), now=clock.now())
        else:
            services.set_day(
                viewer.county_id,
                day,
                working=working,
                reason=request.form.get("reason", ""),
                reason_en=request.form.get("reason_en", ""),
                actor=current_actor(),
                now=clock.now(),
            )
    except Refusal as refusal:
        return _page(refusal), refusal.status
    enqueue(viewer.county_id, JOB, {"after": 0}, now=clock.now())
    flash(_("The day is set. Running limits are counted again."), "success")
    return go_to(url_for(".page", year=day.year))


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


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise DayUnreadable from error


def _working() -> bool | None:
    """Worked, free, or (None) as the nation says."""
    return {"worked": True, "free": False}.get(request.form.get("as", ""))
