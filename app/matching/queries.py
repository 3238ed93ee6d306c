"""Mediators who may take a case, with their load and their record."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, or_, select

from app.cases.models import Case, CaseAccess
from app.cases.queries import RECUSED_STILL
from app.core.database import db
from app.directory.models import Assignment, Organisation, Person
from app.matching.rules import Applicant


def mediators_for(case: Case, *, on: date) -> Sequence[Applicant]:
    """Mediators at the lead office, above it and below it; never one who is recused from this case."""
    segments = case.org_path.rstrip("/").split("/")
    above = ["/".join(segments[: n + 1]) + "/" for n in range(len(segments))]
    recused = select(CaseAccess.person_id).where(
        CaseAccess.county_id == case.county_id,
        CaseAccess.case_id == case.id,
        RECUSED_STILL,
    )
    rows = db.session.execute(
        select(Person.id, Person.name, Person.name_en, Person.tags, Organisation.path)
        .join(Assignment, (Assignment.county_id == Person.county_id) & (Assignment.person_id == Person.id))
        .join(
            Organisation,
            (Organisation.county_id == Assignment.county_id) & (Organisation.id == Assignment.organisation_id),
        )
        .where(
            Person.county_id == case.county_id,
            Person.left_at.is_(None),
            Assignment.role == "mediator",
            Assignment.from_date <= on,
            or_(Assignment.to_date.is_(None), Assignment.to_date >= on),
            or_(
                Organisation.path.in_(above),
                (Organisation.path >= case.org_path) & (Organisation.path < case.org_path[:-1] + "0"),
            ),
            Person.id.not_in(recused),
        )
    ).all()
    work = {
        row.mediator_id: (row.open, row.settled)
        for row in db.session.execute(
            select(
                Case.mediator_id,
                func.count().filter(Case.status == "open").label("open"),
                func.count().filter(Case.outcome == "settled").label("settled"),
            )
            .where(Case.county_id == case.county_id, Case.mediator_id.in_({row.id for row in rows}))
            .group_by(Case.mediator_id)
        )
    }
    best: dict[int, Applicant] = {}
    for row in rows:
        opened, settled = work.get(row.id, (0, 0))
        one = Applicant(row.id, row.name, row.path, frozenset(row.tags or ()), opened, settled, row.name_en)
        if row.id not in best or len(one.path) > len(best[row.id].path):
            best[row.id] = one
    return list(best.values())
