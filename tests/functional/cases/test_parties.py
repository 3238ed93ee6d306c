"""The people of a case: entered, corrected, taken out, looked at with a reason, and given a link of their own."""

import re
from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from app.audit.queries import entries
from app.audit.services import Stream
from app.cases.models import Case, Party
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.workflow.models import WorkItem, WorkItemCandidate
from tests.functional.conftest import BrowserAs

NUMBER = "11010519491231002X"


def case_now(beginning: str = "宅基地边界不清") -> Case:
    db.session.remove()
    return db.session.scalars(select(Case).where(Case.summary.like(f"{beginning}%"))).one()


def party_now(name: str) -> Party:
    db.session.remove()
    return db.session.scalars(select(Party).where(Party.name == name).order_by(Party.id.desc()).limit(1)).one()


def last_event(case: Case) -> tuple[str, str, str]:
    db.session.remove()
    found = next(one for one in entries(Stream.case(case.county_id, case.id)) if one.event != "stage.entered")
    return found.event, found.actor_name, str(found.payload.get("reason", ""))


def test_a_party_is_entered_corrected_and_leaves(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_now()
    url = f"/cases/{case.code}/parties"
    browser = browser_as("mediator")
    new = {"side": "respondent", "name": "徐永福", "phone": "13905711234", "identity_number": NUMBER}
    assert browser.post(url, data=new).status_code == 302
    assert last_event(case)[:2] == ("party.added", "王桂兰")
    assert "等" in case_now().title
    party = party_now("徐永福")
    page = browser.get(url).text
    assert "139****1234" in page
    assert NUMBER not in page
    assert "002X" in page
    changed = {"side": "respondent", "name": "徐永富", "phone": "13905711234"}
    assert browser.post(f"{url}/{party.id}", data=changed).status_code == 302
    assert last_event(case)[0] == "party.changed"
    assert party_now("徐永富").identity_tail == "002X"
    before = len(entries(Stream.case(case.county_id, case.id)))
    assert browser.post(f"{url}/{party.id}", data=changed).status_code == 302
    db.session.remove()
    assert len(entries(Stream.case(case.county_id, case.id))) == before
    assert browser.post(f"{url}/{party.id}", data={"remove": "1"}).status_code == 302
    assert last_event(case)[0] == "party.left"
    assert "徐永富" not in browser.get(url).text


def test_what_is_wrong_is_said_and_nothing_is_entered(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_now()
    browser = browser_as("clerk")
    for wrong in (
        {"side": "judge", "name": "包青天"},
        {"side": "applicant", "name": ""},
        {"side": "applicant", "name": "王小", "phone": "12"},
        {"side": "applicant", "name": "王小", "identity_number": "110105194912310021"},
        {"side": "applicant", "name": "王小", "age": "7"},
        {"side": "applicant", "name": "王" * 81},
    ):
        answer = browser.post(f"/cases/{case.code}/parties", data=wrong)
        assert answer.status_code == 422, wrong
        assert 'class="field-error"' in answer.text, wrong
        assert wrong["name"] in answer.text
    db.session.remove()
    assert db.session.query(Party).filter_by(case_id=case.id).count() == 2


def test_a_number_is_shown_for_a_reason_that_is_kept(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_now()
    url = f"/cases/{case.code}/parties"
    browser = browser_as("clerk")
    browser.post(url, data={"side": "respondent", "name": "徐永福", "identity_number": NUMBER})
    party = party_now("徐永福")
    assert browser.post(f"{url}/{party.id}/reveal", data={"reason": " "}).status_code == 422
    assert NUMBER not in browser.get(url).text
    asked = clock.now()
    assert browser.post(f"{url}/{party.id}/reveal", data={"reason": "核对身份证复印件"}).status_code == 302
    assert last_event(case) == ("identity.revealed", "陈晓梅", "核对身份证复印件")
    for _ in range(2):
        assert NUMBER in browser.get(url).text
    assert NUMBER not in browser_as("dispatcher").get(url).text, "what one person asked for, the next one does not see"
    assert "核对身份证复印件" in browser.get(f"/cases/{case.code}/timeline").text
    with clock.freeze(asked + timedelta(minutes=11)):
        assert NUMBER not in browser.get(url).text
    assert browser_as("auditor").post(f"{url}/{party.id}/reveal", data={"reason": "看看"}).status_code == 403
    assert browser.get(f"{url}/{party.id}/reveal").status_code == 405


def test_telephones_are_clear_to_whom_they_were_revealed_and_to_who_works_on_the_matter(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case = case_now()
    url = f"/cases/{case.code}/parties"
    clerk, elder = browser_as("clerk"), browser_as("elder")
    new = {"side": "respondent", "name": "徐永福", "phone": "13905711234", "agent_phone": "13905714321"}
    clerk.post(url, data=new)
    party = party_now("徐永福")
    assert "13905711234" not in clerk.get(url).text
    assert "139****4321" in clerk.get(url).text
    assert "tel:13905711234" in elder.get(url).text, "the mediator of the case rings up"
    unseen = {**new, "name": "徐永富", "phone": "", "agent_phone": ""}
    assert clerk.post(f"{url}/{party.id}", data=unseen).status_code == 302
    assert party_now("徐永富").phone == "13905711234", "a number that stood masked is not wiped by leaving it empty"
    clerk.post(f"{url}/{party.id}/reveal", data={"reason": "打电话通知"})
    assert "tel:13905711234" in clerk.get(url).text
    clerk.post(f"{url}/{party.id}", data=unseen)
    assert party_now("徐永富").phone == ""


def test_readers_change_nothing(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_now()
    auditor = browser_as("auditor")
    new = {"side": "respondent", "name": "徐永福"}
    assert auditor.post(f"/cases/{case.code}/parties", data=new).status_code == 403
    party = db.session.scalars(select(Party.id).where(Party.case_id == case.id).limit(1)).one()
    assert auditor.post(f"/cases/{case.code}/parties/{party}", data={"remove": "1"}).status_code == 403
    assert auditor.post(f"/cases/{case.code}/parties/{party}/link").status_code == 403


def test_the_party_of_another_case_is_not_found(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case, other = case_now(), case_now("村口承包鱼塘")
    foreign = db.session.scalars(select(Party.id).where(Party.case_id == other.id).limit(1)).one()
    clerk = browser_as("clerk")
    code = case_now().code
    assert code == case.code
    for path in ("", "/link", "/reveal"):
        answer = clerk.post(f"/cases/{code}/parties/{foreign}{path}", data={"remove": "1", "reason": "x"})
        assert answer.status_code == 404, path


def test_a_child_among_the_parties_restricts_the_case(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_now()
    clerk = browser_as("clerk")
    assert clerk.get(f"/cases/{case.code}").status_code == 200
    child = {"side": "applicant", "name": "徐小宝", "age": "9", "guardian_name": "徐永年"}
    clerk.post(f"/cases/{case.code}/parties", data=child)
    assert case_now().sensitivity == "restricted"
    open_tasks = select(WorkItem.sensitivity).where(WorkItem.subject_id == case.id, WorkItem.status == "open")
    assert set(db.session.scalars(open_tasks)) == {"restricted"}
    assert clerk.get(f"/cases/{case.code}").status_code == 404
    assert browser_as("chair").get(f"/cases/{case.code}").status_code == 200
    db.session.remove()
    assert [one.event for one in entries(Stream.case(case.county_id, case.id))].count("case.restricted") == 1


def test_violence_at_home_is_for_few_from_the_first_minute(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    clerk = browser_as("clerk")
    told = {
        "channel": "window",
        "report_kind": "dispute",
        "summary": "丈夫酒后打人。",
        "place": "河畔村2组",
        "danger": "true",
        "danger_signs": ["domestic_violence"],
        "party-0-side": "applicant",
        "party-0-name": "白小芹",
    }
    answer = clerk.post("/reports/", data=told)
    case = case_now("丈夫酒后")
    assert case.sensitivity == "restricted"
    assert case.risk_colour == "red"
    reached = clerk.get(f"/cases/{case.code}").status_code
    assert answer.headers["Location"] == (f"/cases/{case.code}" if reached == 200 else "/tasks/")
    assert browser_as("county.mediator").get(f"/cases/{case.code}").status_code in (200, 404)
    assert browser_as("leader").get(f"/cases/{case.code}").status_code == 200
    assert browser_as("reviewer").get(f"/cases/{case.code}").status_code == 404


def test_the_link_is_shown_once_and_a_new_one_ends_the_old(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case = case_now()
    browser = browser_as("mediator")
    party = db.session.scalars(select(Party).where(Party.case_id == case.id).order_by(Party.id).limit(1)).one()

    def link() -> str:
        page = browser.post(f"/cases/{case.code}/parties/{party.id}/link").text
        found = re.search(r"http://localhost(/p/[\w-]+)", page)
        assert found is not None
        return found.group(1)

    first = link()
    assert app.test_client().get(first).status_code == 200
    second = link()
    assert app.test_client().get(first).status_code == 404
    assert app.test_client().get(second).status_code == 200
    assert first not in browser.get(f"/cases/{case.code}/parties").text
    assert last_event(case)[0] == "party.link_made"
    secret = second.removeprefix("/p/")
    stored = party_now(party.name).link_hash
    assert stored is not None
    assert secret not in stored


def test_a_number_is_rung_up_by_who_has_the_task_not_by_everybody_to_whom_it_is_offered(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    offered = select(WorkItemCandidate.work_item_id).where(WorkItemCandidate.role == "dispatcher")
    waiting = select(WorkItem).where(
        WorkItem.status == "open",
        WorkItem.assignee_id.is_(None),
        WorkItem.subject_id.is_not(None),
        WorkItem.id.in_(offered),
    )
    task = db.session.scalars(waiting.order_by(WorkItem.id).limit(1)).one()
    address, case_id = f"/tasks/{task.id}", task.subject_id
    db.session.remove()
    run_unit(lambda: db.session.execute(update(Party).where(Party.case_id == case_id).values(phone="13905711234")))
    browser = browser_as("dispatcher")
    assert "tel:" not in browser.get(address).text
    assert browser.post(f"{address}/claim").status_code in (302, 303)
    assert "tel:13905711234" in browser.get(address).text
