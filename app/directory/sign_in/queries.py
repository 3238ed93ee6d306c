"""Sign-ins, second factors and links, as their owner or an administrator may see them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.core.database import db
from app.directory.models import Identity, PasswordLink, Person, RecoveryCode, SecondFactor, SignIn
from app.directory.queries import holding_any, secret_hash
from app.directory.rules import Viewer
from app.directory.sign_in.errors import LinkOver, SignInOver


def owing_sign_in(secret: str | None, step: str, *, now: datetime) -> tuple[SignIn, Person]:
    """The sign-in that owes `step`, with its person. Raises SignInOver."""
    row = db.session.execute(
        select(SignIn, Person)
        .join(Person, (Person.county_id == SignIn.county_id) & (Person.id == SignIn.person_id))
        .where(
            SignIn.secret_hash == secret_hash(secret or ""),
            SignIn.owes == step,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            Person.left_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise SignInOver
    return row[0], row[1]


def step_owed(secret: str | None, *, now: datetime) -> str:
    """What the sign-in of this cookie still owes; "" when nothing, or when there is none."""
    owed = db.session.scalar(
        select(SignIn.owes).where(
            SignIn.secret_hash == secret_hash(secret or ""), SignIn.ended_at.is_(None), SignIn.expires_at > now
        )
    )
    return owed or ""


def second_factor(county_id: int, person_id: int) -> SecondFactor | None:
    return db.session.scalars(
        select(SecondFactor).where(SecondFactor.county_id == county_id, SecondFactor.person_id == person_id)
    ).one_or_none()


def recovery_codes_left(county_id: int, person_id: int) -> int:
    return (
        db.session.scalar(
            select(func.count())
            .select_from(RecoveryCode)
            .where(
                RecoveryCode.county_id == county_id,
                RecoveryCode.person_id == person_id,
                RecoveryCode.used_at.is_(None),
            )
        )
        or 0
    )


def needs_second_factor(county_id: int, person_id: int, roles: Collection[str], *, now: datetime) -> bool:
    """Whether the person holds one of the roles that work with a second factor only."""
    return bool(roles) and bool(holding_any(county_id, [person_id], roles, now=now))


def open_sign_ins(county_id: int, person_id: int, *, now: datetime) -> Sequence[SignIn]:
    """Where the person is signed in now, the latest first."""
    return db.session.scalars(
        select(SignIn)
        .where(
            SignIn.county_id == county_id,
            SignIn.person_id == person_id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            SignIn.owes == "",
        )
        .order_by(SignIn.started_at.desc(), SignIn.id.desc())
        .limit(200)
    ).all()


def own_sign_in(viewer: Viewer, sign_in_id: int) -> SignIn | None:
    found = db.session.get(SignIn, (viewer.county_id, sign_in_id))
    return found if found is not None and found.person_id == viewer.person_id else None


def link_holder(secret: str, *, now: datetime) -> tuple[PasswordLink, Person]:
    """The link that was made under this secret and still works, with its person. Raises LinkOver."""
    row = db.session.execute(
        select(PasswordLink, Person)
        .join(Person, (Person.county_id == PasswordLink.county_id) & (Person.id == PasswordLink.person_id))
        .where(
            PasswordLink.secret_hash == secret_hash(secret),
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > now,
            Person.left_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise LinkOver
    return row[0], row[1]


def identities_of(county_id: int, person_id: int) -> Sequence[Identity]:
    return db.session.scalars(
        select(Identity)
        .where(Identity.county_id == county_id, Identity.person_id == person_id)
        .order_by(Identity.linked_at)
    ).all()
