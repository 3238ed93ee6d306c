"""What one search shows: a page of cases by fit and age, the people in them, their open tasks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select

from app.cases.models import Party
from app.cases.rules import masked_phone
from app.cases.search.ranking import FIRST, FoundCase, Rank, Ranking
from app.cases.search.rules import exact, normalised, sought, ways
from app.core.database import db, is_one_of
from app.core.paging import cut, decode_cursor, record_id
from app.core.reads import Question, answers
from app.directory.rules import Viewer
from app.workflow.models import ItemStatus, WorkItem

CASES = 20
MOST_PEOPLE = 10
MOST_TASKS = 10


@dataclass(slots=True)
class FoundPerson:
    """Somebody who stands in cases under one name and one telephone."""

    name: str
    phone: str
    cases: list[FoundCase] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FoundTask:
    """What is open in a case that was found."""

    id: int
    name_zh: str
    name_en: str
    due_at: datetime
    case: FoundCase


@dataclass(frozen=True, slots=True)
class Results:
    """What was found of each sort, and the cursor of the next page."""

    cases: Sequence[FoundCase] = ()
    people: Sequence[FoundPerson] = ()
    tasks: Sequence[FoundTask] = ()
    next_cursor: str | None = None


def search(viewer: Viewer, text: str, cursor: str | None = None) -> Results:
    """Everything that `text` finds and the viewer may see: who bears the very name first, then the newest."""
    wanted = ways(text)
    if not wanted:
        return Results()
    named = [one for one in (exact(way, text) for way in wanted) if one is not None]
    place = decode_cursor(cursor, bool, record_id)
    found = Ranking(viewer, wanted, named).after(Rank(*place) if place else FIRST, CASES + 1)
    page = cut(found, CASES, lambda case: case.rank)
    by_id = {case.id: case for case in page.rows}
    return Results(page.rows, _people(viewer, by_id, text), _tasks(viewer, by_id), page.next_cursor)


def _people(viewer: Viewer, cases: Mapping[int, FoundCase], text: str) -> Sequence[FoundPerson]:
    """The people of these cases whom the words name, in the order of the cases."""
    if not cases:
        return []
    parties = answers(_parties(db.session.get_bind().dialect.name), {"county": viewer.county_id, "ids": list(cases)})
    pieces = sought(text)
    places = {case_id: place for place, case_id in enumerate(cases)}
    found: dict[tuple[str, str], FoundPerson] = {}
    for party in sorted(parties, key=lambda one: places[one.case_id]):
        for name, phone in _named(party):
            if any(piece in normalised(name) or (piece.isdigit() and phone.endswith(piece)) for piece in pieces):
                person = found.setdefault((name, phone), FoundPerson(name, masked_phone(phone)))
                if cases[party.case_id] not in person.cases:
                    person.cases.append(cases[party.case_id])
    return list(found.values())[:MOST_PEOPLE]


@cache
def _parties(dialect: str) -> Question:
    told = (Party.name, Party.phone, Party.agent_name, Party.agent_phone, Party.guardian_name, Party.guardian_phone)
    return select(Party.case_id, *told).where(
        Party.county_id == bindparam("county"), is_one_of(Party.case_id, "ids", dialect), Party.left_at.is_(None)
    )


def _named(party: Any) -> Iterator[tuple[str, str]]:
    pairs = (
        (party.name, party.phone),
        (party.agent_name, party.agent_phone),
        (party.guardian_name, party.guardian_phone),
    )
    return ((name, phone) for name, phone in pairs if name)


def _tasks(viewer: Viewer, cases: Mapping[int, FoundCase]) -> Sequence[FoundTask]:
    """What is open in these cases: who sees a case sees what is open in it."""
    if not cases:
        return []
    rows = answers(_open_tasks(db.session.get_bind().dialect.name), {"county": viewer.county_id, "ids": list(cases)})
    return [FoundTask(one.id, one.name_zh, one.name_en, one.due_at, cases[one.subject_id]) for one in rows]


@cache
def _open_tasks(dialect: str) -> Question:
    return (
        select(WorkItem.subject_id, WorkItem.id, WorkItem.name_zh, WorkItem.name_en, WorkItem.due_at)
        .where(WorkItem.county_id == bindparam("county"), is_one_of(WorkItem.subject_id, "ids", dialect))
        .where(WorkItem.status == ItemStatus.OPEN)
        .order_by(WorkItem.risk.desc(), WorkItem.due_at, WorkItem.id)
        .limit(MOST_TASKS)
    )
