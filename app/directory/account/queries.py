"""Accounts and tokens as their owner or an administrator may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.core.database import any_holds, db
from app.core.errors import Forbidden, NotFound
from app.core.paging import Page, cut, decode_cursor
from app.directory.models import ApiToken, Identity, Person, SecondFactor, SignIn
from app.directory.rules import Viewer

ADMINISTRATOR = "administrator"


def is_administrator(viewer: Viewer) -> bool:
    """Whether this person keeps the accounts of the county: an administrator of the county itself."""
    return viewer.has_county_role(ADMINISTRATOR)


def refuse_others(viewer: Viewer) -> None:
    if not is_administrator(viewer):
        raise Forbidden


def person_for(viewer: Viewer, person_id: int) -> Person:
    """Somebody of the county, for an administrator. Raises Forbidden, NotFound."""
    refuse_others(viewer)
    found = db.session.get(Person, (viewer.county_id, person_id))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Account:
    """One line of the administrators' list."""

    person: Person
    second_factor_since: datetime | None
    signed_in_at: datetime | None


def accounts(viewer: Viewer, *, text: str, cursor: str | None, size: int = 50) -> Page[Account]:
    """The county's accounts by login, whose name or login holds `text`."""
    refuse_others(viewer)
    last = (
        select(func.max(SignIn.started_at))
        .where(SignIn.county_id == Person.county_id, SignIn.person_id == Person.id, SignIn.owes == "")
        .scalar_subquery()
    )
    query = (
        select(Person, SecondFactor.since, last)
        .outerjoin(SecondFactor, (SecondFactor.county_id == Person.county_id) & (SecondFactor.person_id == Person.id))
        .where(Person.county_id == viewer.county_id, Person.left_at.is_(None))
    )
    if text:
        query = query.where(any_holds((Person.login, Person.name), text))
    after = decode_cursor(cursor, str)
    if after:
        query = query.where(Person.login > after[0])
    rows = db.session.execute(query.order_by(Person.login).limit(size + 1))
    return cut([Account(*row) for row in rows], size, lambda one: [one.person.login])


def tokens(viewer: Viewer, *, of_all: bool) -> Sequence[tuple[ApiToken, Person]]:
    """One's own tokens; for an administrator who asks for them those of the whole county. The newest first."""
    query = (
        select(ApiToken, Person)
        .join(Person, (Person.county_id == ApiToken.county_id) & (Person.id == ApiToken.person_id))
        .where(ApiToken.county_id == viewer.county_id)
    )
    if of_all:
        refuse_others(viewer)
    else:
        query = query.where(ApiToken.person_id == viewer.person_id)
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(ApiToken.id.desc()).limit(500))]


def token_for(viewer: Viewer, token_id: int) -> ApiToken:
    """One's own token, or any of the county for an administrator. Raises NotFound."""
    found = db.session.get(ApiToken, (viewer.county_id, token_id))
    if found is None or (found.person_id != viewer.person_id and not is_administrator(viewer)):
        raise NotFound
    return found


def identity_of(person: Person, identity_id: int) -> Identity:
    found = db.session.get(Identity, (person.county_id, identity_id))
    if found is None or found.person_id != person.id:
        raise NotFound
    return found
