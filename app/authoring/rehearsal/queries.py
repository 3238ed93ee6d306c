"""Read what has happened, as far as the person who asks answers for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.engine import Row

from app.authoring.queries import ROLES as KEEPING_ROLES
from app.authoring.rehearsal.models import Rehearsal, RehearsalStatus
from app.cases.models import Case
from app.cases.queries import visible_cases
from app.core.database import db
from app.core.errors import NotFound
from app.directory.access import below_any
from app.directory.rules import CASE_ROLES, Viewer
from app.workflow.models import Decision, Instance


def rehearsal(viewer: Viewer, package: str, rehearsal_id: int) -> Rehearsal:
    """The rehearsal of this package. Raises NotFound."""
    found = db.session.get(Rehearsal, (viewer.county_id, rehearsal_id))
    if found is None or found.package != package:
        raise NotFound
    return found


def rehearsals_of(county_id: int, package: str, *, path: str = "", limit: int = 20) -> Sequence[Rehearsal]:
    """The package's newest rehearsals, those of one file if `path` is given."""
    query = select(Rehearsal).where(Rehearsal.county_id == county_id, Rehearsal.package == package)
    if path:
        query = query.where(Rehearsal.path == path)
    return db.session.scalars(query.order_by(Rehearsal.id.desc()).limit(limit)).all()


def running_shadows() -> Sequence[tuple[int, int]]:
    """(county, id) of every shadow that goes on."""
    rows = db.session.execute(
        select(Rehearsal.county_id, Rehearsal.id, Rehearsal.span).where(Rehearsal.status == RehearsalStatus.RUNNING)
    )
    return [(row.county_id, row.id) for row in rows if "onwards" in row.span]


def shadow_of(county_id: int, package: str, path: str, reference: str) -> Rehearsal | None:
    """The shadow that runs beside this decision."""
    for one in rehearsals_of(county_id, package, path=path):
        if one.is_shadow and one.reference == reference and one.status == RehearsalStatus.RUNNING:
            return one
    return None


def _within(viewer: Viewer) -> ColumnElement[bool]:
    """Decisions about cases of the offices that the viewer answers for, with whatever role; and those about no case."""
    paths = viewer.paths((*CASE_ROLES, *KEEPING_ROLES))
    return or_(Decision.subject_id.is_(None), below_any(Case.org_path, paths))


def _joined(columns: Select[*tuple[Any, ...]], viewer: Viewer, package: str, reference: str) -> Select[Any]:
    of_instance = and_(Instance.county_id == Decision.county_id, Instance.id == Decision.instance_id)
    of_case = and_(Case.county_id == Decision.county_id, Case.id == Decision.subject_id)
    return (
        columns.select_from(Decision)
        .join(Instance, of_instance)
        .outerjoin(Case, of_case)
        .where(
            Decision.county_id == viewer.county_id,
            Decision.reference == reference,
            Instance.package == package,
            _within(viewer),
        )
    )


def _in_span(query: Select[Any], asked: Rehearsal, viewer: Viewer) -> Select[Any]:
    if asked.is_shadow:
        return query.where(Decision.at > asked.asked_at)
    query = query.where(Decision.at <= asked.asked_at)
    if "days" in asked.span:
        return query.where(Decision.at >= asked.asked_at - timedelta(days=asked.span["days"]))
    newest = func.max(Decision.id)
    cases = (
        _joined(select(Decision.subject_id, newest.label("newest")), viewer, asked.package, asked.reference)
        .group_by(Decision.subject_id)
        .order_by(newest.desc())
        .limit(asked.span["cases"])
        .subquery()
    )
    return query.where(Decision.subject_id.in_(select(cases.c.subject_id)))


def count_logged(asked: Rehearsal, viewer: Viewer) -> int:
    """How many decisions the rehearsal looks at."""
    query = _joined(select(func.count()), viewer, asked.package, asked.reference)
    return int(db.session.scalar(_in_span(query, asked, viewer)) or 0)


def next_logged(asked: Rehearsal, viewer: Viewer, *, limit: int) -> Sequence[Row[Any]]:
    """The next decisions after `asked.last_id`: id, at, instance_id, subject_id, office, result, trace."""
    columns = select(
        Decision.id,
        Decision.at,
        Decision.instance_id,
        Decision.subject_id,
        Case.lead_organisation_id.label("office"),
        Decision.result,
        Decision.trace,
    )
    query = _joined(columns, viewer, asked.package, asked.reference).where(Decision.id > asked.last_id)
    return db.session.execute(_in_span(query, asked, viewer).order_by(Decision.id).limit(limit)).all()


def shown_cases(viewer: Viewer, decision_ids: Sequence[int]) -> Mapping[int, tuple[str, str, datetime]]:
    """(case code, title, when) by decision, for the cases which the viewer may open."""
    rows = db.session.execute(
        select(Decision.id, Decision.at, Case.code, Case.title)
        .join(Case, and_(Case.county_id == Decision.county_id, Case.id == Decision.subject_id))
        .where(Decision.county_id == viewer.county_id, Decision.id.in_(decision_ids), visible_cases(viewer))
    )
    return {row.id: (row.code, row.title, row.at) for row in rows}


def made_decisions(viewer: Viewer, package: str, reference: str, *, since: datetime, limit: int) -> Sequence[Row[Any]]:
    """The newest decisions since then: id, at, instance_id, result, trace, and the instance's variables as kept."""
    columns = select(
        Decision.id, Decision.at, Decision.instance_id, Decision.result, Decision.trace, Instance.variables
    )
    query = _joined(columns, viewer, package, reference).where(Decision.at >= since)
    return db.session.execute(query.order_by(Decision.id.desc()).limit(limit)).all()
