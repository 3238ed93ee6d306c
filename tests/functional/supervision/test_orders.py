"""An order is awaited as long as its case takes an answer."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit.services import SYSTEM
from app.cases.models import Case
from app.cases.services.cases import seal_case
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.supervision.models import SupervisionOrder
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs


def test_nobody_waits_for_an_answer_in_a_sealed_case(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    leader = browser_as("leader")
    db.session.rollback()

    def order() -> str:
        case = db.session.scalars(select(Case).where(Case.summary.like("隔壁新砌围墙%"))).one()
        db.session.add(
            SupervisionOrder(
                county_id=1,
                case_id=case.id,
                card="yellow",
                demand="三日内答复",
                ordered_by_id=person_named("leader").id,
                ordered_by="赵卫东",
                ordered_at=clock.now(),
            )
        )
        return case.code

    code = run_unit(order)
    assert code in leader.get("/tasks/?tab=supervision").text
    english = leader.get(f"/cases/{code}", headers={"Accept-Language": "en"}).text
    assert '三日内答复 <span class="quiet">Zhao Weidong' in english
    db.session.rollback()
    run_unit(
        lambda: seal_case(
            db.session.scalars(select(Case).where(Case.code == code)).one(), actor=SYSTEM, now=clock.now()
        )
    )
    assert code not in leader.get("/tasks/?tab=supervision").text
    page = leader.get(f"/cases/{code}").text
    assert "未答复，随本案终结" in page


def open_task(case: Case, element: str) -> int:
    db.session.rollback()
    found = select(WorkItem.id).where(
        WorkItem.subject_id == case.id, WorkItem.element_id == element, WorkItem.status == "open"
    )
    return db.session.scalars(found).one()


ANSWER = {"supervision_answer": "已约双方周四到场"}


def ordered_and_answered(leader: FlaskClient, who: FlaskClient, told: str) -> Case:
    """The case that was told so, under an order of the leader's that somebody has answered."""
    db.session.rollback()
    case = db.session.scalars(select(Case).where(Case.summary.like(told))).one()
    order = {"supervision_card": "yellow", "supervision_demand": "五日内报告进展", "supervision_due": "2099-01-05"}
    assert leader.post(f"/cases/{case.code}/actions/supervision_ordered", data=order).status_code == 302
    assert who.post(f"/tasks/{open_task(case, 'answer_order')}/completion", data=ANSWER).status_code == 302
    return case


def test_an_answer_is_accepted_or_goes_back_with_a_reason(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    leader, wang = browser_as("leader"), browser_as("mediator")
    case = ordered_and_answered(leader, wang, "宅基地边界不清%")
    review = open_task(case, "review_answer")
    assert leader.post(f"/tasks/{review}/claim").status_code == 302
    page = leader.get(f"/tasks/{review}").text
    assert "督办要求：五日内报告进展" in page
    assert "督办答复：已约双方周四到场" in page
    assert leader.post(f"/tasks/{review}/completion", data={}).status_code == 422
    assert leader.post(f"/tasks/{review}/completion", data={"supervision_note": "说明谁到场"}).status_code == 302
    again = open_task(case, "answer_order")
    assert wang.post(f"/tasks/{again}/claim").status_code == 302
    assert "退回意见：说明谁到场" in wang.get(f"/tasks/{again}").text
    assert wang.post(f"/tasks/{again}/completion", data=ANSWER).status_code == 302
    accepted = {"supervision_accepted": "true"}
    assert leader.post(f"/tasks/{open_task(case, 'review_answer')}/completion", data=accepted).status_code == 302
    db.session.rollback()
    assert db.session.scalars(select(SupervisionOrder)).one().closed_at is not None


def test_whoever_answered_an_order_does_not_review_the_answer(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    leader, dispatcher = browser_as("leader"), browser_as("dispatcher")
    case = ordered_and_answered(leader, dispatcher, "在工地做了四个月小工%")
    review = open_task(case, "review_answer")
    accepted = {"supervision_accepted": "true"}
    refused = dispatcher.post(f"/tasks/{review}/completion", data=accepted)
    assert (refused.status_code, "不得自办自批" in refused.text) == (409, True)
    assert leader.post(f"/tasks/{review}/completion", data=accepted).status_code == 302
