"""Somebody leaves: everything in hand is passed on and every right ends, in one step or not at all."""

from datetime import date, datetime

from app.audit.services import Actor
from app.cases.services.mediators import pass_on_mediation
from app.directory.leaves.services import take_leave
from app.directory.models import Person
from app.directory.staff.errors import PersonGone, SuccessorGone
from app.directory.staff.services import end_everything
from app.notices.services import Recipient, mail_address, notify
from app.tasks.departures import pass_on_tasks


def note_leave(
    person: Person,
    *,
    deputy: Person | None,
    from_date: date,
    to_date: date,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Write a leave down, and tell the deputy."""
    take_leave(person, deputy=deputy, from_date=from_date, to_date=to_date, reason=reason, actor=actor, now=now)
    if deputy is not None:
        told = {"name": person.name, "from": from_date.isoformat(), "to": to_date.isoformat()}
        recipient = Recipient(deputy.name, person_id=deputy.id, address=mail_address(deputy.login))
        notify(person.county_id, [recipient], "leave_deputy", told, now=now)


def let_leave(person: Person, successor: Person | None, *, actor: Actor, now: datetime) -> None:
    """Hand over the tasks, the cases and the deputyships of a person, and end their rights the same day."""
    if person.left_at is not None:
        raise PersonGone(name=person.name)
    if successor is not None and (successor.left_at is not None or successor.id == person.id):
        raise SuccessorGone(name=successor.name)
    pass_on_mediation(person, successor, actor=actor, now=now)
    pass_on_tasks(person, successor, actor=actor, now=now)
    end_everything(person, successor, actor=actor, now=now)
