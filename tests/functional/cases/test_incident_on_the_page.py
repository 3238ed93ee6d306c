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


def test_what_stands_still_is_named_to_all_and_repaired_by_whoever_answers_for_it(
    app: Flask, dispute_county: int, browser_as: BrowserAs, register_of_cases: Broken
) -> None:
    clerk, admin = browser_as("clerk"), browser_as("admin")
    assert clerk.post("/reports/", data=FILED).status_code == 302
    case = case_now()
    page = clerk.get(f"/cases/{case.code}", headers=EN).text
    assert "张秀英" in page
    assert "The register of cases is closed today" in page
    assert "the administrator is dealing with it" in page
    assert "/operations/incidents" not in page
    assert clerk.get("/operations/incidents").status_code == 404

    listed = admin.get("/operations/incidents", headers=EN).text
    assert case.code not in listed, "repairing is no right to read the case"
    found = re.search(r"/operations/incidents/(\d+)", listed)
    assert found is not None
    address = found.group(0)
    assert clerk.get(address).status_code == 404
    assert clerk.post(f"{address}/retry", data={"reason": "试试"}).status_code == 404
    shown = admin.get(address, headers=EN).text
    assert "The register of cases is closed today" in shown
    assert "张秀英" not in shown
    assert "围墙" not in shown
    refused = admin.post(f"{address}/retry", headers=EN)
    assert refused.status_code == 422
    assert "A reason is needed" in refused.text
    still = admin.post(f"{address}/retry", data={"reason": "登记簿已开"}, headers=EN, follow_redirects=True)
    assert "It still cannot go on" in still.text

    register_of_cases.broken = False
    found = re.search(r"/operations/incidents/(\d+)/retry", still.text)
    assert found is not None
    assert admin.post(found.group(0), data={"reason": "登记簿已开"}).status_code == 303
    page = clerk.get(f"/cases/{case.code}", headers=EN).text
    assert "dealing with it" not in page
    db.session.remove()
    assert db.session.scalars(select(WorkItem.element_id).where(WorkItem.status == "open")).all()
    again = admin.post(found.group(0), data={"reason": "再来"}, headers=EN)
    assert again.status_code == 409
    timeline = clerk.get(f"/cases/{case.code}/timeline", headers=EN).text
    assert "Stands still at" in timeline
    assert "Tried again" in timeline
    assert "登记簿已开" in timeline
    assert "Goes on at" in timeline
