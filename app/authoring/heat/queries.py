"""Figures of each element of a process: now there, passed through, time spent, stopped, late."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.engine import Row

from app.authoring.queries import ROLES as KEEPING_ROLES
from app.cases.models import Case
from app.cases.queries import visible_cases
from app.core.database import db
from app.directory.access import below_any
from app.directory.rules import CASE_ROLES, Viewer
from app.workflow import visits
from app.workflow.models import Incident, Instance, InstanceStatus, ItemStatus, Visits, WorkItem

MOST_INSTANCES = 20_000
"""Instances whose past is read; of more, the newest."""

LISTED = 100
KINDS = ("now", "late", "incidents")


@dataclass(slots=True)
class ElementFigures:
    """Of one element: `now` tokens there, `passed` stays that ended in the period, times in seconds."""

    now: int = 0
    passed: int = 0
    median: float | None = None
    p90: float | None = None
    incidents: int = 0
    late: int = 0
    spent: list[float] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {"now": self.now, "passed": self.passed, "incidents": self.incidents, "late": self.late} | (
            {} if self.median is None else {"median": self.median, "p90": self.p90}
        )


@dataclass(frozen=True, slots=True)
class Heat:
    """Figures by element; `cut` when there were more instances than are read."""

    figures: Mapping[str, ElementFigures]
    instances: int
    cut: bool


def _own(viewer: Viewer) -> ColumnElement[bool]:
    """Cases of the offices that the viewer answers for, and processes about no case."""
    return or_(Instance.subject_id.is_(None), below_any(Case.org_path, viewer.paths((*CASE_ROLES, *KEEPING_ROLES))))


_OF_CASE = and_(Case.county_id == Instance.county_id, Case.id == Instance.subject_id)


def heat(viewer: Viewer, package: str, process_id: str, *, since: datetime, now: datetime) -> Heat:
    """Figures of the process, wherever it runs in the package: what is now, and what ended after `since`."""
    found: dict[str, ElementFigures] = defaultdict(ElementFigures)
    _count_present(viewer, package, process_id, found)
    _count_items(viewer, package, process_id, found, now)
    _count_incidents(viewer, package, process_id, found)
    rows = _past(viewer, package, since)
    for row in rows[:MOST_INSTANCES]:
        for stay in visits.read(row.log, row.process_id):
            if stay.process_id == process_id and stay.left >= since and stay.how == visits.COMPLETED:
                found[stay.element_id].spent.append((stay.left - stay.entered).total_seconds())
    for figures in found.values():
        _measure(figures)
    return Heat(found, len({row.instance_id for row in rows}), len(rows) > MOST_INSTANCES)


def _measure(figures: ElementFigures) -> None:
    times = sorted(figures.spent)
    figures.passed = len(times)
    if times:
        figures.median = times[len(times) // 2]
        figures.p90 = times[min(len(times) - 1, int(len(times) * 0.9))]
    figures.spent = []


def _running(viewer: Viewer, package: str) -> Iterable[Sequence[Mapping[str, Any]]]:
    query = (
        select(Instance.active)
        .outerjoin(Case, _OF_CASE)
        .where(
            Instance.county_id == viewer.county_id,
            Instance.package == package,
            Instance.status == InstanceStatus.RUNNING,
            _own(viewer),
        )
    )
    return db.session.scalars(query.execution_options(yield_per=1_000))


def _count_present(viewer: Viewer, package: str, process_id: str, found: dict[str, ElementFigures]) -> None:
    for active in _running(viewer, package):
        for one in active:
            if one["process_id"] == process_id:
                found[str(one["element_id"])].now += 1


def _count_items(
    viewer: Viewer, package: str, process_id: str, found: dict[str, ElementFigures], now: datetime
) -> None:
    rows = db.session.execute(
        select(WorkItem.element_id, func.count())
        .where(*_late(viewer, package, process_id, now))
        .group_by(WorkItem.element_id)
    )
    for element_id, count in rows:
        found[element_id].late = count


def _late(viewer: Viewer, package: str, process_id: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    paths = viewer.paths((*CASE_ROLES, *KEEPING_ROLES))
    return (
        WorkItem.county_id == viewer.county_id,
        WorkItem.package == package,
        WorkItem.process_id == process_id,
        WorkItem.status == ItemStatus.OPEN,
        WorkItem.due_at < now,
        or_(WorkItem.subject_id.is_(None), below_any(WorkItem.org_path, paths)),
    )


def _count_incidents(viewer: Viewer, package: str, process_id: str, found: dict[str, ElementFigures]) -> None:
    of_instance = and_(Instance.county_id == Incident.county_id, Instance.id == Incident.instance_id)
    rows = db.session.execute(
        select(Incident.element_id, func.count())
        .join(Instance, of_instance)
        .outerjoin(Case, _OF_CASE)
        .where(
            Incident.county_id == viewer.county_id,
            Instance.package == package,
            Incident.process_id == process_id,
            Incident.closed_at.is_(None),
            _own(viewer),
        )
        .group_by(Incident.element_id)
    )
    for element_id, count in rows:
        found[element_id].incidents = count


def _past(viewer: Viewer, package: str, since: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """The visits of instances that ran after `since`, newest first."""
    query = (
        select(Visits.instance_id, Visits.log, Instance.process_id)
        .join(Instance, and_(Instance.county_id == Visits.county_id, Instance.id == Visits.instance_id))
        .outerjoin(Case, _OF_CASE)
        .where(
            Visits.county_id == viewer.county_id,
            Instance.package == package,
            or_(Instance.finished_at.is_(None), Instance.finished_at >= since),
            _own(viewer),
        )
        .order_by(Visits.instance_id.desc(), Visits.part)
        .limit(MOST_INSTANCES + 1)
    )
    return db.session.execute(query).all()


def cases_at(
    viewer: Viewer, package: str, process_id: str, element_id: str, kind: str, *, now: datetime
) -> tuple[int, Sequence[Row[*tuple[Any, ...]]]]:
    """How many cases stand at the element (`now`), are late there or stopped there, and those the viewer may open."""
    subjects = _subjects(viewer, package, process_id, element_id, kind, now)
    rows = db.session.execute(
        select(Case.code, Case.title, Case.stage, Case.opened_at)
        .where(Case.county_id == viewer.county_id, Case.id.in_(subjects[:5_000]), visible_cases(viewer))
        .order_by(Case.opened_at)
        .limit(LISTED)
    ).all()
    return len(subjects), rows


def _subjects(
    viewer: Viewer, package: str, process_id: str, element_id: str, kind: str, now: datetime
) -> Sequence[int | None]:
    if kind == "late":
        query = select(WorkItem.subject_id).where(
            *_late(viewer, package, process_id, now), WorkItem.element_id == element_id
        )
        return db.session.scalars(query.distinct()).all()
    if kind == "incidents":
        query = (
            select(Incident.subject_id)
            .join(Instance, and_(Instance.county_id == Incident.county_id, Instance.id == Incident.instance_id))
            .outerjoin(Case, _OF_CASE)
            .where(
                Incident.county_id == viewer.county_id,
                Instance.package == package,
                Incident.process_id == process_id,
                Incident.element_id == element_id,
                Incident.closed_at.is_(None),
                _own(viewer),
            )
        )
        return db.session.scalars(query.distinct()).all()
    rows = db.session.execute(
        select(Instance.subject_id, Instance.active)
        .outerjoin(Case, _OF_CASE)
        .where(
            Instance.county_id == viewer.county_id,
            Instance.package == package,
            Instance.status == InstanceStatus.RUNNING,
            _own(viewer),
        )
    )
    return [
        row.subject_id
        for row in rows
        if any(one["process_id"] == process_id and one["element_id"] == element_id for one in row.active)
    ]


def start_of(days: int, now: datetime) -> datetime:
    return now - timedelta(days=days)
