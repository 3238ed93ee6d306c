"""Found, rename and close places; ask for a move or a merger, and do it to the tree itself."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update

from app.audit.services import Actor, Stream, record
from app.core.changing import changed
from app.core.database import db
from app.core.locking import locked
from app.core.texts import one_line
from app.core.translations import both_names
from app.directory.access import below
from app.directory.models import Assignment, County, Organisation, Person
from app.directory.places import queries
from app.directory.places.errors import (
    CodeTaken,
    CountyStays,
    IntoItself,
    MovesAlready,
    PlaceClosed,
    ThereAlready,
    TierDiffers,
    TooDeep,
)
from app.directory.places.models import Reorganisation, ReorganisationKind, ReorganisationStatus
from app.directory.places.rules import check_tier, checked_code, checked_place_name
from app.directory.services import create_organisation

JOB = "directory.reorganise"
_DONE: Mapping[str, str] = {
    ReorganisationKind.MOVE: "office.moved",
    ReorganisationKind.MERGE: "office.merged",
    ReorganisationKind.CLOSE: "office.handed_over",
}
LONGEST_PATH = 120


def found_place(
    parent: Organisation,
    *,
    tier: str,
    kind: str,
    code: str,
    name_zh: str,
    name_en: str,
    phone: str | None,
    actor: Actor,
    now: datetime,
) -> Organisation:
    """A new place below another one."""
    hold_tree(parent)
    _refuse_closed(parent)
    check_tier(tier, kind, parent.tier, both_names(parent))
    code = checked_code(code, tier=tier, kind=kind, parent_code=parent.code)
    taken = db.session.scalars(
        select(Organisation).where(Organisation.county_id == parent.county_id, Organisation.code == code)
    ).one_or_none()
    if taken is not None:
        raise CodeTaken(code=code, name=both_names(taken))
    if len(parent.path) + 5 > LONGEST_PATH:
        raise TooDeep
    made = create_organisation(
        parent.county_id,
        parent=parent,
        tier=tier,
        kind=kind,
        code=code,
        name_zh=checked_place_name(name_zh),
        name_en=one_line(name_en)[:80],
        phone=phone,
    )
    _note(made, "office.founded", actor, now, {"name_zh": made.name_zh, "name_en": made.name_en, "code": code})
    return made


def rename_place(
    place: Organisation, *, name_zh: str, name_en: str, phone: str | None, actor: Actor, now: datetime
) -> bool:
    """Other names or another phone from now on; returns whether anything was different."""
    _refuse_closed(place)
    wanted = {"name_zh": checked_place_name(name_zh), "name_en": one_line(name_en)[:80], "phone": phone}
    difference = changed(place, wanted)
    if difference is None:
        return False
    db.session.flush()
    _note(place, "office.renamed", actor, now, difference)
    return True


def close_place(place: Organisation, *, actor: Actor, now: datetime) -> None:
    """Nothing hangs on it any more: it takes nothing new."""
    hold_tree(place)
    _refuse_closed(place)
    if place.parent_id is None:
        raise CountyStays
    place.closed_at = now
    db.session.flush()
    _note(place, "office.closed", actor, now, {"name_zh": place.name_zh, "name_en": place.name_en})


def ask_to_reorganise(
    kind: ReorganisationKind, place: Organisation, target: Organisation, *, reason: str, actor: Actor, now: datetime
) -> Reorganisation:
    """Write down that a place goes below another one or into it, or closes; the worker does it, one at a time."""
    _refuse_another(place.county_id)
    hold_tree(place, target)
    _refuse_another(place.county_id)
    refuse_reorganisation(kind, place, target)
    asked = Reorganisation(
        county_id=place.county_id,
        kind=kind,
        organisation_id=place.id,
        target_id=target.id,
        reason=reason,
        asked_by=actor.id or 0,
        asked_by_name=actor.name,
        asked_at=now,
    )
    db.session.add(asked)
    db.session.flush()
    about = {"target": target.id, "reorganisation": asked.id}
    payload = {"target_zh": target.name_zh, "target_en": target.name_en, "reason": reason}
    _note(place, f"office.{kind}_asked", actor, now, payload, about)
    return asked


def refuse_reorganisation(kind: str, place: Organisation, target: Organisation) -> None:
    """Raises the refusal for what cannot be: asked again when the worker begins."""
    if place.parent_id is None:
        raise CountyStays
    _refuse_closed(place)
    _refuse_closed(target)
    if target.path.startswith(place.path):
        raise IntoItself(name=both_names(place))
    if kind == ReorganisationKind.MERGE and (place.tier, place.kind) != (target.tier, target.kind):
        raise TierDiffers(name=both_names(place), other=both_names(target))
    if kind == ReorganisationKind.CLOSE:
        for child in queries.children_of(place):
            check_tier(child.tier, child.kind, target.tier, both_names(target))
            _refuse_too_deep(child, target)
    if kind == ReorganisationKind.MOVE:
        if place.parent_id == target.id:
            raise ThereAlready(name=both_names(place))
        check_tier(place.tier, place.kind, target.tier, both_names(target))
        _refuse_too_deep(place, target)


def _refuse_another(county_id: int) -> None:
    """Asked before the tree is held, so that nobody waits for a long move only to hear of it, and afterwards."""
    if queries.under_way(county_id) is not None:
        raise MovesAlready


def _refuse_too_deep(place: Organisation, target: Organisation) -> None:
    deepest = db.session.scalar(
        select(func.max(func.length(Organisation.path))).where(
            Organisation.county_id == place.county_id, below(Organisation.path, place.path)
        )
    )
    if (deepest or 0) - len(place.path) + len(target.path) + 5 > LONGEST_PATH:
        raise TooDeep


def put_below(place: Organisation, parent: Organisation) -> tuple[str, str]:
    """Hang a place with everything below it under `parent`; returns its path before and now."""
    before = place.path
    path = f"{parent.path}{queries.last_segment_below(place.county_id, parent.path) + 1:04d}/"
    db.session.execute(
        update(Organisation)
        .where(Organisation.county_id == place.county_id, below(Organisation.path, before))
        .values(path=path + func.substr(Organisation.path, len(before) + 1))
        .execution_options(synchronize_session=False)
    )
    place.parent_id = parent.id
    db.session.flush()
    db.session.expire_all()
    return before, path


def move_people(place: Organisation, target: Organisation, *, today: date, actor: Actor, now: datetime) -> int:
    """Whoever holds a role at a place that ends holds it at the other one from today on."""
    held_there = {(person.id, one.role) for one, person in queries.posts_at(target, today) if one.from_date <= today}
    posts = queries.posts_at(place, today)
    for assignment, person in posts:
        begins = max(today, assignment.from_date)
        if (person.id, assignment.role) not in held_there:
            db.session.add(
                Assignment(
                    county_id=place.county_id,
                    person_id=person.id,
                    organisation_id=target.id,
                    role=assignment.role,
                    from_date=begins,
                    to_date=assignment.to_date,
                )
            )
        if assignment.from_date < today:
            assignment.to_date = today - timedelta(days=1)
        else:
            db.session.delete(assignment)
        _note_person(person, assignment.role, place, target, actor, now)
    db.session.flush()
    return len(posts)


def close_into(place: Organisation, target: Organisation, *, now: datetime) -> None:
    """The place is no more; its code leads to `target`."""
    place.closed_at = now
    place.successor_id = target.id
    db.session.flush()


def note_reorganised(
    asked: Reorganisation, place: Organisation, target: Organisation, *, actor: Actor, now: datetime
) -> None:
    """Done: in the history of both places."""
    asked.status, asked.done_at, asked.note = ReorganisationStatus.DONE, now, ""
    db.session.flush()
    names = {
        "name_zh": place.name_zh,
        "name_en": place.name_en,
        "target_zh": target.name_zh,
        "target_en": target.name_en,
        "reason": asked.reason,
        **asked.counts,
    }
    about = {"organisation": place.id, "target": target.id, "reorganisation": asked.id}
    _note(place, _DONE[asked.kind], actor, now, names, about)
    _note(target, "office.took_in", actor, now, names, about)


def hold_tree(*places: Organisation) -> None:
    """The places as they are now, and as they stay until this transaction ends.

    Whoever changes the tree of a county or gives a role in it holds it: paths are never given twice, and nothing new
    hangs on a place that is going into another one.
    """
    dialect = db.session.get_bind().dialect.name
    db.session.execute(locked(select(County.id).where(County.id == places[0].county_id), dialect))
    for place in places:
        db.session.refresh(place)


def _refuse_closed(place: Organisation) -> None:
    if place.closed_at is not None:
        raise PlaceClosed(name=both_names(place))


def _note(
    place: Organisation,
    event: str,
    actor: Actor,
    now: datetime,
    payload: Mapping[str, object],
    about: Mapping[str, int] | None = None,
) -> None:
    record(Stream.organisation(place.county_id, place.id), event, actor=actor, now=now, payload=payload, about=about)


def _note_person(
    person: Person, role: str, place: Organisation, target: Organisation, actor: Actor, now: datetime
) -> None:
    record(
        Stream.person(person.county_id, person.id),
        "role.moved",
        actor=actor,
        now=now,
        payload={
            "role": role,
            "office_zh": place.name_zh,
            "office_en": place.name_en,
            "target_zh": target.name_zh,
            "target_en": target.name_en,
        },
        about={"organisation": place.id, "target": target.id},
    )
