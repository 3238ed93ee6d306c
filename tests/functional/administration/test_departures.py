"""Leaving: one step hands everything over and ends every right, or nothing is changed."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream
from app.cases.models import Case, CaseAccess
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.leaves.services import take_leave
from app.directory.models import ApiToken, Assignment, Person, SignIn
from app.directory.queries import viewer_of_person
from app.directory.services import create_api_token
from app.tasks.departures import tasks_in_hand
from app.workflow.counting import recount
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate
from tests.functional.conftest import BrowserAs


def departure_of(login: str) -> str:
    return f"/administration/people/{person_named(login).id}/departure"


def in_hand(login: str) -> set[int]:
    db.session.remove()
    return {one.id for one in tasks_in_hand(1, person_named(login).id)}


def mediated(login: str) -> set[int]:
    db.session.remove()
    person_id = person_named(login).id
    return set(db.session.scalars(select(Case.id).where(Case.mediator_id == person_id, Case.status == "open")))


def test_everything_goes_to_the_successor_and_every_right_ends(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    leaving, admin = browser_as("elder"), browser_as("admin")

    def prepare() -> None:
        today = clock.now().date()
        create_api_token(person_named("elder"), name="grid app", scopes=["tasks:read"], now=clock.now())
        take_leave(
            person_named("mediator"),
            deputy=person_named("elder"),
            from_date=today,
            to_date=today + timedelta(days=5),
            reason="",
            actor=SYSTEM,
            now=clock.now(),
        )

    db.session.remove()
    run_unit(prepare)
    tasks, cases = in_hand("elder"), mediated("elder")
    assert tasks
    assert cases
    page = admin.get(departure_of("elder"), headers={"Accept-Language": "en"}).text
    assert f"<dt>Open tasks</dt><dd>{len(tasks)}</dd>" in page
    assert f"<dt>Open cases they mediate</dt><dd>{len(cases)}</dd>" in page
    assert leaving.get("/cases/").status_code == 200
    successor = person_named("county.mediator").id
    assert admin.post(departure_of("elder"), data={"successor": successor}).status_code == 303
    assert tasks <= in_hand("county.mediator")
    assert cases <= mediated("county.mediator")
    assert in_hand("elder") == mediated("elder") == set()
    person = person_named("elder")
    assert person.left_at is not None
    assert viewer_of_person(1, person.id, now=clock.now()) is None
    assert leaving.get("/cases/").status_code == 302
    assert db.session.scalar(select(func.count()).select_from(SignIn).where(SignIn.ended_at.is_(None))) == 1
    assert [one.revoked_at is not None for one in db.session.query(ApiToken).filter_by(person_id=person.id)] == [True]
    assert all(one.to_date is not None for one in db.session.query(Assignment).filter_by(person_id=person.id))
    deputy = viewer_of_person(1, successor, now=clock.now())
    assert deputy is not None
    assert deputy.stands_in_for == (person_named("mediator").id,)
    events = [entry.event for entry in entries(Stream.person(1, person.id))]
    assert events[0] == "person.left"
    told = {entry.event for case in cases for entry in entries(Stream.case(1, case))}
    assert {"task.inherited", "mediator.assigned"} <= told
    assert admin.post(departure_of("elder"), data={"successor": successor}).status_code == 409
    db.session.remove()
    assert run_unit(recount) == 0


def test_without_a_successor_the_tasks_wait_in_their_pools_again(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    tasks, cases = in_hand("elder"), mediated("elder")
    assert browser_as("admin").post(departure_of("elder")).status_code == 303
    db.session.remove()
    rows = db.session.scalars(select(WorkItem).where(WorkItem.id.in_(tasks))).all()
    assert {(one.status, one.assignee_id) for one in rows} == {(ItemStatus.OPEN, None)}
    assert set(db.session.scalars(select(Case.mediator_id).where(Case.id.in_(cases)))) == {None}
    told = {entry.event for case in cases for entry in entries(Stream.case(1, case))}
    assert {"task.left_behind", "mediator.left"} <= told


def test_a_task_that_nobody_else_could_take_stops_it_all(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    admin, leaving = browser_as("admin"), browser_as("elder")
    tasks, cases = in_hand("elder"), mediated("elder")

    def named_only() -> None:
        for item in db.session.scalars(select(WorkItem).where(WorkItem.id == max(tasks))):
            for row in db.session.scalars(
                select(WorkItemCandidate).where(WorkItemCandidate.work_item_id == item.id)
            ).all():
                db.session.delete(row)
            item.groups = []

    db.session.remove()
    run_unit(named_only)
    refused = admin.post(departure_of("elder"), headers={"Accept-Language": "en"})
    assert refused.status_code == 409
    assert "Please name somebody who takes over" in refused.text
    assert in_hand("elder") == tasks
    assert mediated("elder") == cases
    assert leaving.get("/cases/").status_code == 200
    db.session.remove()
    assert person_named("elder").left_at is None


def test_a_conflict_of_interest_keeps_the_successor_out(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    cases = mediated("elder")
    one = min(cases)

    def recuse() -> None:
        person = person_named("county.mediator").id
        now = clock.now()
        db.session.add(CaseAccess(county_id=1, case_id=one, person_id=person, kind="recused", from_at=now))

    db.session.remove()
    run_unit(recuse)
    answer = admin.post(departure_of("elder"), data={"successor": person_named("county.mediator").id})
    assert answer.status_code == 303
    assert one not in mediated("county.mediator")
    assert in_hand("county.mediator") == set()


def test_nobody_is_named_who_is_gone_or_unknown(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    tasks = in_hand("elder")
    for successor in ("x", "123", str(person_named("elder").id)):
        refused = admin.post(departure_of("elder"), data={"successor": successor})
        assert refused.status_code == 422
    assert in_hand("elder") == tasks
    assert browser_as("chair").post(departure_of("elder")).status_code == 404
    assert db.session.query(Person).filter(Person.left_at.is_not(None)).count() == 0
