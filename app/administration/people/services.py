"""Somebody leaves: every right ends at once, and everything in hand is passed on, piece by piece."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from app.administration.people.queries import handover_reference, possible_deputies
from app.audit.services import Actor, Stream, record
from app.cases.services.mediators import pass_on_mediation
from app.core.translations import both_names
from app.directory import queries as directory
from app.directory.leaves.services import take_leave
from app.directory.models import Person
from app.directory.staff.errors import CannotTakeOver, PersonGone, SuccessorGone
from app.directory.staff.services import end_everything, hold_leaver, keep_here
from app.notices.services import Recipient, mail_address, notify
from app.scheduling.services import enqueue
from app.tasks.departures import end_company, pass_on_tasks, refuse_what_nobody_takes


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
        told = {
            "name": person.name,
            "name_en": person.name_en,
            "from": from_date.isoformat(),
            "to": to_date.isoformat(),
        }
        recipient = Recipient(deputy.name, person_id=deputy.id, address=mail_address(deputy.login))
        notify(person.county_id, [recipient], "leave_deputy", told, now=now)


JOB = "people.hand_over"


@dataclass(frozen=True, slots=True)
class Handover:
    """What somebody who left at `since` had in hand: who has it now, how far that is, and what became of it.

    `kept` counts tasks that nobody may have, since a successor's rights changed on the way: heads give them out.
    """

    person_id: int
    successor_id: int | None
    actor: Actor
    since: datetime
    last_case: int = 0
    last_task: int = 0
    cases: int = 0
    given: int = 0
    in_pools: int = 0
    kept: int = 0
    without: int = 0
    more: bool = True

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> "Handover":
        told = dict(payload)
        return cls(**{**told, "actor": Actor(**told["actor"]), "since": datetime.fromisoformat(told["since"])})

    def payload(self) -> dict[str, Any]:
        return asdict(self) | {"since": self.since.isoformat()}


def let_leave(person: Person, successor: Person | None, *, reason: str, actor: Actor, now: datetime) -> Handover:
    """End a person's rights at once, and hand over their cases and tasks: the first of them now, more by the worker.

    A successor has what they could be given otherwise, too; the rest waits in its pools, or for a mediator.
    """
    hold_leaver(person, successor)
    if person.left_at is not None:
        raise PersonGone(name=both_names(person))
    if successor is not None and (successor.left_at is not None or successor.id == person.id):
        raise SuccessorGone(name=both_names(successor))
    today = now.astimezone(directory.zone_of(person.county_id)).date()
    if successor is not None and successor not in possible_deputies(person, today=today):
        raise CannotTakeOver(name=both_names(successor))
    refuse_what_nobody_takes(person, successor, now=now)
    end_everything(person, successor, reason=reason, actor=actor, now=now)
    end_company(person, now=now)
    begun = Handover(person.id, successor.id if successor else None, actor, since=now)
    return hand_on(person.county_id, begun, now=now)


def hand_on(county_id: int, handover: Handover, *, now: datetime) -> Handover:
    """The next cases and tasks of somebody who left; while there are more, another job goes on behind them.

    To be done in the unit that ends the job: whoever is killed on the way leaves this piece as it was.
    """
    person = directory.person(county_id, handover.person_id)
    successor = _still_here(county_id, handover.successor_id)
    actor = handover.actor
    cases = pass_on_mediation(person, successor, after=handover.last_case, actor=actor, now=now)
    tasks = pass_on_tasks(person, successor, after=handover.last_task, since=handover.since, actor=actor, now=now)
    after = replace(
        handover,
        last_case=cases.last,
        last_task=tasks.last,
        cases=handover.cases + cases.given,
        given=handover.given + tasks.to_successor,
        in_pools=handover.in_pools + tasks.to_pools,
        kept=handover.kept + tasks.kept,
        without=handover.without + cases.without,
        more=cases.more or tasks.more,
    )
    if after.more:
        enqueue(county_id, JOB, after.payload(), now=now, reference=handover_reference(person.id))
        return after
    told = {"given": after.given, "in_pools": after.in_pools, "without": after.without, "kept": after.kept}
    stream = Stream.person(county_id, person.id)
    record(stream, "person.handed_over", actor=actor, now=now, payload={"name": person.name, **told})
    if successor is not None and (after.given or after.cases):
        _tell_successor(successor, person, after, now=now)
    return after


def _tell_successor(successor: Person, person: Person, done: Handover, *, now: datetime) -> None:
    told = {"name": person.name, "name_en": person.name_en, "tasks": done.given, "cases": done.cases}
    recipient = Recipient(successor.name, person_id=successor.id, address=mail_address(successor.login))
    notify(successor.county_id, [recipient], "work_inherited", told, url="/tasks/", now=now)


def _still_here(county_id: int, person_id: int | None) -> Person | None:
    """The successor, held so that they cannot leave meanwhile; nobody, if they have left since."""
    if person_id is None:
        return None
    successor = directory.person(county_id, person_id)
    keep_here(successor)
    return successor if successor.left_at is None else None
