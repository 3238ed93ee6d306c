"""Rows of people, offices, registers and days, taken in by the very services that the forms use, and written out."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.administration.people.queries import terms_of
from app.administration.registers.queries import tag_words
from app.administration.spreadsheets.cells import Cells, Fault
from app.administration.spreadsheets.errors import (
    CellNoDay,
    DayTwice,
    NationSaysOtherwise,
    NotOfTheCounty,
    OfficeOfRowUnknown,
    OtherName,
    WordMissing,
    WordUnknown,
)
from app.administration.spreadsheets.sheets import Row
from app.audit.services import Actor, record
from app.core.database import db
from app.core.errors import Refusal
from app.core.translations import both_names
from app.directory.calendar.errors import DayIsSo, NoOverride, ReasonMissing
from app.directory.calendar.services import WORKING, DayChange, calendar_stream, change_day
from app.directory.calendars import NationalCalendar, national_days
from app.directory.models import CalendarDay, Organisation, Person
from app.directory.places.queries import whole_tree
from app.directory.places.rules import KINDS, TIER_WORDS, checked_code, checked_place_name
from app.directory.places.services import found_place, rename_place
from app.directory.queries import county_office, organisation_by_code, zone_of
from app.directory.registers.queries import entries
from app.directory.registers.services import write_entry, wrong_parts
from app.directory.rules import ROLES
from app.directory.staff.rules import LANGUAGES, checked_login, checked_name, checked_phone
from app.directory.staff.services import change_person, give_role, roles_from, take_on

COUNTS_AS = {"worked": ("班", "worked"), "free": ("休", "free"), "national": ("按国家日历", "as the nation")}
NATION = ("全国", "national")
"""The office of a day that the national calendar sets."""

CHECK, ALL, GOOD = "check", "all", "good"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: right, or all that is wrong with it."""

    row: Row
    faults: Sequence[Fault] = ()


class _TakenBack(Exception):
    """Ends the savepoint of a file that is not to be kept."""


def take_in(
    county_id: int, what: str, rows: Sequence[Row], mode: str, *, actor: Actor, now: datetime
) -> tuple[list[Outcome], bool]:
    """Take the rows in as the forms would, each by itself; returns what became of each, and whether anything was kept.

    `check` keeps nothing; `all` keeps every row or none; `good` keeps the rows that are right.
    """
    work = {"people": _person, "offices": _office, "registers": _entry, "calendar": _days_of_a_file()}[what]
    outcomes: list[Outcome] = []
    kept = False
    try:
        with db.session.begin_nested():
            for row in rows:
                outcomes.append(_one(row, lambda cells: work(county_id, cells, actor, now)))
            wrong = sum(bool(one.faults) for one in outcomes)
            kept = mode == GOOD or (mode == ALL and not wrong)
            if not kept or wrong == len(outcomes):
                kept = False
                raise _TakenBack
            record(
                calendar_stream(county_id),
                f"{what}.imported",
                actor=actor,
                now=now,
                payload={"count": len(outcomes) - wrong, "wrong": wrong},
            )
    except _TakenBack:
        db.session.expire_all()
    return outcomes, kept


def _one(row: Row, work: Callable[[Cells], None]) -> Outcome:
    cells = Cells(row.cells)
    try:
        with db.session.begin_nested():
            work(cells)
            if cells.faults:
                raise _TakenBack
    except _TakenBack:
        pass
    except Refusal as refusal:
        cells.fault("", refusal)
    return Outcome(row, cells.faults)


def _person(county_id: int, cells: Cells, actor: Actor, now: datetime) -> None:
    person = _account(county_id, cells, actor, now)
    if not cells["role"]:
        return
    role = cells.one_of("role", ROLES)
    place = _office_of(county_id, cells, "office")
    first, last = cells.day("from"), cells.day("to")
    if person is None or role is None or place is None or cells.faults:
        return
    today = now.astimezone(zone_of(county_id)).date()
    if not _holds(person, role, place, first, last, today=today):
        begins = first or today
        cells.trying(
            "role", lambda: give_role(person, role, place, from_date=begins, to_date=last, actor=actor, now=now)
        )


def _holds(
    person: Person, role: str, place: Organisation, first: date | None, last: date | None, *, today: date
) -> bool:
    """Whether the row says what is so already; without a first day it means a role that is held today."""
    return any(
        (one.role, one.organisation_id, one.to_date) == (role, place.id, last)
        and (one.from_date == first if first else one.from_date <= today)
        for one in roles_from(person, today)
    )


def _office_of(county_id: int, cells: Cells, column: str) -> Organisation | None:
    """The office whose code stands in a cell; none, or one that is not there, is a fault."""
    if not cells[column]:
        cells.fault(column, WordMissing())
        return None
    place = organisation_by_code(county_id, cells[column])
    if place is None:
        cells.fault(column, OfficeOfRowUnknown(code=cells[column]))
    return place


def _account(county_id: int, cells: Cells, actor: Actor, now: datetime) -> Person | None:
    """The person whose account the row names, taken on where there is none; None when a cell is wrong.

    Of somebody who is here already the cells that are filled in are written down; empty ones change nothing.
    """
    login, known_tags = cells["account"], {code: (word, word) for code, word in tag_words(county_id).items()}
    name = cells.trying("name", lambda: checked_name(cells["name"]))
    phone = cells.trying("phone", lambda: checked_phone(cells["phone"])) or ""
    tags, languages = cells.words("tags", known_tags), cells.words("languages", LANGUAGES)
    there = db.session.scalars(select(Person).where(Person.county_id == county_id, Person.login == login)).one_or_none()
    if there is None:
        cells.trying("account", lambda: checked_login(login))
    elif name is not None and there.name != name:
        cells.fault("account", OtherName(login=login, name=both_names(there)))
    elif cells["name_en"] and there.name_en and there.name_en != cells["name_en"]:
        cells.fault("name_en", OtherName(login=login, name=both_names(there)))
    if cells.faults:
        return None
    if there is not None:
        change_person(
            there,
            name=there.name,
            name_en=there.name_en or cells["name_en"],
            phone=phone or there.phone or "",
            tags=tags or there.tags,
            languages=languages or there.languages,
            actor=actor,
            now=now,
        )
        return there
    person, _none = take_on(
        county_id,
        login=login,
        name=cells["name"],
        name_en=cells["name_en"],
        phone=phone,
        tags=tags,
        languages=languages,
        with_password=False,
        actor=actor,
        now=now,
    )
    return person


def _office(county_id: int, cells: Cells, actor: Actor, now: datetime) -> None:
    there = db.session.scalars(
        select(Organisation).where(Organisation.county_id == county_id, Organisation.code == cells["code"])
    ).one_or_none()
    names = {"name_zh": cells["name_zh"], "name_en": cells["name_en"]}
    cells.trying("name_zh", lambda: checked_place_name(cells["name_zh"]))
    phone = cells.trying("phone", lambda: checked_phone(cells["phone"]))
    if there is not None:
        if not cells.faults:
            rename_place(there, **names, phone=phone, actor=actor, now=now)
        return
    parent = _office_of(county_id, cells, "parent")
    tier, kind = cells.one_of("tier", TIER_WORDS), cells.one_of("kind", KINDS)
    if tier is None or kind is None:
        return
    above = parent.code if parent else None
    cells.trying("code", lambda: checked_code(cells["code"], tier=tier, kind=kind, parent_code=above))
    if parent is not None and not cells.faults:
        found_place(parent, tier=tier, kind=kind, code=cells["code"], **names, phone=phone, actor=actor, now=now)


def _entry(county_id: int, cells: Cells, actor: Actor, now: datetime) -> None:
    needed = cells["needs_number"].lower()
    if needed not in ("", "0", "1", "yes", "no", "是", "否"):
        cells.fault("needs_number", WordUnknown(word=needed[:40]))
    first, last = cells.day("from"), cells.day("to")
    words = {one: cells[one] for one in ("code", "name_zh", "name_en", "icon", "tone")}
    for column, refusal in wrong_parts(cells["register"], **words, from_date=first, to_date=last):
        cells.fault(column, refusal)
    if not cells.faults:
        write_entry(
            county_id,
            cells["register"],
            parent=cells["parent"],
            needs_number=needed in ("1", "yes", "是"),
            **words,
            from_date=first,
            to_date=last,
            actor=actor,
            now=now,
        )


def _days_of_a_file() -> Callable[[int, Cells, Actor, datetime], None]:
    """What takes a day in as the page of working days would, each day once."""
    seen: set[date] = set()

    def take(county_id: int, cells: Cells, actor: Actor, now: datetime) -> None:
        day, counts = cells.day("day"), cells.one_of("counts_as", COUNTS_AS)
        if day is None:
            if not cells["day"]:
                cells.fault("day", CellNoDay())
            return
        if day in seen:
            cells.fault("day", DayTwice())
        seen.add(day)
        root = county_office(county_id)
        nations = cells["office"].lower() in NATION
        if not nations and cells["office"] not in ("", root.code):
            cells.fault("office", NotOfTheCounty(code=root.code))
        if counts is None or cells.faults:
            return
        if nations:
            if NationalCalendar().is_working_day(day) != (counts == "worked"):
                cells.fault("counts_as", NationSaysOtherwise())
            return
        if counts != "national" and not cells["name_zh"]:
            cells.fault("name_zh", ReasonMissing())
            return
        change = DayChange(day, WORKING[counts], cells["name_zh"], cells["name_en"])
        with suppress(DayIsSo, NoOverride):
            change_day(county_id, change, actor=actor, now=now)

    return take


def days_of(rows: Iterable[Row]) -> dict[date, bool | None]:
    """The days that right rows would set for the county: worked, free, or (None) as the nation says."""
    found: dict[date, bool | None] = {}
    for row in rows:
        cells = Cells(row.cells)
        day, counts = cells.day("day"), cells.one_of("counts_as", COUNTS_AS)
        if day is not None and counts is not None and cells["office"].lower() not in NATION:
            found[day] = WORKING[counts]
    return found


def people_rows(county_id: int, *, today: date, actor: Actor, now: datetime) -> Iterable[Sequence[object]]:
    """Everybody who works here, a row for each role, as the import would take them; that it left is told."""
    people = db.session.scalars(
        select(Person).where(Person.county_id == county_id, Person.left_at.is_(None)).order_by(Person.login)
    ).all()
    terms = terms_of(county_id, [one.id for one in people], today)
    _tell_export(county_id, "people", len(people), actor, now)
    for one in people:
        own = (one.login, one.name, one.name_en, one.phone or "", ",".join(one.languages), ",".join(one.tags))
        listed = [term for term in terms.get(one.id, []) if term.when != "past"]
        for term in listed:
            held = term.assignment
            until = held.to_date.isoformat() if held.to_date else ""
            yield (*own, held.role, term.place.code, held.from_date.isoformat(), until)
        if not listed:
            yield (*own, "", "", "", "")


def office_rows(county_id: int, *, actor: Actor, now: datetime) -> Iterable[Sequence[object]]:
    """Every open office, as the import would take it; that it left is told."""
    places = whole_tree(county_id)
    codes = {one.id: one.code for one in places}
    _tell_export(county_id, "offices", len(places), actor, now)
    for one in places:
        above = codes.get(one.parent_id or 0, "")
        yield (one.code, one.name_zh, one.name_en, one.tier, one.kind, above, one.phone or "")


def register_rows(county_id: int, *, actor: Actor, now: datetime) -> Iterable[Sequence[object]]:
    """Every entry of every register, as the import would take it; that it left is told."""
    listed = entries(county_id)
    _tell_export(county_id, "registers", len(listed), actor, now)
    for one in listed:
        days = (one.from_date.isoformat() if one.from_date else "", one.to_date.isoformat() if one.to_date else "")
        own = (one.register, one.code, one.parent_code, one.name_zh, one.name_en, one.icon)
        yield (*own, "1" if one.needs_number else "", *days, one.tone)


def day_rows(county_id: int, *, today: date, actor: Actor, now: datetime) -> Iterable[Sequence[object]]:
    """The nation's days of this year and the next, and every day of the county's own; that they left is told."""
    own = {one.day: one for one in db.session.scalars(select(CalendarDay).where(CalendarDay.county_id == county_id))}
    nation = {
        day: (day.isoformat(), _counted(working), *names, NATION[0])
        for year in (today.year, today.year + 1)
        for day, working, names in national_days(year) or ()
    }
    code = county_office(county_id).code
    county = {
        day: (day.isoformat(), _counted(one.working), one.reason, one.reason_en, code) for day, one in own.items()
    }
    listed = nation | county
    _tell_export(county_id, "calendar", len(listed), actor, now)
    yield from (listed[day] for day in sorted(listed))


def _counted(working: bool) -> str:
    return COUNTS_AS["worked" if working else "free"][0]


def _tell_export(county_id: int, what: str, count: int, actor: Actor, now: datetime) -> None:
    record(calendar_stream(county_id), f"{what}.exported", actor=actor, now=now, payload={"count": count})
