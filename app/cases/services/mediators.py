"""Who mediates, when a mediator leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, update

from app.audit.services import Actor, Stream, record
from app.cases.models import Case
from app.cases.queries import kept_out_of
from app.cases.services.cases import note_mediator
from app.core.database import db
from app.core.pieces import hold_piece
from app.directory.models import Person
from app.directory.queries import viewer_of_person
from app.directory.rules import Viewer

MEDIATOR = "mediator"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Mediations:
    """How many cases of a piece the successor mediates now and how many nobody does; `last` is the last one that was
    looked at, `more`: others come behind it.
    """

    given: int
    without: int
    last: int
    more: bool


def mediated_by(county_id: int, person_id: int) -> Sequence[Case]:
    """The open cases that a person mediates, the oldest first."""
    return db.session.scalars(_mediated_by(county_id, person_id)).all()


def count_mediated_by(county_id: int, person_id: int) -> int:
    found = _mediated_by(county_id, person_id).order_by(None).with_only_columns(func.count())
    return int(db.session.scalar(found) or 0)


def pass_on_mediation(
    person: Person, successor: Person | None, *, after: int, actor: Actor, now: datetime
) -> Mediations:
    """Whoever leaves mediates the next of their open cases no more: the successor does, where they may.

    A closed case keeps its mediator.
    """
    piece = hold_piece(_mediated_by(person.county_id, person.id), after=after, most=AT_ONCE)
    taker = viewer_of_person(person.county_id, successor.id, now=now) if successor is not None else None
    kept_out = kept_out_of(person.county_id, successor.id) if successor is not None else frozenset()
    given = [case for case in piece.rows if taker is not None and case.id not in kept_out and _mediates(taker, case)]
    theirs = set(given)
    without = [case for case in piece.rows if case not in theirs]
    for several, mediator in ((given, successor), (without, None)):
        _set(several, mediator)
        for case in several:
            _note(case, person, mediator, actor, now)
    return Mediations(len(given), len(without), piece.last, piece.let_go())


def _mediated_by(county_id: int, person_id: int) -> Select[Case]:
    return (
        select(Case)
        .where(Case.county_id == county_id, Case.mediator_id == person_id, Case.status == "open")
        .order_by(Case.id)
    )


def _set(cases: Sequence[Case], mediator: Person | None) -> None:
    if cases:
        db.session.execute(
            update(Case)
            .where(Case.county_id == cases[0].county_id, Case.id.in_([case.id for case in cases]))
            .values(mediator_id=mediator.id if mediator else None)
            .execution_options(synchronize_session=False)
        )


def _note(case: Case, person: Person, mediator: Person | None, actor: Actor, now: datetime) -> None:
    if mediator is not None:
        note_mediator(case, mediator, actor=actor, now=now)
        return
    record(
        Stream.case(case.county_id, case.id),
        "mediator.left",
        actor=actor,
        now=now,
        payload={"name": person.name},
        about={"person": person.id},
    )


def _mediates(taker: Viewer, case: Case) -> bool:
    """Whether they are a mediator of the lead office, of one above it or of one below it."""
    places = [held.path for held in taker.roles if held.role == MEDIATOR]
    return any(case.org_path.startswith(path) or path.startswith(case.org_path) for path in places)
