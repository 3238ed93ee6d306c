"""What the package puts on the page of its cases: facts and tabs by type and procedure, and a table as it stood."""

import re

from flask import Flask
from sqlalchemy import select, update

from app.audit.queries import entries
from app.audit.services import Stream
from app.cases.models import Case
from app.config import ROOT
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions.checks import check_package
from app.definitions.compiled import Contents
from app.definitions.rules import SETTINGS_FILE
from app.definitions.services import read_folder
from tests.functional.conftest import BrowserAs
from tests.functional.test_access import HEPAN

EN = {"Accept-Language": "en"}


def case_of(beginning: str) -> Case:
    db.session.remove()
    return db.session.scalars(select(Case).where(Case.summary.like(f"{beginning}%"))).one()


def test_facts_stand_as_the_package_says_by_type(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    leader = browser_as("leader")
    case = case_of(HEPAN)
    page = leader.get(f"/cases/{case.code}", headers=EN).text
    assert re.findall(r'<div class="fact-group"><h3>([^<]+)', page) == ["The main facts", "Procedure", "Ownership"]
    assert "Violence or threat" not in page
    run_unit(lambda: db.session.execute(update(Case).where(Case.id == case.id).values(dispute_type="wages")))
    page = leader.get(f"/cases/{case.code}", headers=EN).text
    assert "Title</h3>" not in page


def test_a_tab_of_the_package_is_there_for_the_cases_it_names(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    leader = browser_as("leader")
    code = case_of("借款三万元写有借条").code
    tab = leader.get(f"/cases/{code}/facts/performance", headers=EN)
    assert tab.status_code == 200
    assert 'aria-current="page">Performance</a>' in tab.text
    assert "Agreement" in tab.text
    assert leader.get(f"/cases/{code}/facts/secrets").status_code == 404
    assert browser_as("shiqiao.mediator").get(f"/cases/{code}/facts/performance").status_code == 404


def test_the_check_refuses_what_has_no_place_on_the_page(app: Flask) -> None:
    name, files = read_folder(ROOT / "processes" / "dispute")
    wrong = """
[[overview]]
label = { zh = "错", en = "Wrong" }
facts = ["place", "nowhere", "private_note"]
types = ["marriage_family", "quarrel"]

[[tabs]]
id = "performance"
label = { zh = "又", en = "Again" }
groups = [{ label = { zh = "又", en = "Again" }, facts = ["wish"] }]
"""
    changed = {**files, SETTINGS_FILE: files[SETTINGS_FILE].rstrip() + wrong.encode()}
    held = Contents(name, changed, dict.fromkeys(changed, ""))
    found = {
        (one.code, str(one.params.get("name", "")), str(one.params.get("value", ""))) for one in check_package(held)
    }
    assert {
        ("page_name_unknown", "nowhere", ""),
        ("page_name_private", "private_note", ""),
        ("page_value_unknown", "dispute_type", "quarrel"),
        ("page_tab_twice", "", ""),
    } <= found


def test_the_whole_table_is_shown_with_the_hit_row_lit(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    leader = browser_as("leader")
    code = case_of(HEPAN).code
    page = leader.get(f"/cases/{code}/decisions", headers=EN).text
    link = re.search(rf"/cases/{code}/decisions\?table=(\d+)#decision-\1", page)
    assert link is not None
    whole = leader.get(link[0].partition("#")[0], headers=EN).text
    shown = whole.split(f'id="decision-{link[1]}"')[1].split("</table>")[0]
    assert shown.count('<tr class="is-hit">') >= 1
    assert shown.count("<tr><th") > 5
    assert leader.get(f"/cases/{code}/decisions?table=1").status_code == 200


def test_the_paper_has_no_navigation_and_no_number(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    code = case_of(HEPAN).code
    for language in ("zh", "en"):
        paper = browser_as("leader").post(f"/cases/{code}/print", headers={"Accept-Language": language}).text
        assert "<nav" not in paper
        assert "<svg" in paper
        assert code in paper
        assert not re.search(r"1[3-9]\d{9}", paper)
    assert browser_as("shiqiao.mediator").post(f"/cases/{code}/print").status_code == 404


def test_what_leaves_on_paper_is_told_and_looking_at_an_address_prints_nothing(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case, leader = case_of(HEPAN), browser_as("leader")
    assert f'action="/cases/{case.code}/print"' in leader.get(f"/cases/{case.code}").text
    assert leader.get(f"/cases/{case.code}/print").status_code == 405
    assert leader.post(f"/cases/{case.code}/print").status_code == 200
    assert browser_as("shiqiao.mediator").post(f"/cases/{case.code}/print").status_code == 404
    db.session.remove()
    told = [one for one in entries(Stream.case(1, case.id)) if one.event == "case.printed"]
    assert [one.actor_name for one in told] == ["赵卫东"]
    assert "Printed the case" in leader.get(f"/cases/{case.code}/timeline", headers=EN).text


def test_the_way_taken_is_what_the_diagram_lights(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    code = case_of(HEPAN).code
    page = browser_as("leader").get(f"/cases/{code}/diagram?process=dispute", headers=EN).text
    assert '"taken": ["' in page
    assert f'"/cases/{code}/diagram?process=mediation"' in page
    assert "here now" in page
