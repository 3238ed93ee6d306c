"""One's own task stands beside its case and is completed there; through another case it is refused."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.cases.models import Case
from app.core.database import db
from app.tasks.drafts.models import TaskDraft
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs

HERE, OTHER = "村口承包鱼塘", "隔壁新砌围墙"


def case_of(beginning: str) -> Case:
    db.session.remove()
    return db.session.scalars(select(Case).where(Case.summary.like(f"{beginning}%"))).one()


def claims(browser: FlaskClient, case: Case) -> str:
    """Take the open task of the case; gives the address of its form beside the case."""
    task = db.session.scalars(
        select(WorkItem.id).where(WorkItem.subject_id == case.id, WorkItem.status == "open")
    ).one()
    assert browser.post(f"/tasks/{task}/claim").status_code == 302
    found = re.search(r'action="(/cases/[\w-]+/tasks/\d+)/completion"', browser.get(f"/cases/{case.code}").text)
    assert found is not None
    return found[1]


def item_now(address: str) -> WorkItem:
    db.session.remove()
    return db.session.scalars(select(WorkItem).where(WorkItem.id == int(address.rsplit("/", 1)[1]))).one()


def test_a_task_is_completed_beside_its_case(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_of(HERE)
    dispatcher = browser_as("dispatcher")
    address = claims(dispatcher, case)
    wrong = dispatcher.post(f"{address}/completion", data={"triage_decision": "nonsense"})
    assert wrong.status_code == 422
    assert f"/cases/{case.code}/tasks/" in wrong.text
    assert "case-head" in wrong.text
    assert item_now(address).status == "open"
    assert item_now(address).element_id == "confirm_triage"
    given = {"triage_decision": "confirm"}
    answer = dispatcher.post(f"{address}/completion", data=given)
    assert answer.status_code == 302, re.findall(r"invalid-feedback[^>]*>([^<]+)", answer.text)
    assert answer.headers["Location"] == f"/cases/{case.code}"
    assert item_now(address).status == "done"
    twice = dispatcher.post(f"{address}/completion", data=given)
    assert twice.status_code == 409
    assert 'id="my-task"' in twice.text
    assert "您填写的内容没有提交" in twice.text


def test_what_is_typed_beside_the_case_is_the_draft_of_the_task(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case, dispatcher = case_of(HERE), browser_as("dispatcher")
    address = claims(dispatcher, case)
    number = address.rsplit("/", 1)[1]
    page = dispatcher.get(f"/cases/{case.code}").text
    assert f'data-draft="/tasks/{number}/draft"' in page
    assert "js/task-draft.js" in page
    typed = {"triage_decision": "override", "_draft": "0"}
    kept = dispatcher.post(f"/tasks/{number}/draft", data=typed, headers={"Accept": "application/json"})
    assert kept.status_code == 200
    again = dispatcher.get(f"/cases/{case.code}").text
    assert re.search(r'value="override"[^>]* checked', again)
    assert 'name="_draft" value="1"' in again
    done = dispatcher.post(f"{address}/completion", data={"triage_decision": "confirm", "_draft": "1"})
    assert done.status_code == 302
    db.session.remove()
    assert db.session.scalars(select(TaskDraft)).all() == []


def test_through_another_case_it_is_refused(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    dispatcher = browser_as("dispatcher")
    address = claims(dispatcher, case_of(HERE))
    number = address.rsplit("/", 1)[1]
    for path in ("fields", "completion"):
        answer = dispatcher.post(
            f"/cases/{case_of(OTHER).code}/tasks/{number}/{path}", headers={"Accept-Language": "en"}
        )
        assert answer.status_code == 409
        assert "does not belong to" in answer.text
    assert item_now(address).status == "open"


def test_others_see_no_form(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_of(HERE)
    address = claims(browser_as("dispatcher"), case)
    leader = browser_as("leader")
    assert "/completion" not in leader.get(f"/cases/{case.code}").text
    assert leader.post(f"{address}/completion", data={}).status_code == 409
    assert browser_as("yunling.mediator").post(f"{address}/completion", data={}).status_code == 404
    assert item_now(address).status == "open"
