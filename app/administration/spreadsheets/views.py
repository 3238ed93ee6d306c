"""Import and export of people, offices, registers and days of the calendar."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from types import MappingProxyType

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.administration.calendar.jobs import JOB
from app.administration.calendar.queries import limit_words, limits_moved
from app.administration.queries import today_of
from app.administration.spreadsheets import services
from app.administration.spreadsheets.columns import COLUMNS, EXAMPLES, heading, is_example, title
from app.administration.spreadsheets.errors import NoRows, NoSheet
from app.administration.spreadsheets.services import ALL, CHECK, GOOD, Outcome
from app.administration.spreadsheets.sheets import MOST_BYTES, MOST_ROWS, read_sheet, write_sheet
from app.administration.telling import lines_of
from app.administration.views import keeper
from app.core import clock
from app.core.errors import Refusal
from app.core.translations import words_of
from app.core.unit_of_work import keep_changes
from app.directory.calendar.services import calendar_stream
from app.directory.registers.queries import forget
from app.directory.sessions import current_actor, require_fresh_proof
from app.files.rules import XLSX
from app.scheduling.services import enqueue

blueprint = Blueprint("spreadsheets", __name__, url_prefix="/administration/import", template_folder="../templates")

ERRORS = "errors"
TOLD = (".imported", ".exported")
MODES = {"people": (ALL, GOOD), "offices": (ALL, GOOD), "registers": (ALL, GOOD), "calendar": (ALL,)}
"""How a file may be taken in: days all together or not at all."""


@blueprint.get("")
def page() -> ResponseReturnValue:
    keeper()
    return _page()


@blueprint.get("/<any(people, offices, registers, calendar):what>/template.xlsx")
def template(what: str) -> ResponseReturnValue:
    keeper()
    return _file(f"{what}-template.xlsx", write_sheet(COLUMNS[what], [EXAMPLES[what]]))


@blueprint.post("/<any(people, offices, registers, calendar):what>")
def take_in(what: str) -> ResponseReturnValue:
    """Check a file, take it in, or give back the rows that are wrong, each with its reason."""
    viewer, mode = keeper(), request.form.get("mode", CHECK)
    sheet = request.files.get("sheet")
    try:
        if sheet is None or not sheet.filename:
            raise NoSheet
        content = sheet.read(MOST_BYTES + 1)
        sheet.close()
        given = read_sheet(sheet.filename, content, COLUMNS[what])
        rows = [row for row in given if not is_example(what, row.cells)]
        if not rows:
            raise NoRows
        outcomes, kept = services.take_in(
            viewer.county_id,
            what,
            rows,
            mode if mode in MODES[what] else CHECK,
            actor=current_actor(),
            now=clock.now(),
        )
    except Refusal as refusal:
        return _page(what=what, mode=mode, refusal=refusal), refusal.status
    wrong = [one for one in outcomes if one.faults]
    if mode == ERRORS and wrong:
        return _file(f"{what}-errors.xlsx", _error_sheet(what, wrong))
    if kept:
        if what == "calendar":
            enqueue(viewer.county_id, JOB, {"after": 0}, now=clock.now())
        keep_changes()
    forget()
    right = [one.row for one in outcomes if not one.faults]
    days = services.days_of(right) if what == "calendar" and not kept else {}
    page = _page(
        what=what,
        mode=CHECK if kept else mode,
        outcomes=outcomes,
        kept=kept,
        skipped=len(given) - len(rows),
        days=days,
    )
    return page, 200 if kept or not wrong else 422


@blueprint.post("/<any(people, offices, registers, calendar):what>/export")
@require_fresh_proof
def export(what: str) -> ResponseReturnValue:
    viewer, now = keeper(), clock.now()
    if what == "people":
        rows = services.people_rows(viewer.county_id, today=today_of(viewer, now), actor=current_actor(), now=now)
    elif what == "registers":
        rows = services.register_rows(viewer.county_id, actor=current_actor(), now=now)
    elif what == "calendar":
        rows = services.day_rows(viewer.county_id, today=today_of(viewer, now), actor=current_actor(), now=now)
    else:
        rows = services.office_rows(viewer.county_id, actor=current_actor(), now=now)
    return _file(f"{what}.xlsx", write_sheet(COLUMNS[what], rows))


def _error_sheet(what: str, wrong: Sequence[Outcome]) -> bytes:
    columns = COLUMNS[what]
    return write_sheet(
        [*columns, "wrong_cell", "reason"],
        [
            [
                *(one.row.cells.get(name, "") for name in columns),
                "; ".join(heading(fault.column) for fault in one.faults if fault.column),
                " ".join(fault.error for fault in one.faults),
            ]
            for one in wrong
        ],
    )


def _page(
    *,
    what: str = "",
    mode: str = CHECK,
    outcomes: Sequence[Outcome] = (),
    kept: bool = False,
    skipped: int = 0,
    days: Mapping[date, bool | None] = MappingProxyType({}),
    refusal: Refusal | None = None,
) -> str:
    viewer = keeper()
    html: str = render_template(
        "administration/spreadsheets/page.html",
        what=what,
        mode=mode,
        wrong=[one for one in outcomes if one.faults],
        right=sum(not one.faults for one in outcomes),
        skipped=skipped,
        title=title,
        rows=limits_moved(viewer.county_id, days) if days else (),
        previewed=bool(days),
        limit_words=partial(limit_words, viewer.county_id),
        modes=MODES,
        checked=bool(outcomes),
        kept=kept,
        refusal=words_of(refusal) if refusal else "",
        most_rows=MOST_ROWS,
        lines=lines_of(calendar_stream(viewer.county_id), lambda one: one.event.endswith(TOLD)),
    )
    return html


def _file(name: str, content: bytes) -> Response:
    return Response(
        content,
        mimetype=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
