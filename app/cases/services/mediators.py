"""Who mediates, when a mediator leaves."""

from datetime import datetime

from sqlalchemy import select

from app.audit.services import Actor, Stream, record
from app.cases.models import Case
from app.cases.queries import recused_people
from app.cases.services.cases import set_mediator
from app.core.database import db
from app.directory.models import Person


def mediated_by(county_id: int, person_id: int) -> list[Case]:
    """The open cases that a person mediates, the oldest first."""
    return list(
        db.session.scalars(
            select(Case)
            .where(Case.county_id == county_id, Case.mediator_id == person_id, Case.status == "open")
            .order_by(Case.id)
        )
    )


def pass_on_mediation(person: Person, successor: Person | None, *, actor: Actor, now: datetime) -> int:
    """Whoever leaves mediates no open case any more: the successor does, where no conflict of interest keeps them out.

    A closed case keeps its mediator. Returns how many cases there were.
    """
    cases = mediated_by(person.county_id, person.id)
    for case in cases:
        if successor is not None and successor.id not in recused_people(case.county_id, case.id):
            set_mediator(case, successor.id, actor=actor, now=now)
            continue
        case.mediator_id = None
        record(
            Stream.case(case.county_id, case.id),
            "mediator.left",
            actor=actor,
            now=now,
            payload={"name": person.name},
            about={"person": person.id},
        )
    db.session.flush()
    return len(cases)
