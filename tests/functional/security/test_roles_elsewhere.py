"""A role is worth something where it is held, and in the matter that came to its holder as work; nowhere else."""

import io
import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases.models import Case
from app.cases.queries import visible_cases
from app.cases.rights import acts_as, roles_in, where_they_act
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import COUNTY_ID, SINCE, person_named
from app.directory import services
from app.directory.models import Organisation, Person
from app.directory.queries import viewer_of_person
from app.directory.rules import Viewer
from tests.functional.conftest import BrowserAs

HERE, ELSEWHERE = "330681101201", "330681102000"


@pytest.fixture
def person(played_county: int) -> int:
    """A reviewer of the village of Hepan, who mediates in another town and is a leader there."""

    def create() -> int:
        made: Person = services.create_person(
            COUNTY_ID, login="two.places", name="两处甲", password_hash=person_named("clerk").password_hash
        )
        offices = {one.code: one for one in db.session.scalars(select(Organisation))}
        services.assign_role(made, "reviewer", offices[HERE], from_date=SINCE)
        for role in ("mediator", "leader"):
            services.assign_role(made, role, offices[ELSEWHERE], from_date=SINCE)
        return made.id

    db.session.remove()
    return run_unit(create)


def _viewer(person: int) -> Viewer:
    found = viewer_of_person(COUNTY_ID, person, now=clock.now())
    assert found is not None
    return found


def _case_here() -> Case:
    path = select(Organisation.path).where(Organisation.code == HERE).scalar_subquery()
    chosen = select(Case).where(Case.status == "open", Case.sensitivity == "normal", Case.org_path == path)
    return db.session.scalars(chosen.order_by(Case.id).limit(1)).one()


def test_the_role_of_another_office_does_nothing_here(app: Flask, person: int, browser_as: BrowserAs) -> None:
    case = _case_here()
    code, viewer = case.code, _viewer(person)
    assert roles_in(viewer, case) == {"reviewer"}
    browser = browser_as("two.places")
    assert browser.get(f"/cases/{code}").status_code == 200
    photo = {"file": (io.BytesIO(b"%PDF-1.4"), "a.pdf")}
    assert browser.post(f"/cases/{code}/evidence", data=photo).status_code == 403
    assert browser.post(f"/cases/{code}/parties", data={"side": "applicant", "name": "某某"}).status_code == 403
    assert browser.post(f"/cases/{code}/related", data={"code": code, "reason": "x"}).status_code == 403
    assert browser.post(f"/cases/{code}/comments", data={"text": "看看"}).status_code == 403
    assert 'name="file"' not in browser.get(f"/cases/{code}/evidence").text
    exported = browser.post("/cases/export", data={"format": "csv"})
    assert exported.status_code == 200, "a leader takes out the cases of the town where they lead"
    assert code not in exported.text


def test_the_matter_that_came_as_work_counts_for_every_role_of_its_holder(
    app: Flask, person: int, browser_as: BrowserAs
) -> None:
    def give() -> str:
        case = _case_here()
        case.mediator_id = person
        return case.code

    db.session.remove()
    code = run_unit(give)
    case = db.session.scalars(select(Case).where(Case.code == code)).one()
    assert acts_as(_viewer(person), case, "mediator")
    browser = browser_as("two.places")
    answer = browser.post(f"/cases/{code}/related", data={"code": "", "reason": ""})
    assert answer.status_code == 422, "it is looked at, and only wants its fields"
    assert code in re.findall(r"FX\d{4}-\d{6}-\w{3}", browser.post("/cases/export", data={"format": "csv"}).text)


def test_one_case_and_a_list_say_the_same(app: Flask, person: int) -> None:
    """`roles_in` of each case that is seen, and the condition of lists."""
    logins = ("clerk", "mediator", "leader", "justice", "police", "two.places")
    people = {login: person_named(login).id for login in logins}
    for viewer in map(_viewer, people.values()):
        for role in viewer.role_names():
            listed = set(
                db.session.scalars(select(Case.id).where(visible_cases(viewer), where_they_act(viewer, [role])))
            )
            cases = db.session.scalars(select(Case).where(visible_cases(viewer)))
            assert {one.id for one in cases if acts_as(viewer, one, role)} == listed, (viewer.name, role)
