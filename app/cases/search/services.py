"""The index follows the cases by itself: whatever the session writes of a case, a party or a report is noted, and the
case is indexed again at the end of the same transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import bindparam, event, select
from sqlalchemy.orm import Session, UOWTransaction, attributes

from app.cases.models import Case, Party, Report
from app.cases.search.models import CaseSearch
from app.cases.search.rules import case_numbers
from app.core.database import Base, db, table_of
from app.core.locking import insert_for
from app.core.unit_of_work import run_unit
from app.core.writes import execute_later

_NOTED = "cases to index"
_PEOPLE = ("name", "phone", "agent_name", "agent_phone", "guardian_name", "guardian_phone", "left_at")
_WATCHED: dict[type[Base], tuple[str, ...]] = {
    Case: ("code", "place", "summary"),
    Party: _PEOPLE,
    Report: ("case_id", "place", "reporter_name", "reporter_phone"),
}
BATCH = 500

Key = tuple[int, int]


@dataclass(slots=True)
class _Noted:
    """What this transaction wrote of a case; all there is of it, if the case is `new`."""

    new: bool = False
    rows: dict[int, Party | Report] = field(default_factory=dict)


@event.listens_for(Session, "after_flush")
def _note(session: Session, context: UOWTransaction) -> None:
    for one in session.new:
        if isinstance(one, Case | Party | Report):
            _noted(session, one).new |= isinstance(one, Case)
    for one in session.dirty:
        if isinstance(one, Case | Party | Report):
            before = {name: attributes.get_history(one, name) for name in _WATCHED[type(one)]}
            if any(history.has_changes() for history in before.values()):
                _noted(session, one)


def _noted(session: Session, one: Case | Party | Report) -> _Noted:
    noted: dict[Key, _Noted] = session.info.setdefault(_NOTED, {})
    key = (one.county_id, one.id if isinstance(one, Case) else one.case_id)
    found = noted.setdefault(key, _Noted())
    if not isinstance(one, Case):
        found.rows[one.id] = one
    return found


@event.listens_for(Session, "before_commit", insert=True)
def _index_noted(session: Session) -> None:
    """Stands before the listener that sends what was gathered."""
    if session.in_nested_transaction() or not session.is_active:
        return
    session.flush()
    noted: dict[Key, _Noted] = session.info.pop(_NOTED, {})
    for key, what in noted.items():
        case = session.get(Case, key)
        if case is None:
            continue
        rows: Iterable[Party | Report] = (
            [one for one in what.rows.values() if one in session] if what.new else _rows(session, key)
        )
        _write_later(case, rows)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_NOTED, None)


def index_again(county_id: int, case_ids: Iterable[int]) -> None:
    """For rows that were changed past the session."""
    noted: dict[Key, _Noted] = db.session().info.setdefault(_NOTED, {})
    for case_id in case_ids:
        noted.setdefault((county_id, case_id), _Noted()).new = False


def _rows(session: Session, key: Key) -> list[Party | Report]:
    county_id, case_id = key
    parties = session.scalars(select(Party).where(Party.county_id == county_id, Party.case_id == case_id))
    reports = session.scalars(select(Report).where(Report.county_id == county_id, Report.case_id == case_id))
    return [*parties, *reports]


def _write_later(case: Case, rows: Iterable[Party | Report]) -> None:
    dialect = db.session.get_bind().dialect.name
    execute_later(
        _upsert(dialect),
        {
            "county_id": case.county_id,
            "case_id": case.id,
            "tokens": tokens_of(case, rows),
            "org_path": case.org_path,
        },
    )


@cache
def _upsert(dialect: str) -> Any:
    table = table_of(CaseSearch)
    new: Any = insert_for(CaseSearch, dialect).values({one.name: bindparam(one.name) for one in table.c})
    return new.on_conflict_do_update(
        index_elements=["county_id", "case_id"],
        set_={"tokens": new.excluded.tokens},
        where=table.c.tokens != new.excluded.tokens,
    )


def tokens_of(case: Case, rows: Iterable[Party | Report]) -> list[int]:
    """The tokens of a case with all its parties and reports."""
    people: list[tuple[str, str]] = []
    places = [case.place]
    for one in rows:
        if isinstance(one, Report):
            people.append((one.reporter_name, one.reporter_phone))
            places.append(one.place)
        elif one.left_at is None:
            people += [
                (one.name, one.phone),
                (one.agent_name, one.agent_phone),
                (one.guardian_name, one.guardian_phone),
            ]
    return case_numbers(
        case.county_id, code=case.code, place=" ".join(dict.fromkeys(places)), summary=case.summary, people=people
    )


def rebuild(*, missing: bool = False) -> int:
    """Index every case again, or those that are not indexed; a unit of work for some hundred at a time."""
    done, last = 0, (0, 0)
    while True:
        found = run_unit(lambda after=last: _rebuild_some(after, missing=missing))  # type: ignore[misc]
        if not found:
            return done
        done, last = done + len(found), found[-1]


def _rebuild_some(after: Key, *, missing: bool) -> Sequence[Key]:
    query = select(Case).where((Case.county_id > after[0]) | ((Case.county_id == after[0]) & (Case.id > after[1])))
    if missing:
        query = query.outerjoin(
            CaseSearch, (CaseSearch.county_id == Case.county_id) & (CaseSearch.case_id == Case.id)
        ).where(CaseSearch.case_id.is_(None))
    cases = db.session.scalars(query.order_by(Case.county_id, Case.id).limit(BATCH)).all()
    ids = [case.id for case in cases]
    rows: dict[Key, list[Party | Report]] = {}
    for party in db.session.scalars(select(Party).where(Party.case_id.in_(ids))):
        rows.setdefault((party.county_id, party.case_id), []).append(party)
    for report in db.session.scalars(select(Report).where(Report.case_id.in_(ids))):
        rows.setdefault((report.county_id, report.case_id), []).append(report)
    for case in cases:
        _write_later(case, rows.get((case.county_id, case.id), ()))
    return [(case.county_id, case.id) for case in cases]
