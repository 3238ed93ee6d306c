"""The demo county as a first start finds it."""

from app.audit.services import SYSTEM
from app.config import ROOT
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import unit_of_work
from app.definitions.services import import_folder
from app.devdata.cases import play_stories
from app.devdata.county import COUNTY_ID, create_people_and_places
from app.directory.models import County


def ensure_demo() -> bool:
    """Put the demo county into an empty database, everything in one transaction; false when it is there already."""
    with unit_of_work():
        if db.session.get(County, COUNTY_ID) is not None:
            return False
        create_people_and_places()
        import_packages(COUNTY_ID)
        play_stories(now=clock.now())
        return True


def import_packages(county_id: int) -> None:
    """Bring every package folder in as its first release."""
    for folder in sorted((ROOT / "processes").iterdir()):
        if (folder / "package.toml").exists():
            import_folder(county_id, folder, actor=SYSTEM, now=clock.now())
