"""Look up the tree, and what hangs on one place of it."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import func, or_, select

from app.core.database import db
from app.core.errors import NotFound
from app.directory.access import below
from app.directory.models import Assignment, Organisation, Person
from app.directory.places.models import Reorganisation, ReorganisationStatus


def whole_tree(county_id: int, *, closed: bool = False) -> Sequence[Organisation]:
    """Every place in tree order; those that are closed only when asked for."""
    query = select(Organisation).where(Organisation.county_id == county_id)
    if not closed:
        query = query.where(Organisation.closed_at.is_(None))
    return db.session.scalars(query.order_by(Organisation.path)).all()


def children_of(place: Organisation) -> Sequence[Organisation]:
    """The open places right below, in tree order."""
    return db.session.scalars(
        select(Organisation)
        .where(
            Organisation.county_id == place.county_id,
            Organisation.parent_id == place.id,
            Organisation.closed_at.is_(None),
        )
        .order_by(Organisation.path)
    ).all()


def places_below(place: Organisation) -> Sequence[Organisation]:
    """Every open place below this one, however deep, in tree order."""
    return db.session.scalars(
        select(Organisation)
        .where(
            Organisation.county_id == place.county_id,
            below(Organisation.path, place.path),
            Organisation.id != place.id,
            Organisation.closed_at.is_(None),
        )
        .order_by(Organisation.path)
    ).all()


def merged_into(place: Organisation) -> Sequence[Organisation]:
    """The places that went into this one."""
    return db.session.scalars(
        select(Organisation)
        .where(Organisation.county_id == place.county_id, Organisation.successor_id == place.id)
        .order_by(Organisation.closed_at)
    ).all()


def people_by_place(county_id: int, today: date) -> Mapping[int, int]:
    """How many people hold a role today or later, by place."""
    rows = db.session.execute(
        select(Assignment.organisation_id, func.count(Assignment.person_id.distinct()).label("n"))
        .join(Person, (Person.county_id == Assignment.county_id) & (Person.id == Assignment.person_id))
        .where(
            Assignment.county_id == county_id,
            Person.left_at.is_(None),
            or_(Assignment.to_date.is_(None), Assignment.to_date >= today),
        )
        .group_by(Assignment.organisation_id)
    )
    return {row.organisation_id: row.n for row in rows}


def posts_at(place: Organisation, today: date) -> Sequence[tuple[Assignment, Person]]:
    """The roles at a place, today and planned, with who holds them."""
    rows = db.session.execute(
        select(Assignment, Person)
        .join(Person, (Person.county_id == Assignment.county_id) & (Person.id == Assignment.person_id))
        .where(
            Assignment.county_id == place.county_id,
            Assignment.organisation_id == place.id,
            Person.left_at.is_(None),
            or_(Assignment.to_date.is_(None), Assignment.to_date >= today),
        )
        .order_by(Person.login, Assignment.id)
    )
    return [(row[0], row[1]) for row in rows]


def people_at(place: Organisation, today: date) -> Sequence[tuple[Person, Sequence[Assignment]]]:
    """Who holds a role at a place, today or later, each with all of theirs there."""
    found: dict[Person, list[Assignment]] = {}
    for post, person in posts_at(place, today):
        found.setdefault(person, []).append(post)
    return list(found.items())


def last_segment_below(county_id: int, path: str) -> int:
    """The highest number that a place right below `path` has or once had there."""
    segments = db.session.scalars(
        select(Organisation.path).where(
            Organisation.county_id == county_id,
            below(Organisation.path, path) if path else Organisation.path != "",
            func.length(Organisation.path) == len(path) + 5,
            Organisation.path != path,
        )
    )
    return max((int(one[len(path) : len(path) + 4]) for one in segments), default=0)


def reorganisation(county_id: int, reorganisation_id: int) -> Reorganisation:
    found = db.session.get(Reorganisation, (county_id, reorganisation_id))
    if found is None:
        raise NotFound
    return found


def under_way(county_id: int) -> Reorganisation | None:
    """The move or merger that waits or is being done."""
    return db.session.scalars(
        select(Reorganisation)
        .where(
            Reorganisation.county_id == county_id,
            Reorganisation.status.in_((ReorganisationStatus.WAITING, ReorganisationStatus.WORKING)),
        )
        .order_by(Reorganisation.id)
    ).first()
