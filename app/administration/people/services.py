"""Somebody leaves: everything in hand is passed on and every right ends, in one step or not at all."""

from datetime import datetime

from app.audit.services import Actor
from app.cases.services.mediators import pass_on_mediation
from app.directory.models import Person
from app.directory.staff.errors import PersonGone, SuccessorGone
from app.directory.staff.services import end_everything
from app.tasks.departures import pass_on_tasks


def let_leave(person: Person, successor: Person | None, *, actor: Actor, now: datetime) -> None:
    """Hand over the tasks, the cases and the deputyships of a person, and end their rights the same day."""
    if person.left_at is not None:
        raise PersonGone(name=person.name)
    if successor is not None and (successor.left_at is not None or successor.id == person.id):
        raise SuccessorGone(name=successor.name)
    pass_on_mediation(person, successor, actor=actor, now=now)
    pass_on_tasks(person, successor, actor=actor, now=now)
    end_everything(person, successor, actor=actor, now=now)
