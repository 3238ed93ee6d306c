"""Leaving: everything is handed over and every right ends, or nothing is changed."""

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
from app.directory.models import ApiToken, Assignment, Organisation, Person, SignIn
from app.directory.queries import county_office, viewer_of_person
from app.directory.services import assign_role, create_api_token
from app.notices.models import Notice
from app.tasks.departures import tasks_in_hand
from app.workflow.counting import recount
from app.workflow.models import ItemStatus, WorkItem, WorkItemCandidate
from tests.functional.conftest import BrowserAs
from tests.functional.days import county_day

EN = {"Accept-Language": "en"}
WHY = {"reason": "调回县里工作"}


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
        today = county_day()
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
    page = admin.get(departure_of("elder"), headers=EN).text
    assert f'<dt>Open tasks</dt><dd><a href="#tasks">{len(tasks)}</a></dd>' in page
    assert f'<dt>Open cases they mediate</dt><dd><a href="#cases">{len(cases)}</a></dd>' in page
    assert leaving.get("/cases/").status_code == 200
    successor = person_named("county.mediator").id
    assert admin.post(departure_of("elder"), data={"successor": successor, **WHY}).status_code == 303
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
    (inherited,) = db.session.query(Notice).filter_by(person_id=successor, template="work_inherited")
    assert (inherited.params["tasks"], inherited.params["cases"]) == (str(len(tasks)), str(len(cases)))
    notices = browser_as("county.mediator").get("/notices/", headers=EN).text
    assert f"Yours are now: open tasks {len(tasks)}, cases to mediate {len(cases)}." in notices
    assert "Open the inbox" in notices
    deputy = viewer_of_person(1, successor, now=clock.now())
    assert deputy is not None
    assert deputy.stands_in_for == (person_named("mediator").id,)
    events = [entry.event for entry in entries(Stream.person(1, person.id))]
    assert events[:2] == ["person.handed_over", "person.left"]
    told = {entry.event for case in cases for entry in entries(Stream.case(1, case))}
    assert {"task.inherited", "mediator.assigned"} <= told
    assert admin.post(departure_of("elder"), data={"successor": successor, **WHY}).status_code == 409
    db.session.remove()
    assert run_unit(recount) == 0


def test_without_a_successor_the_tasks_wait_in_their_pools_again(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    tasks, cases = in_hand("elder"), mediated("elder")
    assert browser_as("admin").post(departure_of("elder"), data=WHY).status_code == 303
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
    refused = admin.post(departure_of("elder"), data=WHY, headers=EN)
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
    answer = admin.post(departure_of("elder"), data={"successor": person_named("county.mediator").id, **WHY})
    assert answer.status_code == 303
    assert one not in mediated("county.mediator")
    assert in_hand("county.mediator") == set()


def test_nobody_is_named_who_is_gone_or_unknown(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    tasks = in_hand("elder")
    for successor in ("x", "123", str(person_named("elder").id)):
        refused = admin.post(departure_of("elder"), data={"successor": successor, **WHY})
        assert refused.status_code == 422
    assert in_hand("elder") == tasks
    assert browser_as("chair").post(departure_of("elder")).status_code == 404
    assert db.session.query(Person).filter(Person.left_at.is_not(None)).count() == 0


def test_who_could_not_be_given_a_task_inherits_none(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    """A resident holds no role of the work; a leader shares one, and may have no mediator's task."""
    admin = browser_as("admin")
    tasks, cases = in_hand("elder"), mediated("elder")
    page = admin.get(departure_of("elder")).text
    resident = person_named("resident").id
    assert f'value="{resident}"' not in page
    assert f'value="{person_named("mediator").id}"' in page
    refused = admin.post(departure_of("elder"), data={"successor": resident, **WHY}, headers=EN)
    assert refused.status_code == 422
    assert "holds none of the roles" in refused.text
    assert (in_hand("elder"), mediated("elder")) == (tasks, cases)

    def make_leader() -> None:
        county = db.session.scalars(select(Organisation).where(Organisation.parent_id.is_(None))).one()
        assign_role(person_named("elder"), "leader", county, from_date=county_day() - timedelta(days=1))

    db.session.remove()
    run_unit(make_leader)
    answer = admin.post(departure_of("elder"), data={"successor": person_named("leader").id, **WHY}, headers=EN)
    assert answer.status_code == 303
    assert in_hand("leader") == set(), "a leader is no mediator: the tasks wait in their groups"
    assert mediated("leader") == set()
    told = admin.get(answer.location, headers=EN).text
    assert f"{len(tasks)} task waits in its group." in told
    assert f"{len(cases)} case needs a mediator." in told


def test_a_reason_is_asked_for_and_kept(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    admin, before = browser_as("admin"), in_hand("elder")
    assert admin.post(departure_of("elder"), data={"reason": " "}).status_code == 422
    assert in_hand("elder") == before
    assert admin.post(departure_of("elder"), data=WHY).status_code == 303
    db.session.remove()
    entry = entries(Stream.person(1, person_named("elder").id))[1]
    assert (entry.event, entry.payload["reason"]) == ("person.left", WHY["reason"])


def test_an_administrator_reads_of_tasks_in_hand_what_they_may_see_only(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    """A step may be called after a party: only its case is named to who may not see the case."""
    names = [one.name_zh for one in tasks_in_hand(1, person_named("elder").id) if one.subject_id]
    codes = set(db.session.scalars(select(Case.code).where(Case.id.in_(mediated("elder")))))
    assert names
    assert codes

    def both() -> None:
        assign_role(person_named("head"), "administrator", county_office(1), from_date=county_day())

    for sees in (False, True):
        if sees:
            db.session.remove()
            run_unit(both)
        page = browser_as("head" if sees else "admin").get(departure_of("elder")).text
        assert [name in page for name in names] == [sees] * len(names)
        assert all(code in page for code in codes)
        assert [f'href="/cases/{code}"' in page for code in codes] == [sees] * len(codes)


def test_successors_are_told_with_their_offices_and_whether_they_are_away(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    def away() -> None:
        today = county_day()
        mediator = person_named("mediator")
        take_leave(mediator, deputy=None, from_date=today, to_date=today, reason="", actor=SYSTEM, now=clock.now())

    run_unit(away)
    page = browser_as("admin").get(departure_of("elder"), headers=EN).text
    assert ">Qin Lan · Fengxi County Centre<" in page
    assert ">Wang Guilan · Hepan Village · on leave<" in page


def test_the_page_of_who_has_left_says_so(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    admin.post(departure_of("elder"), data=WHY)
    page = admin.get(departure_of("elder"), headers=EN).text
    assert "Every right ends at once" not in page
    assert "<dt>Roles, current and planned</dt><dd>0</dd>" in page
    account = admin.get(departure_of("elder").replace("departure", "account"), headers=EN).text
    assert "This account opens nothing any more." in account
    assert "朱有福" not in app.test_client().get("/sign-in").text
