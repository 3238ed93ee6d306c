"""Passwords: changed by their owner, given by an administrator, set by a link that works once."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.audit.services import SYSTEM
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import PASSWORD as DEMO_PASSWORD
from app.devdata.county import person_named
from app.directory.sign_in.services import make_password_link
from tests.functional.directory.conftest import PASSWORD, set_up_factor, sign_in

NEW = "kiesel wolke elf"
ENGLISH = {"Accept-Language": "en"}


def changed(browser: FlaskClient, old: str = PASSWORD, new: str = NEW, again: str | None = None) -> TestResponse:
    data = {"old": old, "new": new, "again": new if again is None else again}
    return browser.post("/account/password", data=data, headers=ENGLISH)


def test_others_are_signed_out_and_the_own_cookie_is_new(office: Flask) -> None:
    here, there = office.test_client(), office.test_client()
    sign_in(here, "clerk")
    sign_in(there, "clerk")
    stolen = here.get_cookie("session")
    assert stolen is not None
    assert changed(here).status_code == 303
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    thief = office.test_client()
    thief.set_cookie("session", stolen.value)
    assert thief.get("/account/").status_code == 302
    assert sign_in(office.test_client(), "clerk").status_code == 422
    assert sign_in(office.test_client(), "clerk", NEW).status_code == 302


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("kurz1", "at least 10"),
        ("x" * 201, "at most 200"),
        ("chenxiaomei-1" + "陈晓梅", "neither the account"),
        ("Password2026!", "among the first"),
        ("qwertyuiop12", "among the first"),
        (DEMO_PASSWORD, "among the first"),
        (PASSWORD, "is the old one"),
    ],
)
def test_what_is_no_password(office: Flask, new: str, words: str) -> None:
    browser = office.test_client()
    sign_in(browser, "clerk")
    answer = changed(browser, new=new)
    assert answer.status_code == 422
    assert words in answer.text
    assert new not in answer.text
    assert sign_in(office.test_client(), "clerk").status_code == 302


def test_the_old_one_is_asked_and_not_to_be_guessed(office: Flask) -> None:
    browser = office.test_client()
    assert changed(browser).status_code == 401
    sign_in(browser, "clerk")
    assert changed(browser, again="etwas anderes").status_code == 422
    assert [changed(browser, old="falsch").status_code for _ in range(9)] == [422] * 8 + [429]


def test_a_given_password_is_changed_before_anything_else(office: Flask) -> None:
    admin, clerk = office.test_client(), office.test_client()
    sign_in(admin, "admin")
    set_up_factor(admin, "/sign-in/second-factor")
    sign_in(clerk, "clerk")
    page = admin.post(f"/administration/people/{person_named('clerk').id}/account/first-password")
    given = page.text.split('<code class="secret">')[1].split("<")[0]
    assert clerk.get("/account/").status_code == 302
    assert sign_in(clerk, "clerk").status_code == 422
    assert sign_in(clerk, "clerk", given).headers["Location"].startswith("/sign-in/password")
    assert clerk.get("/account/").status_code == 302
    assert clerk.post("/sign-in/password", data={"new": given, "again": given}).status_code == 422
    assert clerk.post("/sign-in/password", data={"new": NEW, "again": NEW}).status_code == 302
    assert clerk.get("/account/").status_code == 200
    assert clerk.post("/sign-in/password", data={"new": NEW, "again": NEW}).status_code == 303
    assert clerk.get("/sign-in/code").status_code == 303
    assert clerk.get("/account/").status_code == 200
    assert sign_in(office.test_client(), "clerk", NEW).headers["Location"] == "/account/"


def test_a_link_works_once_by_post_and_for_a_day(office: Flask) -> None:
    admin = office.test_client()
    sign_in(admin, "admin")
    set_up_factor(admin, "/sign-in/second-factor")
    clerk = person_named("clerk")
    page = admin.post(f"/administration/people/{clerk.id}/account/password-link")
    secret = page.text.split("/new-password/")[1].split("<")[0]
    browser = office.test_client()
    looked = browser.get(f"/new-password/{secret}")
    assert looked.headers["Referrer-Policy"] == "no-referrer"
    assert browser.get(f"/new-password/{secret}").status_code == 200
    assert browser.post(f"/new-password/{secret}", data={"new": "kurz", "again": "kurz"}).status_code == 422
    assert browser.post(f"/new-password/{secret}", data={"new": NEW, "again": NEW}).status_code == 303
    assert browser.post(f"/new-password/{secret}", data={"new": NEW + "x", "again": NEW + "x"}).status_code == 404
    assert browser.get(f"/new-password/{secret}").status_code == 404
    assert browser.get("/new-password/unknown").status_code == 404
    assert sign_in(browser, "clerk", NEW).status_code == 302

    db.session.remove()
    late = run_unit(lambda: make_password_link(person_named("clerk"), actor=SYSTEM, now=clock.now()))
    with clock.freeze(clock.now() + timedelta(hours=25)):
        assert browser.get(f"/new-password/{late}").status_code == 404
    again = run_unit(lambda: make_password_link(person_named("clerk"), actor=SYSTEM, now=clock.now()))
    assert browser.get(f"/new-password/{late}").status_code == 404
    assert browser.get(f"/new-password/{again}").status_code == 200
