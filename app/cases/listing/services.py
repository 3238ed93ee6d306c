"""Take a list of cases out of the house: as CSV or as a workbook, with an entry in the history of who took it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook

from app.audit.services import Stream, record
from app.cases.listing.queries import CaseFilter, ListedCase, listed
from app.cases.page.words import standing, word
from app.cases.rights import where_they_act
from app.core.errors import Forbidden
from app.core.spreadsheets import plain_cell
from app.core.translations import language
from app.directory.queries import zone_of
from app.directory.rules import Viewer
from app.directory.sessions import actor_of

EXPORT_ROLES = (
    "dispatcher",
    "committee_chair",
    "justice_office",
    "department_liaison",
    "leader",
    "centre_head",
    "archivist",
    "auditor",
)
MOST_ROWS = 10_000
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Row = Sequence[Any]


def may_export(viewer: Viewer) -> bool:
    return viewer.has_role(*EXPORT_ROLES)


def export_cases(viewer: Viewer, chosen: CaseFilter, kind: str, head: Row, *, now: datetime) -> bytes:
    """The newest cases of the list, where the viewer may export, as a file; masked as in the list. Raises Forbidden."""
    if not may_export(viewer) or kind not in FORMATS:
        raise Forbidden
    cases = listed(viewer, chosen, where_they_act(viewer, EXPORT_ROLES), size=MOST_ROWS).rows
    record(
        Stream.person(viewer.county_id, viewer.person_id),
        "list.exported",
        actor=actor_of(viewer),
        now=now,
        payload={"rows": len(cases), "format": kind, "filter": chosen.arguments},
    )
    rows = [head, *_rows(viewer, cases)]
    plain = ([plain_cell(cell) for cell in row] for row in rows)
    return _csv(plain) if kind == "csv" else _workbook(plain)


def _rows(viewer: Viewer, cases: Iterable[ListedCase]) -> Iterator[Row]:
    english, zone = language() == "en", zone_of(viewer.county_id)

    def day(at: datetime | None) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""

    for one in cases:
        case = one.case
        yield (
            case.code,
            case.title,
            word(case, "dispute_type", case.dispute_type),
            word(case, "channel", case.channel),
            standing(case),
            word(case, "risk_colour", case.risk_colour),
            one.office_en if english else one.office_zh,
            case.place,
            None if case.amount is None else float(case.amount),
            day(case.opened_at),
            day(case.accepted_at),
            day(case.closed_at),
        )


def _csv(rows: Iterable[Row]) -> bytes:
    """With a byte order mark, by which spreadsheets know that it is UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _workbook(rows: Iterable[Row]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("cases")
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
