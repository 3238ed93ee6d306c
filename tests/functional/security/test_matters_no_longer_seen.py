"""Who passed a task on or did it, and may not see its matter any more, finds the row and nothing of the matter."""

import re

from flask import Flask
from sqlalchemy import delete, select, update

from app.cases.models import Case, Party
from app.cases.queries import case_by_id
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.notices.services import Recipient, notify
from app.tasks.comments.services import add_comment
from app.tasks.filters import Filter
from app.tasks.listing import count, inbox_page
from app.tasks.moves.rules import ToPerson
from app.tasks.moves.services.passing import hand_over
from app.workflow.models import WorkItem, WorkItemCandidate
from tests.functional.conftest import ApiToken, BrowserAs
from tests.functional.tasks.moves.scene import EN, change, do, history, id_of, task_of_zhu, who
from tests.functional.tasks.test_numbers import every_number_is_its_list

HIDDEN = "A matter that you no longer see"
REASON = "双方都姓陶"


def restrict(item: WorkItem) -> list[str]:
    """Zhu handed it over, Wang mediates, and now the matter is restricted. Returns what nobody else may read."""
    do("elder", hand_over, item, ToPerson(id_of("mediator")), reason=REASON)
    subject = item.subject_id or 0
    change(update(Case).where(Case.id == subject).values(sensitivity="restricted", mediator_id=id_of("mediator")))
    change(update(WorkItem).where(WorkItem.subject_id == subject).values(sensitivity="restricted"))
    change(delete(WorkItemCandidate).where(WorkItemCandidate.work_item_id == item.id))
    case = case_by_id(1, subject)
    names = db.session.scalars(select(Party.name).where(Party.case_id == subject)).all()
    secrets = [case.title, case.code, case.summary, case.place, REASON, "王桂兰", *names]
    assert all(secrets)
    db.session.remove()
    return secrets


def test_what_was_passed_on_is_a_row_without_its_matter(
    app: Flask, played_county: int, browser_as: BrowserAs, api_token: ApiToken
) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    secrets = restrict(item)
    for address in ("/tasks/passed-on", f"/tasks/{item.id}", f"/tasks/{item.id}?show=case"):
        page = zhu.get(address, headers=EN)
        assert page.status_code == 200, address
        assert HIDDEN in page.text, address
        assert not [one for one in secrets if one in page.text], address
    urged = zhu.post("/tasks/bulk/reminders", data={"item": item.id, "reason": "请抓紧"}, headers=EN)
    assert HIDDEN in urged.text
    assert not [one for one in secrets if one in urged.text]
    token = api_token("elder", ["tasks:read", "tasks:write"])
    answer = zhu.get(f"/api/v1/tasks/{item.id}", headers=token).json or {}
    assert not [one for one in secrets if one in str(answer)]
    assert [answer[name] for name in ("title", "case", "risk", "assignee")] == ["", None, None, None]
    taken = zhu.post(f"/tasks/{item.id}/recall", data={"reason": "还是我来"}, headers=EN)
    assert taken.status_code == 302
    assert secrets[0] in zhu.get(f"/tasks/{item.id}", headers=EN).text


def test_what_was_done_is_a_row_that_no_filter_finds(
    app: Flask, played_county: int, browser_as: BrowserAs, api_token: ApiToken
) -> None:
    item, zhu = task_of_zhu(), browser_as("elder")
    secrets = restrict(item)
    change(
        update(WorkItem)
        .where(WorkItem.id == item.id)
        .values(status="done", closed_by=id_of("elder"), closed_by_name="朱有福", closed_at=clock.now())
    )
    page = zhu.get("/tasks/?tab=done", headers=EN).text
    assert HIDDEN in page
    assert f"/tasks/{item.id}" in page
    assert not [one for one in secrets if one in page]
    token = api_token("elder", ["tasks:read"])
    listed = zhu.get("/api/v1/tasks?tab=done", headers=token).json or {}
    row = next(one for one in listed["items"] if one["id"] == str(item.id))
    assert [row[name] for name in ("title", "title_en", "case", "risk")] == ["", "", None, None]
    assert not [one for one in secrets if one in str(listed)]
    every_number_is_its_list(("elder",))
    seen = Filter("done", text=secrets[1])
    assert (count(who("elder"), seen), inbox_page(who("elder"), seen).rows) == (0, [])
    assert count(who("elder"), Filter("done", text="")) == len(inbox_page(who("elder"), Filter("done")).rows)


def test_old_notices_say_nothing_of_it(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item = task_of_zhu()
    code = case_by_id(1, item.subject_id or 0).code
    do("mediator", lambda one, **more: add_comment("@朱有福 请看陶某的材料", item=one, **more), item)
    reader = Recipient("朱有福", id_of("elder"))
    db.session.remove()
    run_unit(lambda: notify(1, [reader], "limit_near", {"code": code}, url=f"/cases/{code}", now=clock.now()))
    zhu = browser_as("elder")
    assert "请看陶某的材料" in zhu.get("/notices/").text
    restrict(item)
    page = zhu.get("/notices/", headers=EN).text
    assert HIDDEN in page
    assert "请看陶某的材料" not in page
    assert code not in page
    ways = [zhu.post(one).headers["Location"] for one in re.findall(r'action="(/notices/\d+/reading)"', page)]
    assert len(ways) > 1
    assert [one for one in ways if not one.startswith(("/notices/", "/tasks/"))] == []
    assert history(item)
