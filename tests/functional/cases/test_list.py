"""The list of cases: its number is its length under every filter; it leaves as a table within permission, noted."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, update

from app.audit.queries import entries
from app.audit.services import Stream
from app.cases.listing.queries import CaseFilter, count, listed
from app.cases.models import Case
from app.cases.queries import seen_cases, visible_cases
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import STORIES, viewer
from app.devdata.county import person_named
from app.directory.models import Person
from app.workflow.models import WorkItem
from tests.functional.conftest import ApiToken, BrowserAs

EN = {"Accept-Language": "en"}
FILTERS = (
    {},
    {"status": "closed"},
    {"stage": "triage"},
    {"type": "neighbour"},
    {"colour": "red"},
    {"channel": "window"},
    {"text": "河畔村"},
    {"status": "open", "colour": "green"},
    {"stage": "nowhere"},
)


@pytest.mark.parametrize("login", ["leader", "clerk", "elder", "shiqiao.mediator", "resident"])
def test_the_number_is_the_length_of_the_list(app: Flask, played_county: int, login: str) -> None:
    who = viewer(login, now=clock.now())
    everything = {one.case.id for one in listed(who, CaseFilter(), size=100).rows}
    lead = db.session.scalars(select(Case.lead_organisation_id).distinct()).all()
    for chosen in [CaseFilter(**one) for one in FILTERS] + [CaseFilter(office=one) for one in lead]:
        rows = listed(who, chosen, size=100).rows
        assert len(rows) == count(who, chosen), chosen
        assert {one.case.id for one in rows} <= everything, chosen
    if login == "leader":
        assert len(everything) == len(STORIES)
        assert [one.case.risk_colour for one in listed(who, CaseFilter(colour="red")).rows] == ["red"]


def test_each_way_by_itself_finds_what_the_permission_says(app: Flask, played_county: int) -> None:
    """Everybody, with every second case restricted: the list's union is the one condition that all else asks."""
    some = db.session.scalars(select(Case.id).order_by(Case.id)).all()[::2]
    run_unit(
        lambda: [
            db.session.execute(update(Case).where(Case.id.in_(some)).values(sensitivity="restricted")),
            db.session.execute(update(WorkItem).where(WorkItem.subject_id.in_(some)).values(sensitivity="restricted")),
        ]
    )
    lengths = set()
    for login in db.session.scalars(select(Person.login).order_by(Person.login)).all():
        who = viewer(login, now=clock.now())
        allowed = set(db.session.scalars(select(Case.id).where(visible_cases(who))))
        assert set(db.session.scalars(seen_cases(who, any_of=100))) == allowed, login
        newest = list(db.session.scalars(seen_cases(who, newest=100)))
        assert newest == sorted(allowed, reverse=True), login
        assert list(db.session.scalars(seen_cases(who, newest=2))) == newest[:2], login
        lengths.add(len(allowed))
    assert len(lengths) > 3


def test_pages_follow_each_other_and_keep_the_filter(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    who = viewer("leader", now=clock.now())
    first = listed(who, CaseFilter(status="open"), size=3)
    second = listed(who, CaseFilter(status="open"), cursor=first.next_cursor, size=100)
    codes = [one.case.code for one in [*first.rows, *second.rows]]
    assert codes == sorted(codes, reverse=True)
    assert len(set(codes)) == len(codes) == count(who, CaseFilter(status="open"))
    page = browser_as("leader").get("/cases/?status=open&colour=red&office=1&stage=triage", headers=EN).text
    assert '<option value="open" selected>' in page
    assert "0 cases" in page


def test_what_is_exported_is_what_is_listed_and_no_formula(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    formula, typed = "=HYPERLINK(0)", "\x0b=HYPERLINK\x1f(0)\uffff"
    db.session.remove()
    run_unit(lambda: db.session.execute(update(Case).where(Case.risk_colour == "red").values(place=typed)))
    leader = browser_as("leader")
    assert 'action="/cases/export"' in leader.get("/cases/").text
    answer = leader.post("/cases/export", data={"format": "csv", "status": "open"}, headers=EN)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=cases-")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    listed_codes = set(re.findall(r"FX\d{4}-\d{6}-\w{3}", leader.get("/cases/?status=open").text))
    assert rows[0][0] == "Code"
    assert {row[0] for row in rows[1:]} == listed_codes
    assert f"'{formula}" in {row[7] for row in rows}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert "徐永年" not in answer.text, "names are masked as in the list"
    book = load_workbook(io.BytesIO(leader.post("/cases/export", data={"format": "xlsx", "colour": "red"}).data))
    cells = [cell for row in book["cases"].iter_rows(min_row=2) for cell in row]
    assert f"'{formula}" in [cell.value for cell in cells]
    assert all(cell.data_type != "f" for cell in cells)
    db.session.remove()
    told = entries(Stream.person(1, person_named("leader").id))[:2]
    assert [one.event for one in told] == ["list.exported", "list.exported"]
    assert told[1].payload["filter"] == {"status": "open"}
    assert told[1].payload["rows"] == len(listed_codes)


def test_an_export_is_named_by_the_countys_time(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    with clock.freeze(datetime(2026, 3, 2, 22, 15, tzinfo=UTC)):
        answer = browser_as("leader").post("/cases/export", data={"format": "csv"})
    assert "cases-20260303-0615.csv" in answer.headers["Content-Disposition"]


def test_who_may_not_export_is_refused(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    for login in ("clerk", "elder", "resident"):
        browser = browser_as(login)
        assert "/cases/export" not in browser.get("/cases/").text
        assert browser.post("/cases/export", data={"format": "csv"}).status_code == 403
    assert browser_as("leader").post("/cases/export", data={"format": "exe"}).status_code == 403
    assert browser_as("leader").get("/cases/export").status_code == 404


def test_the_api_lists_the_same_and_masks_the_same(
    app: Flask, played_county: int, browser_as: BrowserAs, api_token: ApiToken
) -> None:
    token = api_token("clerk", ["cases:read"])
    browser = app.test_client()
    for query in ("", "?status=open", "?stage=triage", "?colour=red", "?channel=window", "?type=neighbour"):
        told = browser.get(f"/api/v1/cases{query}", headers=token).json
        page = browser_as("clerk").get(f"/cases/{query}").text
        assert told is not None
        assert {one["code"] for one in told["items"]} == set(re.findall(r"FX\d{4}-\d{6}-\w{3}", page)), query
        assert not any("徐永年" in one["title"] for one in told["items"])
    assert browser.get("/api/v1/cases?colour=mauve", headers=token).status_code == 422


@pytest.mark.parametrize(
    "address", ["/cases/", "/tasks/", "/authoring/dispute", "/authoring/dispute/dictionary", "/authoring/dispute/moves"]
)
def test_every_choice_of_a_filter_begins_as_a_sentence_does(
    app: Flask, played_county: int, browser_as: BrowserAs, address: str
) -> None:
    page = browser_as("owner" if "authoring" in address else "leader").get(address, headers=EN).text
    offered = [one.strip() for one in re.findall(r"<option[^>]*>([^<]+)</option>", page)]
    assert len(offered) > 2
    assert [one for one in offered if one[0].islower()] == []
