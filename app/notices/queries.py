"""Find notices, always those of one reader."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, or_, select

from app.core.database import db
from app.directory.models import Assignment, Person
from app.directory.rules import Viewer
from app.notices.errors import NoticeNotFound
from app.notices.models import Notice


def notices_of(viewer: Viewer, *, before: int | None = None, limit: int = 50) -> Sequence[Notice]:
    """The newest first; `before` cuts the next page."""
    query = select(Notice).where(Notice.county_id == viewer.county_id, Notice.person_id == viewer.person_id)
    if before is not None:
        query = query.where(Notice.id < before)
    return db.session.scalars(query.order_by(Notice.id.desc()).limit(limit)).all()


def unread_count(viewer: Viewer) -> int:
    query = (
        select(func.count())
        .select_from(Notice)
        .where(Notice.county_id == viewer.county_id, Notice.person_id == viewer.person_id, Notice.read_at.is_(None))
    )
    return db.session.scalar(query) or 0


def notice_of(viewer: Viewer, notice_id: int) -> Notice:
    """Raises NoticeNotFound for somebody else's."""
    found = db.session.get(Notice, (viewer.county_id, notice_id))
    if found is None or found.person_id != viewer.person_id:
        raise NoticeNotFound
    return found


def notices_of_party(county_id: int, party_id: int, limit: int = 20) -> Sequence[Notice]:
    """What a party of a case was told, the newest first: for the party's own page."""
    return db.session.scalars(
        select(Notice)
        .where(Notice.county_id == county_id, Notice.party_id == party_id)
        .order_by(Notice.id.desc())
        .limit(limit)
    ).all()


def holders(county_id: int, role: str, organisation_id: int, *, on: date) -> Sequence[Person]:
    """Who holds the role at this very organisation on a day."""
    return db.session.scalars(
        select(Person)
        .join(Assignment, (Assignment.county_id == Person.county_id) & (Assignment.person_id == Person.id))
        .where(
            Person.county_id == county_id,
            Person.left_at.is_(None),
            Assignment.role == role,
            Assignment.organisation_id == organisation_id,
            Assignment.from_date <= on,
            or_(Assignment.to_date.is_(None), Assignment.to_date >= on),
        )
        .distinct()
        .order_by(Person.id)
    ).all()
