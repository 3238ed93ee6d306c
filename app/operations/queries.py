"""What stands still, within the reach of whoever is responsible: one set of conditions for list, groups and page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from app.cases.models import Case
from app.cases.queries import recused_from, visible_cases
from app.core.database import any_holds, db
from app.core.errors import NotFound
from app.core.paging import Page, cut, decode_cursor, record_id
from app.directory.access import below_any
from app.directory.models import Organisation
from app.directory.rules import Viewer
from app.operations.models import Repair
from app.workflow.models import Incident, Instance

ROLES = ("administrator", "process_owner", "operator")
"""Who answers for processes that stand still, at their own organisation and below it."""

AGES = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
PAGE_SIZE = 50
MANY = 500
"""At most so many are tried again at once."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address of the list says; `age` is a name of AGES: standing still for longer than that."""

    package: str = ""
    process: str = ""
    element: str = ""
    code: str = ""
    age: str = ""
    text: str = ""
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An incident with its package, and its case if the reader may see it."""

    incident: Incident
    package: str
    case_code: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Incidents of the same element and code."""

    package: str
    process_id: str
    element_id: str
    element_name: str
    code: str
    count: int
    oldest: datetime


def is_responsible(viewer: Viewer) -> bool:
    return viewer.has_role(*ROLES)


def answers_for(viewer: Viewer, case: Case) -> bool:
    """Whether the viewer repairs what stands still in this case."""
    return any(case.org_path.startswith(path) for path in viewer.paths(ROLES))


def in_reach(viewer: Viewer) -> ColumnElement[bool]:
    """Incidents of processes whose case or organisation lies where the viewer is responsible.

    A process that belongs to no place is the county's. Whoever is recused from a case does not repair it either.
    """
    paths = viewer.paths(ROLES)
    if not paths:
        return false()
    reach = [below_any(Case.org_path, paths), below_any(Organisation.path, paths)]
    if viewer.has_county_role(*ROLES):
        reach.append(and_(Instance.subject_id.is_(None), Instance.organisation_id.is_(None)))
    recused = recused_from(viewer, Incident.county_id, Incident.subject_id)
    return and_(Incident.county_id == viewer.county_id, or_(*reach), ~recused)


def incident_list(viewer: Viewer, chosen: Filter, *, now: datetime, size: int = PAGE_SIZE) -> Page[Row]:
    """One page of what stands still, the newest first."""
    query = _joined(
        select(Incident, Instance.package, _code_if_visible(viewer)).where(*_conditions(viewer, chosen, now))
    ).limit(size + 1)
    key = decode_cursor(chosen.cursor, record_id)
    if key:
        query = query.where(Incident.id < key[0])
    rows = [Row(*list(row)) for row in db.session.execute(query.order_by(Incident.id.desc()))]
    return cut(rows, size, lambda row: [str(row.incident.id)])


def groups(viewer: Viewer, chosen: Filter, *, now: datetime, limit: int = 30) -> Sequence[Group]:
    """The same incidents by element and code, the most frequent first."""
    keys = (Instance.package, Incident.process_id, Incident.element_id)
    count = func.count().label("count")
    query = _joined(
        select(*keys, func.max(Incident.element_name), Incident.code, count, func.min(Incident.opened_at)).where(
            *_conditions(viewer, chosen, now)
        )
    )
    query = query.group_by(*keys, Incident.code).order_by(count.desc(), Incident.element_id, Incident.code)
    return [Group(*list(row)) for row in db.session.execute(query.limit(limit))]


def open_count(viewer: Viewer) -> int:
    """How many stand still, for the badge."""
    if not is_responsible(viewer):
        return 0
    return db.session.scalar(_joined(select(func.count(Incident.id)).where(*_conditions(viewer, Filter(), None)))) or 0


def incident_ids(viewer: Viewer, chosen: Filter, *, now: datetime) -> Sequence[int]:
    """The ids of what the filter shows, for a repair of many."""
    query = _joined(select(Incident.id).where(*_conditions(viewer, chosen, now))).order_by(Incident.id).limit(MANY)
    return db.session.scalars(query).all()


def incident_for(viewer: Viewer, incident_id: int) -> Row:
    """An incident, settled or not, within the viewer's reach; NotFound otherwise."""
    query = _joined(
        select(Incident, Instance.package, _code_if_visible(viewer)).where(Incident.id == incident_id, in_reach(viewer))
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return Row(*list(row))


def packages(viewer: Viewer) -> Sequence[str]:
    """Packages with something that stands still."""
    query = _joined(select(Instance.package).where(*_conditions(viewer, Filter(), None)))
    return db.session.scalars(query.distinct().order_by(Instance.package)).all()


def codes(viewer: Viewer) -> Sequence[str]:
    """Kinds of failures that stand open."""
    query = _joined(select(Incident.code).where(*_conditions(viewer, Filter(), None)))
    return db.session.scalars(query.distinct().order_by(Incident.code)).all()


def batch(viewer: Viewer, number: int) -> Sequence[tuple[Repair, Incident]]:
    """The rows of a repair of many that the viewer asked for; NotFound for somebody else's."""
    rows = db.session.execute(
        select(Repair, Incident)
        .join(Incident, and_(Incident.county_id == Repair.county_id, Incident.id == Repair.incident_id))
        .where(Repair.county_id == viewer.county_id, Repair.batch == number, Repair.asked_by == viewer.person_id)
        .order_by(Repair.id)
    ).all()
    if not rows:
        raise NotFound
    return [(row[0], row[1]) for row in rows]


def _joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.select_from(Incident)
        .join(Instance, and_(Instance.county_id == Incident.county_id, Instance.id == Incident.instance_id))
        .outerjoin(Case, and_(Case.county_id == Incident.county_id, Case.id == Incident.subject_id))
        .outerjoin(
            Organisation,
            and_(Organisation.county_id == Incident.county_id, Organisation.id == Instance.organisation_id),
        )
    )


def _code_if_visible(viewer: Viewer) -> Any:
    """The case's code where the viewer may see the case, else null."""
    seen = select(Case.code).where(
        Case.county_id == Incident.county_id, Case.id == Incident.subject_id, visible_cases(viewer)
    )
    return seen.correlate(Incident).scalar_subquery().label("case_code")


def _conditions(viewer: Viewer, chosen: Filter, now: datetime | None) -> list[ColumnElement[bool]]:
    found = [in_reach(viewer), Incident.closed_at.is_(None)]
    for column, wanted in (
        (Instance.package, chosen.package),
        (Incident.process_id, chosen.process),
        (Incident.element_id, chosen.element),
        (Incident.code, chosen.code),
    ):
        if wanted:
            found.append(column == wanted)
    if chosen.age in AGES and now is not None:
        found.append(Incident.opened_at <= now - AGES[chosen.age])
    if chosen.text:
        words = (Incident.element_name, Incident.element_id, Incident.process_id, Incident.code)
        exact = and_(Case.code == chosen.text.upper(), visible_cases(viewer))
        found.append(or_(any_holds(words, chosen.text), exact))
    return found
