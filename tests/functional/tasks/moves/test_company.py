"""Co-workers, copies, urging, putting off, and many tasks at once."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.cases.queries import case_by_id
from app.core import clock
from app.core.database import db
from app.tasks.conditions import TABS
from app.tasks.filters import Filter
from app.tasks.listing import count, inbox_page
from app.tasks.moves.services.company import add_co_worker
from app.workflow.models import WorkItem
from tests.functional.conftest import ApiToken, BrowserAs
from tests.functional.days import county_day
from tests.functional.tasks.moves.scene import EN, as_it_is, change, do, history, id_of, pooled, task_of_zhu, told, who
from tests.functional.tasks.test_numbers import every_number_is_its_list


def test_a_co_worker_sees_the_matter_until_the_task_ends(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, zhu, lawyer = task_of_zhu(), browser_as("elder"), browser_as("labour")
    code = case_by_id(1, item.subject_id or 0).code
    assert lawyer.get(f"/cases/{code}").status_code == 404
    data = {"to": f"person:{id_of('labour')}", "reason": "涉及工资"}
    assert zhu.post(f"/tasks/{item.id}/co-workers", data=data).status_code == 302
    assert (told("labour")[0], history(item)[0].event) == ("co_worker_added", "co_worker.added")
    assert lawyer.get(f"/cases/{code}").status_code == 200
    assert "您协办此待办" in lawyer.get(f"/tasks/{item.id}").text
    assert lawyer.post(f"/tasks/{item.id}/comments", data={"text": "工资标准已核实"}).status_code == 302
    assert lawyer.post(f"/tasks/{item.id}/completion").status_code == 409
    assert zhu.post(f"/tasks/{item.id}/co-workers", data=data).status_code == 409
    every_number_is_its_list((*("leader", "dispatcher", "mediator"), "labour"))
    closed = {"status": "done", "closed_by": id_of("elder"), "closed_by_name": "朱有福", "closed_at": clock.now()}
    change(update(WorkItem).where(WorkItem.id == item.id).values(**closed))
    assert lawyer.get(f"/cases/{code}").status_code == 404
    assert lawyer.get(f"/tasks/{item.id}").status_code == 404


def test_a_co_workers_part_is_ended_by_hand_too(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    do("elder", add_co_worker, item, id_of("labour"), reason="涉及工资")
    assert browser_as("mediator").post(f"/tasks/{item.id}/co-workers/{id_of('labour')}/end").status_code == 403
    assert zhu.post(f"/tasks/{item.id}/co-workers/{id_of('labour')}/end").status_code == 302
    assert browser_as("labour").get(f"/tasks/{item.id}").status_code == 404
    assert zhu.post(f"/tasks/{item.id}/co-workers/{id_of('labour')}/end").status_code == 409
    assert history(item)[0].event == "co_worker.ended"


def test_a_copy_goes_to_whoever_may_see_the_matter(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    refused = zhu.post(f"/tasks/{item.id}/copies", data={"to": f"person:{id_of('labour')}", "reason": "知悉"})
    assert refused.status_code == 409
    assert "曹勇" in refused.text
    data = {"to": f"person:{id_of('justice')}", "reason": "请知悉"}
    assert zhu.post(f"/tasks/{item.id}/copies", data=data).status_code == 302
    assert told("justice")[0] == "task_copied"
    reader = who("justice")
    assert [row.item.id for row in inbox_page(reader, Filter("copied")).rows] == [item.id]
    assert count(reader, Filter("copied")) == 1
    db.session.remove()
    wu = browser_as("justice")
    assert wu.post(f"/tasks/{item.id}/copies/reading").status_code == 302
    assert "已阅" in zhu.get(f"/tasks/{item.id}").text
    assert "copied" in TABS


def test_urging_is_told_once_in_four_hours(
    app: Flask, played_county: int, browser_as: BrowserAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, chair = task_of_zhu(), browser_as("chair")
    data = {"reason": "当事人来催了"}
    assert browser_as("elder").post(f"/tasks/{item.id}/reminder", data=data).status_code == 409
    assert browser_as("auditor").post(f"/tasks/{item.id}/reminder", data=data).status_code == 403
    assert chair.post(f"/tasks/{item.id}/reminder", data={}).status_code == 422
    assert chair.post(f"/tasks/{item.id}/reminder", data=data).status_code == 302
    assert (told("elder")[0], history(item)[0].event) == ("task_urged", "task.urged")
    again = browser_as("leader").post(f"/tasks/{item.id}/reminder", data=data, headers=EN)
    assert again.status_code == 409
    assert "again from" in again.text
    assert told("elder").count("task_urged") == 1
    later = clock.now() + timedelta(hours=4, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert chair.post(f"/tasks/{item.id}/reminder", data=data).status_code == 302
    assert told("elder").count("task_urged") == 2
    waits = pooled()
    assert chair.post(f"/tasks/{waits.id}/reminder", data=data).status_code in (302, 404)
    assert browser_as("leader").post(f"/tasks/{waits.id}/reminder", data=data).status_code in (302, 409)
    assert told("dispatcher")[0] == "task_urged"


def test_what_is_put_off_leaves_the_list_and_no_date_moves(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    change(update(WorkItem).where(WorkItem.id == item.id).values(due_at=clock.now() + timedelta(days=20)))
    due = as_it_is(item).due_at
    far = (county_day() + timedelta(days=400)).isoformat()
    soon = (county_day() + timedelta(days=2)).isoformat()
    for wrong in ("", "yesterday", "2020-01-01"):
        assert zhu.post(f"/tasks/{item.id}/follow-up", data={"day": wrong}).status_code == 422, wrong
    assert zhu.post(f"/tasks/{item.id}/follow-up", data={"day": soon}).status_code == 302
    assert "（2 天后）跟进，届时回到您的待办" in zhu.get(f"/tasks/{item.id}").text
    assert as_it_is(item).due_at == due
    assert history(item)[0].event == "task.put_off"
    assert history(item)[0].payload["day"] == soon
    code = case_by_id(1, item.subject_id or 0).code
    assert re.search(r"定于\d+月\d+日（2 天后）跟进", zhu.get(f"/cases/{code}/timeline").text)
    assert item.id not in {row.item.id for row in inbox_page(who("elder"), Filter("mine")).rows}
    assert item.id in {row.item.id for row in inbox_page(who("elder"), Filter("mine", later=True)).rows}
    every_number_is_its_list(("elder",))
    mine = zhu.get("/tasks/?tab=mine", headers=EN).text
    assert "1 more put off until later" in mine
    assert 'href="/tasks/?tab=mine&amp;later=1"' in mine
    later = zhu.get("/tasks/?tab=mine&later=1", headers=EN).text
    assert "more put off" not in later
    assert f'again on <time datetime="{soon}"' in later
    assert zhu.get(f"/tasks/{item.id}").status_code == 200
    change(update(WorkItem).where(WorkItem.id == item.id).values(due_at=clock.now()))
    assert zhu.post(f"/tasks/{item.id}/follow-up", data={"day": far}).status_code == 302
    assert "已到期限，仍留在您的待办中" in zhu.get(f"/tasks/{item.id}").text
    assert item.id in {row.item.id for row in inbox_page(who("elder"), Filter("mine")).rows}
    assert zhu.post(f"/tasks/{item.id}/follow-up/end").status_code == 302
    assert as_it_is(item).follow_up_at is None


def test_many_are_claimed_handed_over_and_urged_with_a_result_for_each(
    app: Flask, played_county: int, browser_as: BrowserAs, api_token: ApiToken
) -> None:
    waiting = db.session.scalars(
        select(WorkItem.id).where(WorkItem.element_id == "confirm_triage", WorkItem.status == "open")
    ).all()
    foreign, zhu = task_of_zhu(), browser_as("dispatcher")
    db.session.remove()
    page = zhu.post("/tasks/bulk/claims?tab=available&sort=age", data={"item": [*waiting, foreign.id, 17]}, headers=EN)
    assert page.status_code == 200
    assert page.text.count("Claimed") == len(waiting)
    assert page.text.count('class="code"') == len(waiting) + 1
    assert 'href="/tasks/?tab=available&amp;sort=age"' in page.text
    assert f"{len(waiting)} of {len(waiting) + 2} done" in page.text
    assert "Zhu Youfu was faster" in page.text
    assert {as_it_is_by(one).assignee_id for one in waiting} == {id_of("dispatcher")}
    picker = zhu.post("/tasks/bulk/handovers", data={"item": list(waiting)})
    assert "方志远" in picker.text
    chosen = {"item": list(waiting), "to": f"person:{id_of('clerk2')}", "send": "1"}
    assert zhu.post("/tasks/bulk/handovers", data=chosen).status_code == 422
    done = zhu.post(
        "/tasks/bulk/handovers", data={**chosen, "item": [*waiting, foreign.id], "reason": "轮岗"}, headers=EN
    )
    assert f"{len(waiting)} of {len(waiting) + 1} done" in done.text
    assert done.text.count(">Handed over") == len(waiting)
    assert {as_it_is_by(one).assignee_id for one in waiting} == {id_of("clerk2")}
    assert told("clerk2").count("task_handed_over") == len(waiting)
    urged = zhu.post("/tasks/bulk/reminders", data={"item": list(waiting), "reason": "请抓紧"}, headers=EN)
    assert f"{len(waiting)} of {len(waiting)} done" in urged.text
    assert urged.text.count(">Urged") == len(waiting)
    assert (
        f"0 of {len(waiting)} done"
        in zhu.post("/tasks/bulk/reminders", data={"item": list(waiting), "reason": "请抓紧"}, headers=EN).text
    )
    assert zhu.post("/tasks/bulk/claims", data={"item": list(range(101))}).status_code == 422
    unsaid = zhu.post("/tasks/bulk/reminders?tab=team", data={"item": list(waiting), "reason": " "}, headers=EN)
    assert unsaid.status_code == 422
    assert "Please say why" in unsaid.text
    assert unsaid.text.count(' checked id="pick-') == len(waiting), "the list is there, with the same rows chosen"
    every_number_is_its_list()


def as_it_is_by(item_id: int) -> WorkItem:
    db.session.remove()
    return db.session.scalars(select(WorkItem).where(WorkItem.id == item_id)).one()


def test_what_a_helper_or_delegate_types_is_laid_before_whoever_completes(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, zhu, cao = task_of_zhu(), browser_as("elder"), browser_as("labour")
    do("elder", add_co_worker, item, id_of("labour"), reason="涉及工资")
    assert "rights_told_by" in cao.get(f"/tasks/{item.id}").text
    assert cao.post(f"/tasks/{item.id}/draft", data={"rights_told_by": "曹勇"}).status_code == 200
    assert "曹勇" not in zhu.get(f"/tasks/{item.id}").text.split("task-form")[-1].split("</form>")[0]
    assert cao.post(f"/tasks/{item.id}/co-workers/answers", data={"rights_told_by": "曹勇代为告知"}).status_code == 302
    assert "曹勇代为告知" in zhu.get(f"/tasks/{item.id}").text
    assert told("elder")[0] == "co_worker_answered"
    wang = browser_as("mediator")
    assert wang.post(f"/tasks/{item.id}/co-workers/answers", data={"rights_told_by": "x"}).status_code == 409
    asked = {"to": f"person:{id_of('mediator')}", "reason": "请代办"}
    assert zhu.post(f"/tasks/{item.id}/delegation", data=asked).status_code == 302
    assert wang.post(f"/tasks/{item.id}/handback", data={"rights_told_by": "王桂兰已告知"}).status_code == 302
    assert "王桂兰已告知" in zhu.get(f"/tasks/{item.id}").text


def test_what_a_helper_types_lies_beside_what_the_holder_typed(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, zhu, cao = task_of_zhu(), browser_as("elder"), browser_as("labour")
    do("elder", add_co_worker, item, id_of("labour"), reason="涉及工资")
    kept = zhu.post(f"/tasks/{item.id}/draft", data={"rights_told_by": "朱有福亲自告知", "_draft": "0"})
    assert kept.json == {"revision": 1}
    for text in ("曹勇代为告知", "曹勇再次告知"):
        given = cao.post(f"/tasks/{item.id}/co-workers/answers", data={"rights_told_by": text})
        assert given.status_code == 302
    page = zhu.get(f"/tasks/{item.id}").text
    assert ("朱有福亲自告知" in page, "曹勇再次告知" in page, "曹勇于" in page) == (True, False, True)
    theirs = zhu.get(f"/tasks/{item.id}?answers={id_of('labour')}").text
    assert ("朱有福亲自告知" in theirs, "曹勇再次告知" in theirs) == (False, True)
    assert "您自己填写的内容仍然保留" in theirs
    assert "朱有福亲自告知" in zhu.get(f"/tasks/{item.id}?answers=17").text
    more = zhu.post(f"/tasks/{item.id}/draft", data={"rights_told_by": "朱有福亲自告知了", "_draft": "1"})
    assert more.json == {"revision": 2}
    assert "曹勇再次告知" in zhu.get(f"/tasks/{item.id}?answers={id_of('labour')}").text
    assert "朱有福亲自告知了" not in cao.get(f"/tasks/{item.id}?answers={id_of('elder')}").text
    assert "曹勇于" not in browser_as("mediator").get(f"/tasks/{item.id}?answers={id_of('labour')}").text
