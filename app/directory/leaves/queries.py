"""Look up leaves, and who is away on a day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from app.core.database import db
from app.core.errors import NotFound
from app.directory.leaves.models import Leave
from app.directory.leaves.rules import StandIn


def leave(county_id: int, leave_id: int) -> Leave:
    found = db.session.get(Leave, (county_id, leave_id))
    if found is None:
        raise NotFound
    return found


def leaves_of(county_id: int, person_id: int) -> Sequence[Leave]:
    """Every leave of a person, the latest first."""
    return db.session.scalars(
        select(Leave)
        .where(Leave.county_id == county_id, Leave.person_id == person_id)
        .order_by(Leave.from_date.desc(), Leave.id.desc())
    ).all()


def away_on(county_id: int, day: date) -> dict[int, int | None]:
    """Who is away on a day, each with their deputy if there is one."""
    rows = db.session.execute(
        select(Leave.person_id, Leave.deputy_id).where(
            Leave.county_id == county_id, Leave.ended_at.is_(None), Leave.from_date <= day, Leave.to_date >= day
        )
    )
    return {row.person_id: row.deputy_id for row in rows}


def stand_ins(county_id: int, from_date: date, to_date: date) -> list[StandIn]:
    """Every deputyship of the county that holds on some day of the time."""
    rows = db.session.execute(
        select(Leave.person_id, Leave.deputy_id, Leave.from_date, Leave.to_date).where(
            Leave.county_id == county_id,
            Leave.ended_at.is_(None),
            Leave.deputy_id.is_not(None),
            Leave.from_date <= to_date,
            Leave.to_date >= from_date,
        )
    )
    return [StandIn(row.person_id, row.deputy_id, row.from_date, row.to_date) for row in rows]


def leaves_led_by(county_id: int, deputy_id: int, *, from_day: date) -> Sequence[Leave]:
    """Leaves of others, on or after a day, in which this person stands in."""
    return db.session.scalars(
        select(Leave).where(
            Leave.county_id == county_id,
            Leave.deputy_id == deputy_id,
            Leave.ended_at.is_(None),
            Leave.to_date >= from_day,
        )
    ).all()
