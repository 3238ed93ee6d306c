"""What one search shows: cases by fit and age, the people in them, their open tasks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, select, union_all
from sqlalchemy.orm import aliased

from app.cases.models import Case, Party
from app.cases.queries import recused_from, seen_cases, ways_to_see
from app.cases.rules import masked_phone
from app.cases.search.models import CaseSearch
from app.cases.search.queries import meant_in_any
from app.cases.search.rules import Way, exact, normalised, sought, ways
from app.core.database import db, is_one_of
from app.core.paging import LARGEST_ID
from app.directory.rules import CASE_ROLES, Viewer
from app.workflow.models import ItemStatus, WorkItem

MOST_CASES = 50
MOST_PEOPLE = 20
MOST_TASKS = 20
NEWEST, EARLIER = 5_000, 40_000
"""How many cases are looked through one by one, and how many before them where the words are common."""
COMMON = 25
"""Words that so many of the newest have are common."""
NEARBY = 2_000


@dataclass(slots=True)
class FoundPerson:
    """Somebody who stands in cases under one name and one telephone."""

    name: str
    phone: str
    cases: list[Case] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Results:
    """What was found of each sort; `more` cases fit than are shown."""

    cases: Sequence[Case] = ()
    people: Sequence[FoundPerson] = ()
    tasks: Sequence[tuple[WorkItem, Case]] = ()
    more: bool = False

    @property
    def nothing(self) -> bool:
        return not self.cases


def search(viewer: Viewer, text: str) -> Results:
    """Everything that `text` finds and the viewer may see: who bears the very name first, then the newest."""
    wanted = ways(text)
    if not wanted:
        return Results()
    named = [one for one in (exact(way, text) for way in wanted) if one is not None]
    first = newest(viewer, named, MOST_CASES) if named else []
    known = {case.id for case in first}
    rest = newest(viewer, wanted, MOST_CASES + 1)
    cases = [*first, *(case for case in rest if case.id not in known)]
    shown = cases[:MOST_CASES]
    return Results(shown, _people(shown, text), _tasks(shown), len(cases) > len(shown))


def newest(viewer: Viewer, wanted: Sequence[Way], most: int) -> Sequence[Case]:
    """The newest cases that are meant in one of these ways and that the viewer may see.

    The index of the words knows no age: to learn which of a hundred thousand cases are the newest, each is fetched. So
    the `NEWEST` cases are looked through one by one before. Where the words are common among them, so are those before
    them, for who sees the county, and for everybody else the newest that they may see. The index answers for what is
    older than all of these; it is few when the words are rare.
    """
    near, below = _looked_through(viewer.county_id, wanted, NEWEST, LARGEST_ID)
    common = bool(below) and len(near) >= COMMON
    if common and not viewer.has_county_role(*CASE_ROLES):
        own, below = _own_looked_through(viewer, wanted, NEWEST)
        seen = [*_loaded(viewer, own[:most])]
    else:
        seen = [*_seen(viewer, near, most)]
        if common and len(seen) < most:
            near, below = _looked_through(viewer.county_id, wanted, EARLIER, below)
            seen += _seen(viewer, near, most - len(seen))
    if below and len(seen) < most:
        seen += _by_index(viewer, wanted, most - len(seen), below)
    return seen


_Look = tuple[Sequence[int], int]
"""The ids of the cases that have the words, the newest first, and the oldest that was looked at; 0: none is older."""


def _looked_through(county_id: int, wanted: Sequence[Way], size: int, below: int) -> _Look:
    """So many cases before one, the newest first, without the index."""
    older = select(CaseSearch).where(CaseSearch.county_id == county_id, CaseSearch.case_id < below)
    some = older.order_by(CaseSearch.case_id.desc()).limit(size)
    edge = db.session.scalar(
        older.with_only_columns(CaseSearch.case_id).order_by(CaseSearch.case_id.desc()).offset(size - 1).limit(1)
    )
    return _with_words(county_id, wanted, some), edge or 0


def _own_looked_through(viewer: Viewer, wanted: Sequence[Way], size: int) -> _Look:
    """So many of the cases that the viewer may see, the newest first."""
    own = db.session.scalars(seen_cases(viewer, newest=size)).all()
    dialect = db.session.get_bind().dialect.name
    some = select(CaseSearch).where(
        CaseSearch.county_id == viewer.county_id, is_one_of(CaseSearch.case_id, own, dialect)
    )
    return _with_words(viewer.county_id, wanted, some.limit(size)), own[-1] if len(own) == size else 0


def _with_words(county_id: int, wanted: Sequence[Way], some: Select[CaseSearch]) -> Sequence[int]:
    """Those of some cases that have the words. They are limited, so that the database takes them before the words."""
    row = aliased(CaseSearch, some.subquery())
    return db.session.scalars(
        select(row.case_id).where(meant_in_any(county_id, wanted, row)).order_by(row.case_id.desc())
    ).all()


def _by_index(viewer: Viewer, wanted: Sequence[Way], most: int, below: int) -> Sequence[Case]:
    """The newest before one, beginning at the words.

    First the `NEARBY` newest that have them are asked whether they may be seen. Where more have them, and too few of
    those are to be seen, the database begins at the viewer's offices and tasks instead.
    """
    found = meant_in_any(viewer.county_id, wanted)
    have = select(CaseSearch.case_id).where(CaseSearch.county_id == viewer.county_id, CaseSearch.case_id < below, found)
    near = db.session.scalars(have.order_by((CaseSearch.case_id + 0).desc()).limit(NEARBY)).all()
    seen = _seen(viewer, near, most)
    if len(near) < NEARBY or len(seen) >= most:
        return seen
    of_case = (CaseSearch.county_id == Case.county_id) & (CaseSearch.case_id == Case.id)
    farther = select(Case.id).join(CaseSearch, of_case).where(CaseSearch.county_id == viewer.county_id, found)
    more = [farther.where(way, Case.id < near[-1]) for way in _ways(viewer)]
    return [*seen, *_cases(viewer, more, most - len(seen))]


def _seen(viewer: Viewer, ids: Sequence[int], most: int) -> Sequence[Case]:
    """The newest of these cases that the viewer may see; nearly all are seen by who sees the county."""
    at, seen = 0, list[Case]()
    dialect = db.session.get_bind().dialect.name
    for size in (4 * most, len(ids)) if viewer.has_county_role(*CASE_ROLES) else (len(ids),):
        some = ids[at : at + size]
        if some and len(seen) < most:
            here = is_one_of(Case.id, some, dialect)
            seen += _cases(viewer, [select(Case.id).where(here, way) for way in _ways(viewer)], most - len(seen))
        at += size
    return seen


def _ways(viewer: Viewer) -> Sequence[ColumnElement[bool]]:
    """The ways of seeing, each to be asked by itself: all at once would be answered by reading a table through."""
    ways = ways_to_see(viewer, ordinary_seen=viewer.has_county_role(*CASE_ROLES))
    return [ways["office"]] if viewer.sees_the_county else list(ways.values())


def _cases(viewer: Viewer, asked: Sequence[Select[int]], most: int) -> Sequence[Case]:
    """The newest cases of several questions for ids.

    A sum stands in the order, so that nobody walks through all cases from the newest on in the hope to meet some soon.
    """
    first = [
        one.where(Case.county_id == viewer.county_id, ~recused_from(viewer, Case.county_id, Case.id))
        .order_by((Case.id + 0).desc())
        .limit(most)
        .subquery()
        for one in asked
    ]
    ids = union_all(*(select(one.c.id) for one in first))
    query = select(Case).where(Case.county_id == viewer.county_id, Case.id.in_(ids))
    return db.session.scalars(query.order_by(Case.id.desc()).limit(most)).all()


def _loaded(viewer: Viewer, ids: Sequence[int]) -> Sequence[Case]:
    query = select(Case).where(Case.county_id == viewer.county_id, Case.id.in_(ids))
    return db.session.scalars(query.order_by(Case.id.desc())).all()


def _people(cases: Sequence[Case], text: str) -> Sequence[FoundPerson]:
    """The people of these cases whom the words name."""
    by_id = {case.id: case for case in cases}
    if not by_id:
        return []
    pieces = sought(text)
    found: dict[tuple[str, str], FoundPerson] = {}
    parties = db.session.scalars(
        select(Party).where(Party.county_id == cases[0].county_id, Party.case_id.in_(by_id), Party.left_at.is_(None))
    ).all()
    for party in sorted(parties, key=lambda one: list(by_id).index(one.case_id)):
        for name, phone in _named(party):
            if any(piece in normalised(name) or (piece.isdigit() and phone.endswith(piece)) for piece in pieces):
                person = found.setdefault((name, phone), FoundPerson(name, masked_phone(phone)))
                if by_id[party.case_id] not in person.cases:
                    person.cases.append(by_id[party.case_id])
    return list(found.values())[:MOST_PEOPLE]


def _named(party: Party) -> Iterator[tuple[str, str]]:
    pairs = (
        (party.name, party.phone),
        (party.agent_name, party.agent_phone),
        (party.guardian_name, party.guardian_phone),
    )
    return ((name, phone) for name, phone in pairs if name)


def _tasks(cases: Sequence[Case]) -> Sequence[tuple[WorkItem, Case]]:
    """What is open in these cases: who sees a case sees what is open in it."""
    by_id = {case.id: case for case in cases}
    if not by_id:
        return []
    items = db.session.scalars(
        select(WorkItem)
        .where(
            WorkItem.county_id == cases[0].county_id,
            WorkItem.subject_id.in_(by_id),
            WorkItem.status == ItemStatus.OPEN,
        )
        .order_by(WorkItem.risk.desc(), WorkItem.due_at, WorkItem.id)
        .limit(MOST_TASKS)
    )
    return [(item, by_id[item.subject_id]) for item in items if item.subject_id is not None]
