"""The list of cases and its export. Importing it completes the pages of cases."""

from zoneinfo import ZoneInfo

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.cases.listing import queries, services
from app.cases.listing.queries import CaseFilter
from app.cases.page.words import standing, word
from app.cases.views import blueprint
from app.core import clock
from app.core.paging import COUNT_LIMIT
from app.directory.sessions import current_viewer, require_fresh_proof

__all__ = ["blueprint"]


@blueprint.get("/")
def index() -> ResponseReturnValue:
    viewer = current_viewer()
    chosen = CaseFilter.of(request.args)
    number = queries.count(viewer, chosen)
    return render_template(
        "cases/index.html",
        page=queries.listed(viewer, chosen, cursor=request.args.get("cursor")),
        chosen=chosen,
        number=f"{COUNT_LIMIT}+" if number > COUNT_LIMIT else str(number),
        choices=queries.choices(viewer),
        may_export=services.may_export(viewer),
        word=word,
        standing=standing,
    )


@blueprint.post("/export")
@require_fresh_proof
def export() -> ResponseReturnValue:
    """The filtered list as a file; that it was taken, and how it was filtered, is kept in the person's history."""
    viewer, now = current_viewer(), clock.now()
    kind = request.form.get("format", "")
    head = (
        _("Code"),
        _("Matter"),
        _("Type"),
        _("Channel"),
        _("Where it stands"),
        _("Risk"),
        _("Lead office"),
        _("Place"),
        _("Amount"),
        _("Opened"),
        _("Accepted"),
        _("Closed"),
    )
    content = services.export_cases(viewer, CaseFilter.of(request.form), kind, head, now=now)
    name = f"cases-{now.astimezone(ZoneInfo(viewer.zone)):%Y%m%d-%H%M}.{kind}"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(content, content_type=services.FORMATS[kind], headers=headers)
