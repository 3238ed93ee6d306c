"""The registration page: every kind of report, what is wrong said beside its field, what was typed kept."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.cases.models import Case, Party, Report
from app.core.database import db
from app.workflow.models import Instance, InstanceStatus, WorkItem
from tests.functional.conftest import BrowserAs

FILLED = {
    "channel": "window",
    "report_kind": "dispute",
    "summary": "隔壁新砌围墙挡了排水沟。",
    "place": "河畔村3组",
    "reporter_name": "张秀英",
    "reporter_phone": "13805711234",
    "party-0-side": "applicant",
    "party-0-name": "张秀英",
    "party-1-side": "respondent",
    "party-1-name": "李国强",
}


def register(browser: FlaskClient, **changes: str) -> TestResponse:
    return browser.post("/reports/", data={**FILLED, **changes}, headers={"Accept-Language": "en"})


def only_case() -> Case:
    db.session.remove()
    return db.session.scalars(select(Case)).one()


def cases() -> int:
    db.session.remove()
    return db.session.query(Case).count()


def open_tasks(case: Case) -> set[str]:
    found = select(WorkItem.element_id).where(WorkItem.subject_id == case.id, WorkItem.status == "open")
    return set(db.session.scalars(found))


def beside(page: str, field: str) -> str:
    """What is said beside a field: the text of its block."""
    ids = f"(?:{field}|{field.replace('_', '-')})"
    found = re.search(rf'<div class="field-error" id="field-{ids}-error">(.*?)</div>', page, re.S)
    return re.sub(r"<[^>]+>", " ", found.group(1)).strip() if found else ""


def test_the_clerk_registers_a_dispute(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    clerk = browser_as("clerk")
    assert clerk.get("/reports/new").status_code == 200
    answer = register(clerk)
    case = only_case()
    assert answer.headers["Location"] == f"/cases/{case.code}"
    assert "李国强" in clerk.get(f"/cases/{case.code}").text
    report = db.session.scalars(select(Report)).one()
    assert report.reporter_name == "张秀英"
    assert report.received_by_id is not None
    assert [party.name for party in db.session.scalars(select(Party).order_by(Party.id))] == ["张秀英", "李国强"]
    assert open_tasks(case)


def test_the_reporter_is_never_replaced_by_the_clerk(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    register(browser_as("clerk"), reporter_name="")
    report = db.session.scalars(select(Report)).one()
    assert report.reporter_name == ""
    assert "陈晓梅" not in (report.reporter_name, report.text)


@pytest.mark.parametrize("kind", ["question", "request", "suggestion", "complaint", "help"])
def test_other_kinds_may_end_on_the_spot(app: Flask, dispute_county: int, browser_as: BrowserAs, kind: str) -> None:
    clerk = browser_as("clerk")
    register(clerk, report_kind=kind, summary="想问医保报销的手续在哪里办。")
    case = only_case()
    assert case.report_kind == kind
    (task,) = db.session.scalars(select(WorkItem).where(WorkItem.subject_id == case.id)).all()
    clerk.post(f"/tasks/{task.id}/claim")
    answer = clerk.post(
        f"/tasks/{task.id}/completion", data={"answer_kind": "answered", "answer_text": "请到镇便民服务中心二号窗口。"}
    )
    assert answer.status_code == 302, answer.text
    case = only_case()
    assert case.status != "open"
    assert db.session.scalars(select(Instance)).one().status == InstanceStatus.FINISHED


def test_an_empty_report_is_the_page_again_with_all_that_was_typed(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    answer = register(browser_as("clerk"), summary="")
    assert answer.status_code == 422
    assert cases() == 0
    for typed in ("河畔村3组", "13805711234", "张秀英", "李国强"):
        assert typed in answer.text
    assert beside(answer.text, "summary")


def test_a_wrong_identity_number_is_said_beside_its_field(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    clerk = browser_as("clerk")
    answer = register(clerk, **{"party-1-identity_number": "110105194912310021"})
    assert answer.status_code == 422
    assert cases() == 0
    assert beside(answer.text, "party-1-identity_number")
    assert 'value="110105194912310021"' in answer.text
    assert "隔壁新砌围墙" in answer.text
    assert register(clerk, **{"party-1-identity_number": "11010519491231002x"}).status_code == 302
    db.session.remove()
    party = db.session.scalars(select(Party).where(Party.name == "李国强")).one()
    assert party.identity_tail == "002X"
    assert party.identity_cipher is not None
    assert b"11010519491231002" not in party.identity_cipher


def test_a_child_needs_a_guardian(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    clerk = browser_as("clerk")
    answer = register(clerk, **{"party-0-age": "12"})
    assert answer.status_code == 422
    assert "guardian" in beside(answer.text, "party-0-guardian_name")
    assert register(clerk, **{"party-0-age": "12", "party-0-guardian_name": "张大海"}).status_code == 302


def test_a_telephone_without_a_name_is_not_lost_in_silence(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    answer = register(browser_as("clerk"), **{"party-1-name": "", "party-1-phone": "13905711234"})
    assert answer.status_code == 422
    assert beside(answer.text, "party-1-name")
    assert "13905711234" in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("channel", "telegraph"),
        ("channel", ""),
        ("report_kind", "party"),
        ("place_organisation", "999999999999999999999"),
        ("place_organisation", "12"),
        ("place_organisation", "²"),
    ],
)
def test_what_is_not_on_offer_is_refused_beside_its_field(
    app: Flask, dispute_county: int, browser_as: BrowserAs, field: str, value: str
) -> None:
    answer = register(browser_as("clerk"), **{field: value})
    assert answer.status_code == 422
    assert beside(answer.text, field)
    assert "隔壁新砌围墙" in answer.text
    assert cases() == 0


def test_a_report_of_a_megabyte_is_refused_and_says_where(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    answer = register(browser_as("clerk"), summary="水" * 120_000)
    assert answer.status_code == 422
    assert beside(answer.text, "summary")
    assert "李国强" in answer.text
    assert cases() == 0


def test_more_than_the_form_can_hold_is_refused_in_words(
    app: Flask, dispute_county: int, browser_as: BrowserAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = browser_as("clerk")
    monkeypatch.setitem(app.config, "MAX_FORM_MEMORY_SIZE", 500_000)
    answer = register(clerk, summary="a" * 1_000_000)
    assert answer.status_code == 413
    assert "Too large" in answer.text


@pytest.mark.parametrize(("field", "value"), [("people_count", "9" * 20), ("amount", "9" * 30), ("place", "水" * 300)])
def test_values_beyond_measure_are_refused_beside_their_field(
    app: Flask, dispute_county: int, browser_as: BrowserAs, field: str, value: str
) -> None:
    answer = register(browser_as("clerk"), **{field: value})
    assert answer.status_code == 422
    assert beside(answer.text, field)
    assert cases() == 0


def test_a_nul_character_is_no_text(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    clerk = browser_as("clerk")
    assert register(clerk, place="河畔\0村").status_code == 400
    assert clerk.get("/tasks/?q=%00").status_code == 400
    assert cases() == 0


def test_the_same_number_of_a_channel_leads_to_the_first_case(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    clerk = browser_as("clerk")
    first = register(clerk, channel="12345", source_number="G-1")
    second = register(clerk, channel="12345", source_number="G-1", summary="又来一次")
    assert first.headers["Location"] == second.headers["Location"]
    assert cases() == 1


def test_another_party_is_one_more_empty_row(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    answer = register(browser_as("clerk"), another_party="1", party_rows="2")
    assert answer.status_code == 200
    assert 'name="party-2-name"' in answer.text
    assert "李国强" in answer.text
    assert cases() == 0


def test_a_script_in_a_name_is_plain_text_everywhere(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    evil = "<script>alert(1)</script>"
    clerk = browser_as("clerk")
    register(clerk, summary=evil, place=evil, reporter_name=evil, **{"party-0-name": evil, "party-1-name": evil})
    case = only_case()
    dispatcher = browser_as("dispatcher")
    (task,) = db.session.scalars(select(WorkItem.id).where(WorkItem.subject_id == case.id, WorkItem.status == "open"))
    pages = [f"/cases/{case.code}{tab}" for tab in ("", "/parties", "/timeline", "/file", "/diagram", "/decisions")]
    pages += ["/cases/", "/tasks/?tab=team", f"/tasks/{task}", "/tasks/?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E&tab=team"]
    shown = 0
    for page in pages:
        answer = dispatcher.get(page)
        assert answer.status_code == 200, page
        assert "<script>alert" not in answer.text, page
        shown += "&lt;script&gt;" in answer.text
    assert shown >= 5
    assert "<script>alert" not in app.test_client().get(f"/c/{case.code}").text


def test_danger_opens_the_safety_work_at_once(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    clerk = browser_as("clerk")
    answer = clerk.post("/reports/", data={**FILLED, "danger": "true", "danger_signs": ["arson"]})
    assert answer.status_code == 302
    case = only_case()
    assert case.risk_colour == "red"
    assert "call_police" in open_tasks(case)
    page = clerk.get(f"/cases/{case.code}").text
    assert 'href="tel:110"' in page


def test_a_quiet_case_has_no_alarm(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    clerk = browser_as("clerk")
    register(clerk)
    case = only_case()
    assert 'href="tel:110"' not in clerk.get(f"/cases/{case.code}").text
    assert "call_police" not in open_tasks(case)


@pytest.mark.parametrize("login", ["archivist", "court", "owner", "resident", "auditor"])
def test_who_does_not_register_is_refused(app: Flask, dispute_county: int, browser_as: BrowserAs, login: str) -> None:
    browser = browser_as(login)
    assert browser.get("/reports/new").status_code == 403
    assert register(browser).status_code == 403
    assert cases() == 0


def test_a_stranger_is_sent_to_sign_in_and_a_wrong_method_is_refused(app: Flask, dispute_county: int) -> None:
    browser = app.test_client()
    assert browser.get("/reports/new").headers["Location"].startswith("/sign-in")
    assert register(browser).status_code == 401
    assert browser.put("/reports/new").status_code == 405
    assert cases() == 0
