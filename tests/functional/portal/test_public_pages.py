"""What residents see: public words only, and of a case no more than their own part."""

import re
import threading
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream
from app.cases.models import Case, Party
from app.cases.services.parties import make_link
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import SETTLED, STORIES, Story, play
from app.workflow.models import ItemStatus, WorkItem
from tests.functional.workflow.rivals import in_thread

FORBIDDEN = ("稳控", "风险", "民转刑", "群体性", "红色", "橙色", "黄色", "绿色", "risk", "Risk")


def link_of(party_id: int) -> str:
    def make() -> str:
        party = db.session.query(Party).filter_by(id=party_id).one()
        case = db.session.query(Case).filter_by(id=party.case_id).one()
        return make_link(case, party, actor=SYSTEM, now=clock.now())

    db.session.remove()
    return run_unit(make)


@pytest.fixture
def asked(dispute_county: int) -> list[int]:
    """Two neighbours who are asked whether they agree to mediation; gives their ids."""
    story = Story(
        "隔壁新砌围墙挡了排水沟。", "河畔村3组", "张秀英", "李国强", age_days=0, answers=SETTLED, until="ask_consent"
    )

    def build() -> int:
        return play(story, now=clock.now()).id

    case_id = run_unit(build)
    return list(db.session.scalars(select(Party.id).where(Party.case_id == case_id).order_by(Party.id)))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_scanned_code_says_public_words_only(app: Flask, played_county: int, language: str) -> None:
    for case in db.session.scalars(select(Case)).all():
        page = app.test_client().get(f"/c/{case.code.lower()}", headers={"Accept-Language": language})
        assert page.status_code == 200
        main = page.text.split("<main")[1]
        for word in FORBIDDEN:
            assert word not in main, (case.summary, word)
        for private in (case.summary, case.place, *db.session.scalars(select(Party.name))):
            assert private not in page.text


def test_an_unknown_code_or_link_is_not_found(app: Flask, played_county: int) -> None:
    browser = app.test_client()
    assert browser.get("/c/FX2026-000001-ZZZ").status_code == 404
    assert browser.get("/p/guess").status_code == 404
    assert browser.post("/p/guess/1").status_code == 404
    assert browser.post("/c/FX2026-000001-ZZZ").status_code == 405


def test_a_party_sees_their_own_question_and_answers_it(app: Flask, asked: list[int]) -> None:
    applicant, respondent = asked
    browser = app.test_client()
    link = f"/p/{link_of(applicant)}"
    page = browser.get(link)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "李国强" not in page.text
    for word in FORBIDDEN:
        assert word not in page.text, word
    (mine,) = re.findall(rf'action="{link}/(\d+)"', page.text)
    open_before = db.session.scalars(select(WorkItem.id).where(WorkItem.status == "open")).all()
    assert browser.get(f"{link}/{mine}").status_code == 405
    db.session.remove()
    assert db.session.scalars(select(WorkItem.id).where(WorkItem.status == "open")).all() == open_before
    foreign = db.session.scalars(select(WorkItem.id).where(WorkItem.party_id == respondent)).one()
    assert browser.post(f"{link}/{foreign}", data={"consent_answer": "refused"}).status_code == 409
    assert browser.post(f"{link}/{foreign}/fields").status_code == 409
    wrong = browser.post(f"{link}/{mine}", data={"consent_answer": "maybe"})
    assert wrong.status_code == 422
    answer = browser.post(f"{link}/{mine}", data={"consent_answer": "agreed"})
    assert answer.status_code == 302, answer.text[-3000:]
    assert answer.headers["Location"] == link
    db.session.remove()
    item = db.session.query(WorkItem).filter_by(id=int(mine)).one()
    assert (item.status, item.closed_by, item.closed_by_name) == (ItemStatus.DONE, None, "张秀英") or (
        item.status == ItemStatus.DONE and item.closed_by_name == "张秀英"
    )
    assert db.session.query(Party).filter_by(id=applicant).one().consent == "agreed"
    assert db.session.query(Party).filter_by(id=respondent).one().consent is None
    assert browser.post(f"{link}/{mine}", data={"consent_answer": "agreed"}).status_code == 409
    assert "consent_answer" not in browser.get(link).text


def test_an_answer_from_another_site_is_refused(app: Flask, asked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    link = f"/p/{link_of(asked[0])}"
    browser = app.test_client()
    (mine,) = re.findall(rf'action="{link}/(\d+)"', browser.get(link).text)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert browser.post(f"{link}/{mine}", data={"consent_answer": "agreed"}).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(link).text)
    assert token is not None
    sent = {"consent_answer": "agreed", "csrf_token": token.group(1)}
    assert browser.post(f"{link}/{mine}", data=sent).status_code == 302


def test_a_party_who_left_has_no_link_any_more(app: Flask, asked: list[int]) -> None:
    link = f"/p/{link_of(asked[0])}"
    db.session.remove()
    run_unit(lambda: db.session.query(Party).filter_by(id=asked[0]).update({"left_at": clock.now()}))
    assert app.test_client().get(link).status_code == 404


def test_the_stories_hold_a_red_case() -> None:
    assert any(story.danger for story in STORIES)


def test_an_answer_that_is_sent_twice_at_once_counts_once(app: Flask, asked: list[int]) -> None:
    link = f"/p/{link_of(asked[0])}"
    (mine,) = re.findall(rf'action="{link}/(\d+)"', app.test_client().get(link).text)
    db.session.remove()
    together = threading.Barrier(2)

    def send(answer: str) -> object:
        together.wait(60)
        browser = app.test_client()
        sent = browser.post(f"{link}/{mine}", data={"consent_answer": answer}, headers={"Accept-Language": "en"})
        return sent.status_code, sent.text

    threads = [in_thread(app, partial(send, answer)) for answer in ("agreed", "refused")]
    for thread, _answers in threads:
        thread.join(60)
    answers = [found[0] for _thread, found in threads]
    assert sorted(str(one[0]) for one in answers if isinstance(one, tuple)) == ["302", "409"], answers
    assert "answered already" in str(answers)
    db.session.remove()
    item = db.session.query(WorkItem).filter_by(id=int(mine)).one()
    assert item.status == ItemStatus.DONE
    told = [one for one in entries(Stream.case(1, item.subject_id or 0), limit=500) if one.event == "task.completed"]
    assert [one.about.get("item") for one in told].count(item.id) == 1


def test_an_answer_with_more_in_it_than_was_asked_changes_no_more(app: Flask, asked: list[int]) -> None:
    applicant, respondent = asked
    link, browser = f"/p/{link_of(applicant)}", app.test_client()
    (mine,) = re.findall(rf'action="{link}/(\d+)"', browser.get(link).text)
    assert browser.post(f"{link}/{mine}", data={"consent_answer": "长" * 4_000_000}).status_code == 413
    head = b'--x\r\nContent-Disposition: form-data; name="consent_answer"\r\n\r\n'
    body = head + b"y" * 10_000_000 + b"\r\n--x--\r\n"
    of_form = "multipart/form-data; boundary=x"
    assert browser.post(f"{link}/{mine}", data=body, content_type=of_form).status_code == 413
    more = {"risk_colour": "green", "status": "closed", "case.status": "closed", "outcome": "settled", "name": "x"}
    assert browser.post(f"{link}/{mine}", data={**more, "consent_answer": "agreed"}).status_code == 302
    db.session.remove()
    case = db.session.scalars(select(Case).where(Case.id == db.session.get_one(Party, (1, applicant)).case_id)).one()
    assert (case.status, case.outcome) == ("open", None)
    names = db.session.scalars(select(Party.name).where(Party.id.in_(asked)).order_by(Party.id)).all()
    assert names == ["张秀英", "李国强"]
    assert db.session.get_one(Party, (1, respondent)).consent is None
