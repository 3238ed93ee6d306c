"""What a text means as a condition on cases. Whether somebody may see them is asked beside it (`visible_cases`)."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, exists, false, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from app.cases.identities import identity_index
from app.cases.models import Case, Party, Report
from app.cases.search.models import CaseSearch
from app.cases.search.rules import Way, numbers, sieve, ways
from app.core.database import db, holds_all
from app.directory.access import below_any
from app.directory.rules import CASE_ROLES, SENSITIVE_ROLES, Viewer

_case, _party, _report = aliased(Case), aliased(Party), aliased(Report)


def found_by(viewer: Viewer, text: str) -> ColumnElement[bool]:
    """Cases of the viewer's county that `text` finds: a code, names, the end of a telephone, a place, what happened.

    It is no permission: ask `visible_cases(viewer)` beside it. An empty text finds everything.
    """
    if not text.strip():
        return true()
    return Case.id.in_(hits(viewer, ways(text)))


def hits(viewer: Viewer, wanted: Sequence[Way]) -> Select[int]:
    """The ids of the cases that are meant in one of these ways."""
    return select(CaseSearch.case_id).where(
        CaseSearch.county_id == viewer.county_id, meant_in_any(viewer.county_id, wanted)
    )


def meant(county_id: int, way: Way, row: Any = CaseSearch) -> ColumnElement[bool]:
    """A condition on the rows of `CaseSearch`, or of what stands for it."""
    return and_(true(), *_conditions(county_id, way, row))


def meant_in_any(county_id: int, wanted: Sequence[Way], row: Any = CaseSearch) -> ColumnElement[bool]:
    """The same for several ways, of which one is enough."""
    return or_(false(), *(meant(county_id, one, row) for one in wanted))


def meant_in_offices(viewer: Viewer, wanted: Sequence[Way]) -> ColumnElement[bool]:
    """The same for cases that are led at or below an office in which the viewer has a role that sees cases.

    It is no permission: some of them may be restricted. Of the words the index is asked for a few (`sieve`): each one
    more costs it a look at all the cases of the county that have it, while those of an office are soon looked through.
    """
    paths = viewer.paths(CASE_ROLES | SENSITIVE_ROLES)
    found = meant_in_any(viewer.county_id, wanted)
    if db.session.get_bind().dialect.name == "sqlite":
        return and_(below_any(CaseSearch.org_path, paths), found)
    above: ColumnElement[list[str]] = func.offices_of(CaseSearch.org_path, type_=ARRAY(Text))
    led = or_(false(), *(above.contains(literal([path], ARRAY(Text))) for path in paths))
    some = or_(false(), *(meant(viewer.county_id, Way(sieve(one))) for one in wanted))
    return and_(led, some, found.is_(true()))


def _conditions(county_id: int, way: Way, row: Any) -> Iterator[ColumnElement[bool]]:
    if way.words:
        yield holds_all(row.tokens, numbers(county_id, way.words), db.session.get_bind().dialect.name)
    for code in way.codes:
        yield exists().where(_of(row, _case, _case.id), _case.code.contains(code, autoescape=True))
    for tail in way.tails:
        phones = (_party.phone, _party.agent_phone, _party.guardian_phone)
        yield or_(
            exists().where(
                _of(row, _party, _party.case_id), or_(*(one.endswith(tail, autoescape=True) for one in phones))
            ),
            exists().where(_of(row, _report, _report.case_id), _report.reporter_phone.endswith(tail, autoescape=True)),
        )
    for number in way.identities:
        yield row.case_id.in_(
            select(Party.case_id).where(
                Party.county_id == county_id, Party.identity_index == identity_index(number), Party.left_at.is_(None)
            )
        )


def _of(row: Any, model: Any, case_id: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = (model.county_id == row.county_id) & (case_id == row.case_id)
    return condition
