"""A task in the hands of Zhu Youfu of Hepan village, and what becomes of it. Wang Guilan is his colleague."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from app.audit.queries import Entry, entries
from app.audit.services import Stream
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import viewer
from app.devdata.county import COUNTY_ID, person_named
from app.directory.leaves.models import Leave
from app.directory.rules import Viewer
from app.notices.models import Notice
from app.tasks.queries import task_for
from app.workflow.models import WorkItem
from tests.functional.days import county_day

EN = {"Accept-Language": "en"}


def who(login: str) -> Viewer:
    return viewer(login, now=clock.now())


def id_of(login: str) -> int:
    return person_named(login).id


def task_of_zhu() -> WorkItem:
    """Tell the parties their rights: offered to the mediators of Hepan village, claimed by Zhu Youfu."""
    db.session.remove()
    found = select(WorkItem).where(WorkItem.element_id == "tell_rights", WorkItem.assignee_id == id_of("elder"))
    return db.session.scalars(found).one()


def pooled() -> WorkItem:
    """A triage task that waits in the county's command room."""
    db.session.remove()
    found = select(WorkItem).where(
        WorkItem.element_id == "confirm_triage", WorkItem.status == "open", WorkItem.assignee_id.is_(None)
    )
    return db.session.scalars(found.order_by(WorkItem.id).limit(1)).one()


def as_it_is(item: WorkItem) -> WorkItem:
    db.session.remove()
    found = db.session.get(WorkItem, (item.county_id, item.id))
    assert found is not None
    return found


def do(login: str, move: Callable[..., object], item: WorkItem, *args: object, **more: object) -> None:
    """One service of a move as this person, in a unit of its own."""
    db.session.remove()
    person = who(login)
    db.session.remove()
    run_unit(lambda: move(task_for(person, item.id), *args, viewer=person, now=clock.now(), **more))


def told(login: str) -> list[str]:
    """The templates of a person's notices, the newest first."""
    db.session.remove()
    person = id_of(login)
    return list(
        db.session.scalars(select(Notice.template).where(Notice.person_id == person).order_by(Notice.id.desc()))
    )


def history(item: WorkItem) -> list[Entry]:
    assert item.subject_id is not None
    db.session.remove()
    return list(entries(Stream.case(item.county_id, item.subject_id)))


def change(statement: object) -> None:
    db.session.remove()
    run_unit(lambda: db.session.execute(statement))  # type: ignore[call-overload]


def away(person_id: int, deputy_id: int | None = None) -> None:
    """On leave from yesterday until the day after tomorrow."""
    today = county_day()
    days = {"from_date": today - timedelta(days=1), "to_date": today + timedelta(days=2)}
    leave = Leave(county_id=COUNTY_ID, person_id=person_id, deputy_id=deputy_id, **days)
    db.session.remove()
    run_unit(lambda: db.session.add(leave))
