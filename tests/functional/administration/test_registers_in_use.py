"""What a register says holds where people choose: registration, tasks, filters and the API."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.cases.models import Case
from app.core.database import db
from app.directory.registers.queries import forget
from app.workflow.models import WorkItem
from tests.functional.conftest import ApiToken, BrowserAs
from tests.functional.days import county_day
from tests.functional.intake.test_registration import FILLED, beside, cases, only_case, open_tasks, register

REGISTERS = "/administration/registers"
TYPES = f"{REGISTERS}/dispute_type"
TOURISM = {"code": "tourism", "name_zh": "旅游", "name_en": "Tourism"}
CAMPUS = {"code": "campus", "name_zh": "校园纠纷改名", "name_en": "School, renamed"}

KNOWN = {"known": "1"}
"""Stands in the form of an entry that was chosen in the list."""


@pytest.fixture(autouse=True)
def fresh_registers() -> Iterator[None]:
    forget()
    yield
    forget()


@pytest.fixture
def admin(dispute_county: int, browser_as: BrowserAs) -> FlaskClient:
    browser = browser_as("admin")
    assert browser.post(f"{TYPES}/fill").status_code == 303
    return browser


def over() -> dict[str, str]:
    return {"to": (county_day() - timedelta(days=2)).isoformat()}


def options(page: str, name: str) -> dict[str, str]:
    """The values and words of a select, in their order."""
    found = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.S)
    assert found, name
    return dict(re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)<', found.group()))


def chosen(page: str, name: str) -> list[str]:
    found = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.S)
    assert found, name
    return re.findall(r'<option value="([^"]*)" selected', found.group())


def test_registration_offers_what_the_register_holds_in_its_words_and_order(
    admin: FlaskClient, browser_as: BrowserAs
) -> None:
    clerk = browser_as("clerk")
    before = list(options(clerk.get("/reports/new").text, "dispute_type"))
    for entry in (TOURISM | over(), CAMPUS):
        assert admin.post(TYPES, data=entry | KNOWN).status_code == 303
    assert admin.post(f"{TYPES}/campus/up").status_code == 303
    after = options(clerk.get("/reports/new").text, "dispute_type")
    assert after["campus"] == "校园纠纷改名"
    assert "tourism" not in after
    assert before.index("internet") < before.index("campus")
    assert list(after).index("campus") < list(after).index("internet")
    refused = register(clerk, dispute_type="tourism")
    assert refused.status_code == 422
    assert "“Tourism” is not offered today." in beside(refused.text, "dispute_type")
    assert FILLED["summary"] in refused.text
    assert cases() == 0


def test_what_was_entered_before_stays_with_its_word(admin: FlaskClient, browser_as: BrowserAs) -> None:
    clerk, dispatcher = browser_as("clerk"), browser_as("dispatcher")
    assert register(clerk, dispute_type="tourism").status_code == 302
    case = only_case()
    admin.post(TYPES, data=TOURISM | KNOWN | over() | {"name_zh": "旅游（旧）"})
    assert "旅游（旧）" in clerk.get(f"/cases/{case.code}").text
    assert open_tasks(case) == {"confirm_triage"}
    task = db.session.scalars(select(WorkItem.id).where(WorkItem.element_id == "confirm_triage")).one()
    assert dispatcher.post(f"/tasks/{task}/claim").status_code == 302
    rejudged = {"triage_decision": "rejudge", "dispute_type": "tourism"}
    shown = dispatcher.post(f"/tasks/{task}/fields", data=rejudged).text
    assert options(shown, "dispute_type")["tourism"] == "旅游（旧）"
    assert chosen(shown, "dispute_type") == ["tourism"]
    admin.post(TYPES, data=CAMPUS | KNOWN | over())
    refused = dispatcher.post(f"/tasks/{task}/completion", data=rejudged | {"dispute_type": "campus"})
    assert refused.status_code == 422
    assert beside(refused.text, "dispute_type") == "“校园纠纷改名”今天不可选用。"
    assert dispatcher.post(f"/tasks/{task}/completion", data=rejudged).status_code == 302


def test_filters_use_the_words_of_the_register_and_keep_what_ended(
    app: Flask, admin: FlaskClient, browser_as: BrowserAs, api_token: ApiToken
) -> None:
    clerk, leader = browser_as("clerk"), browser_as("leader")
    assert register(clerk, dispute_type="tourism").status_code == 302
    code = only_case().code
    for entry in (TOURISM | over(), CAMPUS):
        admin.post(TYPES, data=entry | KNOWN)
    for address in ("/cases/?type=tourism", "/tasks/?tab=supervision&type=tourism", "/tasks/?tab=team&type=tourism"):
        page = leader.get(address).text
        assert options(page, "type")["campus"] == "校园纠纷改名", address
        assert options(page, "type")["tourism"] == "旅游（未在用）", address
        assert chosen(page, "type") == ["tourism"], address
        assert list(options(page, "type"))[-1] == "tourism", address
    assert code in leader.get("/cases/?type=tourism").text
    found = app.test_client().get("/api/v1/cases?type=tourism", headers=api_token("leader", ["cases:read"])).json
    assert [one["code"] for one in found["items"]] == [code]


def test_an_ended_channel_is_not_offered_and_refused_inside_the_form(admin: FlaskClient, browser_as: BrowserAs) -> None:
    clerk = browser_as("clerk")
    assert "petition" in options(clerk.get("/reports/new").text, "channel")
    entry = {"code": "petition", "name_zh": "信访", "name_en": "Petition office"}
    assert admin.post(f"{REGISTERS}/channel", data=entry | over()).status_code == 303
    assert "petition" not in options(clerk.get("/reports/new").text, "channel")
    refused = register(clerk, channel="petition")
    assert refused.status_code == 422
    assert "“Petition office” takes no reports today" in beside(refused.text, "channel")
    assert refused.text.count("takes no reports today") == 2, "said on top and beside the field, once each"
    assert chosen(refused.text, "channel") == []
    for typed in (FILLED["summary"], FILLED["reporter_phone"], FILLED["party-1-name"]):
        assert typed in refused.text
    assert "信访（未在用）" in options(browser_as("leader").get("/cases/").text, "channel").values()
    assert cases() == 0


def test_a_number_that_a_channel_needs_is_asked_for_inside_the_form(admin: FlaskClient, browser_as: BrowserAs) -> None:
    admin.post(
        f"{REGISTERS}/channel",
        data={"code": "110", "name_zh": "公安 110", "name_en": "Police 110", "needs_number": "1"},
    )
    refused = register(browser_as("clerk"), channel="110")
    assert refused.status_code == 422
    assert "“Police 110” needs the number" in beside(refused.text, "source_number")
    assert FILLED["summary"] in refused.text
    assert cases() == 0


def test_a_settled_quarrel_keeps_its_words_when_its_channel_is_closed(
    admin: FlaskClient, browser_as: BrowserAs
) -> None:
    closed = {"code": "people_mediation", "name_zh": "人民调解", "name_en": "People's mediation"}
    admin.post(f"{REGISTERS}/channel", data=closed | over())
    typed = {"doorstep_parties": "张三和李四", "summary": "晒谷占道。", "place": "河畔村", "doorstep_result": "settled"}
    refused = browser_as("mediator").post("/reports/doorstep", data=typed)
    assert refused.status_code == 422
    assert "“人民调解”今天不接收来件" in refused.text
    assert "晒谷占道。" in refused.text
    db.session.remove()
    assert db.session.query(Case).count() == 0
