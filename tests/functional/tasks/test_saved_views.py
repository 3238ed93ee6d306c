"""Saved views: one's own and those of one's office; they give no right, and what they name may be gone."""

from flask import Flask
from sqlalchemy import select

from app.audit.queries import entries
from app.audit.services import Stream
from app.core.database import db
from app.devdata.county import COUNTY_ID, person_named
from app.directory.models import Assignment
from app.tasks.saved_views.models import SavedView
from app.tasks.saved_views.services import MOST_VIEWS
from tests.functional.conftest import BrowserAs

QUERY = "tab=team&colour=red&due=overdue&sort=due"
NAME = "红色超期"


def office_of(login: str) -> int:
    db.session.remove()
    return (
        db.session.scalars(
            select(Assignment.organisation_id).where(Assignment.person_id == person_named(login).id)
        ).first()
        or 0
    )


def views() -> list[SavedView]:
    db.session.remove()
    return list(db.session.scalars(select(SavedView).order_by(SavedView.id)))


def test_a_filter_gets_a_name_and_is_a_chip_from_then_on(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    dispatcher, leader = browser_as("dispatcher"), browser_as("leader")
    assert "save-view" not in dispatcher.get("/tasks/?tab=team").text
    assert "save-view" in dispatcher.get(f"/tasks/?{QUERY}").text
    saved = dispatcher.post("/tasks/views", data={"name": f"  {NAME} ", "query": QUERY})
    assert saved.status_code == 302
    assert saved.location.endswith(f"/tasks/?{QUERY}")
    page = dispatcher.get(saved.location).text
    assert NAME in page
    assert "save-view" not in page
    assert NAME not in leader.get("/tasks/").text
    (view,) = views()
    assert (view.name, view.query, view.organisation_id) == (NAME, QUERY, None)
    assert leader.post(f"/tasks/views/{view.id}/removal").status_code == 404
    assert dispatcher.post(f"/tasks/views/{view.id}/removal").status_code == 302
    assert views() == []


def test_a_shared_view_is_seen_at_that_office_and_by_nobody_else(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    office = office_of("dispatcher")
    data = {"name": NAME, "query": QUERY, "share_with": office}
    assert browser_as("dispatcher").post("/tasks/views", data=data).status_code == 302
    assert office_of("clerk") == office
    assert NAME in browser_as("clerk").get("/tasks/").text
    assert NAME not in browser_as("yunling.dispatcher").get("/tasks/").text
    told = entries(Stream.organisation(COUNTY_ID, office))[0]
    assert (told.event, told.payload["name"]) == ("view.shared", NAME)
    (view,) = views()
    assert browser_as("clerk").post(f"/tasks/views/{view.id}/removal").status_code == 404
    assert browser_as("dispatcher").post(f"/tasks/views/{view.id}/removal").status_code == 302
    assert views() == []
    assert entries(Stream.organisation(COUNTY_ID, office))[0].event == "view.withdrawn"


def test_whoever_leads_an_office_takes_away_what_it_shares(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    data = {"name": NAME, "query": "tab=available&colour=red", "share_with": office_of("clerk")}
    assert browser_as("clerk").post("/tasks/views", data=data).status_code == 302
    (view,) = views()
    removal = f"/tasks/views/{view.id}/removal"
    asked = browser_as("leader").get(f"/tasks/?{view.query}").text.partition('<dialog class="dialog" id="remove-view-')
    assert removal not in asked[0]
    assert removal in asked[2].partition("</dialog>")[0]
    assert "同单位的人" in asked[2].partition("</dialog>")[0]
    assert removal not in browser_as("archivist").get(f"/tasks/?{view.query}").text
    for login in ("archivist", "linjiang.leader"):
        assert browser_as(login).post(removal).status_code == 404
    assert browser_as("leader").post(removal).status_code == 302
    assert views() == []


def test_a_view_leads_out_of_no_county(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    """What a crafted view names is of this county or falls away, and an office that is none shares nothing."""
    dispatcher = browser_as("dispatcher")
    for query in ("tab=team&office=elsewhere&sort=due&colour=red", "tab=team&q=%00&colour=red", "a=b&" * 150):
        saved = dispatcher.post("/tasks/views", data={"name": NAME, "query": query})
        assert saved.status_code in (302, 400)
        assert "elsewhere" not in saved.headers.get("Location", "")
    assert all("elsewhere" not in view.query and "//" not in view.query for view in views())
    for office in ("99", str(2**70), "-1", "x", "1;2", " "):
        before = len(views())
        refused = dispatcher.post("/tasks/views", data={"name": NAME, "query": QUERY, "share_with": office})
        assert refused.status_code in (403, 404, 422), office
        assert len(views()) == before


def test_another_office_a_missing_name_and_too_many_are_refused(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    browser = browser_as("dispatcher")
    data: dict[str, object] = {"name": NAME, "query": QUERY}
    assert browser.post("/tasks/views", data=data | {"share_with": office_of("mediator")}).status_code == 403
    assert browser.post("/tasks/views", data=data | {"name": " "}).status_code == 422
    assert browser.post("/tasks/views", data=data | {"name": "长" * 41}).status_code == 422
    assert views() == []
    for number in range(MOST_VIEWS):
        assert browser.post("/tasks/views", data=data | {"name": str(number)}).status_code == 302
    assert browser.post("/tasks/views", data=data).status_code == 409
    assert len(views()) == MOST_VIEWS


def test_a_view_that_names_what_is_gone_opens_all_the_same(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    browser = browser_as("dispatcher")
    nonsense = "tab=team&type=feud&colour=red&office=17&next=https://example.com"
    saved = browser.post("/tasks/views", data={"name": NAME, "query": nonsense})
    assert saved.location.endswith("/tasks/?tab=team&colour=red")
    (view,) = views()
    assert view.query == "tab=team&colour=red"
    page = browser.get(f"/tasks/?{nonsense}")
    assert page.status_code == 200
    assert "已略去" in page.text
