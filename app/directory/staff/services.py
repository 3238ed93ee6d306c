"""Take somebody on, give and end their roles, and end everything when they leave."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import or_, select, update

from app.audit.services import Actor, Stream, record
from app.core.changing import changed
from app.core.database import db
from app.core.texts import one_line
from app.core.translations import both_names
from app.directory import queries
from app.directory.leaves.models import Leave
from app.directory.leaves.queries import leaves_led_by
from app.directory.leaves.services import change_deputy, end_leave
from app.directory.models import ApiToken, Assignment, Organisation, Person, SignIn
from app.directory.passwords import hash_password
from app.directory.places.services import hold_tree
from app.directory.queries import zone_of
from app.directory.services import assign_role, create_person, revoke_api_token
from app.directory.staff.errors import (
    LoginTaken,
    OfficeClosed,
    OwnDeparture,
    OwnRole,
    PersonGone,
    RoleHeldAlready,
    RoleOver,
    WhyTheyLeave,
)
from app.directory.staff.rules import checked_login, checked_name, checked_phone, checked_term

FIRST_PASSWORD_BYTES = 9


def take_on(
    county_id: int,
    *,
    login: str,
    name: str,
    name_en: str = "",
    phone: str = "",
    tags: Sequence[str] = (),
    languages: Sequence[str] = (),
    with_password: bool = True,
    actor: Actor,
    now: datetime,
) -> tuple[Person, str]:
    """A new account; returns it with its first password, which is shown once and kept nowhere.

    Without one nobody signs in until a password is given or a link for one is made.
    """
    login = checked_login(login)
    taken = select(Person.id).where(Person.county_id == county_id, Person.login == login)
    if db.session.scalar(taken) is not None:
        raise LoginTaken(login=login)
    password = secrets.token_urlsafe(FIRST_PASSWORD_BYTES) if with_password else ""
    person = create_person(
        county_id,
        login=login,
        name=checked_name(name),
        name_en=one_line(name_en)[:60],
        phone=checked_phone(phone),
        password_hash=hash_password(password) if password else None,
        tags=tags,
    )
    person.languages = list(languages)
    person.password_to_change = True
    db.session.flush()
    _note(person, "person.added", actor, now, {"name": person.name, "login": login})
    return person, password


def change_person(
    person: Person,
    *,
    name: str,
    name_en: str,
    phone: str,
    tags: Sequence[str],
    languages: Sequence[str],
    actor: Actor,
    now: datetime,
) -> bool:
    """Write down what is known of a person anew; returns whether anything was different."""
    _refuse_gone(person)
    wanted = {
        "name": checked_name(name),
        "name_en": one_line(name_en)[:60],
        "phone": checked_phone(phone),
        "tags": list(tags),
        "languages": list(languages),
    }
    difference = changed(person, wanted)
    if difference is None:
        return False
    db.session.flush()
    _note(person, "person.changed", actor, now, {"name": person.name, **difference})
    return True


def give_role(
    person: Person,
    role: str,
    place: Organisation,
    *,
    from_date: date,
    to_date: date | None,
    actor: Actor,
    now: datetime,
) -> Assignment:
    """Give a role at an organisation, from a day to a day or until further notice. Nobody gives it to themselves."""
    if actor.id == person.id:
        raise OwnRole
    checked_term(role, from_date, to_date)
    hold_tree(place)
    hold_people([person])
    _refuse_gone(person)
    if place.closed_at is not None:
        raise OfficeClosed(name=both_names(place))
    _refuse_twice(person, role, place, from_date, to_date)
    made = assign_role(person, role, place, from_date=from_date)
    made.to_date = to_date
    db.session.flush()
    _note(person, "role.given", actor, now, _term_words(made, place), {"organisation": place.id, "assignment": made.id})
    return made


def end_role(assignment: Assignment, person: Person, *, last_day: date, actor: Actor, now: datetime) -> None:
    """Let a role end on a day; one that has not begun by then never begins."""
    today = _today(person, now)
    if assignment.to_date is not None and assignment.to_date < today:
        raise RoleOver
    place = queries.organisation(person.county_id, assignment.organisation_id)
    told = _term_words(assignment, place) | {"to": last_day.isoformat()}
    if last_day < assignment.from_date:
        db.session.delete(assignment)
    else:
        assignment.to_date = last_day
    db.session.flush()
    about = {"organisation": place.id, "assignment": assignment.id}
    _note(person, "role.ended", actor, now, told, about)


def end_everything(
    person: Person, successor: Person | None, *, reason: str, actor: Actor, now: datetime
) -> dict[str, int]:
    """A person leaves: sign-ins, keys, roles and leaves end now; who had them as a deputy gets the successor.

    Returns how many of each there were. What they have in hand is passed on by whoever asks for this.
    """
    if actor.id == person.id:
        raise OwnDeparture
    _refuse_gone(person)
    if not reason:
        raise WhyTheyLeave
    today = _today(person, now)
    of_person = (SignIn.county_id == person.county_id, SignIn.person_id == person.id)
    ended = db.session.execute(update(SignIn).where(*of_person, SignIn.ended_at.is_(None)).values(ended_at=now))
    tokens = valid_tokens(person, now=now)
    for token in tokens:
        revoke_api_token(token, actor=actor, now=now)
    roles = roles_from(person, today)
    for assignment in roles:
        end_role(assignment, person, last_day=today, actor=actor, now=now)
    own = db.session.scalars(
        select(Leave).where(
            Leave.county_id == person.county_id,
            Leave.person_id == person.id,
            Leave.ended_at.is_(None),
            Leave.to_date >= today,
        )
    ).all()
    for leave in own:
        end_leave(leave, actor=actor, now=now)
    led = leaves_led_by(person.county_id, person.id, from_day=today)
    for leave in led:
        change_deputy(leave, successor, actor=actor, now=now)
    person.left_at = now
    person.password_hash = None
    db.session.flush()
    counts = {
        "sign_ins": int(ended.rowcount),  # type: ignore[attr-defined]
        "tokens": len(tokens),
        "roles": len(roles),
        "leaves": len(own),
        "deputyships": len(led),
    }
    about = {"successor": successor.id} if successor else {}
    told = {"name": person.name, "successor": successor.name if successor else "", "reason": reason, **counts}
    _note(person, "person.left", actor, now, told, about)
    return counts


def hold_people(people: Iterable[Person]) -> None:
    """The people as they are now, and as they stay until this transaction ends: nobody else lets one of them leave."""
    for person in sorted(people, key=lambda one: one.id):
        db.session.refresh(person, with_for_update={"key_share": True})


def keep_here(person: Person) -> None:
    """The person as they are now; nobody lets them leave until this transaction ends. Others may keep them too."""
    db.session.refresh(person, with_for_update={"read": True})


def hold_leaver(person: Person, successor: Person | None) -> None:
    """Who leaves, alone; whoever takes over stays meanwhile, and may be given other work."""
    for one in sorted({person, *([successor] if successor else [])}, key=lambda one: one.id):
        if one is person:
            hold_people([one])
        else:
            keep_here(one)


def valid_tokens(person: Person, *, now: datetime) -> Sequence[ApiToken]:
    """The keys that act as a person and work still."""
    return db.session.scalars(
        select(ApiToken).where(
            ApiToken.county_id == person.county_id,
            ApiToken.person_id == person.id,
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
        )
    ).all()


def roles_from(person: Person, day: date) -> Sequence[Assignment]:
    """The roles that a person holds on a day or later."""
    return db.session.scalars(
        select(Assignment).where(
            Assignment.county_id == person.county_id,
            Assignment.person_id == person.id,
            or_(Assignment.to_date.is_(None), Assignment.to_date >= day),
        )
    ).all()


def _refuse_twice(person: Person, role: str, place: Organisation, from_date: date, to_date: date | None) -> None:
    same = select(Assignment).where(
        Assignment.county_id == person.county_id,
        Assignment.person_id == person.id,
        Assignment.role == role,
        Assignment.organisation_id == place.id,
        or_(Assignment.to_date.is_(None), Assignment.to_date >= from_date),
    )
    if to_date is not None:
        same = same.where(Assignment.from_date <= to_date)
    if db.session.scalars(same).first() is not None:
        raise RoleHeldAlready(name=both_names(person))


def _refuse_gone(person: Person) -> None:
    if person.left_at is not None:
        raise PersonGone(name=both_names(person))


def _today(person: Person, now: datetime) -> date:
    return now.astimezone(zone_of(person.county_id)).date()


def _term_words(assignment: Assignment, place: Organisation) -> dict[str, str]:
    return {
        "role": assignment.role,
        "office_zh": place.name_zh,
        "office_en": place.name_en,
        "from": assignment.from_date.isoformat(),
        "to": assignment.to_date.isoformat() if assignment.to_date else "",
    }


def _note(
    person: Person,
    event: str,
    actor: Actor,
    now: datetime,
    payload: Mapping[str, object],
    about: Mapping[str, int] | None = None,
) -> None:
    stream = Stream.person(person.county_id, person.id)
    record(stream, event, actor=actor, now=now, payload=payload, about={"person": person.id, **(about or {})})
