"""Look up organisations, people and who is signed in."""

import hashlib
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    exists,
    literal,
    or_,
    select,
    true,
)

from app.audit.queries import Entry
from app.core import clock
from app.core.database import UtcDateTime, db, is_one_of
from app.core.errors import NotFound
from app.core.reads import answers
from app.core.translations import BothNames, both_names, called, language
from app.directory.leaves.models import Leave
from app.directory.leaves.rules import StandIn, stood_in_for
from app.directory.models import ApiToken, Assignment, County, Organisation, Person, SignIn
from app.directory.rules import TASK_ROLES, OpenSignIn, Place, RoleAt, UsedToken, Viewer, held_on, holder, split_group


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


_NOW = bindparam("now", type_=UtcDateTime())
_EARLIEST, _LATEST = bindparam("earliest", type_=Date()), bindparam("latest", type_=Date())


def _viewer_of(who: CTE, *extra: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """All that a `Viewer` is made of, for the one person of `who`: roles, and the leaves that make them a deputy."""
    away = and_(Leave.ended_at.is_(None), Leave.from_date <= _LATEST, Leave.to_date >= _EARLIEST)
    columns = (Leave.county_id, Leave.person_id, Leave.deputy_id, Leave.from_date, Leave.to_date)
    first = select(*columns).join(who, (Leave.county_id == who.c.county_id) & (Leave.deputy_id == who.c.person_id))
    stood = first.where(away).cte("stood", recursive=True)
    stood = stood.union(
        select(*columns)
        .join(stood, (Leave.county_id == stood.c.county_id) & (Leave.deputy_id == stood.c.person_id))
        .where(away)
    )
    return (
        select(
            Person.county_id,
            Person.id,
            Person.name,
            Person.name_en.label("called_en"),
            County.name_zh,
            County.name_en,
            County.zone,
            Assignment.role,
            Assignment.organisation_id,
            Assignment.from_date,
            Assignment.to_date,
            Organisation.path,
            Organisation.name_zh.label("office_zh"),
            Organisation.name_en.label("office_en"),
            stood.c.person_id.label("absent_id"),
            stood.c.deputy_id,
            stood.c.from_date.label("absent_from"),
            stood.c.to_date.label("absent_to"),
            *extra,
        )
        .select_from(who)
        .join(Person, (Person.county_id == who.c.county_id) & (Person.id == who.c.person_id))
        .join(County, County.id == Person.county_id)
        .outerjoin(Assignment, (Assignment.county_id == Person.county_id) & (Assignment.person_id == Person.id))
        .outerjoin(
            Organisation,
            (Organisation.county_id == Assignment.county_id) & (Organisation.id == Assignment.organisation_id),
        )
        .outerjoin(stood, true())
        .where(Person.left_at.is_(None))
    )


_HASH: BindParameter[str] = bindparam("hash")
_SIGN_IN = (
    select(
        SignIn.county_id,
        SignIn.person_id,
        SignIn.id.label("sign_in_id"),
        SignIn.roles,
        SignIn.seen_at,
        SignIn.proved_at,
    )
    .where(SignIn.secret_hash == _HASH, SignIn.ended_at.is_(None), SignIn.expires_at > _NOW, SignIn.owes == literal(""))
    .cte("who")
)
_BY_SIGN_IN = _viewer_of(_SIGN_IN, _SIGN_IN.c.sign_in_id, _SIGN_IN.c.roles, _SIGN_IN.c.seen_at, _SIGN_IN.c.proved_at)
_TOKEN = (
    select(
        ApiToken.county_id,
        ApiToken.person_id,
        ApiToken.scopes,
        ApiToken.channel,
        ApiToken.id.label("token_id"),
        ApiToken.used_at,
    )
    .where(
        ApiToken.secret_hash == _HASH,
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > _NOW),
    )
    .cte("who")
)
_BY_TOKEN = _viewer_of(_TOKEN, _TOKEN.c.scopes, _TOKEN.c.channel, _TOKEN.c.token_id, _TOKEN.c.used_at)
_BY_ID = _viewer_of(
    select(Person.county_id, Person.id.label("person_id"))
    .where(Person.county_id == bindparam("county"), Person.id == bindparam("person"))
    .cte("who")
)


def viewer_of_sign_in(secret: str, *, now: datetime) -> tuple[Viewer, OpenSignIn] | None:
    """The person behind a sign-in cookie, in one statement; None if it is unknown, owing, ended or too old."""
    rows = answers(_BY_SIGN_IN, {"hash": secret_hash(secret), **_around(now)})
    viewer = _viewer(rows, now)
    if viewer is None:
        return None
    return viewer, OpenSignIn(rows[0].sign_in_id, rows[0].roles, rows[0].seen_at, rows[0].proved_at)


def viewer_of_person(county_id: int, person_id: int, *, now: datetime) -> Viewer | None:
    rows = answers(_BY_ID, {"county": county_id, "person": person_id, **_around(now)})
    return _viewer(rows, now)


def _around(now: datetime) -> dict[str, Any]:
    """The moment, and the first and the last day that it may be in any time zone."""
    today = now.astimezone(UTC).date()
    return {"now": now, "earliest": today - timedelta(days=1), "latest": today + timedelta(days=1)}


def _viewer(rows: Sequence[Any], now: datetime) -> Viewer | None:
    if not rows:
        return None
    first = rows[0]
    today = now.astimezone(ZoneInfo(first.zone)).date()
    roles = dict.fromkeys(
        RoleAt(row.role, row.organisation_id, row.path, row.office_zh, row.office_en)
        for row in rows
        if row.role is not None and held_on(today, row.from_date, row.to_date)
    )
    leaves = [
        StandIn(row.absent_id, row.deputy_id, row.absent_from, row.absent_to)
        for row in rows
        if row.absent_id is not None
    ]
    return Viewer(
        first.county_id,
        first.id,
        first.name,
        tuple(roles),
        first.name_zh,
        first.name_en,
        first.zone,
        stood_in_for(first.id, leaves, today) if leaves else (),
        first.called_en,
    )


def viewer_of_token(secret: str, *, now: datetime) -> tuple[Viewer, UsedToken] | None:
    """The person for whom a program acts, and what its token allows, in one statement; None if not valid."""
    rows = answers(_BY_TOKEN, {"hash": secret_hash(secret), **_around(now)})
    viewer = _viewer(rows, now)
    if viewer is None:
        return None
    return viewer, UsedToken(rows[0].token_id, tuple(rows[0].scopes), rows[0].channel, rows[0].used_at)


def county(county_id: int) -> County:
    found = db.session.get(County, county_id)
    if found is None:
        raise NotFound
    return found


_zones: dict[int, tuple[float, ZoneInfo]] = {}
_ZONE_SECONDS = 60.0


def zone_of(county_id: int) -> ZoneInfo:
    """The county's time zone; read again after a minute, for it changes once in a lifetime."""
    kept = _zones.get(county_id)
    if kept is None or time.monotonic() - kept[0] > _ZONE_SECONDS:
        kept = _zones[county_id] = (time.monotonic(), ZoneInfo(county(county_id).zone))
    return kept[1]


def organisation(county_id: int, organisation_id: int) -> Organisation:
    found = db.session.get(Organisation, (county_id, organisation_id))
    if found is None:
        raise NotFound
    return found


def county_office(county_id: int) -> Organisation:
    """The office at the top of the county's tree."""
    return db.session.scalars(
        select(Organisation).where(Organisation.county_id == county_id, Organisation.parent_id.is_(None))
    ).one()


def organisation_by_code(county_id: int, code: str) -> Organisation | None:
    """The organisation with this code; the code of one that was merged leads to where it went."""
    found = db.session.scalars(
        select(Organisation).where(Organisation.county_id == county_id, Organisation.code == code)
    ).one_or_none()
    while found is not None and found.successor_id is not None:
        found = db.session.get(Organisation, (county_id, found.successor_id))
    return found


def organisations(county_id: int, *, tier: str | None = None, kind: str | None = None) -> Sequence[Organisation]:
    """Open organisations in tree order."""
    query = select(Organisation).where(Organisation.county_id == county_id, Organisation.closed_at.is_(None))
    if tier:
        query = query.where(Organisation.tier == tier)
    if kind:
        query = query.where(Organisation.kind == kind)
    return db.session.scalars(query.order_by(Organisation.path)).all()


def ancestors(place: Organisation) -> Sequence[Organisation]:
    """The organisations above `place`, nearest first."""
    segments = place.path.rstrip("/").split("/")
    paths = ["/".join(segments[:n]) + "/" for n in range(len(segments) - 1, 0, -1)]
    if not paths:
        return []
    found = db.session.scalars(
        select(Organisation).where(Organisation.county_id == place.county_id, Organisation.path.in_(paths))
    ).all()
    return sorted(found, key=lambda one: len(one.path), reverse=True)


def resolve_group(group: str, place: Organisation) -> tuple[str, int]:
    """The (role, organisation id) that a diagram's group means for a case led by `place`: see `resolve_groups`."""
    return resolve_groups(place.county_id, place.path, [group])[group]


@lru_cache(maxsize=100)
def _holders(paths: int, roles: int) -> Select[*tuple[Any, ...]]:
    """The organisations at so many paths, with those of so many roles that somebody holds there.

    Each number has a statement of its own, made once: a list that is spread out in the statement costs more time than
    the question.
    """
    return (
        select(Organisation.id, Organisation.path, Organisation.tier, Organisation.kind, Assignment.role)
        .outerjoin(
            Assignment,
            (Assignment.county_id == Organisation.county_id)
            & (Assignment.organisation_id == Organisation.id)
            & Assignment.role.in_([bindparam(f"role_{number}") for number in range(roles)])
            & (Assignment.from_date <= bindparam("today"))
            & or_(Assignment.to_date.is_(None), Assignment.to_date >= bindparam("today"))
            & exists().where(
                Person.county_id == Assignment.county_id, Person.id == Assignment.person_id, Person.left_at.is_(None)
            ),
        )
        .where(
            Organisation.county_id == bindparam("county"),
            Organisation.path.in_([bindparam(f"path_{number}") for number in range(paths)]),
        )
        .distinct()
    )


def resolve_groups(county_id: int, path: str, groups: Collection[str]) -> dict[str, tuple[str, int]]:
    """What a diagram's groups mean for a case led by the organisation at `path`: role and organisation id, by group.

    `mediator` is held at the place itself, `dispatcher@parent` one level up, `leader@county` (or `@town`, `@village`)
    at the nearest organisation of that tier, `clerk@centre` at the nearest of that kind.
    A role that nobody holds there today rises to the nearest organisation above where somebody does. One statement.
    """
    today = clock.now().astimezone(zone_of(county_id)).date()
    wanted = {group: split_group(group) for group in groups}
    segments = path.rstrip("/").split("/")
    paths = ["/".join(segments[:n]) + "/" for n in range(1, len(segments) + 1)]
    roles = sorted({role for role, _ in wanted.values()})
    asked = {"county": county_id, "today": today}
    asked |= {f"path_{number}": one for number, one in enumerate(paths)}
    asked |= {f"role_{number}": one for number, one in enumerate(roles)}
    rows = answers(_holders(len(paths), len(roles)), asked)
    if not rows:
        raise NotFound
    places = {row.id: Place(row.id, row.path, row.tier, row.kind) for row in rows}
    chain = sorted(places.values(), key=lambda one: len(one.path), reverse=True)
    held = {(row.role, row.id) for row in rows}
    return {group: (role, holder(role, where, chain, held)) for group, (role, where) in wanted.items()}


def people_with_role(county_id: int, role: str, *, path: str | None = None, on: date) -> Sequence[Person]:
    """People who hold `role` on a day, at or below `path`, by name."""
    query = (
        select(Person)
        .join(Assignment, (Assignment.county_id == Person.county_id) & (Assignment.person_id == Person.id))
        .join(
            Organisation,
            (Organisation.county_id == Assignment.county_id) & (Organisation.id == Assignment.organisation_id),
        )
        .where(
            Person.county_id == county_id,
            Person.left_at.is_(None),
            Assignment.role == role,
            Assignment.from_date <= on,
            or_(Assignment.to_date.is_(None), Assignment.to_date >= on),
        )
    )
    if path is not None:
        query = query.where(Organisation.path >= path, Organisation.path < path[:-1] + "0")
    return db.session.scalars(query.distinct().order_by(Person.login)).all()


def person(county_id: int, person_id: int) -> Person:
    found = db.session.get(Person, (county_id, person_id))
    if found is None:
        raise NotFound
    return found


def person_by_login(county_id: int, login: str) -> Person | None:
    """The person with this account who still works here."""
    return db.session.scalars(
        select(Person).where(Person.county_id == county_id, Person.login == login, Person.left_at.is_(None))
    ).one_or_none()


def names_of(county_id: int, person_ids: set[int]) -> dict[int, str]:
    """Names for a page of rows in the reader's language, in one statement."""
    return {row.id: called(row) for row in _names_of(county_id, person_ids)}


def written_names_of(county_id: int, person_ids: set[int]) -> dict[int, str]:
    """Names for what is written down and read by others: documents, notices."""
    return {row.id: row.name for row in _names_of(county_id, person_ids)}


def english_names(county_id: int, person_ids: Iterable[int | None]) -> dict[int, str]:
    """Names that stand in place of those that were written down; none for a Chinese reader."""
    return names_of(county_id, {one for one in person_ids if one is not None}) if language() == "en" else {}


def both_names_of(county_id: int, person_ids: set[int]) -> dict[int, BothNames]:
    return {row.id: both_names(row) for row in _names_of(county_id, person_ids)}


_TOLD_OF = {
    "person": ("person", "name"),
    "to": ("to",),
    "heir": ("heir",),
    "deputy": ("deputy",),
    "successor": ("successor",),
    "on_behalf_of": ("on_behalf_of",),
}
"""Under which name an event keeps somebody's id, and under which of these it tells of them."""


def named_for_reader(county_id: int, found: Sequence[Entry]) -> Sequence[Entry]:
    """What a history tells, with people called as the reader calls them: as it was written, in English as they are
    called now. Whose id the history does not keep, and what was erased, stays as it is."""
    if language() != "en":
        return found
    told_of = [list(_people_in(one)) for one in found]
    names = names_of(county_id, {person for people in told_of for _name, person in people})
    return [
        replace(one, payload={**one.payload, **{name: names[person] for name, person in people if person in names}})
        for one, people in zip(found, told_of, strict=True)
    ]


def _people_in(entry: Entry) -> Iterator[tuple[str, int]]:
    """Which words of an event are names of people of the house, each with the person's id."""
    if entry.actor_name and entry.actor_kind == "person" and entry.actor_id is not None:
        yield "actor_name", entry.actor_id
    for about, names in _TOLD_OF.items():
        name = next((one for one in names if entry.payload.get(one)), None)
        if name is not None and about in entry.about:
            yield name, int(entry.about[about])


def _names_of(county_id: int, person_ids: set[int]) -> Sequence[Any]:
    if not person_ids:
        return ()
    asked = {"county": county_id, "people": person_ids}
    return answers(_names(db.session.get_bind().dialect.name), asked)


@cache
def _names(dialect: str) -> Select[int, str, str]:
    return select(Person.id, Person.name, Person.name_en).where(
        Person.county_id == bindparam("county"), is_one_of(Person.id, "people", dialect)
    )


def people_named(county_id: int, names: Collection[str]) -> dict[str, int]:
    """Ids of people by what a diagram calls them: an id, or a login. Who is not known here is left out."""
    found = {name: int(name) for name in names if name.isdecimal()}
    logins = [name for name in names if name and not name.isdecimal()]
    if logins:
        rows = db.session.execute(
            select(Person.login, Person.id).where(Person.county_id == county_id, Person.login.in_(logins))
        )
        found |= {row.login: row.id for row in rows}
    return found


def holding_any(county_id: int, people: Collection[int], roles: Collection[str], *, now: datetime) -> set[int]:
    """Those of the people who hold one of the roles, wherever in the county."""
    today = now.astimezone(zone_of(county_id)).date()
    rows = db.session.execute(
        select(Assignment.person_id, Assignment.from_date, Assignment.to_date).where(
            Assignment.county_id == county_id, Assignment.person_id.in_(people), Assignment.role.in_(roles)
        )
    )
    return {row.person_id for row in rows if held_on(today, row.from_date, row.to_date)}


def task_roles_throughout(county_id: int, person_id: int, first: date, last: date) -> set[str]:
    """The roles with work about cases that a person holds on the first and on the last of these days."""
    rows = db.session.execute(
        select(Assignment.role, Assignment.from_date, Assignment.to_date).where(
            Assignment.county_id == county_id, Assignment.person_id == person_id, Assignment.role.in_(TASK_ROLES)
        )
    ).all()
    held = [{row.role for row in rows if held_on(day, row.from_date, row.to_date)} for day in (first, last)]
    return held[0] & held[1]


def demo_people(county_id: int) -> Sequence[tuple[Person, Assignment, Organisation]]:
    """One account for each main role, in the order in which a dispute meets them."""
    rows = db.session.execute(
        select(Person, Assignment, Organisation)
        .join(Assignment, (Assignment.county_id == Person.county_id) & (Assignment.person_id == Person.id))
        .join(
            Organisation,
            (Organisation.county_id == Assignment.county_id) & (Organisation.id == Assignment.organisation_id),
        )
        .where(Person.county_id == county_id, Person.demo_order.is_not(None), Person.left_at.is_(None))
        .order_by(Person.demo_order, Assignment.id)
    )
    first: dict[int, tuple[Person, Assignment, Organisation]] = {}
    for row in rows:
        first.setdefault(row[0].id, (row[0], row[1], row[2]))
    return list(first.values())
