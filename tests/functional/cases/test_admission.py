"""The keeper of a watch sees the case from the moment they are named until it is lifted, whichever office is theirs."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream
from app.cases.listing.queries import CaseFilter, listed
from app.cases.models import Case
from app.cases.queries import case_by_id, sight_of
from app.cases.services.access import admit_person, recuse_person
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import answer_tasks, viewer
from app.devdata.county import person_named
from app.engine.findings import EngineError
from app.matching.jobs import assign_mediator
from app.tasks.listing import counts
from app.workflow import queries as workflow
from app.workflow.models import WorkItem
from app.workflow.topics import TopicCall
from tests.functional.conftest import BrowserAs
from tests.functional.tasks.test_numbers import every_number_is_its_list

KEEPER = "shiqiao.mediator"
BEGUN = {
    "call_police": ("dispatcher", {"police_station": "辖区派出所"}),
    "confirm_police_receipt": ("dispatcher", {"police_receipt_number": "J1"}),
}
LIFTED = {"lift_safety": ("leader", {"safety_lifted": True, "lift_reason": "双方平静"})}


@pytest.fixture
def red(played_county: int) -> Case:
    found = db.session.scalars(select(Case).where(Case.summary.startswith("邻居扬言要放火烧房子"))).one()
    db.session.expunge(found)
    db.session.remove()
    return found


def answer(case: Case, answers: dict[str, tuple[str, dict[str, object]]]) -> None:
    db.session.remove()
    run_unit(lambda: answer_tasks(case_by_id(1, case.id), answers, now=clock.now()))


def plan(case: Case, keeper: str) -> None:
    values: dict[str, object] = {"measures": ["apart"], "safety_keeper": keeper}
    answer(case, BEGUN | {"plan_measures": ("dispatcher", values)})


def ways(case: Case, login: str) -> tuple[str, ...]:
    db.session.remove()
    sight = sight_of(viewer(login, now=clock.now()), case.code)
    assert sight is not None
    assert sight.visible == bool(sight.ways)
    return sight.ways


def test_the_keeper_of_another_office_sees_the_case_while_the_watch_lasts(
    app: Flask, red: Case, browser_as: BrowserAs
) -> None:
    address = f"/cases/{red.code}"
    keeper = browser_as(KEEPER)
    assert keeper.get(address).status_code == 404
    plan(red, str(person_named(KEEPER).id))
    assert ways(red, KEEPER) == ("admitted",), "the first check is due tomorrow"
    assert keeper.get(address).status_code == 200
    who = viewer(KEEPER, now=clock.now())
    assert red.code in [row.case.code for row in listed(who, CaseFilter(), size=100).rows]
    assert red.code in keeper.get("/search", query_string={"q": red.code}).text
    every_number_is_its_list((KEEPER,))
    answer(red, LIFTED)
    assert ways(red, KEEPER) == ()
    assert keeper.get(address).status_code == 404
    told = [entry.event for entry in entries(Stream.case(1, red.id), limit=500)]
    assert told.count("person.admitted") == told.count("person.admission_ended") == 1


def test_a_restricted_case_is_seen_and_counted_by_who_was_admitted(app: Flask, red: Case) -> None:
    """As the one restricted matter of a team it stands in the list and in its number alike."""
    helper = "linjiang.dispatcher"
    number = person_named(helper).id
    db.session.remove()

    def restrict() -> None:
        inside = db.session.scalars(select(Case).where(Case.summary.startswith("宅基地边界不清"))).one()
        place, both = inside.lead_organisation_id, {"sensitivity": "restricted", "org_path": inside.org_path}
        db.session.execute(update(Case).where(Case.id == red.id).values(lead_organisation_id=place, **both))
        db.session.execute(update(WorkItem).where(WorkItem.subject_id == red.id).values(org_id=place, **both))

    run_unit(restrict)
    assert ways(red, helper) == ()
    before = counts(viewer(helper, now=clock.now()))["team"]
    for _ in range(2):
        db.session.remove()
        run_unit(lambda: admit_person(case_by_id(1, red.id), number, actor=SYSTEM, now=clock.now()))
    assert ways(red, helper) == ("admitted",)
    assert counts(viewer(helper, now=clock.now()))["team"] > before
    every_number_is_its_list((helper,))


def test_a_conflict_of_interest_stands_above_the_part(app: Flask, red: Case, browser_as: BrowserAs) -> None:
    keeper = person_named(KEEPER).id
    db.session.remove()
    run_unit(lambda: recuse_person(case_by_id(1, red.id), keeper, reason="亲属", actor=SYSTEM, now=clock.now()))
    plan(red, str(keeper))
    assert browser_as(KEEPER).get(f"/cases/{red.code}").status_code == 404


@pytest.mark.parametrize("number", ["123", "x", "9" * 40])
def test_a_keeper_whom_nobody_is_stands_still_at_the_task_that_names_them(app: Flask, red: Case, number: str) -> None:
    plan(red, number)
    db.session.remove()
    assert [one.element_id for one in workflow.incidents_of(1, red.id)] == ["admit_keeper"]


@pytest.mark.parametrize("login", ["resident", "admin", "owner"])
def test_who_works_on_no_cases_is_no_keeper_and_no_mediator(
    app: Flask, red: Case, browser_as: BrowserAs, login: str
) -> None:
    """Whatever a message or a form brought along as the keeper's number: a case is opened to nobody by it."""
    number = str(person_named(login).id)
    plan(red, number)
    db.session.remove()
    (incident,) = workflow.incidents_of(1, red.id)
    assert (incident.element_id, incident.code) == ("admit_keeper", "person_without_case_role")
    assert ways(red, login) == ()
    assert browser_as(login).get(f"/cases/{red.code}").status_code == 404
    call = TopicCall(1, red.id, 0, "dispute", "assign", "match", {"person": number}, SYSTEM, clock.now())
    with pytest.raises(EngineError, match="person_without_case_role"):
        run_unit(lambda: assign_mediator(case_by_id(1, red.id), call))
