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
from app.directory.models import Person
from app.notices.models import Notice
from app.tasks.comments.models import Comment
from app.tasks.comments.rules import called, calls
from app.workflow.models import WorkItem
from tests.functional.conftest import ApiToken, BrowserAs
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
    for name in ("D'Arcy Lü", "O’Brien Wang", "Siyuan Lü", "Maria de la Cruz"):
        assert called(calls(f"请@{name} 看一下")[0], {name: [3], name.split()[0]: [4]}) == [3]


def test_a_mention_is_a_notice_with_the_way_to_the_words(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    case = case_by_id(1, item.subject_id or 0)
    db.session.remove()
    sent = zhu.post(f"/tasks/{item.id}/comments", data={"text": f"@王桂兰请看边界 {SCRIPT}"})
    assert sent.status_code == 302
    assert told("mediator")[0] == "mentioned"
    notice = db.session.scalars(select(Notice).where(Notice.template == "mentioned")).one()
    assert notice.url.startswith(f"/tasks/{item.id}#comment-")
    db.session.remove()
    wang = browser_as("mediator")
    for path in (f"/cases/{case.code}/comments", f"/cases/{case.code}/timeline", f"/tasks/{item.id}"):
        page = wang.get(path).text
        assert "请看边界" in page, path
        assert SCRIPT not in page, path
    assert "查看待办" in wang.get("/notices/").text
    assert "Told: Wang Guilan" in zhu.get(f"/tasks/{item.id}", headers=EN).text
    assert history(item)[0].event == "comment.added"
    assert "请看边界" not in str(history(item)[0].payload)


def test_whoever_calls_nobody_is_told_so(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, zhu, wang = task_of_zhu(), browser_as("elder"), browser_as("mediator")
    for text in ("@查无此人 看看", "没有叫人"):
        assert zhu.post(f"/tasks/{item.id}/comments", data={"text": text}).status_code == 302
    said = zhu.get(f"/tasks/{item.id}", headers=EN).text
    assert said.count("Nobody was told") == 1
    assert said.index("查无此人") < said.index("Nobody was told") < said.index("没有叫人")
    assert "Nobody was told" not in wang.get(f"/tasks/{item.id}", headers=EN).text


def test_who_may_not_see_the_matter_is_not_called_and_reads_nothing(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    case = case_by_id(1, item.subject_id or 0)
    db.session.remove()
    by_number = {"text": "请协助", "mention": id_of("yunling.mediator")}
    for data, named in (({"text": "@谢春生 请协助"}, True), (by_number, False)):
        refused = zhu.post(f"/tasks/{item.id}/comments", data=data)
        assert refused.status_code == 422
        assert ("谢春生" in refused.text) is named
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
    asked = zhu.get(f"/tasks/{item.id}", headers=EN).text.partition(f'<dialog class="dialog" id="withdraw-{comment}"')
    assert f"/comments/{comment}/withdrawal" not in asked[0]
    assert f"/comments/{comment}/withdrawal" in asked[2].partition("</dialog>")[0]
    assert "has been told already" in asked[2].partition("</dialog>")[0]
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


def test_a_name_is_suggested_only_of_those_who_may_see_the_matter(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    case = case_by_id(1, item.subject_id or 0)
    db.session.remove()
    for path in (f"/tasks/{item.id}/colleagues", f"/cases/{case.code}/colleagues"):
        assert 'data-call="王桂兰"' in zhu.get(f"{path}?q=王桂").text, path
        assert 'data-call="王桂兰"' in zhu.get(f"{path}?q=mediator").text, "by account too"
        everybody = zhu.get(path).text
        assert 1 < everybody.count('role="option"') <= 8
        assert "朱有福" not in everybody, "not oneself"
        assert "option" not in zhu.get(f"{path}?q=谢春生").text, "of another town"
        assert "option" not in zhu.get(f"{path}?q=%25").text, "no pattern"
        assert browser_as("yunling.mediator").get(path).status_code == 404
    dispatcher = f"/tasks/{item.id}/colleagues?q=周建国"
    assert "option" in zhu.get(dispatcher).text
    change(update(Case).where(Case.id == case.id).values(sensitivity="restricted"))
    assert "option" not in zhu.get(dispatcher).text, "a restricted matter is not his to see"


def test_two_of_one_name_are_called_by_their_accounts(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    change(update(Person).where(Person.login == "chair").values(name="王桂兰"))
    shown = zhu.get(f"/tasks/{item.id}/colleagues?q=王桂兰").text
    assert 'data-call="mediator"' in shown
    assert 'data-call="chair"' in shown


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Wang Guilan", "name_en": ""},
        {"name_en": "Wang Guilan"},
        {"name": "王贵兰", "name_en": "Wang Guilan"},
    ],
)
def test_a_suggestion_calls_the_one_whom_it_shows(
    app: Flask, played_county: int, browser_as: BrowserAs, other: dict[str, str]
) -> None:
    """Where only the second name is shared the other stands in no list of suggestions, and yet has the name."""
    item, zhu = task_of_zhu(), browser_as("elder")
    change(update(Person).where(Person.login == "chair").values(**other))
    shown = zhu.get(f"/tasks/{item.id}/colleagues?q=桂兰", headers=EN).text
    assert 'data-call="mediator"' in shown
    assert 'data-call="chair"' not in shown
    said = zhu.post(f"/tasks/{item.id}/comments", data={"text": "请@mediator 看一下"}, headers=EN)
    assert said.status_code == 302
    assert 'data-call="王桂兰"' in zhu.get(f"/tasks/{item.id}/colleagues?q=桂兰").text, "in Chinese there is one only"


def test_a_name_that_no_call_can_hold_is_called_by_its_account(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    change(update(Person).where(Person.login == "mediator").values(name="王桂兰（大）", name_en="Wang (Guilan)"))
    for headers in (EN, {}):
        assert 'data-call="mediator"' in zhu.get(f"/tasks/{item.id}/colleagues?q=桂兰", headers=headers).text


def test_comments_have_operations(app: Flask, played_county: int, api_token: ApiToken) -> None:
    item, client = task_of_zhu(), app.test_client()
    case = case_by_id(1, item.subject_id or 0)
    db.session.remove()
    zhu = api_token("elder", ["tasks:read", "tasks:write", "cases:read"])
    said = client.post(f"/api/v1/tasks/{item.id}/comments", json={"text": "@王桂兰请看边界"}, headers=zhu)
    assert said.status_code == 201, said.text
    assert said.json is not None
    assert said.json["mentioned"] == [str(id_of("mediator"))]
    assert told("mediator")[0] == "mentioned"
    assert client.post(f"/api/v1/cases/{case.code}/comments", json={"text": "已约定"}, headers=zhu).status_code == 201
    changed = client.put(f"/api/v1/comments/{said.json['id']}", json={"text": "请看地界"}, headers=zhu)
    assert changed.status_code == 200, changed.text
    for path in (f"/api/v1/tasks/{item.id}/comments", f"/api/v1/cases/{case.code}/comments"):
        listed = client.get(path, headers=zhu).json
        assert listed is not None
        assert [one["text"] for one in listed["items"]][-2:] == ["请看地界", "已约定"]
    assert client.delete(f"/api/v1/comments/{said.json['id']}", headers=zhu).status_code == 200
    assert [one.event for one in history(item)[:4]] == [
        "comment.withdrawn",
        "comment.edited",
        "comment.added",
        "comment.added",
    ]


def test_the_operations_refuse_what_the_pages_refuse(app: Flask, played_county: int, api_token: ApiToken) -> None:
    item, client = task_of_zhu(), app.test_client()
    case = case_by_id(1, item.subject_id or 0)
    db.session.remove()
    scopes = ["tasks:read", "tasks:write", "cases:read"]
    zhu, stranger, auditor = (api_token(one, scopes) for one in ("elder", "yunling.mediator", "auditor"))
    path, whole = f"/api/v1/tasks/{item.id}/comments", f"/api/v1/cases/{case.code}/comments"
    for body in (
        {},
        {"text": ""},
        {"text": "x" * 2001},
        {"text": "@谢春生 请看"},
        {"text": "请看", "mentioned": ["x"]},
    ):
        assert client.post(path, json=body, headers=zhu).status_code == 422, body
    for one in (path, whole):
        assert client.get(one, headers=stranger).status_code == 404
        assert client.post(one, json={"text": "x"}, headers=stranger).status_code == 404
        assert client.post(one, json={"text": "x"}, headers=api_token("elder", ["cases:read"])).status_code == 403
        assert client.post(one, json={"text": "x"}, headers=auditor).status_code == 403
    said = client.post(path, json={"text": "请看"}, headers=zhu).json
    assert said is not None
    change(update(Comment).values(at=clock.now() - timedelta(minutes=16)))
    late = client.put(f"/api/v1/comments/{said['id']}", json={"text": "y"}, headers=zhu)
    assert late.status_code == 409
    assert late.json is not None
    assert "十五分钟" in late.json["detail"]


@pytest.mark.parametrize("status", ["archived", "merged"])
def test_nothing_is_said_about_a_case_that_takes_no_change(
    app: Flask, played_county: int, browser_as: BrowserAs, status: str
) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    code = case_by_id(1, item.subject_id or 0).code
    zhu.post(f"/cases/{code}/comments", data={"text": "先前说的"})
    said = newest()
    change(update(Case).where(Case.code == code).values(status=status))
    assert zhu.post(f"/cases/{code}/comments", data={"text": "封卷之后"}).status_code == 409
    assert zhu.post(f"/comments/{said}/edition", data={"text": "改过的"}).status_code == 409
    assert zhu.post(f"/comments/{said}/withdrawal").status_code == 409
    assert newest() == said
    page = zhu.get(f"/cases/{code}/comments").text
    assert "先前说的" in page
    assert "<textarea" not in page


def test_who_did_a_task_long_ago_reads_nothing_of_a_case_that_is_not_theirs_to_see(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    code = case_by_id(1, item.subject_id or 0).code
    zhu.post(f"/cases/{code}/comments", data={"text": "孩子的住处不要外传"})
    said = newest()
    done = {"status": "done", "closed_by": id_of("elder"), "assignee_id": None}
    change(update(WorkItem).where(WorkItem.id == item.id).values(**done))
    change(update(Case).where(Case.code == code).values(sensitivity="restricted", mediator_id=None))
    assert zhu.get(f"/cases/{code}").status_code == 404
    page = zhu.get(f"/tasks/{item.id}")
    assert page.status_code == 200
    assert "不要外传" not in page.text
    assert zhu.post(f"/tasks/{item.id}/comments", data={"text": "又怎样了"}).status_code == 404
    assert newest() == said
    assert "Li Changshan" not in zhu.get(f"/tasks/{item.id}/colleagues").text
    assert "李长山" not in zhu.get(f"/tasks/{item.id}/colleagues").text


def test_a_token_for_tasks_reads_what_was_said_about_its_task_alone(
    app: Flask, played_county: int, api_token: ApiToken
) -> None:
    item, client = task_of_zhu(), app.test_client()
    code = case_by_id(1, item.subject_id or 0).code
    db.session.remove()
    full = api_token("elder", ["tasks:read", "tasks:write", "cases:read"])
    client.post(f"/api/v1/tasks/{item.id}/comments", json={"text": "关于这一步"}, headers=full)
    client.post(f"/api/v1/cases/{code}/comments", json={"text": "关于整件事"}, headers=full)

    def read(scopes: list[str]) -> str:
        answer = client.get(f"/api/v1/tasks/{item.id}/comments", headers=api_token("elder", scopes))
        assert answer.status_code == 200
        return str([one["text"] for one in (answer.json or {})["items"]])

    assert "关于整件事" in read(["tasks:read", "cases:read"])
    alone = read(["tasks:read"])
    assert ("关于这一步" in alone, "关于整件事" in alone) == (True, False)


def test_numbers_of_people_tell_nobody_their_names(app: Flask, played_county: int, api_token: ApiToken) -> None:
    item, client = task_of_zhu(), app.test_client()
    zhu = api_token("elder", ["tasks:write"])
    path = f"/api/v1/tasks/{item.id}/comments"
    answers = set()
    for number in (id_of("yunling.mediator"), id_of("resident"), 17):
        answer = client.post(path, json={"text": "请看", "mentioned": [str(number)]}, headers=zhu)
        assert answer.status_code == 422
        answers.add((answer.json or {})["detail"])
    assert len(answers) == 1
