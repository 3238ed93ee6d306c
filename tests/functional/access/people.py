"""Two holders of every role: one at the office that the matters of the walk belong to, one elsewhere."""

from datetime import UTC, datetime

from sqlalchemy import select

from app.core.database import db
from app.devdata.county import COUNTY_ID, SINCE, person_named
from app.directory import services
from app.directory.models import Organisation
from app.directory.rules import CASE_ROLES, ROLES

HERE, ELSEWHERE = "here", "elsewhere"
PLACES = (HERE, ELSEWHERE)

OF_THE_COUNTY = frozenset({"process_owner", "administrator", "operator", "privacy_officer"})
"""Roles that are held at the county itself; "elsewhere" they are held at a town."""

_VILLAGE, _OTHER_TOWN = "330681101201", "330681102000"


READS_HERE = "auditor"
ONLY_READS_HERE = "reads.here"
"""Somebody who reads here, and holds every other role of cases elsewhere: those are worth nothing here."""


def login_of(role: str, place: str) -> str:
    return f"{place}.{role}"


def create_holders() -> None:
    """A person for each role and place, with the demo password."""
    password_hash = person_named("clerk").password_hash
    places = {one.code: one for one in db.session.scalars(select(Organisation))}
    for role in ROLES:
        for place in PLACES:
            office = "330681000000" if role in OF_THE_COUNTY else _VILLAGE
            person = services.create_person(
                COUNTY_ID, login=login_of(role, place), name=f"{ROLES[role][0]}甲", password_hash=password_hash
            )
            services.assign_role(person, role, places[office if place == HERE else _OTHER_TOWN], from_date=SINCE)
    mixed = services.create_person(COUNTY_ID, login=ONLY_READS_HERE, name="两处甲", password_hash=password_hash)
    services.assign_role(mixed, READS_HERE, places[_VILLAGE], from_date=SINCE)
    for role in CASE_ROLES - {READS_HERE}:
        services.assign_role(mixed, role, places[_OTHER_TOWN], from_date=SINCE)


NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
