"""The inbox: every count is the length of its list, the search is literal, pages never lose a row."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.cases.models import Case, Party
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import viewer
from app.devdata.county import PEOPLE
from app.directory.rules import Viewer
from app.tasks.conditions import TABS
from app.tasks.filters import Filter
from app.tasks.listing import inbox_page
from app.workflow.models import WorkItem
from tests.functional.conftest import ApiToken, BrowserAs

DEMO = [one.login for one in PEOPLE if one.demo_order is not None]


def person(login: str) -> Viewer:
    return viewer(login, now=clock.now())


def listed(who: Viewer, tab: str, text: str = "", size: int = 50) -> list[int]:
    """Every task of a tab, page after page."""
    found: list[int] = []
    cursor = None
    while True:
        page = inbox_page(who, Filter(tab, text, cursor), size=size)
        found += [row.item.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("login", ["clerk", "dispatcher", "mediator", "leader"])
def test_the_page_shows_the_numbers_of_its_lists(
    app: Flask, played_county: int, browser_as: BrowserAs, api_token: ApiToken, login: str
) -> None:
    browser = browser_as(login)
    token = api_token(login, ["tasks:read"])
    for tab in TABS:
        page = browser.get(f"/tasks/?tab={tab}").text
        answer = app.test_client().get(f"/api/v1/tasks?tab={tab}&size=100", headers=token).json
        assert answer is not None
        assert answer["count"] == len(answer["items"]) == len(listed(person(login), tab))
        for item in answer["items"]:
            assert f"/tasks/{item['id']}?" in page
            assert browser.get(f"/tasks/{item['id']}").status_code == 200


def test_pages_cut_between_equal_rows_lose_none(app: Flask, played_county: int) -> None:
    same = datetime(2026, 12, 1, tzinfo=UTC)
    db.session.remove()
    run_unit(lambda: db.session.execute(update(WorkItem).values(risk=1, due_at=same)))
    done = update(WorkItem).where(WorkItem.status == "done").values(closed_at=same)
    run_unit(lambda: db.session.execute(done))
    for login, tab in (("dispatcher", "team"), ("mediator", "done"), ("leader", "team")):
        who = person(login)
        whole = listed(who, tab, size=100)
        assert len(whole) >= 3
        for size in (1, 2, 3):
            assert listed(who, tab, size=size) == whole


def test_red_stands_first_and_then_what_is_due_first(app: Flask, played_county: int) -> None:
    page = inbox_page(person("leader"), Filter("team"))
    keys = [(-row.item.risk, row.item.due_at, row.item.id) for row in page.rows]
    assert keys == sorted(keys)
    assert page.rows[0].case is not None
    assert page.rows[0].case.risk_colour == "red"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("张秀英", True),
        ("李国强", True),
        ("1234", True),
        ("13805711234", True),
        ("1380", False),
        ("河畔村3组", True),
        ("排水沟", True),
        ("%", False),
        ("_", False),
        ("张_英", False),
        ("\\", False),
        ("' OR 1=1 --", False),
    ],
)
def test_the_search_finds_what_was_typed_and_no_wildcard(
    app: Flask, played_county: int, typed: str, found: bool
) -> None:
    case = db.session.scalars(select(Case).where(Case.summary.like("隔壁新砌%"))).one()
    db.session.remove()
    applicant = select(Party).where(Party.case_id == case.id, Party.side == "applicant")
    run_unit(lambda: setattr(db.session.scalars(applicant).one(), "phone", "13805711234"))
    task = db.session.scalars(
        select(WorkItem.id).where(WorkItem.subject_id == case.id, WorkItem.status == "open").limit(1)
    ).one()
    assert (task in listed(person("dispatcher"), "team", typed)) is found


def test_a_code_is_found_by_its_beginning_in_any_case(app: Flask, played_county: int) -> None:
    case = db.session.scalars(select(Case).where(Case.summary.like("隔壁新砌%"))).one()
    who = person("dispatcher")
    assert listed(who, "team", case.code.lower())
    assert listed(who, "team", case.code[:10])
    assert not listed(who, "team", case.code[2:])


def test_an_unknown_tab_is_ones_own(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    browser = browser_as("mediator")
    assert browser.get("/tasks/?tab=everything").status_code == 200
    assert browser.post("/tasks/").status_code == 405
