"""Set up organisations, people and keys; count tries."""

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, func, select

from app.audit.services import Actor, Stream, record
from app.core.database import db
from app.core.errors import Forbidden
from app.directory.errors import TooManyTries
from app.directory.models import ApiToken, Assignment, Attempt, County, Organisation, Person
from app.directory.places.queries import last_segment_below
from app.directory.queries import secret_hash
from app.directory.rules import ROLES

TRIES_WINDOW = timedelta(minutes=10)


def refuse_after(key: str, tries: int, *, now: datetime, within: timedelta = TRIES_WINDOW) -> None:
    """Raises TooManyTries when `key` was counted that often within the last minutes."""
    count = db.session.scalar(
        select(func.count()).select_from(Attempt).where(Attempt.key == key, Attempt.at > now - within)
    )
    if count is not None and count >= tries:
        raise TooManyTries


def count_attempt(key: str, *, now: datetime) -> None:
    db.session.add(Attempt(county_id=0, key=key, at=now))
    db.session.flush()


def forget_old_attempts(*, now: datetime) -> None:
    db.session.execute(delete(Attempt).where(Attempt.at < now - timedelta(days=1)))


def create_county(*, code: str, name_zh: str, name_en: str, prefix: str, county_id: int) -> County:
    made = County(id=county_id, code=code, name_zh=name_zh, name_en=name_en, prefix=prefix)
    db.session.add(made)
    db.session.flush()
    return made


def create_organisation(
    county_id: int,
    *,
    parent: Organisation | None,
    tier: str,
    kind: str,
    code: str,
    name_zh: str,
    name_en: str,
    phone: str | None = None,
) -> Organisation:
    """Add an organisation below `parent` (None: the county itself)."""
    above = parent.path if parent else ""
    made = Organisation(
        county_id=county_id,
        parent_id=parent.id if parent else None,
        path=f"{above}{last_segment_below(county_id, above) + 1:04d}/",
        tier=tier,
        kind=kind,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        phone=phone,
    )
    db.session.add(made)
    db.session.flush()
    return made


def create_person(
    county_id: int,
    *,
    login: str,
    name: str,
    name_en: str = "",
    password_hash: str | None = None,
    phone: str | None = None,
    tags: Sequence[str] = (),
    demo_order: int | None = None,
) -> Person:
    made = Person(
        county_id=county_id,
        login=login,
        name=name,
        name_en=name_en,
        phone=phone,
        password_hash=password_hash,
        tags=list(tags),
        languages=[],
        demo_order=demo_order,
    )
    db.session.add(made)
    db.session.flush()
    return made


def assign_role(person: Person, role: str, place: Organisation, *, from_date: date) -> Assignment:
    """Give a role at an organisation."""
    if role not in ROLES:
        raise Forbidden
    made = Assignment(
        county_id=person.county_id,
        person_id=person.id,
        organisation_id=place.id,
        role=role,
        from_date=from_date,
    )
    db.session.add(made)
    db.session.flush()
    return made


def revoke_api_token(token: ApiToken, *, actor: Actor, now: datetime) -> None:
    """End a token now."""
    if token.revoked_at is not None:
        return
    token.revoked_at = now
    db.session.flush()
    record(
        Stream.person(token.county_id, token.person_id),
        "token.revoked",
        actor=actor,
        now=now,
        payload={"name": token.name},
        about={"token": token.id},
    )


def create_api_token(
    person: Person,
    *,
    name: str,
    scopes: Sequence[str],
    channel: str | None = None,
    days: int | None = 365,
    expires_at: datetime | None = None,
    now: datetime,
) -> tuple[ApiToken, str]:
    """A token that acts as `person` (or for one channel); its secret is shown once and never again.

    It ends after `days`, or at `expires_at` where that is given.
    """
    secret = f"mb_{secrets.token_urlsafe(32)}"
    made = ApiToken(
        county_id=person.county_id,
        name=name,
        person_id=person.id,
        channel=channel,
        scopes=list(scopes),
        secret_hash=secret_hash(secret),
        created_at=now.astimezone(UTC),
        expires_at=expires_at or (now + timedelta(days=days) if days else None),
    )
    db.session.add(made)
    db.session.flush()
    record(
        Stream.person(person.county_id, person.id),
        "token.created",
        actor=Actor("person", person.id, person.name),
        now=now,
        payload={"name": name, "scopes": list(scopes)},
    )
    return made, secret
