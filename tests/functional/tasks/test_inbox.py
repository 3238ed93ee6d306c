"""The inbox: every count is the length of its list, the search is literal, pages never lose a row."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select, update

from app.cases.models import Case, Party
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import viewer
from app.devdata.county import PEOPLE, person_named
from app.directory.models import Assignment
from app.directory.rules import PERSON, Viewer
from app.tasks.conditions import TABS
from app.tasks.filters import Filter
from app.tasks.listing import inbox_page
from app.workflow.models import WorkItem, WorkItemCandidate
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


def lists_on(page: str) -> list[str]:
    return re.findall(r'data-count="(\w+)"', page)


def test_who_works_for_no_office_is_offered_what_they_can_use(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    """Nobody offers work to a resident, or to somebody who has no role any more; by name they may still get some."""
    english = {"Accept-Language": "en"}
    item = db.session.scalars(select(WorkItem.id).where(WorkItem.status == "open").order_by(WorkItem.id)).first()
    ids = {login: person_named(login).id for login in ("resident", "grid", "elder")}
    db.session.remove()
    run_unit(lambda: db.session.execute(delete(Assignment).where(Assignment.person_id == ids["grid"])))
    for login in ("resident", "grid"):
        page = browser_as(login).get("/tasks/", headers=english).text
        assert lists_on(page) == ["mine", "done", "started"], login
        assert "Nothing is asked of you" in page
        assert "Passed on by me" not in page
        assert "tab=available" not in page
        assert browser_as(login).get("/tasks/?tab=available").status_code == 200, "an address from before"
    assert {"mine", "available", "done", "copied"} <= set(lists_on(browser_as("elder").get("/tasks/").text))
    offer = {"county_id": 1, "work_item_id": item, "role": PERSON, "organisation_id": ids["resident"]}
    run_unit(
        lambda: [
            db.session.execute(update(WorkItem).where(WorkItem.id == item).values(assignee_id=None)),
            db.session.execute(insert(WorkItemCandidate).values(**offer, waiting=True)),
        ]
    )
    assert "available" in lists_on(browser_as("resident").get("/tasks/").text)


def test_the_card_of_keys_names_the_lists_that_the_reader_has(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    pages = {login: browser_as(login).get("/tasks/").text for login in ("mediator", "dispatcher")}
    cards = {login: page[page.index('id="shortcuts"') :] for login, page in pages.items()}
    assert "<kbd>t</kbd>" in cards["dispatcher"]
    assert "<kbd>t</kbd>" not in cards["mediator"]
    assert "<kbd>r</kbd>" in cards["mediator"]


def shown(browser: FlaskClient, address: str) -> str:
    return browser.get(address, headers={"Accept-Language": "en"}).text


def test_an_empty_list_leads_on_to_where_there_is_something(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    pages = {login: shown(browser_as(login), "/tasks/?tab=mine") for login in ("leader", "dispatcher", "auditor")}
    assert all("Nothing waits for you" in page for page in pages.values())
    assert "Show the team's tasks" in pages["leader"]
    assert "Show what is available" in pages["dispatcher"]
    assert "New tasks appear here by themselves" in pages["auditor"]
    assert "Choose a task" not in pages["auditor"]


def test_a_list_that_several_conditions_empty_blames_none_alone(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    browser = browser_as("leader")
    alone = shown(browser, "/tasks/?tab=team&q=nowhere")
    assert 'Nothing fits "nowhere"<' in alone
    together = shown(browser, "/tasks/?tab=team&q=nowhere&due=overdue")
    assert 'Nothing fits "nowhere" and the rest of this filter' in together
    assert 'href="/tasks/?tab=team&amp;q=nowhere">Search the whole list' in together
    assert "Nothing fits this filter" in shown(browser, "/tasks/?tab=team&channel=court&due=today&colour=yellow")


def test_a_later_page_leads_back_to_the_first(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    cursor = inbox_page(person("leader"), Filter("team"), size=3).next_cursor
    browser = browser_as("leader")
    assert "First page" not in shown(browser, "/tasks/?tab=team&sort=risk")
    later = shown(browser, f"/tasks/?tab=team&cursor={cursor}")
    assert re.search(r'href="/tasks/\?tab=team"><i [^>]*></i>First page', later)
