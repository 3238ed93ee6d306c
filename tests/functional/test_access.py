"""Who may open what: every page of the staff, for every role of the demo county."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Update, select, update

from app.audit.services import SYSTEM
from app.cases.models import Case
from app.cases.queries import case_by_id
from app.cases.services.access import end_recusal, recuse_person
from app.cases.services.cases import open_case
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import STORIES
from app.devdata.county import PASSWORD, SINCE, person_named
from app.directory import services as directory
from app.directory.passwords import hash_password
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs

TABS = ("", "/parties", "/mediation", "/file", "/timeline", "/diagram", "/decisions")

# Who sees what of three cases: one of Hepan village, one of Shiqiao village, one of the labour mediation committee.
HEPAN, SHIQIAO, LABOUR = "宅基地边界不清", "村口承包鱼塘", "在工地做了四个月"
ALL = frozenset({HEPAN, SHIQIAO, LABOUR})
SEEN: dict[str, frozenset[str]] = {
    "clerk": ALL,
    "dispatcher": ALL,
    "leader": ALL,
    "head": ALL,
    "archivist": ALL,
    "reviewer": ALL,
    "auditor": ALL,
    "police": ALL,
    "county.mediator": ALL,
    "mediator": frozenset({HEPAN}),
    "elder": frozenset({HEPAN}),
    "chair": frozenset({HEPAN}),
    "shiqiao.mediator": frozenset(),
    "linjiang.dispatcher": frozenset({HEPAN}),
    "justice": frozenset({HEPAN}),
    "yunling.mediator": frozenset(),
    "grid": frozenset(),
    "labour.mediator": frozenset({LABOUR}),
    "labour": frozenset(),
    "market": frozenset(),
    "court": frozenset(),
    "arbitration": frozenset(),
    "owner": frozenset(),
    "admin": frozenset(),
    "resident": frozenset(),
}


def case_of(beginning: str) -> Case:
    return db.session.scalars(select(Case).where(Case.summary.like(f"{beginning}%"))).one()


def change(statement: Update) -> None:
    db.session.remove()
    run_unit(lambda: db.session.execute(statement))


@pytest.mark.parametrize("login", sorted(SEEN))
def test_each_role_sees_the_cases_of_its_offices_and_no_other(
    app: Flask, played_county: int, browser_as: BrowserAs, login: str
) -> None:
    browser = browser_as(login)
    listed = browser.get("/cases/").text
    for beginning in sorted(ALL):
        case = case_of(beginning)
        expected = 200 if beginning in SEEN[login] else 404
        tabs = TABS if expected == 404 or login in ("clerk", "mediator", "labour.mediator") else ("",)
        for tab in tabs:
            assert browser.get(f"/cases/{case.code}{tab}").status_code == expected, (beginning, tab)
        assert browser.get(f"/cases/{case.code}/diagram/dispute.bpmn").status_code == expected, beginning
        assert (case.code in listed) == (expected == 200), beginning
        assert browser.get(f"/api/v1/cases/{case.code}").status_code == expected


def test_what_is_hidden_is_hidden_for_every_action(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_of(HEPAN)
    (task,) = db.session.scalars(
        select(WorkItem.id).where(WorkItem.subject_id == case.id, WorkItem.status == "open").limit(1)
    )
    stranger = browser_as("shiqiao.mediator")
    posts = [
        f"/cases/{case.code}/parties",
        f"/cases/{case.code}/parties/1",
        f"/cases/{case.code}/parties/1/reveal",
        f"/cases/{case.code}/parties/1/link",
        f"/cases/{case.code}/incidents/1/retry",
        f"/cases/{case.code}/actions/party_withdrew",
        f"/cases/{case.code}/optional/anything",
        f"/tasks/{task}/claim",
        f"/tasks/{task}/release",
        f"/tasks/{task}/fields",
        f"/tasks/{task}/completion",
    ]
    for path in posts:
        assert stranger.post(path, data={"name": "x", "side": "applicant", "reason": "x"}).status_code == 404, path
    assert stranger.get(f"/tasks/{task}").status_code == 404
    assert stranger.get(f"/cases/{case.code}/actions/party_withdrew").status_code == 404


def test_a_liaison_sees_the_case_while_it_has_a_task_for_them(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case = case_of(HEPAN)
    court = browser_as("court")
    assert court.get(f"/cases/{case.code}").status_code == 404
    judge = person_named("court").id
    task = db.session.scalars(
        select(WorkItem.id).where(WorkItem.subject_id == case.id, WorkItem.status == "open").limit(1)
    ).one()
    change(update(WorkItem).where(WorkItem.id == task).values(assignee_id=judge))
    assert court.get(f"/cases/{case.code}").status_code == 200
    assert court.get(f"/tasks/{task}").status_code == 200
    closed = {"status": "done", "closed_by": judge, "closed_by_name": "郑明辉", "closed_at": clock.now()}
    change(update(WorkItem).where(WorkItem.id == task).values(**closed))
    assert court.get(f"/cases/{case.code}").status_code == 404
    done = court.get(f"/tasks/{task}")
    assert done.status_code == 200
    assert HEPAN not in done.text
    assert "徐永年" not in done.text


def test_a_recused_person_finds_nothing_of_the_case(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_of(HEPAN)
    mediator = person_named("mediator")
    browser = browser_as("mediator")
    task = db.session.scalars(
        select(WorkItem.id).where(WorkItem.subject_id == case.id, WorkItem.assignee_id == mediator.id)
    ).first()
    assert browser.get(f"/cases/{case.code}").status_code == 200

    def recuse(act: Callable[..., None]) -> None:
        db.session.remove()
        now = clock.now()
        run_unit(lambda: act(case_by_id(1, case.id), mediator.id, reason="申请人的表妹", actor=SYSTEM, now=now))

    recuse(recuse_person)
    assert browser.get(f"/cases/{case.code}").status_code == 404
    assert case.code not in browser.get("/cases/").text
    for tab in ("mine", "available", "done"):
        assert case.code not in browser.get(f"/tasks/?tab={tab}").text
    assert task is None or browser.get(f"/tasks/{task}").status_code == 404
    recuse(end_recusal)
    assert browser.get(f"/cases/{case.code}").status_code == 200


def test_a_restricted_case_is_for_those_who_answer_for_it_and_who_work_on_it(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case = case_of(HEPAN)
    restricted = {"sensitivity": "restricted"}
    change(update(Case).where(Case.id == case.id).values(**restricted))
    change(update(WorkItem).where(WorkItem.subject_id == case.id).values(**restricted))
    for login, status in {
        "leader": 200,
        "chair": 200,
        "justice": 200,
        "auditor": 200,
        "clerk": 404,
        "police": 404,
        "county.mediator": 404,
        "grid": 404,
    }.items():
        browser = browser_as(login)
        assert browser.get(f"/cases/{case.code}").status_code == status, login
        assert (case.code in browser.get("/cases/").text) == (status == 200), login
        assert browser.get(f"/tasks/?tab=team&q={case.code}").text.count(f">{case.code}<") in (
            {0} if status == 404 else {0, 1, 2}
        )
    mediator = browser_as("mediator")
    assert mediator.get(f"/cases/{case.code}").status_code == 200


@pytest.mark.parametrize("login", ["clerk", "dispatcher", "mediator", "archivist", "court", "owner", "resident"])
def test_pages_without_a_case_open_for_everybody_signed_in(
    app: Flask, played_county: int, browser_as: BrowserAs, login: str
) -> None:
    browser = browser_as(login)
    for page in ("/tasks/", "/tasks/?tab=available", "/tasks/?tab=done", "/cases/"):
        assert browser.get(page).status_code == 200, page


def test_a_resident_finds_no_case_and_no_task(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    resident = browser_as("resident")
    for page in ("/tasks/", "/tasks/?tab=available", "/tasks/?tab=team", "/tasks/?tab=done", "/cases/"):
        text = resident.get(page).text
        assert "FX20" not in text, page
    assert resident.get("/reports/new").status_code == 403
    assert resident.get("/reports/doorstep").status_code == 403


def test_signed_out_everything_leads_to_the_sign_in(app: Flask, played_county: int) -> None:
    code = case_of(HEPAN).code
    browser = app.test_client()
    for page in ("/", "/tasks/", "/tasks/1", "/cases/", f"/cases/{code}", f"/cases/{code}/parties", "/reports/new"):
        answer = browser.get(page)
        assert answer.status_code == 302, page
        target = answer.headers["Location"]
        assert target.startswith("/sign-in") or page == "/", page
    assert browser.get("/api/v1/cases").status_code == 401
    assert browser.post(f"/cases/{code}/parties").status_code == 401


def test_another_county_sees_nothing(app: Flask, played_county: int) -> None:
    def other_county() -> str:
        county = directory.create_county(
            code="330700", name_zh="清溪县", name_en="Qingxi County", prefix="QX", county_id=2
        )
        root = directory.create_organisation(
            county.id,
            parent=None,
            tier="county",
            kind="government",
            code="330700",
            name_zh="清溪县",
            name_en="Qingxi",
        )
        leader = directory.create_person(
            county.id, login="qingxi.leader", name="钱多多", password_hash=hash_password(PASSWORD)
        )
        for role in ("leader", "dispatcher", "clerk", "archivist", "auditor", "centre_head"):
            directory.assign_role(leader, role, root, from_date=SINCE)
        now = clock.now()
        case = open_case(
            county.id, channel="window", kind="dispute", summary="清溪的事", received_by=root, actor=SYSTEM, now=now
        )
        return case.code

    code = run_unit(other_county)
    stranger = app.test_client()
    assert stranger.post("/sign-in", data={"login": "qingxi.leader", "password": PASSWORD}).status_code == 302
    for page in ("/cases/", "/tasks/?tab=team", "/tasks/?tab=available", "/tasks/?tab=mine"):
        assert "FX20" not in stranger.get(page).text, page
    assert code in stranger.get("/cases/").text
    assert stranger.get(f"/cases/{case_of(HEPAN).code}").status_code == 404
    task = db.session.scalars(select(WorkItem.id).limit(1)).one()
    assert stranger.get(f"/tasks/{task}").status_code == 404
    assert stranger.post(f"/tasks/{task}/claim").status_code == 404
    ours = app.test_client()
    ours.post("/sign-in", data={"login": "leader", "password": PASSWORD})
    assert ours.get(f"/cases/{code}").status_code == 404
    assert code not in ours.get("/cases/").text


def test_an_address_with_a_number_beyond_all_ids_is_not_found(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    clerk = browser_as("clerk")
    code = case_of(SHIQIAO).code
    huge = "9" * 25
    for page in (f"/tasks/{huge}", f"/api/v1/tasks/{huge}", f"/files/{huge}"):
        assert clerk.get(page).status_code == 404, page
    assert clerk.get(f"/cases/{code}/timeline?before={huge}").status_code == 200
    for cursor in ("x", "WyJhIiwiYiIsImMiXQ", "WzEsMiwzXQ", "W251bGwsbnVsbCxudWxsXQ", huge):
        for page in ("/tasks/?tab=team", "/tasks/?tab=done", "/cases/?status="):
            assert clerk.get(f"{page}&cursor={cursor}").status_code == 200, (page, cursor)


def test_the_stories_are_the_ones_that_this_table_knows() -> None:
    beginnings = [story.text for story in STORIES]
    for one in ALL:
        assert sum(text.startswith(one) for text in beginnings) == 1
