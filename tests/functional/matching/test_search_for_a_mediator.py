"""From consent to a mediator: ranked, assigned, and kept out when they declare a conflict of interest."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.services import SYSTEM
from app.cases.models import Case, CaseAccess
from app.cases.queries import case_by_id
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import SETTLED, Story, play
from app.devdata.county import person_named
from app.directory.models import Person
from app.engine.findings import EngineError
from app.engine.words import sentence
from app.matching.jobs import assign_mediator
from app.matching.queries import mediators_for
from app.workflow.models import WorkItem
from app.workflow.topics import TopicCall
from tests.functional.conftest import BrowserAs
from tests.functional.days import county_day

QUARREL = ("宅基地边界不清，砌墙时起了争执。", "河畔村1组", "徐永年", "徐永康")


@pytest.fixture
def proposed(dispute_county: int) -> int:
    """A case in which a mediator is asked to accept; gives its id."""
    story = Story(*QUARREL, age_days=0, answers=SETTLED, until="accept_assignment")
    return run_unit(lambda: play(story, now=clock.now()).id)


def open_task(case_id: int, element: str) -> WorkItem:
    db.session.remove()
    return db.session.scalars(
        select(WorkItem).where(
            WorkItem.subject_id == case_id, WorkItem.element_id == element, WorkItem.status == "open"
        )
    ).one()


def login_of(person_id: int | None) -> str:

    return db.session.query(Person).filter_by(id=person_id).one().login


def names(case_id: int) -> set[str]:
    db.session.remove()
    return {one.name for one in mediators_for(case_by_id(1, case_id), on=county_day())}


def test_who_accepts_is_the_mediator(app: Flask, proposed: int, browser_as: BrowserAs) -> None:
    task = open_task(proposed, "accept_assignment")
    login = login_of(task.assignee_id)
    answer = browser_as(login).post(f"/tasks/{task.id}/completion", data={"assignment_answer": "accepted"})
    assert answer.status_code == 302
    db.session.remove()
    case = db.session.query(Case).filter_by(id=proposed).one()
    assert case.mediator_id == person_named(login).id
    assert db.session.query(CaseAccess).count() == 0


def declare(task: WorkItem, browser_as: BrowserAs) -> str:
    login = login_of(task.assignee_id)
    browser = browser_as(login)
    data = {"assignment_answer": "conflict", "conflict_note": "申请人是我表弟", "then": "case"}
    answer = browser.post(f"/tasks/{task.id}/completion", data=data)
    assert answer.status_code == 302
    assert browser.get(answer.headers["Location"]).status_code == 200
    return login


def test_a_declared_conflict_keeps_the_person_out_and_the_next_is_asked(
    app: Flask, proposed: int, browser_as: BrowserAs
) -> None:
    task = open_task(proposed, "accept_assignment")
    login = declare(task, browser_as)
    db.session.remove()
    code = db.session.query(Case).filter_by(id=proposed).one().code
    assert browser_as(login).get(f"/cases/{code}").status_code == 404
    assert person_named(login).name not in names(proposed)
    conflict = open_task(proposed, "ask_despite_conflict")
    clerk = "clerk" if browser_as("clerk").post(f"/tasks/{conflict.id}/claim").status_code == 302 else "chair"
    answer = browser_as(clerk).post(f"/tasks/{conflict.id}/completion", data={})
    assert answer.status_code == 302
    db.session.remove()
    following = db.session.scalars(
        select(WorkItem).where(WorkItem.subject_id == proposed, WorkItem.status == "open")
    ).all()
    assert {item.element_id for item in following} & {"accept_assignment", "choose_mediator", "appoint"}
    assert task.assignee_id not in {item.assignee_id for item in following}


def test_parties_who_know_may_accept_the_person_all_the_same(app: Flask, proposed: int, browser_as: BrowserAs) -> None:
    task = open_task(proposed, "accept_assignment")
    login = declare(task, browser_as)
    conflict = open_task(proposed, "ask_despite_conflict")
    clerk = "clerk" if browser_as("clerk").post(f"/tasks/{conflict.id}/claim").status_code == 302 else "chair"
    answer = browser_as(clerk).post(f"/tasks/{conflict.id}/completion", data={"conflict_accepted": "true"})
    assert answer.status_code == 302
    db.session.remove()
    case = db.session.query(Case).filter_by(id=proposed).one()
    assert case.mediator_id == person_named(login).id
    assert browser_as(login).get(f"/cases/{case.code}").status_code == 200


def test_sessions_are_kept_and_the_private_note_is_the_mediators_own(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    secret = "张家私下愿意再让五百元"
    how = dict(SETTLED)
    login, values = how["hold_session"]
    how["hold_session"] = (login, {**values, "private_note": secret})
    story = Story(*QUARREL, age_days=0, answers=how, until="draft_agreement")
    case_id = run_unit(lambda: play(story, now=clock.now()).id)
    db.session.remove()
    case = db.session.query(Case).filter_by(id=case_id).one()
    mediator = login_of(case.mediator_id)
    page = browser_as(mediator).get(f"/cases/{case.code}/mediation").text
    assert "村调解室" in page
    assert secret in page
    for other in ("leader", "chair", "clerk"):
        page = browser_as(other).get(f"/cases/{case.code}/mediation").text
        assert "村调解室" in page, other
        assert secret not in page, other
        assert secret not in browser_as(other).get(f"/cases/{case.code}/timeline").text


def test_an_order_stands_on_the_page_until_it_is_answered(app: Flask, proposed: int, browser_as: BrowserAs) -> None:
    db.session.remove()
    code = db.session.query(Case).filter_by(id=proposed).one().code
    leader = browser_as("leader")
    url = f"/cases/{code}/actions/supervision_ordered"
    assert leader.post(url, data={}).status_code == 422
    sent = {"supervision_card": "yellow", "supervision_demand": "三日内报告进展", "supervision_due": "2026-12-31"}
    for _ in range(3):
        answer = leader.post(url, data=sent)
        assert answer.status_code == 302
    page = leader.get(f"/cases/{code}").text
    assert page.count("三日内报告进展") >= 3
    assert "三日内报告进展" in leader.get(f"/cases/{code}/timeline").text


@pytest.mark.parametrize("asked", ["999999999", "somebody", "-1", "9" * 40, "left"])
def test_a_person_who_does_not_work_here_is_named_as_such(proposed: int, asked: str) -> None:
    """The incident at the element says who is unknown, not what a database thinks of it."""
    before = db.session.query(Case).filter_by(id=proposed).one().mediator_id
    if asked == "left":
        gone = person_named("elder")
        gone.left_at = clock.now()
        db.session.flush()
        asked = str(gone.id)
    call = TopicCall(
        county_id=1,
        subject_id=proposed,
        instance_id=1,
        package="dispute",
        element_id="assign",
        process_id="match",
        inputs={"person": asked},
        actor=SYSTEM,
        now=clock.now(),
    )
    with pytest.raises(EngineError) as failed:
        assign_mediator(case_by_id(1, proposed), call)
    assert failed.value.code == "person_unknown"
    assert asked[:60] in sentence("person_unknown", failed.value.params, "en")
    assert db.session.query(Case).filter_by(id=proposed).one().mediator_id == before
