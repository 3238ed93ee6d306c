"""A report's form that is sent twice, late, changed, or with more in it than it asks: one report, and clear words."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.audit.queries import entries
from app.audit.services import Stream
from app.cases.models import Case, Report
from app.core import clock
from app.core.database import db
from app.core.once import SentForm
from app.intake import services
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs
from tests.functional.intake.test_doorstep import SETTLED
from tests.functional.intake.test_registration import FILLED, cases, register
from tests.functional.workflow.rivals import in_thread

ENGLISH = {"Accept-Language": "en"}


def carried(browser: FlaskClient, page: str = "/reports/new") -> str:
    """The number in a form that was just opened."""
    found = re.search(r'name="_once" value="([^"]+)"', browser.get(page).text)
    assert found is not None
    return found[1]


def told(browser: FlaskClient, answer: TestResponse) -> str:
    assert answer.status_code == 302, answer.text
    return browser.get(answer.location, headers=ENGLISH).text


@pytest.mark.parametrize(
    ("address", "page", "filled"), [("/reports/", "/reports/new", FILLED), ("/reports/doorstep",) * 2 + (SETTLED,)]
)
def test_the_same_form_is_one_report(
    app: Flask, dispute_county: int, browser_as: BrowserAs, address: str, page: str, filled: dict[str, str]
) -> None:
    browser = browser_as("mediator")
    data = {**filled, "_once": carried(browser, page)}
    first = browser.post(address, data=data)
    assert first.status_code == 302
    before = (cases(), db.session.query(WorkItem).count(), history())
    again = browser.post(address, data=data, headers=ENGLISH)
    assert again.location == first.location
    assert "This form was sent before; here is its case." in told(browser, again)
    assert (cases(), db.session.query(WorkItem).count(), history()) == before
    assert browser.post(address, data={**filled, "_once": carried(browser, page)}).location != first.location
    assert cases() == 2


def history() -> int:
    return sum(len(entries(Stream.case(1, case), limit=500)) for case in db.session.scalars(select(Case.id)))


def test_two_clicks_at_the_same_moment_are_one_report(
    app: Flask, dispute_county: int, browser_as: BrowserAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked and found nothing before either of them writes."""
    one, other = browser_as("clerk"), browser_as("clerk")
    once = carried(one)
    looked = services._earlier
    seen: list[SentForm | None] = []

    def look(county_id: int, new: services.NewReport) -> services.Receipt | None:
        seen.append(new.form)
        return None if len(seen) <= 2 else looked(county_id, new)

    monkeypatch.setattr(services, "_earlier", look)
    threads = [in_thread(app, lambda browser=browser: register(browser, _once=once)) for browser in (one, other)]  # type: ignore[misc]
    for thread, _answers in threads:
        thread.join(60)
    answers = [answers[0] for _thread, answers in threads]
    assert all(isinstance(answer, TestResponse) and answer.status_code == 302 for answer in answers), answers
    assert cases() == 1


@pytest.mark.parametrize(
    ("address", "page", "filled", "changed"),
    [
        ("/reports/", "/reports/new", FILLED, {"summary": "楼上漏水，泡坏了天花板。"}),
        ("/reports/", "/reports/new", FILLED, {"party-1-name": "李国民"}),
        (
            "/reports/",
            "/reports/new",
            FILLED,
            {"party-2-name": "王芳", "party-2-side": "respondent", "party_rows": "3"},
        ),
        ("/reports/", "/reports/new", FILLED, {"reporter_phone": "13900000000"}),
        (*("/reports/doorstep",) * 2, SETTLED, {"doorstep_terms": "各让一尺。"}),
        (*("/reports/doorstep",) * 2, SETTLED, {"summary": "为水渠争了几句。"}),
    ],
)
def test_a_form_that_was_changed_after_it_was_sent_asks_what_it_is(
    app: Flask,
    dispute_county: int,
    browser_as: BrowserAs,
    address: str,
    page: str,
    filled: dict[str, str],
    changed: dict[str, str],
) -> None:
    """Who goes back in the browser finds the old form, and corrects a word, or types the next report into it."""
    browser = browser_as("mediator")
    once = carried(browser, page)
    browser.post(address, data={**filled, "_once": once})
    case = db.session.scalars(select(Case)).one()
    before, title = history(), case.title
    asked = browser.post(address, data={**filled, **changed, "_once": once}, headers=ENGLISH)
    assert asked.status_code == 409
    assert f"This form was sent before and became case {case.code}." in asked.text
    assert f'href="/cases/{case.code}"' in asked.text
    for word in changed.values():
        assert word in asked.text
    assert (cases(), history()) == (1, before)
    assert db.session.scalars(select(Case.title)).one() == title
    anew = re.search(r'name="_once" value="([^"]+)"', asked.text)
    assert anew is not None
    other = {**filled, **changed, "_once": anew[1]}
    assert browser.post(address, data=other).location != f"/cases/{case.code}"
    assert browser.post(address, data=other).status_code == 302
    assert cases() == 2


def test_a_number_from_elsewhere_means_nothing(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    clerk = browser_as("clerk")
    register(clerk)
    taken = db.session.scalars(select(Report.id)).one()
    for number, once in enumerate((str(taken), "1.x", "", "x" * 10_000, carried(clerk)[:-1])):
        assert register(clerk, _once=once).status_code == 302
        assert cases() == number + 2


def test_what_is_wrong_keeps_the_number_and_a_form_may_come_late(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    clerk = browser_as("clerk")
    once = carried(clerk)
    wrong = register(clerk, _once=once, summary="")
    assert wrong.status_code == 422
    assert f'name="_once" value="{once}"' in wrong.text
    with clock.freeze(clock.now() + timedelta(hours=5)):
        assert register(clerk, _once=once).status_code == 302
        assert "sent before" in told(clerk, register(clerk, _once=once))
    assert cases() == 1


def test_more_than_the_form_asks_changes_nothing_else(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    clerk = browser_as("clerk")
    extra = {"status": "archived", "mediator_id": "1", "county_id": "2", "id": "7", "risk_colour": "red", "code": "X"}
    assert register(clerk, **extra, **{"case.status": "closed", "registered": "false"}).status_code == 302
    db.session.remove()
    case = db.session.scalars(select(Case)).one()
    assert (case.county_id, case.status, case.mediator_id) == (1, "open", None)
    assert case.code != "X"
    assert register(clerk, summary="长" * 5_000_000).status_code == 413
    long = {**SETTLED, "summary": "x" * 10_000_000}
    assert browser_as("mediator").post("/reports/doorstep", data=long).status_code == 413
    assert cases() == 1
