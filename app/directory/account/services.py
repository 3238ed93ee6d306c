"""What a person changes of their account, and who opens it from elsewhere."""

from datetime import datetime

from sqlalchemy import select

from app.audit.services import Actor, Stream, record
from app.core.database import db
from app.core.locking import insert_for
from app.core.translations import LOCALES
from app.directory.account.errors import IdentityTaken
from app.directory.models import Identity, Person


def change_profile(person: Person, *, phone: str, language: str, actor: Actor, now: datetime) -> None:
    """Telephone and language; nothing is told when nothing changed."""
    before = (person.phone, person.language)
    person.phone = phone.strip()[:30] or None
    person.language = language if language in LOCALES else None
    if (person.phone, person.language) != before:
        db.session.flush()
        record(Stream.person(person.county_id, person.id), "person.profile_changed", actor=actor, now=now)


def link_identity(person: Person, *, issuer: str, subject: str, actor: Actor, now: datetime) -> None:
    """From now on that account at the provider opens this one. Raises IdentityTaken."""
    row = {"county_id": person.county_id, "person_id": person.id, "issuer": issuer, "subject": subject}
    insert = insert_for(Identity, db.session.get_bind().dialect.name)
    db.session.execute(insert.values(**row, linked_at=now).on_conflict_do_nothing())
    kept = db.session.scalars(select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)).one()
    if (kept.county_id, kept.person_id) != (person.county_id, person.id):
        raise IdentityTaken
    record(
        Stream.person(person.county_id, person.id),
        "identity.linked",
        actor=actor,
        now=now,
        payload={"issuer": issuer, "subject": subject},
    )


def unlink_identity(identity: Identity, *, actor: Actor, now: datetime) -> None:
    stream = Stream.person(identity.county_id, identity.person_id)
    payload = {"issuer": identity.issuer, "subject": identity.subject}
    db.session.delete(identity)
    db.session.flush()
    record(stream, "identity.unlinked", actor=actor, now=now, payload=payload)
