"""What one search shows: cases by fit and age, the people in them, their open tasks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, or_, select, union_all

from app.cases.models import Case, Party
from app.cases.queries import recused_from, ways_to_see
from app.cases.rules import masked_phone
from app.cases.search.models import CaseSearch
from app.cases.search.queries import meant
from app.cases.search.rules import exact, normalised, sought, ways
from app.core.database import db, is_one_of
from app.directory.rules import Viewer
from app.workflow.models import ItemStatus, WorkItem

MOST_CASES = 50
MOST_PEOPLE = 20
MOST_TASKS = 20
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
    first = newest(viewer, or_(*(meant(viewer.county_id, one) for one in named)), MOST_CASES) if named else []
    known = {case.id for case in first}
    rest = newest(viewer, or_(*(meant(viewer.county_id, one) for one in wanted)), MOST_CASES + 1)
    cases = [*first, *(case for case in rest if case.id not in known)]
    shown = cases[:MOST_CASES]
    return Results(shown, _people(shown, text), _tasks(shown), len(cases) > len(shown))


def newest(viewer: Viewer, found: ColumnElement[bool], most: int) -> Sequence[Case]:
    """The newest cases that are `found` (a condition on `CaseSearch`) and the viewer may see.

    First the `NEARBY` newest that have the words are asked whether they may be seen. Where more have them, and too few
    of those are to be seen, the database begins at the viewer's offices and tasks instead. Each way of seeing is asked
    by itself: all at once would be answered by reading a table through.
    """
    dialect = db.session.get_bind().dialect.name
    have = select(CaseSearch.case_id).where(CaseSearch.county_id == viewer.county_id, found)
    near = db.session.scalars(have.order_by(CaseSearch.case_id.desc()).limit(NEARBY)).all()
    if not near:
        return []
    ways = ways_to_see(viewer)
    if viewer.sees_the_county:
        ways = {"office": ways["office"]}
    here = is_one_of(Case.id, near, dialect)
    seen = _cases(viewer, [select(Case.id).where(here, way) for way in ways.values()], most)
    if len(near) < NEARBY or len(seen) >= most:
        return seen
    of_case = (CaseSearch.county_id == Case.county_id) & (CaseSearch.case_id == Case.id)
    farther = select(Case.id).join(CaseSearch, of_case).where(CaseSearch.county_id == viewer.county_id, found)
    more = [farther.where(ways[way], Case.id < near[-1]) for way in ("office", "assigned") if way in ways]
    return [*seen, *_cases(viewer, more, most - len(seen))]


def _cases(viewer: Viewer, asked: Sequence[Select[int]], most: int) -> Sequence[Case]:
    """The newest cases of several questions for ids.

    A sum stands in the order, so that nobody walks through all cases from the newest on in the hope to meet some soon.
    """
    first = [
        one.where(Case.county_id == viewer.county_id).order_by((Case.id + 0).desc()).limit(most).subquery()
        for one in asked
    ]
    ids = union_all(*(select(one.c.id) for one in first))
    query = select(Case).where(
        Case.county_id == viewer.county_id, Case.id.in_(ids), ~recused_from(viewer, Case.county_id, Case.id)
    )
    return db.session.scalars(query.order_by(Case.id.desc()).limit(most)).all()


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
