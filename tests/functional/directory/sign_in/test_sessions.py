"""Where one is signed in, and a thousand tries at the door."""

import re

from flask import Flask

from app.audit.queries import entries
from app.audit.services import Stream
from app.core.database import db
from app.devdata.county import PASSWORD, person_named
from app.directory.models import SignIn
from tests.functional.conftest import BrowserAs
from tests.functional.directory.conftest import sign_in

FIREFOX = {
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept-Language": "en",
}


def test_the_list_names_browser_and_network_and_ends_them(app: Flask, county: int, browser_as: BrowserAs) -> None:
    here = browser_as("clerk")
    there = app.test_client()
    elsewhere = {"REMOTE_ADDR": "10.1.2.3"}
    there.post("/sign-in", data={"login": "clerk", "password": PASSWORD}, headers=FIREFOX, environ_base=elsewhere)
    page = here.get("/account/sign-ins", headers=FIREFOX)
    assert "Firefox · Windows" in page.text
    assert "10.1.2.3" in page.text
    assert page.text.count("this one") == 1
    found = re.findall(r"/account/sign-ins/(\d+)/end", page.text)
    assert len(found) == 1
    stranger = browser_as("mediator")
    assert stranger.post(f"/account/sign-ins/{found[0]}/end").status_code == 404
    assert there.get("/account/").status_code == 200
    assert here.post(f"/account/sign-ins/{found[0]}/end").status_code == 303
    assert here.post(f"/account/sign-ins/{found[0]}/end").status_code == 303
    assert there.get("/account/").status_code == 302
    events = [one.event for one in entries(Stream.person(1, person_named("clerk").id))]
    assert events.count("person.signed_out_elsewhere") == 1


def test_all_others_end_at_once(app: Flask, county: int, browser_as: BrowserAs) -> None:
    here, second, third = browser_as("clerk"), browser_as("clerk"), browser_as("clerk")
    other = browser_as("mediator")
    assert here.post("/account/sign-ins/others/end").status_code == 303
    assert here.get("/account/").status_code == 200
    assert [one.get("/account/").status_code for one in (second, third, other)] == [302, 302, 200]


def test_a_change_of_roles_gives_a_new_secret_to_the_same_browser(
    app: Flask, county: int, browser_as: BrowserAs
) -> None:
    browser = browser_as("clerk")
    before = browser.get_cookie("session")
    assert before is not None
    db.session.query(SignIn).update({"roles": "0" * 16})
    db.session.commit()
    assert browser.get("/account/").status_code == 200
    assert browser.get("/account/").status_code == 200
    thief = app.test_client()
    thief.set_cookie("session", before.value)
    assert thief.get("/account/").status_code == 302


def test_a_thousand_tries_lock_nobody_out(office: Flask) -> None:
    """Four networks try the clerk's account 250 times each; the clerk, from the office, walks in."""
    answers = []
    guesser = office.test_client()
    for number in range(1000):
        network = {"REMOTE_ADDR": f"10.20.30.{number % 4}" if number % 2 else f"2001:db8:{number % 4}::{number}"}
        data = {"login": "clerk", "password": f"guess{number}"}
        answers.append(guesser.post("/sign-in", data=data, environ_base=network).status_code)
    assert set(answers) == {422, 429}
    assert answers.count(422) == 8 * 4
    assert sign_in(office.test_client(), "clerk").status_code == 302
    events = [one.event for one in entries(Stream.person(1, person_named("clerk").id))]
    assert events.count("sign_in.blocked") == 4
    assert events.count("person.signed_in") == 1
