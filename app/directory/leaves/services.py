"""Go on leave, name a deputy, come back early."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.audit.services import Actor, Stream, record
from app.core.database import db
from app.core.locking import locked
from app.core.translations import both_names
from app.directory.leaves.errors import (
    DeputiesInACircle,
    DeputyCannotDoTheWork,
    LeaveEndedAlready,
    LeaveEndsBeforeItBegins,
    LeaveIsOver,
    LeaveOverlaps,
    LeaveTooLong,
    OwnDeputy,
)
from app.directory.leaves.models import Leave
from app.directory.leaves.queries import stand_ins
from app.directory.leaves.rules import StandIn, comes_back
from app.directory.models import County, Person
from app.directory.queries import task_roles_throughout, zone_of

LONGEST = timedelta(days=731)


def take_leave(
    person: Person,
    *,
    deputy: Person | None,
    from_date: date,
    to_date: date,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Leave:
    """Note that a person is away; meanwhile `deputy` may do their work.

    Leaves of a county are written one after the other, so that two of them never make a circle of deputies together.
    """
    if to_date < from_date:
        raise LeaveEndsBeforeItBegins
    if to_date < now.astimezone(zone_of(person.county_id)).date():
        raise LeaveIsOver
    if to_date - from_date > LONGEST:
        raise LeaveTooLong
    dialect = db.session.get_bind().dialect.name
    db.session.execute(locked(select(County.id).where(County.id == person.county_id), dialect))
    _refuse_overlap(person, from_date, to_date)
    if deputy is not None:
        _refuse_deputy(person, deputy, from_date, to_date)
    taken = Leave(
        county_id=person.county_id,
        person_id=person.id,
        deputy_id=deputy.id if deputy else None,
        from_date=from_date,
        to_date=to_date,
        reason=reason,
    )
    db.session.add(taken)
    db.session.flush()
    record(
        Stream.person(person.county_id, person.id),
        "leave.taken",
        actor=actor,
        now=now,
        payload={
            "from": from_date.isoformat(),
            "to": to_date.isoformat(),
            "deputy": deputy.name if deputy else "",
            "reason": reason,
        },
        about={"leave": taken.id, **({"deputy": deputy.id} if deputy else {})},
    )
    return taken


def end_leave(leave: Leave, *, actor: Actor, now: datetime) -> None:
    """The person is back, or never went: the deputy's rights end at once."""
    if leave.ended_at is not None:
        raise LeaveEndedAlready
    leave.ended_at = now
    db.session.flush()
    record(
        Stream.person(leave.county_id, leave.person_id),
        "leave.ended",
        actor=actor,
        now=now,
        payload={"from": leave.from_date.isoformat(), "to": leave.to_date.isoformat()},
        about={"leave": leave.id},
    )


def change_deputy(leave: Leave, deputy: Person | None, *, actor: Actor, now: datetime) -> None:
    """Somebody else stands in from now on; nobody, when this person could not do the work or is away too."""
    absent = db.session.get_one(Person, (leave.county_id, leave.person_id))
    if deputy is not None:
        try:
            _refuse_deputy(absent, deputy, leave.from_date, leave.to_date)
        except (OwnDeputy, DeputyCannotDoTheWork, DeputiesInACircle):
            deputy = None
    leave.deputy_id = deputy.id if deputy else None
    db.session.flush()
    record(
        Stream.person(leave.county_id, leave.person_id),
        "leave.deputy_changed",
        actor=actor,
        now=now,
        payload={"deputy": deputy.name if deputy else ""},
        about={"leave": leave.id, **({"deputy": deputy.id} if deputy else {})},
    )


def _refuse_overlap(person: Person, from_date: date, to_date: date) -> None:
    other = db.session.scalars(
        select(Leave).where(
            Leave.county_id == person.county_id,
            Leave.person_id == person.id,
            Leave.ended_at.is_(None),
            Leave.from_date <= to_date,
            Leave.to_date >= from_date,
        )
    ).first()
    if other is not None:
        raise LeaveOverlaps(first=other.from_date, last=other.to_date)


def _refuse_deputy(person: Person, deputy: Person, from_date: date, to_date: date) -> None:
    if deputy.id == person.id:
        raise OwnDeputy
    needed = task_roles_throughout(person.county_id, person.id, from_date, from_date)
    held = task_roles_throughout(person.county_id, deputy.id, from_date, to_date)
    if deputy.left_at is not None or not needed & held:
        raise DeputyCannotDoTheWork(name=both_names(deputy), person=both_names(person))
    planned = StandIn(person.id, deputy.id, from_date, to_date)
    if comes_back(planned, stand_ins(person.county_id, from_date, to_date)):
        raise DeputiesInACircle(name=both_names(deputy), person=both_names(person))
