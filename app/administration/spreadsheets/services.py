"""Rows of people and offices, taken in by the very services that the forms use, and written out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select

from app.administration.holdings import tag_words
from app.administration.people.queries import terms_of
from app.administration.spreadsheets.errors import CellNoDay, OfficeOfRowUnknown, OtherName, WordUnknown
from app.administration.spreadsheets.sheets import Row
from app.audit.services import Actor, record
from app.core.database import db
from app.core.errors import Refusal
from app.core.translations import words_of
from app.directory.calendar.services import calendar_stream
from app.directory.models import Organisation, Person
from app.directory.places.queries import whole_tree
from app.directory.places.rules import KINDS, TIER_WORDS
from app.directory.places.services import found_place, rename_place
from app.directory.queries import organisation_by_code, zone_of
from app.directory.registers.queries import entries
from app.directory.registers.services import write_entry
from app.directory.rules import ROLES
from app.directory.staff.rules import LANGUAGES, checked_phone
from app.directory.staff.services import give_role, take_on

PEOPLE = ("account", "name", "name_en", "phone", "languages", "tags", "role", "office", "from", "to")
OFFICES = ("code", "name_zh", "name_en", "tier", "kind", "parent", "phone")
ENTRIES = ("register", "code", "parent", "name_zh", "name_en", "icon", "needs_number", "from", "to", "tone")
COLUMNS = {"people": PEOPLE, "offices": OFFICES, "registers": ENTRIES}
EXAMPLES: dict[str, Sequence[str]] = {
    "people": (
        "lin.mei",
        "林梅",
        "Lin Mei",
        "13800000000",
        "zh,wu",
        "neighbour",
        "mediator",
        "330681101201",
        "2026-01-01",
        "",
    ),
    "registers": ("dispute_type", "homestead", "housing", "宅基地", "Homesteads", "home", "", "2026-01-01", ""),
    "offices": ("330681101204", "新桥村", "Xinqiao Village", "village", "government", "330681101000", ""),
}

T = TypeVar("T")

CHECK, ALL, GOOD = "check", "all", "good"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: `column` and `error` say what is wrong with which cell."""

    row: Row
    column: str = ""
    error: str = ""


class _Cell(Exception):
    """A refusal that belongs to a cell."""

    def __init__(self, column: str, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.column, self.refusal = column, refusal


class _TakenBack(Exception):
    """Ends the savepoint of a file that is not to be kept."""


def take_in(
    county_id: int, what: str, rows: Sequence[Row], mode: str, *, actor: Actor, now: datetime
) -> tuple[list[Outcome], bool]:
    """Take the rows in as the forms would, each by itself; returns what became of each, and whether anything was kept.

    `check` keeps nothing; `all` keeps every row or none; `good` keeps the rows that are right.
    """
    work = {"people": _person, "offices": _office, "registers": _entry}[what]
    outcomes: list[Outcome] = []
    kept = False
    try:
        with db.session.begin_nested():
            for row in rows:
                outcomes.append(_one(row, lambda row=row: work(county_id, row.cells, actor, now)))  # type: ignore[misc]
            wrong = sum(bool(one.error) for one in outcomes)
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


def _one(row: Row, work: Callable[[], None]) -> Outcome:
    try:
        with db.session.begin_nested():
            work()
    except _Cell as wrong:
        return Outcome(row, wrong.column, words_of(wrong.refusal))
    except Refusal as refusal:
        return Outcome(row, "", words_of(refusal))
    return Outcome(row)


def _person(county_id: int, cells: Mapping[str, str], actor: Actor, now: datetime) -> None:
    login = cells.get("account", "")
    person = db.session.scalars(
        select(Person).where(Person.county_id == county_id, Person.login == login)
    ).one_or_none()
    if person is None:
        person, _none = take_on(
            county_id,
            login=login,
            name=cells.get("name", ""),
            name_en=cells.get("name_en", ""),
            phone=_in("phone", lambda: checked_phone(cells.get("phone", ""))) or "",
            tags=_words("tags", cells, {code: (word, word) for code, word in tag_words(county_id).items()}),
            languages=_words("languages", cells, LANGUAGES),
            with_password=False,
            actor=actor,
            now=now,
        )
    elif person.name != cells.get("name", ""):
        raise _Cell("account", OtherName(login=login, name=person.name))
    if not cells.get("role"):
        return
    (role,) = _words("role", cells, ROLES)
    place = organisation_by_code(county_id, cells.get("office", ""))
    if place is None:
        raise _Cell("office", OfficeOfRowUnknown(code=cells.get("office", "")))
    today = now.astimezone(zone_of(county_id)).date()
    first, last = _day("from", cells) or today, _day("to", cells)
    _in("role", lambda: give_role(person, role, place, from_date=first, to_date=last, actor=actor, now=now))


def _office(county_id: int, cells: Mapping[str, str], actor: Actor, now: datetime) -> None:
    parent = organisation_by_code(county_id, cells.get("parent", ""))
    there = db.session.scalars(
        select(Organisation).where(Organisation.county_id == county_id, Organisation.code == cells.get("code", ""))
    ).one_or_none()
    names = {"name_zh": cells.get("name_zh", ""), "name_en": cells.get("name_en", "")}
    phone = _in("phone", lambda: checked_phone(cells.get("phone", "")))
    if there is not None:
        rename_place(there, **names, phone=phone, actor=actor, now=now)
        return
    if parent is None:
        raise _Cell("parent", OfficeOfRowUnknown(code=cells.get("parent", "")))
    tier, kind = _words("tier", cells, TIER_WORDS), _words("kind", cells, KINDS)
    if len(tier) != 1 or len(kind) != 1:
        raise _Cell("kind" if tier else "tier", WordUnknown(word=""))
    found_place(
        parent, tier=tier[0], kind=kind[0], code=cells.get("code", ""), **names, phone=phone, actor=actor, now=now
    )


def _entry(county_id: int, cells: Mapping[str, str], actor: Actor, now: datetime) -> None:
    needed = cells.get("needs_number", "").lower()
    if needed not in ("", "0", "1", "yes", "no", "是", "否"):
        raise _Cell("needs_number", WordUnknown(word=needed[:40]))
    write_entry(
        county_id,
        cells.get("register", ""),
        code=cells.get("code", ""),
        parent=cells.get("parent", ""),
        name_zh=cells.get("name_zh", ""),
        name_en=cells.get("name_en", ""),
        icon=cells.get("icon", ""),
        tone=cells.get("tone", ""),
        needs_number=needed in ("1", "yes", "是"),
        from_date=_day("from", cells),
        to_date=_day("to", cells),
        actor=actor,
        now=now,
    )


def _in(column: str, work: Callable[[], T]) -> T:
    try:
        return work()
    except Refusal as refusal:
        raise _Cell(column, refusal) from refusal


def _words(column: str, cells: Mapping[str, str], known: Mapping[str, tuple[str, str]]) -> list[str]:
    """The codes of a cell: written as codes or as words of either language, between commas."""
    by_word = {word.lower(): code for code, words in known.items() for word in (code, *words)}
    given = cells.get(column, "").replace("，", ",").replace("、", ",").split(",")
    found = []
    for word in filter(None, (one.strip() for one in given)):
        code = by_word.get(word.lower())
        if code is None:
            raise _Cell(column, WordUnknown(word=word[:40]))
        found.append(code)
    return found


def _day(column: str, cells: Mapping[str, str]) -> date | None:
    given = cells.get(column, "")
    if not given:
        return None
    try:
        return date.fromisoformat(given.replace("/", "-"))
    except ValueError as error:
        raise _Cell(column, CellNoDay()) from error


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


def _tell_export(county_id: int, what: str, count: int, actor: Actor, now: datetime) -> None:
    record(calendar_stream(county_id), f"{what}.exported", actor=actor, now=now, payload={"count": count})
