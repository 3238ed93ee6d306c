"""Cases are found by words, and only by who may see them."""

import html
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, select, update

from app.audit.services import SYSTEM
from app.cases.listing.queries import CaseFilter, listed
from app.cases.models import Case, Party
from app.cases.queries import visible_cases
from app.cases.search import ranking, results
from app.cases.search.models import CaseSearch
from app.cases.search.queries import found_by, hits
from app.cases.search.ranking import FIRST, FoundCase, Rank, Ranking
from app.cases.search.rules import exact, ways
from app.cases.search.services import rebuild
from app.cases.services.parties import add_party, change_party, remove_party
from app.cases.services.relations import merge_case
from app.core import clock
from app.core.database import db
from app.core.paging import encode_cursor
from app.core.unit_of_work import run_unit
from app.devdata.county import COUNTY_ID, person_named
from app.directory.models import Person
from app.directory.queries import viewer_of_person
from app.directory.rules import Viewer
from app.workflow.models import WorkItem
from tests.functional.conftest import ApiToken, BrowserAs


def viewer(login: str) -> Viewer:
    found = viewer_of_person(COUNTY_ID, person_named(login).id, now=clock.now())
    assert found is not None
    return found


def codes(login: str, text: str) -> list[str]:
    who = viewer(login)
    query = select(Case.code).where(visible_cases(who), found_by(who, text)).order_by(Case.id)
    return list(db.session.scalars(query))


@pytest.fixture
def party(played_county: int) -> Party:
    """An applicant of an open case, under a name and a telephone that nobody else has."""
    found = db.session.scalars(
        select(Party)
        .join(Case, (Case.county_id == Party.county_id) & (Case.id == Party.case_id))
        .where(Case.status == "open", Case.sensitivity == "normal")
        .order_by(Party.id)
        .limit(1)
    ).one()
    case_id, party_id = found.case_id, found.id

    def rename() -> None:
        case, one = db.session.get_one(Case, (COUNTY_ID, case_id)), db.session.get_one(Party, (COUNTY_ID, party_id))
        values = {"name": "欧阳修", "phone": "13912345678", "identity_number": "11010519491231002X"}
        change_party(case, one, values, actor=SYSTEM, now=clock.now())

    db.session.remove()
    run_unit(rename)
    return db.session.get_one(Party, (COUNTY_ID, party_id))


def test_played_cases_are_indexed_as_they_come(played_county: int) -> None:
    assert db.session.scalar(select(func.count()).select_from(CaseSearch)) == db.session.scalar(
        select(func.count()).select_from(Case)
    )


def test_a_party_who_was_renamed_is_found_at_once(party: Party) -> None:
    case = db.session.get_one(Case, (COUNTY_ID, party.case_id))
    for text in [
        "欧阳",
        "阳修",
        "欧阳修",
        "欧",
        "5678",
        "345678",
        "13912345678",
        "11010519491231002x",
        " 欧阳\u30005678 ",
    ]:
        assert codes("leader", text) == [case.code], text
        assert [one.case.code for one in listed(viewer("leader"), CaseFilter(text=text)).rows] == [case.code]
    for text in ["欧修", "5679", "445678", "110105194912310038", "欧阳修 5679", "%", "_", "的"]:
        assert codes("leader", text) == [], text


def test_a_code_is_found_by_its_parts(played_county: int) -> None:
    code = db.session.scalars(select(Case.code).order_by(Case.id).limit(1)).one()
    prefix, number, end = code.split("-")
    for text in (code, code.lower(), f"{prefix}-{number}", number, end, f"{number}-{end}", number.lstrip("0")):
        assert code in codes("leader", text), text
    assert codes("leader", f"{number}-{end}") == [code]
    assert code in codes("leader", prefix)


def test_an_empty_text_finds_everything(played_county: int) -> None:
    assert len(codes("leader", "  ")) > 5


def test_who_left_is_not_found_and_who_came_is(party: Party) -> None:
    case_id, party_id = party.case_id, party.id
    db.session.remove()

    def change() -> None:
        case, one = db.session.get_one(Case, (COUNTY_ID, case_id)), db.session.get_one(Party, (COUNTY_ID, party_id))
        remove_party(case, one, actor=SYSTEM, now=clock.now())
        agent = {"agent_name": "司马光", "phone": "057187654399"}
        add_party(case, side="applicant", name="Tom Sawyer", values=agent, actor=SYSTEM, now=clock.now())

    run_unit(change)
    assert codes("leader", "欧阳修") == []
    assert len(codes("leader", "司马光")) == len(codes("leader", "sawyer 4399")) == 1


def test_what_was_rolled_back_is_not_found(party: Party) -> None:
    case = db.session.get_one(Case, (COUNTY_ID, party.case_id))
    add_party(case, side="applicant", name="诸葛亮", actor=SYSTEM, now=clock.now())
    db.session.rollback()
    db.session.commit()
    assert codes("leader", "诸葛") == []


def test_a_merged_report_is_found_under_the_case_that_took_it_in(played_county: int) -> None:
    from app.cases.services.cases import add_report

    first, second = db.session.scalars(select(Case.id).where(Case.status == "open").order_by(Case.id).limit(2))
    db.session.remove()

    def merge() -> None:
        case, into = (db.session.get_one(Case, (COUNTY_ID, one)) for one in (first, second))
        words = {"channel": "window", "kind": "dispute", "text": "漏水", "reporter_name": "西门吹雪"}
        add_report(case, **words, actor=SYSTEM, now=clock.now())
        db.session.flush()
        merge_case(case, into, actor=SYSTEM, now=clock.now())

    run_unit(merge)
    into = db.session.get_one(Case, (COUNTY_ID, second))
    assert codes("leader", "西门吹雪") == [into.code]


def test_nobody_finds_what_they_may_not_see(party: Party) -> None:
    case_id = party.case_id
    seen = {login: bool(codes(login, "欧阳修")) for login in ("leader", "owner", "linjiang.dispatcher")}
    assert seen["leader"]
    assert not seen["owner"]
    db.session.remove()

    def restrict() -> None:
        db.session.get_one(Case, (COUNTY_ID, case_id)).sensitivity = "restricted"

    run_unit(restrict)
    allowed = set(db.session.scalars(select(Case.id).where(visible_cases(viewer("dispatcher")))))
    assert bool(codes("dispatcher", "欧阳修")) == (case_id in allowed)


def test_the_index_is_rebuilt(party: Party) -> None:
    cases = db.session.scalar(select(func.count()).select_from(Case))
    db.session.execute(delete(CaseSearch))
    db.session.commit()
    assert codes("leader", "欧阳修") == []
    db.session.remove()
    assert rebuild(missing=True) == cases
    assert rebuild(missing=True) == 0
    assert len(codes("leader", "欧阳修")) == 1


def test_another_change_of_a_case_writes_no_index(party: Party) -> None:
    case = db.session.get_one(Case, (COUNTY_ID, party.case_id))
    told: list[str] = []

    def on_statement(connection: object, cursor: object, statement: str, *rest: object) -> None:
        told.append(statement)

    event.listen(db.engine, "before_cursor_execute", on_statement)
    try:
        case.stage = "mediation" if case.stage != "mediation" else "agreement"
        db.session.commit()
    finally:
        event.remove(db.engine, "before_cursor_execute", on_statement)
    assert not [one for one in told if "case_search" in one]


def test_the_list_of_cases_takes_any_text(played_county: int, browser_as: BrowserAs) -> None:
    browser = browser_as("leader")
    for text in ("%", "_", "'; drop table cases; --", "𠮷野", "a" * 500, "1-1 " * 90, "<script>"):
        assert browser.get("/cases/", query_string={"q": text}).status_code == 200, text


def test_the_page_shows_cases_people_and_tasks_with_what_was_found_marked(party: Party, browser_as: BrowserAs) -> None:
    case = db.session.get_one(Case, (COUNTY_ID, party.case_id))
    code, restricted = case.code, case.id
    browser = browser_as("leader")
    page = browser.get("/search", query_string={"q": "欧阳修"}).text
    assert "<mark>欧阳修</mark>" in page
    assert f'href="/cases/{code}/parties"' in page
    assert 'id="found-tasks"' in page
    assert "13912345678" not in page
    by_number = browser.get("/search", query_string={"q": "11010519491231002X"}).text
    assert code in by_number
    assert "11010519491231002X" not in by_number.partition('id="found-cases"')[2].partition("</main>")[0]
    assert 'role="search"' in browser.get("/tasks/").text
    nothing = browser.get("/search", query_string={"q": "<b>龘"})
    assert nothing.status_code == 200
    assert "&lt;b&gt;龘" in nothing.text
    assert browser.get("/search").status_code == 200
    for path in ("/search", "/tasks/"):
        one = browser.get(path, query_string={"q": "龘"}, headers={"Accept-Language": "en"}).text
        assert "One character finds people by their surname." in one, path
    assert 'id="found-cases"' not in browser_as("owner").get("/search", query_string={"q": "欧阳修"}).text
    db.session.remove()

    def restrict() -> None:
        db.session.get_one(Case, (COUNTY_ID, restricted)).sensitivity = "restricted"

    run_unit(restrict)
    assert 'id="found-cases"' in browser.get("/search", query_string={"q": "欧阳修"}).text
    assert 'id="found-cases"' not in browser_as("liuhe.mediator").get("/search", query_string={"q": "欧阳修"}).text


def test_the_api_searches_too(party: Party, app: Flask, api_token: ApiToken) -> None:
    code = db.session.get_one(Case, (COUNTY_ID, party.case_id)).code
    header = api_token("leader", ["cases:read"])
    answer = app.test_client().get("/api/v1/cases", query_string={"q": "阳修"}, headers=header)
    assert [one["code"] for one in answer.json["items"]] == [code]


def test_the_index_knows_where_a_case_is_led(played_county: int) -> None:
    led = select(Case.id, Case.org_path).order_by(Case.id)
    known = select(CaseSearch.case_id, CaseSearch.org_path).order_by(CaseSearch.case_id)
    assert db.session.execute(known).all() == db.session.execute(led).all()
    db.session.execute(update(Case).values(org_path=Case.org_path + "0099/"))
    moved = db.session.execute(known).all()
    assert moved == db.session.execute(led).all()
    assert all(path.endswith("0099/") for _, path in moved)


def people_who_see_different_cases() -> list[Viewer]:
    """One of all those who see the same."""
    found: dict[tuple[int, ...], Viewer] = {}
    for login in db.session.scalars(select(Person.login).order_by(Person.login)).all():
        who = viewer(login)
        found[tuple(db.session.scalars(select(Case.id).where(visible_cases(who)).order_by(Case.id)))] = who
    assert len(found) > 4
    return list(found.values())


AS_IT_IS: dict[str, Any] = {}
IN_SMALL_STEPS = {"NEWEST": 1, "EARLIER": 2, "COMMON": 1, "NEARBY": 2, "MOST_ELSEWHERE": 2}
BY_THE_INDEX = {"NEWEST": 1, "EARLIER": 1, "COMMON": 1_000, "NEARBY": 1}
FEW_BEAR_THE_NAME = {"NEWEST": 8, "EARLIER": 3, "COMMON": 2, "NEARBY": 3, "MOST_ELSEWHERE": 3}


@pytest.mark.parametrize(
    "steps",
    [AS_IT_IS, IN_SMALL_STEPS, BY_THE_INDEX, FEW_BEAR_THE_NAME],
    ids=["as it is", "steps", "index", "few"],
)
def test_people_find_what_they_may_see_in_one_order_whichever_way_the_database_takes(
    played_county: int, monkeypatch: pytest.MonkeyPatch, steps: dict[str, Any]
) -> None:
    for name, value in steps.items():
        monkeypatch.setattr(ranking, name, value)
    for number, party in enumerate(db.session.scalars(select(Party).order_by(Party.id)).all()):
        if number % 3 == 0:
            party.name = "王芳" if number % 2 else "小王芳"
    db.session.commit()
    rebuild()
    some = db.session.scalars(select(Case.id).order_by(Case.id)).all()[::2]
    for model, key in ((Case, Case.id), (WorkItem, WorkItem.subject_id)):
        db.session.execute(update(model).where(key.in_(some)).values(sensitivity="restricted"))
    both_kinds = set()
    for who in people_who_see_different_cases():
        for text in ("调解", "王", "王芳", "FX2026", "村", "龘靐"):
            named = [one for one in (exact(way, text) for way in ways(text)) if one is not None]
            bears = set(db.session.scalars(hits(who, named))) if named else set()
            allowed = list(db.session.scalars(select(Case.id).where(visible_cases(who), found_by(who, text))))
            expected = sorted(allowed, key=lambda one, bears=bears: (one in bears, one), reverse=True)  # type: ignore[misc]
            for most in (2, 500):
                found, last = list[FoundCase](), FIRST
                while page := Ranking(who, ways(text), named).after(last, most):
                    found, last = [*found, *page], page[-1].rank
                assert [one.id for one in found] == expected, (who.name, text, most)
            both_kinds |= {(text, one.named) for one in found}
    assert {("王芳", True), ("王芳", False)} <= both_kinds


def test_what_is_found_comes_a_page_at_a_time(
    played_county: int, browser_as: BrowserAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "CASES", 3)
    who, browser = viewer("leader"), browser_as("leader")
    address, seen = "/search?q=FX2026", list[str]()
    while address:
        page = browser.get(address).text
        seen += re.findall(
            r'class="row-title" href="/cases/([^"/]+)"', page.partition('aria-labelledby="found-people"')[0]
        )
        assert len(seen) < 1_000
        more = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(more[1]) if more else ""
    allowed = select(Case.code).where(visible_cases(who)).order_by(Case.id.desc())
    assert seen == list(db.session.scalars(allowed))
    behind_all = encode_cursor(Rank(named=False, id=1))
    last = browser.get("/search", query_string={"q": "FX2026", "cursor": behind_all})
    assert "没有更多" in last.text
    for nonsense in ("x", "%00", encode_cursor([1]), encode_cursor([True, -1]), encode_cursor([[], "7"])):
        assert browser.get("/search", query_string={"q": "FX2026", "cursor": nonsense}).status_code == 200
