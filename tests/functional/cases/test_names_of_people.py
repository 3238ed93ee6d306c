"""Who is of the house is called in the reader's language wherever a page names them."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases.models import Case
from app.cases.queries import case_by_id
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.queries import written_names_of
from app.notices.models import Notice
from app.workflow.models import WorkItem
from tests.functional.cases.test_statements import MOST, TABS, counted
from tests.functional.conftest import BrowserAs

EN = {"Accept-Language": "en"}
STAFF = ("王桂兰", "朱有福", "陈晓梅", "周建国", "李长山", "沈佳怡", "赵卫东")


def words(page: str) -> str:
    """What stands on a page, without what was written into histories, comments and forms by people."""
    main = re.sub(r"<(script)[^>]*>.*?</\1>", "", page, flags=re.S)
    return re.sub(r"<[^>]+>", " ", main)


def case_of_zhu() -> str:
    db.session.remove()
    key = select(WorkItem.subject_id).where(WorkItem.assignee_id == person_named("elder").id, WorkItem.status == "open")
    return db.session.scalars(select(Case.code).where(Case.id.in_(key))).first() or ""


@pytest.mark.parametrize(
    "address", ["/tasks/", "/tasks/?tab=team", "/cases/", "/administration/people", "/administration/access"]
)
def test_lists_and_the_head_of_the_page(app: Flask, played_county: int, browser_as: BrowserAs, address: str) -> None:
    page = browser_as("leader" if "administration" not in address else "admin").get(address, headers=EN).text
    assert ("Zhao Weidong" if "administration" not in address else "Shen Jiayi") in page
    assert [name for name in STAFF if name in words(page)] == []


def test_a_case_names_those_who_have_it_and_who_did_something(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    code, leader = case_of_zhu(), browser_as("leader")
    assert "Zhu Youfu" in leader.get(f"/cases/{code}", headers=EN).text
    assert "朱有福" in leader.get(f"/cases/{code}", headers={"Accept-Language": "zh"}).text
    timeline = leader.get(f"/cases/{code}/timeline", headers=EN).text
    assert re.search(r'<option value="person:\d+">[A-Z][a-z]+ [A-Z][a-z]+</option>', timeline)
    for tab in TABS:
        with counted() as told:
            assert leader.get(f"/cases/{code}{tab}", headers=EN).status_code == 200
        assert len(told) <= MOST, tab


def test_a_task_its_pickers_and_its_comments(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    db.session.remove()
    zhu = person_named("elder").id
    item = db.session.scalars(select(WorkItem.id).where(WorkItem.assignee_id == zhu, WorkItem.status == "open")).first()
    browser = browser_as("elder")
    assert browser.post(f"/tasks/{item}/comments", data={"text": "已电话联系"}).status_code == 302
    page = browser.get(f"/tasks/{item}", headers=EN).text
    assert '<div class="comment-head"><strong>Zhu Youfu</strong>' in page
    picker = browser.get(f"/tasks/{item}/co-workers", headers=EN).text
    assert "Wang Guilan" in picker
    assert [name for name in STAFF if name in words(picker)] == []


def test_what_others_read_keeps_the_name_as_it_is_written(played_county: int) -> None:
    zhu = person_named("elder").id
    assert run_unit(lambda: written_names_of(1, {zhu})) == {zhu: "朱有福"}


def item_of_zhu() -> WorkItem:
    db.session.remove()
    zhu = select(WorkItem).where(WorkItem.assignee_id == person_named("elder").id, WorkItem.status == "open")
    return db.session.scalars(zhu.order_by(WorkItem.id)).first() or WorkItem()


def test_a_history_names_those_to_whom_tasks_went(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, browser = item_of_zhu(), browser_as("elder")
    wang = {"to": f"person:{person_named('mediator').id}", "reason": "A week in town"}
    for move in ("co-workers", "copies", "handover"):
        data = wang if move != "copies" else wang | {"to": f"person:{person_named('chair').id}"}
        assert browser.post(f"/tasks/{item.id}/{move}", data=data).status_code == 302, move
    code = case_by_id(1, item.subject_id or 0).code
    leader = browser_as("leader")
    assert leader.post(f"/tasks/{item.id}/reminder", data={"reason": "Soon"}, headers=EN).status_code == 302
    english, chinese = (
        words(leader.get(f"/cases/{code}/timeline", headers={"Accept-Language": one}).text) for one in ("en", "zh")
    )
    assert [name for name in STAFF if name in english] == []
    for told in ("over to Wang Guilan", "Wang Guilan helps", "Li Changshan a copy", ": Wang Guilan", "is the mediator"):
        assert told in english, told
    for told in ("转办给王桂兰", "朱有福", "李长山"):
        assert told in chinese, told


def test_a_refusal_names_people_in_the_readers_language(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, browser = item_of_zhu(), browser_as("elder")
    for login, told in (("archivist", "Sun Jing holds no role"), ("elder", "You have this task")):
        data = {"to": f"person:{person_named(login).id}", "reason": "Please"}
        refused = browser.post(f"/tasks/{item.id}/handover", data=data, headers=EN)
        assert (refused.status_code, told in refused.text) in ((409, True), (422, True)), login
    assert browser_as("chair").post(f"/tasks/{item.id}/claim", headers=EN).status_code in (403, 404, 409)
    assert "Zhu Youfu" in browser_as("mediator").post(f"/tasks/{item.id}/claim", headers=EN).text


def test_somebody_is_called_by_their_name_in_either_language(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, browser = item_of_zhu(), browser_as("elder")
    shown = browser.get(f"/tasks/{item.id}/colleagues?q=Wang G", headers=EN).text
    assert 'data-call="Wang Guilan"' in shown
    said = {"text": "@Wang Guilan please ring them, @李长山 请看"}
    assert browser.post(f"/tasks/{item.id}/comments", data=said, headers=EN).status_code == 302
    db.session.remove()
    notices = db.session.scalars(select(Notice).where(Notice.template == "mentioned"))
    assert {one.name for one in notices} == {"王桂兰", "李长山"}
    english, chinese = (browser.get(f"/tasks/{item.id}", headers={"Accept-Language": one}).text for one in ("en", "zh"))
    assert "@Wang Guilan please ring them, @Li Changshan 请看" in english
    assert "@王桂兰 please ring them, @李长山 请看" in chinese
    assert "Zhu Youfu mentioned you" in browser_as("mediator").get("/notices/", headers=EN).text
    assert "朱有福在留言中提到您" in browser_as("mediator").get("/notices/").text
    code = case_by_id(1, item.subject_id or 0).code
    assert "@Wang Guilan please" in browser.get(f"/cases/{code}/timeline", headers=EN).text
    assert browser.post(f"/tasks/{item.id}/comments", data={"text": "@Wang Guilanda, @mediators"}).status_code == 302


def test_whoever_asked_for_a_move_or_a_rehearsal_is_named(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    owner = browser_as("owner")
    asked = {"what": "processes/route.dmn#route", "unit": "cases", "number": "5"}
    assert owner.post("/authoring/dispute/rehearsals", data=asked).status_code in (302, 303)
    page = owner.get("/authoring/dispute/rehearsals", headers=EN).text
    assert "Jiang Wenbo" in page
    assert "蒋文博" not in words(page)
    assert "蒋文博" in owner.get("/authoring/dispute/rehearsals").text
