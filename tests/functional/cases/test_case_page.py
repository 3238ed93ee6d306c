"""The case page: every tab in every state and both languages, told in words; what may be set off, and what not."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.administration import words as administration
from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream
from app.authoring.publishing import words
from app.cases import timeline
from app.cases.models import Case, Clock, Party
from app.cases.queries import case_by_id
from app.cases.services.cases import seal_case
from app.cases.services.relations import merge_case
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.directory.account import words as account
from app.directory.queries import organisation_by_code
from app.documents.queries import dossier
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs
from tests.pictures import picture

TABS = ("", "/parties", "/mediation", "/file", "/timeline", "/diagram", "/decisions")
ELSEWHERE = {"job.retried", *words.EVENTS, *administration.EVENTS, *account.EVENTS}
"""Events of streams that are no case's; packages, people and offices have their words in their own histories."""


def case_of(beginning: str) -> Case:
    db.session.remove()
    return db.session.scalars(select(Case).where(Case.summary.like(f"{beginning}%"))).one()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_tab_of_every_story_opens(app: Flask, played_county: int, browser_as: BrowserAs, language: str) -> None:
    leader = browser_as("leader")
    cases = db.session.scalars(select(Case)).all()
    assert len({case.stage for case in cases}) >= 4
    assert {case.status for case in cases} >= {"open", "closed"}
    for case in cases:
        for tab in TABS:
            answer = leader.get(f"/cases/{case.code}{tab}", headers={"Accept-Language": language})
            assert answer.status_code == 200, (case.summary, tab)
            assert f'lang="{"en" if language == "en" else "zh-CN"}"' in answer.text or 'lang="zh' in answer.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_timeline_is_in_order_and_in_words(
    app: Flask, played_county: int, browser_as: BrowserAs, language: str
) -> None:
    for case in db.session.scalars(select(Case)).all():
        with app.test_request_context(headers={"Accept-Language": language}):
            lines = timeline.timeline(case)
        numbers = [line.sequence for line in lines]
        assert numbers == sorted(numbers, reverse=True)
        assert set(numbers) == set(range(1, numbers[0] + 1))
        for line in lines:
            assert "?" not in line.text, line.text
            assert not re.search(r"\b[a-z]+[._][a-z_]+\b", line.text), line.text
            if language == "zh":
                assert re.search(r"[\u4e00-\u9fff]", line.text), line.text


@pytest.mark.parametrize(
    ("language", "judged", "joined"), [("zh", "风险评定：红", "；"), ("en", "Risk judged: Red", "; ")]
)
def test_why_a_colour_was_judged_stands_below_it(
    app: Flask, played_county: int, language: str, judged: str, joined: str
) -> None:
    case = db.session.scalars(select(Case).where(Case.risk_colour == "red").order_by(Case.id).limit(1)).one()
    reasons = joined.join(one[language] for one in case.risk_reasons)
    assert joined in reasons
    with app.test_request_context(headers={"Accept-Language": language}):
        told = [one for one in timeline.timeline(case) if one.icon == "alert-triangle" and one.tone == "warn"]
    assert (told[0].text, told[0].detail) == (judged, reasons)


def test_the_timeline_is_filtered_and_paged(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_of("宅基地边界不清")
    read = entries(Stream.case(case.county_id, case.id))

    def page(**asked: Any) -> timeline.TimelinePage:
        with app.test_request_context():
            return timeline.page_of(case, read, timeline.Shown(**asked), size=5)

    with app.test_request_context():
        everything = timeline.timeline(case)
    gathered, before = [], None
    while True:
        found = page(before=before)
        gathered += found.lines
        before = found.before
        if before is None:
            break
    assert gathered == everything
    assert {line.group for line in everything} == {"people", "engine", "outside"}
    people = dict(page().actors)
    clerk = next(key for key, name in people.items() if name == "陈晓梅")
    with app.test_request_context():
        of_clerk = timeline.page_of(case, read, timeline.Shown(actor=clerk), size=500).lines
        said = timeline.page_of(case, read, timeline.Shown(text="规则表"), size=500).lines
    assert {line.actor for line in of_clerk if line.actor} == {"陈晓梅"}
    assert said
    assert all("规则表" in line.text for line in said)
    browser = browser_as("leader")
    shown = browser.get(f"/cases/{case.code}/timeline?group=people&actor={clerk}&q=<script>").text
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown.split("case-head")[1]


def test_every_event_that_is_recorded_anywhere_has_its_words(app: Flask) -> None:
    recorded: set[str] = set()
    for file in Path(app.root_path).rglob("*.py"):
        text = file.read_text()
        for call in re.finditer(r"\b(?:record|_?tell|_note)\(", text):
            recorded.update(re.findall(r'"([a-z_]+\.[a-z_]+)"', text[call.end() : call.end() + 160]))
    recorded -= {name for name in recorded if name.partition(".")[0] in ("cases", "clocks", "matching", "notices")}
    assert len(recorded) > 35
    assert sorted(recorded - ELSEWHERE - set(timeline._wordings)) == []


def test_every_event_of_the_stories_has_its_words(app: Flask, played_county: int) -> None:
    for case in db.session.scalars(select(Case)):
        for entry in entries(Stream.case(case.county_id, case.id)):
            assert entry.event in timeline._wordings, entry.event


def test_actions_are_offered_to_the_roles_and_at_the_time_that_the_package_names(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case = case_of("宅基地边界不清")
    offered = {
        login: set(re.findall(rf"/cases/{case.code}/actions/(\w+)", browser_as(login).get(f"/cases/{case.code}").text))
        for login in ("dispatcher", "mediator", "leader", "archivist", "auditor")
    }
    assert {"party_withdrew", "case_suspended", "supervision_ordered"} <= offered["dispatcher"]
    assert "supervision_ordered" not in offered["mediator"]
    assert "party_withdrew" in offered["mediator"]
    assert offered["leader"] == {"supervision_ordered"}
    assert offered["archivist"] == offered["auditor"] == set()
    assert "case_resumed" not in offered["dispatcher"]
    auditor = browser_as("auditor")
    assert auditor.get(f"/cases/{case.code}/actions/party_withdrew").status_code == 404
    assert auditor.post(f"/cases/{case.code}/actions/party_withdrew").status_code == 404
    over = case_of("婚后分居")
    assert browser_as("dispatcher").post(f"/cases/{over.code}/actions/party_withdrew").status_code == 404


def optional_tasks(case: Case, element_id: str) -> list[WorkItem]:
    db.session.remove()
    query = select(WorkItem).where(WorkItem.subject_id == case.id, WorkItem.element_id == element_id)
    return list(db.session.scalars(query.order_by(WorkItem.id)))


def test_an_optional_step_is_started_by_whom_the_diagram_names(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case = case_of("宅基地边界不清")
    address, en = f"/cases/{case.code}/optional/site_visit", {"Accept-Language": "en"}
    elder = browser_as("elder")
    page = elder.get(f"/cases/{case.code}", headers=en).text
    for element_id in ("site_visit", "expert_opinion", "counselling", "appraisal"):
        assert f'action="/cases/{case.code}/optional/{element_id}"' in page
    for login in ("leader", "auditor"):
        page = browser_as(login).get(f"/cases/{case.code}", headers=en).text
        assert address not in page
        assert re.search(r'Site visit\s*<span class="quiet">Mediator, Grid worker</span>', page), login
        assert browser_as(login).post(address).status_code == 403
    assert browser_as("shiqiao.mediator").post(address).status_code == 404, "another village"
    assert elder.post(f"/cases/{case.code}/optional/appraisal_result").status_code == 404, "comes after the appraisal"
    assert optional_tasks(case, "site_visit") == []
    for _ in range(2):
        assert elder.post(address, headers=en).status_code == 302
        assert "Site visit&#34; has begun." in elder.get(f"/cases/{case.code}", headers=en).text
    first, second = optional_tasks(case, "site_visit")
    assert [(one.status, one.assignee_id) for one in (first, second)] == [("open", None)] * 2

    assert elder.post(f"/tasks/{first.id}/claim").status_code == 302
    given = {"site_found": "界石还在原处。", "site_photo": [(io.BytesIO(picture("PNG")), "界石.png")]}
    answer = elder.post(f"/tasks/{first.id}/completion", data=given)
    assert answer.status_code == 302, re.findall(r"invalid-feedback[^>]*>([^<]+)", answer.text)
    assert [one.status for one in optional_tasks(case, "site_visit")] == ["done", "open"]
    assert "界石还在原处。" not in elder.get(f"/tasks/{second.id}").text, "the next visit begins with an empty form"
    assert "调查记录（界石.png）" in [one.title_zh for one in dossier(case_of("宅基地边界不清"))]
    told = elder.get(f"/cases/{case.code}/timeline").text
    assert told.count("发起“实地走访”") == 2
    assert "办理“实地走访”" in told
    assert browser_as("mediator").get(f"/cases/{case.code}").status_code == 200
    assert [one.element_id for one in waiting(case)] == ["tell_rights", "site_visit"], "the mediation goes its own way"


def test_what_is_optional_ends_with_the_mediation(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_of("宅基地边界不清")
    mediator = browser_as("mediator")
    for element_id in ("counselling", "appraisal"):
        assert mediator.post(f"/cases/{case.code}/optional/{element_id}").status_code == 302
    answer = mediator.post(
        f"/cases/{case.code}/actions/party_withdrew", data={"withdrawn_by": "both", "withdrawal_reason": "自己去谈"}
    )
    assert answer.status_code == 302
    assert [one.status for name in ("counselling", "appraisal") for one in optional_tasks(case, name)] == [
        "cancelled",
        "cancelled",
    ]
    assert "/optional/" not in mediator.get(f"/cases/{case.code}").text
    assert mediator.post(f"/cases/{case.code}/optional/counselling").status_code in (404, 409)


def waiting(case: Case) -> list[WorkItem]:
    db.session.remove()
    query = select(WorkItem).where(WorkItem.subject_id == case.id, WorkItem.status == "open")
    return list(db.session.scalars(query.order_by(WorkItem.id)))


def test_a_withdrawal_from_the_page_ends_the_mediation(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_of("宅基地边界不清")
    browser = browser_as("mediator")
    url = f"/cases/{case.code}/actions/party_withdrew"
    assert browser.get(url).status_code == 200
    wrong = browser.post(url, data={})
    assert wrong.status_code == 422
    assert case_of("宅基地边界不清").outcome is None
    answer = browser.post(url, data={"withdrawn_by": "both", "withdrawal_reason": "双方自己去谈"})
    assert answer.status_code == 302, answer.text
    assert case_of("宅基地边界不清").outcome is not None
    assert browser.post(url, data={"withdrawn_by": "both"}).status_code == 404


def test_suspension_stops_the_clocks_and_resumption_starts_them(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case = case_of("宅基地边界不清")
    browser = browser_as("dispatcher")
    page = browser.get(f"/cases/{case.code}/actions/case_suspended").text
    reason = re.search(r'<option value="(\w+)"', page)
    assert reason is not None
    answer = browser.post(f"/cases/{case.code}/actions/case_suspended", data={"suspend_reason": reason.group(1)})
    assert answer.status_code == 302
    db.session.remove()
    running = db.session.scalars(select(Clock).where(Clock.case_id == case.id, Clock.stopped_at.is_(None))).all()
    assert running
    assert all(one.paused_at is not None for one in running)
    offered = browser.get(f"/cases/{case.code}").text
    assert "actions/case_resumed" in offered
    assert "actions/case_suspended" not in offered


def test_a_sealed_case_refuses_changes_and_stays_readable(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case = case_of("婚后分居")
    key = case.county_id, case.id
    db.session.remove()
    run_unit(lambda: seal_case(case_by_id(*key), actor=SYSTEM, now=clock.now()))
    clerk = browser_as("clerk")
    party = db.session.scalars(select(Party.id).where(Party.case_id == case.id).limit(1)).one()
    for tab in TABS:
        assert clerk.get(f"/cases/{case.code}{tab}").status_code == 200
    added = clerk.post(f"/cases/{case.code}/parties", data={"side": "applicant", "name": "新来的人"})
    assert added.status_code == 409
    assert "新来的人" not in clerk.get(f"/cases/{case.code}/parties").text
    assert clerk.get(f"/cases/{case.code}/actions/party_withdrew").status_code == 409
    for path in (f"/parties/{party}", f"/parties/{party}/link"):
        assert clerk.post(f"/cases/{case.code}{path}", data={"remove": "1"}).status_code == 409, path
    assert f"/parties/{party}/link" not in clerk.get(f"/cases/{case.code}/parties").text


def test_a_merged_case_leads_to_its_successor(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    one, other = case_of("隔壁新砌围墙"), case_of("村口承包鱼塘")
    keys = (one.county_id, one.id), (other.county_id, other.id)
    codes = one.code, other.code
    db.session.remove()
    run_unit(lambda: merge_case(case_by_id(*keys[0]), case_by_id(*keys[1]), actor=SYSTEM, now=clock.now()))
    clerk = browser_as("clerk")
    assert clerk.get(f"/cases/{codes[0]}").headers["Location"] == f"/cases/{codes[1]}"
    assert clerk.get(f"/cases/{codes[0]}?stay=1").status_code == 200
    assert codes[0] in clerk.get(f"/cases/{codes[1]}/related").text
    answer = clerk.post(
        f"/cases/{codes[0]}/parties", data={"side": "applicant", "name": "新来的人"}, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 409
    assert codes[1] in answer.text


def test_the_diagram_is_the_version_that_the_case_runs_on(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case = case_of("宅基地边界不清")
    browser = browser_as("mediator")
    answer = browser.get(f"/cases/{case.code}/diagram/mediation.bpmn")
    assert answer.mimetype == "application/xml"
    assert b"bpmn:definitions" in answer.data
    assert "private" in answer.headers["Cache-Control"]
    for name in ("nothing", "..%2Fdata", "data.toml"):
        assert browser.get(f"/cases/{case.code}/diagram/{name}.bpmn").status_code == 404
    page = browser.get(f"/cases/{case.code}/diagram").text
    assert f"/cases/{case.code}/diagram/dispute.bpmn" in page or "mediation.bpmn" in page


def test_why_it_came_here_shows_the_row_that_was_hit(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_of("宅基地边界不清")
    page = browser_as("dispatcher").get(f"/cases/{case.code}/decisions").text
    assert page.count("<table") >= 4
    assert "村（社区）" in page


def test_the_search_of_cases_takes_wildcards_literally(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    browser = browser_as("leader")
    code = case_of("宅基地边界不清").code
    for text, found in (("徐永年", True), ("河畔村1组", True), ("%", False), ("_", False), ("徐_年", False)):
        assert (code in browser.get("/cases/", query_string={"q": text}).text) is found, text
    assert code not in browser.get("/cases/?status=closed").text
    assert browser.get("/cases/?status=nonsense").status_code == 200


def test_a_provisional_limit_is_said_to_be_so(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_of("宅基地边界不清")
    browser = browser_as("mediator")
    en = {"Accept-Language": "en"}
    db.session.remove()
    run_unit(lambda: db.session.execute(update(Clock).where(Clock.case_id == case.id).values(provisional=True)))
    assert "provisional" in browser.get(f"/cases/{case.code}", headers=en).text
    run_unit(lambda: db.session.execute(update(Clock).values(provisional=False)))
    assert "provisional" not in browser.get(f"/cases/{case.code}", headers=en).text


def test_the_tier_is_not_said_twice(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    hepan = organisation_by_code(1, "330681101201")
    assert hepan is not None
    code = db.session.scalars(select(Case.code).where(Case.lead_organisation_id == hepan.id).limit(1)).one()
    page = browser_as("leader").get(f"/cases/{code}", headers={"Accept-Language": "en"}).text
    assert "Hepan Village" in page
    assert not re.search(r"Hepan Village\s*(<[^>]+>)?\s*Village", page)


def test_an_open_page_is_told_what_happens_in_the_case_elsewhere(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    dispatcher, clerk = browser_as("dispatcher"), browser_as("clerk")
    db.session.remove()
    item = db.session.scalars(
        select(WorkItem).where(WorkItem.element_id == "confirm_triage", WorkItem.assignee_id.is_(None))
    ).first()
    assert item is not None
    code, number = db.session.get_one(Case, (1, item.subject_id)).code, item.id
    page = clerk.get(f"/cases/{code}/parties").text
    known = re.search(r'data-news="/cases/[^"]+/news" data-version="(\d+)"', page)
    assert known is not None
    news = f"/cases/{code}/news?version={known[1]}"
    silent = clerk.get(news)
    assert (silent.status_code, silent.data) == (204, b"")
    assert dispatcher.post(f"/tasks/{number}/claim").status_code == 302
    told = clerk.get(news)
    assert told.status_code == 200
    assert told.json["words"] == "周建国：领取“确认分流”"
    assert "Zhou Jianguo: Claimed" in clerk.get(news, headers={"Accept-Language": "en"}).json["words"]
    assert clerk.get(f"/cases/{code}/news?version={told.json['version']}").status_code == 204
    assert clerk.post(f"/cases/{code}/print").status_code == 200
    own = clerk.get(f"/cases/{code}/news?version={told.json['version']}").json
    assert (own["version"], own["words"]) == (told.json["version"] + 1, ""), "what one does oneself is no news"
    assert browser_as("yunling.mediator").get(news).status_code == 404
