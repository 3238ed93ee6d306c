"""A quarrel settled at the door: three answers, one case, and its file already begun."""

from flask import Flask
from sqlalchemy import select

from app.cases.models import Case, Party
from app.core.database import db
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs

SETTLED = {
    "doorstep_parties": "张三和李四",
    "summary": "为晒谷场的界线争了几句，当场说和。",
    "doorstep_result": "settled",
    "agreement_form": "oral",
}


def test_the_elder_keeps_a_settled_quarrel(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    elder = browser_as("elder")
    assert elder.get("/reports/doorstep").status_code == 200
    answer = elder.post("/reports/doorstep", data=SETTLED)
    case = db.session.scalars(select(Case)).one()
    assert answer.headers["Location"] == f"/cases/{case.code}"
    assert elder.get(answer.headers["Location"]).status_code == 200
    names = db.session.execute(select(Party.side, Party.name).order_by(Party.id)).all()
    assert [tuple(row) for row in names] == [("applicant", "张三"), ("respondent", "李四")]
    done = db.session.scalars(select(WorkItem.element_id).where(WorkItem.status == "done")).all()
    assert done == ["record_doorstep"]


def test_nothing_typed_keeps_nothing(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    answer = browser_as("elder").post("/reports/doorstep", data={**SETTLED, "summary": ""})
    assert answer.status_code == 422
    assert "张三和李四" in answer.text
    assert db.session.query(Case).count() == 0


def test_the_archivist_does_not_stand_at_doors(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    browser = browser_as("archivist")
    assert browser.get("/reports/doorstep").status_code == 403
    assert browser.post("/reports/doorstep", data=SETTLED).status_code == 403
    assert db.session.query(Case).count() == 0
