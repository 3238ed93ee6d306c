"""Who keeps the directory, and whom of it they may look up."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from app.core.database import db
from app.core.errors import NotFound
from app.directory.access import below_any
from app.directory.account.queries import is_administrator
from app.directory.models import Assignment, Organisation, Person
from app.directory.rules import Viewer

HEADS = ("leader", "centre_head", "committee_chair", "grid_chief")
"""Roles that head an office: they note the leave of the people in it and below it."""


def is_keeper(viewer: Viewer) -> bool:
    """Whether this person is an administrator of the county itself: who holds the role below it keeps nothing."""
    return is_administrator(viewer)


def looks_after_people(viewer: Viewer) -> bool:
    return is_keeper(viewer) or viewer.has_role(*HEADS)


def today_of(viewer: Viewer, now: datetime) -> date:
    return now.astimezone(ZoneInfo(viewer.zone)).date()


def people_of(viewer: Viewer, today: date) -> ColumnElement[bool]:
    """The people whom this viewer looks after: all for the administrator, those of their offices for a head."""
    own_county = Person.county_id == viewer.county_id
    if is_keeper(viewer):
        return own_county
    return and_(own_county, Person.left_at.is_(None), holds_role_in(viewer.paths(HEADS), today))


def holds_role_in(paths: tuple[str, ...] | None, today: date, *roles: str) -> ColumnElement[bool]:
    """People with a role, or one of these, today or later, at or below one of the paths (None: anywhere)."""
    if paths == ():
        return false()
    wanted: list[ColumnElement[bool]] = [Assignment.role.in_(roles)] if roles else []
    if paths is not None:
        wanted.append(below_any(Organisation.path, paths))
    return exists().where(
        Assignment.county_id == Person.county_id,
        Assignment.person_id == Person.id,
        or_(Assignment.to_date.is_(None), Assignment.to_date >= today),
        Organisation.county_id == Assignment.county_id,
        Organisation.id == Assignment.organisation_id,
        *wanted,
    )


def works_elsewhere_too(viewer: Viewer, person: Person, today: date) -> bool:
    """Whether somebody holds a role, today or later, at an office that this viewer does not look after."""
    if is_keeper(viewer):
        return False
    outside = select(Assignment.id).where(
        Assignment.county_id == person.county_id,
        Assignment.person_id == person.id,
        or_(Assignment.to_date.is_(None), Assignment.to_date >= today),
        Organisation.county_id == Assignment.county_id,
        Organisation.id == Assignment.organisation_id,
        ~below_any(Organisation.path, viewer.paths(HEADS)),
    )
    return db.session.scalar(outside.limit(1)) is not None


def person_for(viewer: Viewer, person_id: int, *, now: datetime) -> Person:
    """A person whom this viewer looks after; NotFound otherwise."""
    found = db.session.scalars(
        select(Person).where(Person.id == person_id, people_of(viewer, today_of(viewer, now)))
    ).one_or_none()
    if found is None or not looks_after_people(viewer):
        raise NotFound
    return found
