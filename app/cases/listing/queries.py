"""Cases that a person may see, filtered: one set of conditions for the list, its number, the export and the API."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.cases.models import Case
from app.cases.queries import active_contents_if_any, filter_words, seen_cases
from app.cases.search.queries import found_by
from app.core.database import db
from app.core.paging import COUNT_LIMIT, Page, cut, decode_cursor, record_id
from app.core.translations import language
from app.directory.access import below, below_any
from app.directory.models import Organisation
from app.directory.registers.rules import PALETTE
from app.directory.rules import CASE_ROLES, Viewer

PAGE_SIZE = 30
STATUSES = ("open", "closed", "archived", "merged")
OFFICES = 300
"""So many offices are offered in the filter; with more of them the search narrows it down."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What the address of the list says; an empty part filters nothing. `office` is an organisation with all below."""

    text: str = ""
    status: str = ""
    stage: str = ""
    type: str = ""
    colour: str = ""
    channel: str = ""
    office: int | None = None

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "CaseFilter":
        """The filter in posted or addressed words."""
        office = asked.get("office", "")
        return cls(
            text=asked.get("q", "").strip()[:60],
            status=asked["status"] if asked.get("status") in STATUSES else "",
            stage=asked.get("stage", "")[:30],
            type=asked.get("type", "")[:40],
            colour=asked["colour"] if asked.get("colour") in PALETTE else "",
            channel=asked.get("channel", "")[:30],
            office=int(office) if office.isdecimal() and len(office) < 19 else None,
        )

    @property
    def arguments(self) -> dict[str, Any]:
        """The same as parts of an address."""
        return {
            "q" if one.name == "text" else one.name: value
            for one in fields(self)
            if (value := getattr(self, one.name)) not in ("", None)
        }

    def but(self, **changes: Any) -> "CaseFilter":
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case with the names of its lead office."""

    case: Case
    office_zh: str
    office_en: str


def _conditions(viewer: Viewer, chosen: CaseFilter) -> Iterator[ColumnElement[bool]]:
    for column, value in (
        (Case.status, chosen.status),
        (Case.stage, chosen.stage),
        (Case.dispute_type, chosen.type),
        (Case.risk_colour, chosen.colour),
        (Case.channel, chosen.channel),
    ):
        if value:
            yield column == value
    if chosen.office is not None:
        path = db.session.scalar(
            select(Organisation.path).where(
                Organisation.county_id == viewer.county_id, Organisation.id == chosen.office
            )
        )
        yield below(Case.org_path, path) if path else Case.id.is_(None)
    if chosen.text:
        yield found_by(viewer, chosen.text)


def listed(
    viewer: Viewer,
    chosen: CaseFilter,
    *only: ColumnElement[bool],
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[ListedCase]:
    """A page of the list, newest first, of what also meets the caller's own demands."""
    demands = [*_conditions(viewer, chosen), *only]
    key = decode_cursor(cursor, record_id)
    if key:
        demands.append(Case.id < key[0])
    found = seen_cases(viewer, *demands, newest=size + 1)
    rows = db.session.execute(
        select(Case, Organisation.name_zh, Organisation.name_en)
        .join(Organisation, (Organisation.county_id == Case.county_id) & (Organisation.id == Case.lead_organisation_id))
        .where(Case.county_id == viewer.county_id, Case.id.in_(found))
        .order_by(Case.id.desc())
    )
    return cut([ListedCase(row[0], row[1], row[2]) for row in rows], size, lambda one: [str(one.case.id)])


def count(viewer: Viewer, chosen: CaseFilter) -> int:
    """How many cases the list holds, exact up to 1,000; one more means "more"."""
    found = seen_cases(viewer, *_conditions(viewer, chosen), any_of=COUNT_LIMIT + 1)
    return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def offices(viewer: Viewer) -> Sequence[Organisation]:
    """The offices among whose cases the viewer may choose, in tree order."""
    return db.session.scalars(
        select(Organisation)
        .where(
            Organisation.county_id == viewer.county_id,
            Organisation.tier != "grid",
            below_any(Organisation.path, viewer.paths(CASE_ROLES)),
        )
        .order_by(Organisation.path)
        .limit(OFFICES)
    ).all()


def choices(viewer: Viewer) -> dict[str, list[tuple[str, str]]]:
    """(value, word) for each filter, in the words of the registers and of the active release."""
    contents = active_contents_if_any(viewer.county_id)
    lang = language()

    found = offices(viewer)
    highest = min((one.path.count("/") for one in found), default=0)
    return {
        "stage": [
            (stage.id, stage.label.in_language(lang)) for stage in (contents.settings.stages if contents else ())
        ],
        "type": filter_words(viewer, "dispute_type"),
        "colour": [one for one in filter_words(viewer, "risk_colour") if one[0] in PALETTE],
        "channel": filter_words(viewer, "channel"),
        "office": [
            (str(one.id), "　" * (one.path.count("/") - highest) + (one.name_en if lang == "en" else one.name_zh))
            for one in found
        ],
    }
