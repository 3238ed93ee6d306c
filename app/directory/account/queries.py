"""Accounts and tokens as their owner or an administrator may see them."""

from collections.abc import Sequence

from sqlalchemy import select

from app.core.database import db
from app.core.errors import Forbidden, NotFound
from app.directory.models import ApiToken, Identity, Person
from app.directory.rules import Viewer

ADMINISTRATOR = "administrator"


def is_administrator(viewer: Viewer) -> bool:
    """Whether this person keeps the accounts of the county: an administrator of the county itself."""
    return viewer.has_county_role(ADMINISTRATOR)


def tokens(viewer: Viewer, *, of_all: bool) -> Sequence[tuple[ApiToken, Person]]:
    """One's own tokens; for an administrator who asks for them those of the whole county. The newest first."""
    query = (
        select(ApiToken, Person)
        .join(Person, (Person.county_id == ApiToken.county_id) & (Person.id == ApiToken.person_id))
        .where(ApiToken.county_id == viewer.county_id)
    )
    if of_all:
        if not is_administrator(viewer):
            raise Forbidden
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
