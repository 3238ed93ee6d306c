"""Comments among colleagues: who reads them, who can be called by @, how long they can be changed."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.cases.models import Case
from app.cases.queries import case_by_id
from app.core import clock
from app.core.database import db
from app.devdata.county import person_named
from app.notices.models import Notice
from app.tasks.comments.models import Comment
from app.tasks.comments.rules import called, calls
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs
from tests.functional.tasks.moves.scene import EN, change, history, id_of, task_of_zhu, told

SCRIPT = "<script>alert(1)</script>"


def newest() -> int:
    db.session.remove()
    found = db.session.scalars(select(Comment.id).order_by(Comment.id.desc()).limit(1)).one()
    db.session.remove()
    return found


def test_a_call_is_an_at_at_the_beginning_of_a_word() -> None:
    assert calls("请@王桂兰看一下，邮箱 a@b.com 不算") == ["王桂兰看一下"]
    assert called("王桂兰看一下", {"王桂": [1], "王桂兰": [2]}) == [2]
    assert called("没有这个人", {"王桂兰": [2]}) == ()


def test_a_mention_is_a_notice_with_the_way_to_the_words(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    case = case_by_id(1, item.subject_id or 0)
    db.session.remove()
    sent = zhu.post(f"/tasks/{item.id}/comments", data={"text": f"@王桂兰请看边界 {SCRIPT}"})
    assert sent.status_code == 302
    assert told("mediator")[0] == "mentioned"
    notice = db.session.scalars(select(Notice).where(Notice.template == "mentioned")).one()
    assert notice.url.startswith(f"/cases/{case.code}/comments#comment-")
    db.session.remove()
    wang = browser_as("mediator")
    for path in (f"/cases/{case.code}/comments", f"/cases/{case.code}/timeline", f"/tasks/{item.id}"):
        page = wang.get(path).text
        assert "请看边界" in page, path
        assert SCRIPT not in page, path
    assert history(item)[0].event == "comment.added"
    assert "请看边界" not in str(history(item)[0].payload)


def test_who_may_not_see_the_matter_is_not_called_and_reads_nothing(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    case = case_by_id(1, item.subject_id or 0)
    db.session.remove()
    for data in ({"text": "@谢春生 请协助"}, {"text": "请协助", "mention": id_of("yunling.mediator")}):
        refused = zhu.post(f"/tasks/{item.id}/comments", data=data)
        assert refused.status_code == 422
        assert "谢春生" in refused.text
        assert "请协助" in refused.text
    assert "mentioned" not in told("yunling.mediator")
    assert zhu.post(f"/cases/{case.code}/comments", data={"text": "内部意见"}).status_code == 302
    stranger = browser_as("yunling.mediator")
    comment = newest()
    for path in (f"/cases/{case.code}/comments", f"/tasks/{item.id}/comments"):
        assert stranger.post(path, data={"text": "x"}).status_code == 404
    assert stranger.get(f"/cases/{case.code}/comments").status_code == 404
    assert stranger.post(f"/comments/{comment}/edition", data={"text": "x"}).status_code == 404
    assert stranger.post(f"/comments/{comment}/withdrawal").status_code == 404
    assert browser_as("auditor").post(f"/cases/{case.code}/comments", data={"text": "x"}).status_code == 403
    assert browser_as("mediator").post(f"/comments/{comment}/edition", data={"text": "x"}).status_code == 403


def test_empty_and_endless_words_are_refused_and_kept_in_the_field(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    assert zhu.post(f"/tasks/{item.id}/comments", data={"text": "  "}).status_code == 422
    assert zhu.post(f"/tasks/{item.id}/comments", data={"text": "长" * 2001}).status_code == 422
    db.session.remove()
    assert db.session.scalars(select(Comment)).all() == []


def test_its_author_changes_and_withdraws_a_comment_for_a_short_time(
    app: Flask, played_county: int, browser_as: BrowserAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    zhu.post(f"/tasks/{item.id}/comments", data={"text": "约在周三"})
    comment = newest()
    assert zhu.post(f"/comments/{comment}/edition", data={"text": "约在周四 @王桂兰"}).status_code == 302
    assert told("mediator").count("mentioned") == 1
    edited = history(item)[0]
    assert (edited.event, edited.payload["before"]) == ("comment.edited", "约在周三")
    assert zhu.post(f"/comments/{comment}/withdrawal").status_code == 302
    case = case_by_id(1, item.subject_id or 0)
    assert "约在周" not in zhu.get(f"/cases/{case.code}/comments").text
    assert "约在周" not in zhu.get(f"/cases/{case.code}/timeline").text
    assert history(item)[0].event == "comment.withdrawn"
    assert zhu.post(f"/comments/{comment}/withdrawal").status_code == 409
    db.session.remove()
    zhu.post(f"/tasks/{item.id}/comments", data={"text": "改到周五"})
    later = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    last = newest()
    assert zhu.post(f"/comments/{last}/edition", data={"text": "改到周六"}).status_code == 409
    assert zhu.post(f"/comments/{last}/withdrawal", headers=EN).status_code == 409


def test_comments_of_a_restricted_matter_stay_with_those_who_see_it(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    subject = item.subject_id or 0
    change(
        update(Case).where(Case.id == subject).values(sensitivity="restricted", mediator_id=person_named("elder").id)
    )
    change(update(WorkItem).where(WorkItem.subject_id == subject).values(sensitivity="restricted"))
    code = case_by_id(1, subject).code
    assert zhu.post(f"/tasks/{item.id}/comments", data={"text": "@李长山 涉及孩子"}).status_code == 302
    db.session.remove()
    notice = db.session.scalars(select(Notice).where(Notice.template == "mentioned")).one()
    assert notice.params["text"] == ""
    db.session.remove()
    refused = zhu.post(f"/tasks/{item.id}/comments", data={"text": "@陈晓梅 请看"})
    assert refused.status_code == 422
    assert browser_as("clerk").get(f"/cases/{code}/comments").status_code == 404
    assert "涉及孩子" in browser_as("chair").get(f"/cases/{code}/comments").text
