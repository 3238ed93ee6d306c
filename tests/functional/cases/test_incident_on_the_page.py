"""A service task that fails stands on the case page with element and cause, and is tried again from there."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases.models import Case
from app.core.database import db
from app.core.errors import Refusal
from app.workflow import topics
from app.workflow.models import WorkItem
from app.workflow.topics import TopicCall
from tests.functional.conftest import BrowserAs

TOPIC = "cases.find_duplicates"
EN = {"Accept-Language": "en"}
FILED = {
    "channel": "window",
    "report_kind": "dispute",
    "summary": "隔壁新砌围墙挡了排水沟。",
    "place": "河畔村3组",
    "party-0-side": "applicant",
    "party-0-name": "张秀英",
}


class Broken:
    """A register that answers nothing while `broken`."""

    def __init__(self) -> None:
        self.broken = True


@pytest.fixture
def register_of_cases(app: Flask) -> Iterator[Broken]:
    real = topics.registered(TOPIC)
    assert real is not None
    state = Broken()

    class Closed(Refusal):
        """The register of cases is closed today."""

    def answer(call: TopicCall) -> object:
        if state.broken:
            raise Closed
        return real.handler(call)

    topics._topics[TOPIC] = replace(real, handler=answer)
    yield state
    topics._topics[TOPIC] = real


def case_now() -> Case:
    db.session.remove()
    return db.session.scalars(select(Case)).one()


def test_what_stands_still_is_named_and_goes_on_when_tried_again(
    app: Flask, dispute_county: int, browser_as: BrowserAs, register_of_cases: Broken
) -> None:
    clerk = browser_as("clerk")
    assert clerk.post("/reports/", data=FILED).status_code == 302
    case = case_now()
    page = clerk.get(f"/cases/{case.code}", headers=EN).text
    assert "张秀英" in page
    assert "The register of cases is closed today" in page
    retry = re.search(rf"/cases/{case.code}/incidents/(\d+)/retry", page)
    assert retry is not None
    still = clerk.post(retry.group(0), headers=EN)
    assert still.status_code == 302
    page = clerk.get(f"/cases/{case.code}", headers=EN).text
    assert "it still cannot go on" in page
    assert clerk.get(retry.group(0)).status_code == 405
    assert browser_as("shiqiao.mediator").post(retry.group(0)).status_code == 404

    register_of_cases.broken = False
    retry = re.search(rf"/cases/{case.code}/incidents/(\d+)/retry", page)
    assert retry is not None
    assert clerk.post(retry.group(0)).status_code == 302
    page = clerk.get(f"/cases/{case.code}", headers=EN).text
    assert "/retry" not in page
    db.session.remove()
    assert db.session.scalars(select(WorkItem.element_id).where(WorkItem.status == "open")).all()
    again = clerk.post(retry.group(0), headers=EN)
    assert again.status_code == 404
    timeline = clerk.get(f"/cases/{case.code}/timeline", headers=EN).text
    assert "Stands still at" in timeline
    assert "Tried again" in timeline
    assert "Goes on at" in timeline
