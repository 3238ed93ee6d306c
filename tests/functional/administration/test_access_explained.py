"""What somebody may see, explained by the very conditions of the check."""

import re

from flask import Flask
from sqlalchemy import select

from app.administration.access.rules import WAYS, rights_of
from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream
from app.cases.models import Case
from app.cases.queries import may_see, sight_of, ways_to_see
from app.cases.services.access import recuse_person
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import PEOPLE, person_named
from app.directory.queries import viewer_of_person
from app.directory.rules import ROLES, Viewer
from tests.functional.conftest import BrowserAs

ACCESS = "/administration/access"
ENGLISH = {"Accept-Language": "en"}


def viewer(login: str) -> Viewer:
    found = viewer_of_person(1, person_named(login).id, now=clock.now())
    assert found is not None
    return found


def ask(browser_as: BrowserAs, login: str, code: str) -> str:
    answer = browser_as("admin").post(f"{ACCESS}/{person_named(login).id}/cases", data={"code": code}, headers=ENGLISH)
    assert answer.status_code == 200
    return answer.text


def test_the_answer_is_the_one_of_the_check_for_everybody_and_every_case(app: Flask, played_county: int) -> None:
    cases = db.session.scalars(select(Case)).all()
    for somebody in PEOPLE:
        looking = viewer(somebody.login)
        for case in cases:
            sight = sight_of(looking, case.code)
            assert sight is not None
            assert sight.visible == may_see(looking, case) == (bool(sight.ways) and not sight.recused)
    assert set(ways_to_see(viewer("mediator"))) <= set(WAYS)
    assert all(rights_of(role) for role in set(ROLES) - {"interpreter"})


def test_roles_are_told_in_words_and_a_case_is_tried(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = db.session.scalars(select(Case).where(Case.mediator_id == person_named("elder").id)).first()
    assert case is not None
    page = browser_as("admin").get(ACCESS, query_string={"person": person_named("chair").id}, headers=ENGLISH).text
    assert "Committee chair · Hepan Village" in page
    assert "Sees the restricted ones too" in page
    assert "They mediate it." in ask(browser_as, "elder", case.code)
    none = ask(browser_as, "admin", case.code)
    assert "No role of theirs sees the cases of the office that leads this one." in none
    assert "may not see it" in none
    assert "There is no case with this code." in ask(browser_as, "elder", "FX2020-000001-XXX")
    db.session.remove()
    events = [entry.event for entry in entries(Stream.person(1, person_named("elder").id))]
    assert "access.asked" in events


def test_a_conflict_of_interest_and_a_restriction_are_the_reason(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case = db.session.scalars(select(Case).where(Case.mediator_id == person_named("elder").id)).first()
    assert case is not None
    code, case_id = case.code, case.id
    clerk_sees = viewer("clerk")

    def change() -> None:
        found = db.session.get_one(Case, (1, case_id))
        recuse_person(found, person_named("leader").id, reason="亲属", actor=SYSTEM, now=clock.now())
        found.sensitivity = "restricted"

    db.session.remove()
    run_unit(change)
    assert "A conflict of interest is recorded" in ask(browser_as, "leader", code)
    sight = sight_of(clerk_sees, code)
    assert sight is not None
    assert sight.inside
    if not sight.visible:
        assert "it is restricted" in ask(browser_as, "clerk", code)


def test_only_the_administrator_asks_and_only_about_their_county(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    for login in ("leader", "chair", "owner", "clerk"):
        stranger = browser_as(login)
        assert stranger.get(ACCESS).status_code == 404
        assert stranger.post(f"{ACCESS}/{person_named('clerk').id}/cases", data={"code": "x"}).status_code == 404
    admin = browser_as("admin")
    assert admin.post(f"{ACCESS}/123/cases", data={"code": "x"}).status_code == 404
    assert admin.get(ACCESS, query_string={"person": "123"}).status_code == 404
    told = ask(browser_as, "clerk", "<script>alert(1)</script>")
    assert not re.search(r"<script>alert", told)


def test_without_a_code_nothing_is_asked_and_nothing_kept(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    person = person_named("clerk")
    answer = browser_as("admin").post(f"{ACCESS}/{person.id}/cases", data={"code": " "}, headers=ENGLISH)
    assert answer.status_code == 422
    assert "Please type the code of a case." in answer.text
    assert "access.asked" not in [one.event for one in entries(Stream.person(1, person.id))]
