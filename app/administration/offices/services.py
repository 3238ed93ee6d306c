"""Close an office that nothing hangs on; move, merge or close one with all that hangs on it, in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime

from app.administration.offices.queries import load_of, rows_below
from app.audit.services import Actor
from app.cases.services.relocation import cases_follow, cases_go_to, straighten_cases
from app.core.database import db
from app.directory import queries as directory
from app.directory.models import Organisation
from app.directory.places import services as places
from app.directory.places.errors import StillHangsOn
from app.directory.places.models import Reorganisation, ReorganisationKind, ReorganisationStatus
from app.directory.places.queries import children_of, places_below
from app.scheduling.services import enqueue
from app.workflow.relocation import items_follow, items_go_to, offer_again, straighten_items


def close_office(place: Organisation, *, actor: Actor, now: datetime) -> None:
    """Close a place; StillHangsOn says what must be handed over first."""
    places.hold_tree(place)
    load = load_of(place, _today(place.county_id, now))
    if load.any:
        raise StillHangsOn(offices=load.offices, people=load.people, cases=load.cases, tasks=load.tasks)
    places.close_place(place, actor=actor, now=now)


def ask_worker(
    kind: ReorganisationKind, place: Organisation, target: Organisation, *, reason: str, actor: Actor, now: datetime
) -> Reorganisation:
    """Ask for a move, a merger or a closing and put its job down, in one transaction."""
    asked = places.ask_to_reorganise(kind, place, target, reason=reason, actor=actor, now=now)
    asked.total = rows_below(place)
    enqueue(place.county_id, places.JOB, {"reorganisation": asked.id}, now=now, reference=f"reorganisation:{asked.id}")
    return asked


def reorganise(asked: Reorganisation, *, now: datetime) -> None:
    """Rewrite the tree and everything that follows it. Cases are held before tasks, as everywhere."""
    place = directory.organisation(asked.county_id, asked.organisation_id)
    target = directory.organisation(asked.county_id, asked.target_id)
    places.hold_tree(place, target)
    places.refuse_reorganisation(asked.kind, place, target)
    actor = Actor("person", asked.asked_by, asked.asked_by_name)
    if asked.kind == ReorganisationKind.MOVE:
        asked.counts = _move(place, target)
    else:
        asked.counts = _hand_over(place, target, actor=actor, now=now)
    places.note_reorganised(asked, place, target, actor=actor, now=now)


def give_up(asked: Reorganisation, reason: str, *, now: datetime) -> None:
    """It could not be done: nothing has changed, and the page says why."""
    if asked.status == ReorganisationStatus.DONE:
        return
    asked.status, asked.note, asked.done_at = ReorganisationStatus.FAILED, reason[:500], now
    db.session.flush()


def straighten(county_id: int) -> int:
    """What was opened in the very moment of a move; returns how many rows were put right."""
    return straighten_cases(county_id) + straighten_items(county_id)


def _move(place: Organisation, parent: Organisation) -> dict[str, int]:
    county_id = place.county_id
    before, path = places.put_below(place, parent)
    counts = _rewrite(county_id, [(before, path)])
    return counts | {"offered": offer_again(county_id, path), "offices": len(places_below(place))}


def _hand_over(place: Organisation, target: Organisation, *, actor: Actor, now: datetime) -> dict[str, int]:
    county_id, today = place.county_id, _today(place.county_id, now)
    hung = [places.put_below(child, target) for child in children_of(place)]
    people = places.move_people(place, target, today=today, actor=actor, now=now)
    counts = _rewrite(county_id, hung, into=(place, target))
    places.close_into(place, target, now=now)
    offered = offer_again(county_id, target.path)
    return counts | {"offered": offered, "offices": len(hung), "people": people}


def _rewrite(
    county_id: int, hung: Sequence[tuple[str, str]], *, into: tuple[Organisation, Organisation] | None = None
) -> dict[str, int]:
    """Cases and tasks follow the places that hang elsewhere now, and go from one place into another.

    What is closed goes first: open cases are held from the second round on, until all of it is kept.
    """
    counts = {"cases": 0, "tasks": 0}
    for closed in (True, False):
        counts["cases"] += sum(cases_follow(county_id, before, path, closed=closed) for before, path in hung)
        counts["cases"] += cases_go_to(*into, closed=closed) if into else 0
        counts["tasks"] += sum(items_follow(county_id, before, path, closed=closed) for before, path in hung)
        counts["tasks"] += items_go_to(*into, closed=closed) if into else 0
    return counts


def _today(county_id: int, now: datetime) -> date:
    return now.astimezone(directory.zone_of(county_id)).date()
