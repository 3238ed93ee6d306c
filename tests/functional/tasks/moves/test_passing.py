"""Hand over, delegate, return, recall: who may, what changes hands, who is told, and what is refused."""

import threading
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.audit.services import SYSTEM
from app.cases.queries import case_by_id
from app.cases.services.access import end_recusal, recuse_person
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.directory.leaves.models import Leave
from app.directory.models import Assignment, Organisation, Person
from app.directory.queries import organisation_by_code
from app.tasks.moves import queries
from app.tasks.moves.errors import BegunAlready, HolderIsAtWork, IsAway, NotInYourHands, NoWayBack
from app.tasks.moves.models import TaskMove
from app.tasks.moves.rules import ToPerson
from app.tasks.moves.services.company import add_co_worker
from app.tasks.moves.services.passing import delegate, hand_over, recall, return_task
from app.workflow.counting import recount
from app.workflow.models import WorkItem, WorkItemCandidate
from tests.functional.conftest import BrowserAs
from tests.functional.tasks.moves.scene import EN, as_it_is, away, change, do, history, id_of, pooled, task_of_zhu, told
from tests.functional.tasks.test_numbers import every_number_is_its_list

WHY = {"reason": "本周在县里培训"}


def to(login: str) -> dict[str, str]:
    return WHY | {"to": f"person:{id_of(login)}"}


def test_a_colleague_gets_the_task_and_is_told_why(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, browser = task_of_zhu(), browser_as("elder")
    page = browser.get(f"/tasks/{item.id}/handover").text
    assert "王桂兰" in page
    assert "陈晓梅" not in page
    assert browser.post(f"/tasks/{item.id}/handover", data=to("mediator")).status_code == 302
    assert as_it_is(item).assignee_id == id_of("mediator")
    entry = history(item)[0]
    assert (entry.event, entry.actor_name, entry.payload["to"], entry.payload["reason"]) == (
        "task.handed_over",
        "朱有福",
        "王桂兰",
        WHY["reason"],
    )
    assert told("mediator")[0] == "task_handed_over"
    receiver = browser_as("mediator")
    assert WHY["reason"] in receiver.get(f"/tasks/{item.id}").text
    assert "朱有福转办" in receiver.get(f"/tasks/{item.id}").text
    case = case_by_id(1, item.subject_id or 0)
    assert "转办给王桂兰" in receiver.get(f"/cases/{case.code}/timeline").text
    second = browser.post(f"/tasks/{item.id}/handover", data=to("mediator"), headers=EN)
    assert second.status_code in (403, 409)
    assert "task.handed_over" not in [one.event for one in history(item)[1:]]
    every_number_is_its_list()
    assert run_unit(recount) == 0


def test_what_is_handed_over_comes_back_by_return_and_by_recall(app: Flask, played_county: int) -> None:
    item, zhu, wang = task_of_zhu(), id_of("elder"), id_of("mediator")
    do("elder", hand_over, item, ToPerson(wang), reason="请协助")
    do("mediator", return_task, item, reason="不熟悉情况")
    assert as_it_is(item).assignee_id == zhu
    assert told("elder")[0] == "task_returned"
    do("elder", hand_over, item, ToPerson(wang), reason="请协助")
    do("elder", recall, item, reason="还是我来")
    assert as_it_is(item).assignee_id == zhu
    assert told("mediator")[0] == "task_recalled"
    assert [one.event for one in history(item)[:4]] == [
        "task.recalled",
        "task.handed_over",
        "task.returned",
        "task.handed_over",
    ]
    do("elder", return_task, item, reason="外出")
    assert as_it_is(item).assignee_id is None
    assert history(item)[0].event == "task.returned_to_pool"
    every_number_is_its_list()
    assert run_unit(recount) == 0


def test_who_takes_a_task_that_was_given_back_reads_why(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, reason = task_of_zhu(), "与当事人是亲戚"
    zhu, wang, other = browser_as("elder"), browser_as("mediator"), browser_as("linjiang.dispatcher")
    menu = zhu.get(f"/tasks/{item.id}").text
    assert 'id="release-task"' in menu
    assert 'id="move-return"' not in menu, "one way back into the pool is enough"
    assert zhu.post(f"/tasks/{item.id}/release", data={"reason": reason}).status_code == 302
    for address in (f"/tasks/{item.id}?tab=available", f"/tasks/{item.id}?tab=mine"):
        page = wang.get(address, headers=EN).text
        assert "Returned by Zhu Youfu" in page
        assert reason in page
        wang.post(f"/tasks/{item.id}/claim")
    assert reason not in other.get(f"/tasks/{item.id}").text
    do("mediator", hand_over, item, ToPerson(id_of("elder")), reason="还是您来")
    assert 'id="move-return"' in zhu.get(f"/tasks/{item.id}").text


def test_who_has_begun_keeps_what_was_handed_over(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item = task_of_zhu()
    do("elder", hand_over, item, ToPerson(id_of("mediator")), reason="请协助")
    do("mediator", add_co_worker, item, id_of("grid"), reason="熟悉这户")
    with pytest.raises(BegunAlready):
        do("elder", recall, item, reason="还是我来")
    assert as_it_is(item).assignee_id == id_of("mediator")
    zhu = browser_as("elder")
    assert 'id="move-recall"' not in zhu.get(f"/tasks/{item.id}").text
    away(id_of("mediator"))
    page = zhu.get(f"/tasks/{item.id}").text
    assert 'id="move-recall"' in page
    assert "</i>收回</a>" in page
    assert zhu.post(f"/tasks/{item.id}/recall", data=WHY).status_code == 302
    assert as_it_is(item).assignee_id == id_of("elder")


def test_what_is_done_for_another_comes_back_to_be_completed(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item = task_of_zhu()
    zhu, wang = browser_as("elder"), browser_as("mediator")
    assert zhu.post(f"/tasks/{item.id}/delegation", data=to("mediator")).status_code == 302
    lent = as_it_is(item)
    assert (lent.assignee_id, lent.owner_id) == (id_of("mediator"), id_of("elder"))
    assert zhu.get(f"/cases/{case_by_id(1, item.subject_id or 0).code}").status_code == 200
    for path, data in (("completion", {}), ("release", {}), ("handover", to("chair"))):
        answer = wang.post(f"/tasks/{item.id}/{path}", data=data, headers=EN)
        assert answer.status_code == 409, path
        assert "Zhu Youfu" in answer.text, path
    completed = wang.post(f"/tasks/{item.id}/completion", headers=EN)
    assert "Zhu Youfu asked you to do this task" in completed.text
    assert "您代朱有福办理" in wang.get(f"/tasks/{item.id}").text
    assert zhu.post(f"/tasks/{item.id}/handback").status_code == 403
    assert wang.post(f"/tasks/{item.id}/handback", data={"reason": "已当面告知"}).status_code == 302
    mine = as_it_is(item)
    assert (mine.assignee_id, mine.owner_id) == (id_of("elder"), None)
    assert told("elder")[0] == "task_handed_back"
    assert wang.post(f"/tasks/{item.id}/handback").status_code == 403
    every_number_is_its_list()


def test_the_pool_of_another_office_gets_a_task_and_gives_it_back(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item = task_of_zhu()
    town = db.session.scalars(select(Organisation.id).where(Organisation.code == "330681101000")).one()
    county = db.session.scalars(select(Organisation.id).where(Organisation.code == "court")).one()
    zhu = browser_as("elder")
    wrong = zhu.post(f"/tasks/{item.id}/handover", data=WHY | {"to": f"pool:mediator:{county}"})
    assert wrong.status_code == 409
    assert zhu.post(f"/tasks/{item.id}/handover", data=WHY | {"to": f"pool:mediator:{town}"}).status_code == 302
    assert as_it_is(item).assignee_id is None
    assert offered(item) == {("mediator", town)}
    assert told("linjiang.mediator")[0] == "task_offered_to_pool"
    jiang = browser_as("linjiang.mediator")
    assert jiang.post(f"/tasks/{item.id}/claim").status_code == 302
    assert zhu.post(f"/tasks/{item.id}/recall", data=WHY).status_code == 409
    assert jiang.post(f"/tasks/{item.id}/return", data=WHY).status_code == 302
    assert as_it_is(item).assignee_id == id_of("elder")
    hepan = db.session.scalars(select(Organisation.id).where(Organisation.code == "330681101201")).one()
    assert offered(item) == {("mediator", hepan)}
    every_number_is_its_list()
    assert run_unit(recount) == 0


def offered(item: WorkItem) -> set[tuple[str, int]]:
    db.session.remove()
    rows = db.session.execute(
        select(WorkItemCandidate.role, WorkItemCandidate.organisation_id).where(
            WorkItemCandidate.work_item_id == item.id
        )
    )
    return {(row.role, row.organisation_id) for row in rows}


def test_a_task_given_by_name_goes_back_to_who_did_the_step_before(app: Flask, played_county: int) -> None:
    item = task_of_zhu()
    change(WorkItemCandidate.__table__.delete().where(WorkItemCandidate.work_item_id == item.id))
    before = db.session.scalars(
        select(WorkItem.closed_by)
        .where(WorkItem.instance_id == item.instance_id, WorkItem.status == "done")
        .order_by(WorkItem.closed_at.desc(), WorkItem.id.desc())
    ).first()
    if before == id_of("elder"):
        with pytest.raises(NoWayBack):
            do("elder", return_task, item, reason="不归我办")
    wang = id_of("mediator")
    change(
        update(WorkItem)
        .where(WorkItem.instance_id == item.instance_id)
        .values(closed_by=wang)
        .where(WorkItem.status == "done")
    )
    do("elder", return_task, item, reason="不归我办")
    assert as_it_is(item).assignee_id == wang
    with pytest.raises(NoWayBack):
        do("mediator", return_task, item, reason="不归我办")


def test_a_recall_gives_nothing_back_to_whoever_could_not_be_given_it_today(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    """Zhu Youfu passed it on while he was a mediator of the village; the head who may recall it looks at him today."""
    item, zhu, subject = task_of_zhu(), id_of("elder"), task_of_zhu().subject_id or 0
    away(zhu)
    do("chair", hand_over, item, ToPerson(id_of("mediator")), reason="老朱请假")
    chair = browser_as("chair")
    assert chair.post(f"/tasks/{item.id}/recall", data=WHY, headers=EN).status_code == 409
    change(update(Leave).values(ended_at=clock.now()))
    change(update(Person).where(Person.id == zhu).values(left_at=clock.now()))
    gone = chair.post(f"/tasks/{item.id}/recall", data=WHY, headers=EN)
    assert (gone.status_code, "does not work here any more" in gone.text) == (422, True)
    change(update(Person).where(Person.id == zhu).values(left_at=None))
    change(update(Assignment).where(Assignment.person_id == zhu).values(to_date=date(2020, 1, 1)))
    wrong = chair.post(f"/tasks/{item.id}/recall", data=WHY)
    assert (wrong.status_code, "朱有福" in wrong.text) == (409, True)
    change(update(Assignment).where(Assignment.person_id == zhu).values(to_date=None))
    run_unit(lambda: recuse_person(case_by_id(1, subject), zhu, reason="表妹", actor=SYSTEM, now=clock.now()))
    conflict = chair.post(f"/tasks/{item.id}/recall", data=WHY, headers=EN)
    assert (conflict.status_code, "conflict of interest" in conflict.text) == (409, True)
    assert (as_it_is(item).assignee_id, history(item)[0].event) == (id_of("mediator"), "person.recused")
    run_unit(lambda: end_recusal(case_by_id(1, subject), zhu, reason="双方同意", actor=SYSTEM, now=clock.now()))
    assert chair.post(f"/tasks/{item.id}/recall", data=WHY).status_code == 302
    assert as_it_is(item).assignee_id == zhu
    every_number_is_its_list()


def test_a_task_is_not_returned_to_who_lost_the_role(app: Flask, played_county: int) -> None:
    item, zhu = task_of_zhu(), id_of("elder")
    do("elder", hand_over, item, ToPerson(id_of("mediator")), reason="请协助")
    change(update(Assignment).where(Assignment.person_id == zhu).values(to_date=date(2020, 1, 1)))
    do("mediator", return_task, item, reason="不熟悉情况")
    assert as_it_is(item).assignee_id is None
    assert history(item)[0].event == "task.returned_to_pool"
    every_number_is_its_list()


def test_the_number_of_a_resident_tells_no_name(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, browser = task_of_zhu(), browser_as("elder")
    for path in ("handover", "delegation", "co-workers", "copies"):
        answer = browser.post(f"/tasks/{item.id}/{path}", data=to("resident"))
        assert (answer.status_code, "章若兰" in answer.text) == (422, False), path


def test_strangers_and_the_wrong_people_are_refused(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, browser = task_of_zhu(), browser_as("elder")
    moves = ("handover", "delegation", "handback", "return", "recall", "reminder", "co-workers", "copies", "follow-up")
    stranger = browser_as("shiqiao.mediator")
    for path in moves:
        assert stranger.post(f"/tasks/{item.id}/{path}", data=to("mediator")).status_code == 404, path
        assert browser.post(f"/tasks/{item.id + 1}/{path}", data=to("mediator")).status_code == 404, path
    looks_on = browser_as("mediator")
    for path in ("handover", "delegation", "handback", "return", "co-workers", "copies", "follow-up"):
        day = {"day": "2099-01-01"}
        assert looks_on.post(f"/tasks/{item.id}/{path}", data=to("chair") | day).status_code == 403, path
    refused = {
        "": 422,
        "person:1": 422,
        "person:99999999999999999999": 422,
        "pool:administrator:1": 422,
        f"person:{id_of('elder')}": 422,
        f"person:{id_of('clerk')}": 409,
        f"person:{id_of('admin')}": 409,
    }
    for chosen, status in refused.items():
        answer = browser.post(f"/tasks/{item.id}/handover", data=WHY | {"to": chosen})
        assert answer.status_code == status, chosen
    assert browser.post(f"/tasks/{item.id}/handover", data=to("mediator") | {"reason": " "}).status_code == 422
    long = browser.post(f"/tasks/{item.id}/handover", data=to("mediator") | {"reason": "久" * 5000})
    assert long.status_code == 302
    assert len(history(item)[0].payload["reason"]) == 500


def test_nobody_with_a_conflict_who_left_or_who_is_away_is_given_a_task(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, browser = task_of_zhu(), browser_as("elder")
    wang, case_id = id_of("mediator"), item.subject_id or 0
    away(wang, id_of("elder"))
    answer = browser.post(f"/tasks/{item.id}/handover", data=to("mediator"))
    assert answer.status_code == 409
    assert "王桂兰请假至" in answer.text
    assert WHY["reason"] in answer.text
    change(update(Person).where(Person.id == wang).values(left_at=clock.now()))
    assert browser.post(f"/tasks/{item.id}/handover", data=to("mediator") | {"anyway": "true"}).status_code == 422
    assert "王桂兰" not in browser.get(f"/tasks/{item.id}/handover").text
    change(update(Person).where(Person.id == wang).values(left_at=None))
    db.session.remove()
    run_unit(lambda: recuse_person(case_by_id(1, case_id), wang, reason="表妹", actor=SYSTEM, now=clock.now()))
    answer = browser.post(f"/tasks/{item.id}/handover", data=to("mediator") | {"anyway": "true"})
    assert answer.status_code == 409
    assert "回避" in answer.text
    assert as_it_is(item).assignee_id == id_of("elder")


def test_the_head_of_the_team_gives_out_what_waits_and_what_an_absent_person_has(
    app: Flask, played_county: int
) -> None:
    item, wang, zhu = task_of_zhu(), id_of("mediator"), id_of("elder")
    with pytest.raises(HolderIsAtWork):
        do("chair", hand_over, item, ToPerson(wang), reason="分担")
    away(zhu)
    do("chair", hand_over, item, ToPerson(wang), reason="老朱请假")
    assert as_it_is(item).assignee_id == wang
    assert told("elder")[0] == "task_taken_away"
    do("mediator", return_task, item, reason="情况不熟")
    assert as_it_is(item).assignee_id == id_of("chair")
    waits = pooled()
    with pytest.raises(NotInYourHands):
        do("clerk", hand_over, waits, ToPerson(id_of("dispatcher")), reason="请办")
    do("leader", hand_over, waits, ToPerson(id_of("clerk")), reason="请先核实")
    assert as_it_is(waits).assignee_id == id_of("clerk")
    do("clerk", return_task, waits, reason="不归窗口")
    assert as_it_is(waits).assignee_id is None
    every_number_is_its_list()


def test_a_finished_task_goes_nowhere(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item = task_of_zhu()
    closed = {"status": "done", "closed_by": id_of("elder"), "closed_by_name": "朱有福", "closed_at": clock.now()}
    change(update(WorkItem).where(WorkItem.id == item.id).values(**closed))
    browser = browser_as("elder")
    before = len(history(item))
    for path in ("handover", "delegation", "handback", "return", "recall", "reminder", "co-workers", "copies"):
        answer = browser.post(f"/tasks/{item.id}/{path}", data=to("mediator"))
        assert answer.status_code == 409, path
        assert "朱有福" in answer.text, path
    assert len(history(item)) == before
    assert db.session.scalars(select(TaskMove)).all() == []


def test_of_two_hand_overs_at_once_one_is_made(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item = task_of_zhu()
    browsers = [browser_as("elder") for _ in range(2)]
    data, start = to("mediator"), threading.Barrier(2)
    answers: list[int] = []

    def give(number: int) -> None:
        start.wait()
        answers.append(browsers[number].post(f"/tasks/{item.id}/handover", data=data).status_code)

    threads = [threading.Thread(target=give, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) in ([302, 403], [302, 409])
    assert [one.event for one in history(item)].count("task.handed_over") == 1
    assert as_it_is(item).assignee_id == id_of("mediator")


def test_who_is_away_gets_a_task_only_when_it_is_meant(app: Flask, played_county: int) -> None:
    item = task_of_zhu()
    away(id_of("mediator"))
    with pytest.raises(IsAway):
        do("elder", delegate, item, ToPerson(id_of("mediator")), reason="请代办")
    do("elder", delegate, item, ToPerson(id_of("mediator"), anyway=True), reason="请代办")
    assert as_it_is(item).owner_id == id_of("elder")


def test_people_of_the_office_stand_first_however_many_lie_deeper(
    app: Flask, played_county: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SHOWN", 1)
    office = organisation_by_code(1, "330681003000")
    (first,) = queries.candidates(1, queries.may_help(), without=(), near=office.path, now=clock.now())
    assert first.id in {id_of("liuhe.dispatcher"), id_of("liuhe.mediator")}
