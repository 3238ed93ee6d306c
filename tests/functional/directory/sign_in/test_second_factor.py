"""A second factor: forced on those who publish and administer, a code works once, a lost phone is not the end."""

import re
from datetime import UTC, date, datetime, timedelta

import pyotp
import pytest
from flask import Flask

from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.models import Assignment, SecondFactor
from app.directory.queries import organisation
from app.directory.services import assign_role
from app.directory.sign_in.services import make_password_link
from tests.functional.conftest import BrowserAs
from tests.functional.directory.conftest import PASSWORD, enrolment_key, set_up_factor, sign_in

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def told(login: str) -> list[str]:
    db.session.remove()
    return [one.event for one in entries(Stream.person(1, person_named(login).id))]


@pytest.mark.parametrize("login", ["admin", "owner"])
def test_those_who_publish_and_administer_set_it_up_first(office: Flask, login: str) -> None:
    browser = office.test_client()
    answer = sign_in(browser, login)
    assert answer.headers["Location"] == "/sign-in/second-factor?next=/account/"
    assert browser.get("/account/").headers["Location"].startswith("/sign-in?")
    assert browser.get("/sign-in").headers["Location"].startswith("/sign-in/second-factor")
    sealed, _key = enrolment_key(browser.get("/sign-in/second-factor"))
    wrong = browser.post("/sign-in/second-factor", data={"sealed": sealed, "code": "000000"})
    assert wrong.status_code == 422
    assert enrolment_key(wrong)[0] == sealed
    assert browser.get("/account/").status_code == 302
    set_up_factor(browser, "/sign-in/second-factor")
    assert browser.get("/account/").status_code == 200


def test_others_come_in_by_the_password_alone(office: Flask) -> None:
    browser = office.test_client()
    assert sign_in(browser, "clerk").headers["Location"] == "/account/"
    assert browser.get("/account/").status_code == 200


def test_in_a_demo_it_is_offered_and_not_forced(app: Flask, county: int, browser_as: BrowserAs) -> None:
    page = browser_as("admin").get("/account/", headers={"Accept-Language": "en"})
    assert "In this demo it is offered" in page.text


def test_a_code_works_once_and_a_copied_page_is_nothing(office: Flask) -> None:
    with clock.freeze(MORNING):
        browser = office.test_client()
        sign_in(browser, "clerk")
        phone, codes = set_up_factor(browser, "/account/second-factor")
        other = office.test_client()
        assert sign_in(other, "clerk").headers["Location"].startswith("/sign-in/code")
        assert other.get("/account/").status_code == 302
        assert other.post("/sign-in/code", data={"code": phone.at(MORNING)}).status_code == 422
        clock.advance(timedelta(seconds=30))
        assert other.post("/sign-in/code", data={"code": phone.at(clock.now())}).status_code == 302
        assert other.get("/account/").status_code == 200
        third = office.test_client()
        sign_in(third, "clerk")
        assert third.post("/sign-in/code", data={"code": phone.at(clock.now())}).status_code == 422
        assert third.post("/sign-in/code", data={"code": codes[0].upper()}).status_code == 302
        fourth = office.test_client()
        sign_in(fourth, "clerk")
        assert fourth.post("/sign-in/code", data={"code": codes[0]}).status_code == 422
    stored = db.session.query(SecondFactor).one()
    assert phone.secret.encode() not in stored.secret_cipher
    assert "second_factor.recovery_used" in told("clerk")


def test_a_page_that_is_sent_twice_makes_no_new_recovery_codes(office: Flask) -> None:
    """Who writes the codes down and reloads the page has the right ones on paper."""
    with clock.freeze(MORNING):
        browser = office.test_client()
        sign_in(browser, "clerk")
        sealed, key = enrolment_key(browser.get("/account/second-factor"))
        form = {"sealed": sealed, "code": pyotp.TOTP(key).at(MORNING)}
        page = browser.post("/account/second-factor", data=form)
        codes = re.findall(r'<code class="secret">([a-z2-7]{5}-[a-z2-7]{5})<', page.text)
        assert browser.post("/account/second-factor", data=form).status_code == 409
        other = office.test_client()
        sign_in(other, "clerk")
        assert other.post("/sign-in/code", data={"code": codes[0]}).status_code == 302
    assert told("clerk").count("second_factor.set_up") == 1
    assert "second_factor.replaced" not in told("clerk")


def test_codes_are_not_guessed(office: Flask) -> None:
    with clock.freeze(MORNING):
        browser = office.test_client()
        sign_in(browser, "clerk")
        phone, _codes = set_up_factor(browser, "/account/second-factor")
        clock.advance(timedelta(minutes=1))
        guesser = office.test_client()
        sign_in(guesser, "clerk")
        statuses = [guesser.post("/sign-in/code", data={"code": f"{n:06d}"}).status_code for n in range(9)]
        assert statuses == [422] * 8 + [429]
        assert guesser.post("/sign-in/code", data={"code": phone.at(clock.now())}).status_code == 429
        elsewhere = {"environ_base": {"REMOTE_ADDR": "10.7.7.7"}}
        owner = office.test_client()
        sign_in(owner, "clerk", **elsewhere)
        answer = owner.post("/sign-in/code", data={"code": phone.at(clock.now())}, **elsewhere)
        assert answer.status_code == 302
    assert told("clerk").count("sign_in.blocked") == 1


def test_a_lost_phone_is_taken_away_by_an_administrator(office: Flask) -> None:
    clerk, admin = office.test_client(), office.test_client()
    sign_in(clerk, "clerk")
    set_up_factor(clerk, "/account/second-factor")
    sign_in(admin, "admin")
    set_up_factor(admin, "/sign-in/second-factor")
    number = person_named("clerk").id
    assert clerk.post(f"/administration/people/{number}/account/second-factor/removal").status_code == 404
    assert admin.post(f"/administration/people/{number}/account/second-factor/removal").status_code == 303
    assert admin.post(f"/administration/people/{number}/account/second-factor/removal").status_code == 409
    assert clerk.get("/account/").status_code == 302
    assert sign_in(office.test_client(), "clerk").headers["Location"] == "/account/"
    own = person_named("admin").id
    assert admin.post(f"/administration/people/{own}/account/second-factor/removal").status_code == 409
    assert admin.post("/account/second-factor/removal").status_code == 409
    page = admin.get(f"/administration/people/{number}/account", headers={"Accept-Language": "en"})
    assert "Second factor taken away" in page.text
    assert admin.get("/administration/people/999/account").status_code == 404
    assert clerk.get("/administration/people").status_code == 302


def test_a_role_that_needs_it_asks_at_the_next_step(office: Flask) -> None:
    browser = office.test_client()
    sign_in(browser, "leader")
    before = browser.get_cookie("session")
    person = person_named("leader")
    place = organisation(1, person_post(person.id))
    run_unit(lambda: assign_role(person_named("leader"), "administrator", place, from_date=date(2024, 1, 1)))
    assert browser.get("/administration/people").headers["Location"].startswith("/sign-in?")
    assert browser.get("/sign-in").headers["Location"].startswith("/sign-in/second-factor")
    set_up_factor(browser, "/sign-in/second-factor")
    assert browser.get("/administration/people").status_code == 200
    thief = office.test_client()
    assert before is not None
    thief.set_cookie("session", before.value)
    assert thief.get("/account/").status_code == 302


def person_post(person_id: int) -> int:
    return db.session.query(Assignment.organisation_id).filter_by(person_id=person_id).limit(1).scalar() or 0


def test_a_link_alone_does_not_get_past_it(office: Flask) -> None:
    clerk = office.test_client()
    sign_in(clerk, "clerk")
    set_up_factor(clerk, "/account/second-factor")
    person = person_named("clerk")
    link = run_unit(lambda: make_password_link(person, actor=SYSTEM, now=clock.now()))
    new = "andere worte hier"
    thief = office.test_client()
    assert thief.post(f"/new-password/{link}", data={"new": new, "again": new}).status_code == 303
    assert sign_in(thief, "clerk", new).headers["Location"].startswith("/sign-in/code")
    assert new != PASSWORD
