"""What an open inbox asks every few seconds: silence when nothing changed, in two statements."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import viewer
from app.devdata.county import person_named
from app.tasks.conditions import TABS
from app.tasks.filters import Filter
from app.tasks.listing import case_page, count, counts, inbox_page
from app.tasks.versions import state_of, version_of
from app.workflow.models import WorkItem, WorkItemCandidate
from tests.functional.conftest import BrowserAs


@contextmanager
def statements() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine, "before_cursor_execute", note)


def version(login: str) -> str:
    db.session.remove()
    return version_of(viewer(login, now=clock.now()))


def test_nothing_is_said_while_nothing_changes(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    browser = browser_as("dispatcher")
    known = version("dispatcher")
    assert known in browser.get("/tasks/").text
    db.session.remove()
    with statements() as asked:
        answer = browser.get(f"/tasks/news?version={known}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert len([one for one in asked if not one.startswith(("BEGIN", "COMMIT"))]) == 2
    assert app.test_client().get("/tasks/news").status_code in (302, 401)
    assert app.test_client().get("/tasks/?tab=mine").headers["Location"].startswith("/sign-in?")


@pytest.mark.parametrize("login", ["leader", "dispatcher", "mediator", "clerk"])
def test_a_page_of_a_list_and_all_numbers_are_read_in_two_statements_each(
    app: Flask, played_county: int, login: str
) -> None:
    who = viewer(login, now=clock.now())
    asked_for = [
        lambda: counts(who),
        lambda: inbox_page(who, Filter("mine")),
        lambda: inbox_page(who, Filter("available", due="overdue", sort="due")),
        lambda: inbox_page(who, Filter("team", colours=("red",), channel="110", sort="age")),
        lambda: count(who, Filter("team", text="河畔", least=Decimal(100))),
        lambda: case_page(who, Filter("started", tier="village")),
    ]
    for ask in asked_for:
        db.session.remove()
        with statements() as asked:
            ask()
        assert len([one for one in asked if not one.startswith(("BEGIN", "COMMIT"))]) <= 2, asked


@pytest.mark.parametrize("login", ["leader", "dispatcher", "mediator", "clerk", "linjiang.dispatcher"])
def test_a_whole_page_takes_at_most_thirteen_statements(
    app: Flask, played_county: int, browser_as: BrowserAs, login: str
) -> None:
    browser = browser_as(login)
    browser.get("/tasks/")
    for tab in (*TABS, "started", "supervision"):
        db.session.remove()
        with statements() as asked:
            assert browser.get(f"/tasks/?tab={tab}").status_code == 200
        assert 5 < len([one for one in asked if not one.startswith(("BEGIN", "COMMIT"))]) <= 13, asked


def test_a_task_that_comes_or_goes_is_told_with_the_numbers(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    browser, known = browser_as("dispatcher"), version("dispatcher")
    pooled = select(WorkItemCandidate.work_item_id).where(
        WorkItemCandidate.waiting, WorkItemCandidate.role == "dispatcher"
    )
    item = db.session.scalars(pooled.order_by(WorkItemCandidate.work_item_id)).first()
    db.session.remove()
    assert browser.post(f"/tasks/{item}/claim").status_code == 302
    told = browser.get(f"/tasks/news?version={known}").json
    assert told is not None
    assert told["version"] == version("dispatcher") != known
    numbers = counts(viewer("dispatcher", now=clock.now()))
    assert told["numbers"] == {name: str(number) for name, number in numbers.items()}
    gone = update(WorkItem).where(WorkItem.id == item).values(assignee_id=person_named("leader").id)
    db.session.remove()
    run_unit(lambda: db.session.execute(gone))
    assert version("dispatcher") not in (known, told["version"])


def test_a_row_that_tells_something_else_is_told(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    leader = browser_as("leader")
    page = leader.get("/tasks/?tab=team").text
    rows = re.findall(r'id="row-(\d+)"', page)
    known = re.search(r'data-state="(\w+)"', page)
    assert known is not None
    asked = {"tab": "team", "version": version("leader"), "row": rows, "state": known[1]}
    db.session.remove()
    with statements() as sent:
        assert leader.get("/tasks/news", query_string=asked).status_code == 204
    assert len([one for one in sent if not one.startswith(("BEGIN", "COMMIT"))]) == 4
    item = offered_in(rows)
    assert browser_as("dispatcher").post(f"/tasks/{item}/claim").status_code == 302
    told = leader.get("/tasks/news", query_string=asked).json
    assert told is not None
    assert told["state"] != known[1]
    assert leader.get("/tasks/news", query_string=asked | {"state": told["state"]}).status_code == 204
    fresh = leader.get("/tasks/?tab=team", headers={"HX-Request": "true"}).text
    assert re.search(r'data-state="(\w+)"', fresh)[1] == told["state"]  # type: ignore[index]
    nothing = browser_as("yunling.mediator").get("/tasks/news", query_string=asked | {"tab": "mine"}).json
    assert nothing is not None
    assert nothing["state"] == state_of("mine", (), 0)


def offered_in(rows: list[str]) -> int:
    """One of these tasks that waits for a dispatcher of the county."""
    db.session.remove()
    pooled = {row.item.id for row in inbox_page(viewer("dispatcher", now=clock.now()), Filter("available")).rows}
    return next(int(row) for row in rows if int(row) in pooled)


def test_the_list_alone_is_sent_to_whoever_asks_for_the_part(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    part = browser_as("leader").get("/tasks/?tab=team", headers={"HX-Request": "true"})
    assert "task-rows" in part.text
    assert "<html" not in part.text
    assert "HX-Request" in part.headers["Vary"]
