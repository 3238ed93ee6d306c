"""A small county with named people, to try the product and to test it with."""

from app.core.database import db
from app.core.unit_of_work import unit_of_work
from app.devdata.county import COUNTY_ID, create_people_and_places
from app.directory.models import County


def ensure_demo() -> bool:
    """Put the demo county into a database that has none; true when it was made now. Needs an application context."""
    with unit_of_work():
        if db.session.get(County, COUNTY_ID) is not None:
            return False
        create_people_and_places()
        return True
