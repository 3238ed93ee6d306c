"""What is typed into a task's form is kept for that person until the task is done; no window writes over another."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.tasks.drafts.models import TaskDraft
from app.tasks.drafts.services import MOST_CHARACTERS, drop_left_over
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs

TEXT = "先约双方到现场看一看。"


@pytest.fixture
def task(app: Flask, played_county: int, browser_as: BrowserAs) -> tuple[FlaskClient, int]:
    """A dispatcher with a task of the triage, claimed."""
    browser = browser_as("dispatcher")
    found = select(WorkItem.id).where(WorkItem.element_id == "confirm_triage", WorkItem.status == "open")
    item = db.session.scalars(found.order_by(WorkItem.id).limit(1)).one()
    db.session.remove()
    assert browser.post(f"/tasks/{item}/claim").status_code == 302
    return browser, item


def save(browser: FlaskClient, item: int, text: str, known: int = 0) -> tuple[int, dict[str, object]]:
    typed = {"triage_decision": "override", "override_reason": text, "_draft": known, "then": "next"}
    answer = browser.post(f"/tasks/{item}/draft", data=typed, headers={"Accept": "application/json"})
    return answer.status_code, answer.json or {}


def drafts() -> int:
    db.session.remove()
    return db.session.scalar(select(func.count()).select_from(TaskDraft)) or 0


def test_it_is_there_again_in_another_browser(task: tuple[FlaskClient, int], browser_as: BrowserAs) -> None:
    browser, item = task
    assert save(browser, item, TEXT) == (200, {"revision": 1})
    again = browser_as("dispatcher").get(f"/tasks/{item}").text
    assert TEXT in again
    assert 'name="_draft" value="1"' in again
    assert save(browser, item, TEXT, 1) == (200, {"revision": 1})
    assert save(browser, item, TEXT + "再说", 1) == (200, {"revision": 2})
    kept = db.session.scalars(select(TaskDraft)).one()
    assert [name for name, _text in kept.typed] == ["triage_decision", "override_reason"]


def test_a_second_window_is_told_and_writes_over_nothing(task: tuple[FlaskClient, int]) -> None:
    browser, item = task
    assert save(browser, item, TEXT)[0] == 200
    status, told = save(browser, item, "另一个窗口", 0)
    assert (status, told["revision"]) == (409, 1)
    assert "另一个窗口" in str(told["detail"])
    assert TEXT in browser.get(f"/tasks/{item}").text
    assert save(browser, item, "另一个窗口", 1) == (200, {"revision": 2})


def test_nobody_else_reads_or_writes_it(task: tuple[FlaskClient, int], browser_as: BrowserAs) -> None:
    browser, item = task
    save(browser, item, TEXT)
    leader = browser_as("leader")
    assert TEXT not in leader.get(f"/tasks/{item}").text
    assert save(leader, item, "改一改")[0] == 409
    assert save(browser_as("yunling.mediator"), item, "改一改")[0] == 404
    assert browser.get(f"/tasks/{item}/draft").status_code == 405
    assert drafts() == 1


def test_more_than_a_draft_keeps_is_refused_and_the_rest_stays(task: tuple[FlaskClient, int]) -> None:
    browser, item = task
    save(browser, item, TEXT)
    assert save(browser, item, "长" * (MOST_CHARACTERS + 1), 1)[0] == 413
    assert TEXT in browser.get(f"/tasks/{item}").text


def test_completing_drops_it_and_a_late_one_finds_the_task_done(task: tuple[FlaskClient, int]) -> None:
    browser, item = task
    save(browser, item, TEXT)
    wrong = browser.post(f"/tasks/{item}/completion", data={"_draft": "1", "triage_decision": "override"})
    assert (wrong.status_code, drafts()) == (422, 1)
    done = browser.post(f"/tasks/{item}/completion", data={"_draft": "1", "triage_decision": "confirm"})
    assert (done.status_code, drafts()) == (302, 0)
    assert save(browser, item, TEXT)[0] == 409
    assert drafts() == 0


def test_the_night_forgets_drafts_of_tasks_that_ended_otherwise(task: tuple[FlaskClient, int]) -> None:
    browser, item = task
    save(browser, item, TEXT)
    assert run_unit(drop_left_over) == 0
    db.session.remove()
    run_unit(lambda: setattr(db.session.get(WorkItem, (person_named("clerk").county_id, item)), "status", "cancelled"))
    assert run_unit(drop_left_over) == 1
