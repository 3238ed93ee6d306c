"""Proxies, host names and demo accounts: what a program on the internet may believe."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.cases.models import Case, Party
from app.core import clock
from app.core.database import db
from app.devdata.county import PASSWORD
from app.directory.models import Attempt
from app.factory import create_app
from tests.functional.conftest import SeparateClient

Another = Callable[..., Flask]


@pytest.fixture
def another(app: Flask) -> Iterator[Another]:
    """The same database behind another program's settings."""
    made: list[Flask] = []

    def make(**config: Any) -> Flask:
        own = {
            "VAR": app.config["VAR"],
            "SQLALCHEMY_DATABASE_URI": app.config["SQLALCHEMY_DATABASE_URI"],
            "SECRET_KEY": "tests",
            "DEMO_ANYWHERE": True,
            "WTF_CSRF_ENABLED": False,
        }
        program = create_app({**own, **config})
        program.test_client_class = SeparateClient
        made.append(program)
        return program

    yield make
    for program in made:
        with program.app_context():
            db.engine.dispose()


def sign_in(app: Flask, login: str = "clerk", password: str = PASSWORD, **more: Any) -> TestResponse:
    return app.test_client().post("/sign-in", data={"login": login, "password": password}, **more)


def test_the_demo_password_opens_nothing_outside_the_demo(another: Another, county: int) -> None:
    assert sign_in(another(DEMO=True)).status_code == 302
    assert sign_in(another(DEMO=False)).status_code == 422


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"])
def test_figures_are_not_handed_on_by_a_proxy(app: Flask, county: int, header: str) -> None:
    browser = app.test_client()
    assert browser.get("/metrics").status_code == 200
    assert browser.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404
    assert browser.get("/metrics", environ_base={"REMOTE_ADDR": "10.1.1.1"}).status_code == 404


def test_a_made_up_sender_is_not_believed(app: Flask, county: int) -> None:
    for number in range(8):
        sign_in(app, password="guess", headers={"X-Forwarded-For": f"10.0.0.{number}"})
    assert sign_in(app, headers={"X-Forwarded-For": "10.0.0.99"}).status_code == 429


def test_behind_a_named_proxy_each_network_is_counted_alone(app: Flask, another: Another, county: int) -> None:
    behind = another(PROXIES=1, DEMO=True)
    for _ in range(9):
        sign_in(behind, password="guess", headers={"X-Forwarded-For": "127.0.0.1, 10.9.9.9"})
    assert sign_in(behind, headers={"X-Forwarded-For": "127.0.0.1, 10.9.9.9"}).status_code == 429
    assert sign_in(behind, headers={"X-Forwarded-For": "10.8.8.8"}).status_code == 302


def test_one_password_is_not_tried_on_everybody(app: Flask, county: int) -> None:
    for _ in range(100):
        db.session.add(Attempt(county_id=0, key="sign-in::10.9.9.9", at=clock.now()))
    db.session.commit()
    guesser = {"environ_base": {"REMOTE_ADDR": "10.9.9.9"}}
    assert sign_in(app, "dispatcher", "guess", **guesser).status_code == 429
    assert sign_in(app, "dispatcher").status_code == 302


def test_who_was_in_before_is_not_locked_out_by_others_of_the_same_office(app: Flask, county: int) -> None:
    """An office has one address: tries of one desk, for one account or for many, do not close the door to the next."""
    desk, stranger = app.test_client(), app.test_client()

    def enter(browser: FlaskClient, login: str, password: str = PASSWORD) -> int:
        return browser.post("/sign-in", data={"login": login, "password": password}).status_code

    assert enter(desk, "clerk") == 302
    desk.post("/sign-out")
    for _ in range(9):
        enter(stranger, "clerk", "guess")
    for _ in range(100):
        db.session.add(Attempt(county_id=0, key="sign-in::127.0.0.1", at=clock.now()))
    db.session.commit()
    assert enter(stranger, "clerk") == enter(stranger, "dispatcher") == enter(desk, "dispatcher") == 429
    assert enter(desk, "clerk") == 302
    desk.post("/sign-out")
    assert [enter(desk, "clerk", "guess") for _ in range(9)] == [422] * 8 + [429]
    assert enter(desk, "clerk") == 429
    cookie = desk.get_cookie("known")
    assert cookie is not None
    assert "clerk" not in cookie.value
    stranger.set_cookie("known", cookie.value[:-1] + ("A" if cookie.value[-1] != "A" else "B"))
    assert enter(stranger, "dispatcher") == 429


def test_every_wrong_try_counts_for_its_network(app: Flask, county: int) -> None:
    sign_in(app, "clerk", "guess")
    sign_in(app, "nobody", "guess")
    assert db.session.query(Attempt).filter_by(key="sign-in::127.0.0.1").count() == 2


def test_a_local_demo_answers_this_machine_alone(app: Flask, another: Another, county: int) -> None:
    if not app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("a demo without the flag runs on SQLite only")
    demo = another(DEMO=True, DEMO_ANYWHERE=False)
    assert sign_in(demo).status_code == 302
    assert sign_in(demo, headers={"X-Forwarded-For": "10.1.1.1"}).status_code == 403
    assert sign_in(demo, environ_base={"REMOTE_ADDR": "10.1.1.1"}).status_code == 403
    rebound = demo.test_client().get("/sign-in", base_url="http://evil.example:8000")
    assert rebound.status_code == 400
    for own in ("127.0.0.1:8000", "localhost", "LOCALHOST:8000", "[::1]:8000", "[::1]"):
        assert demo.test_client().get("/sign-in", base_url=f"http://{own}").status_code == 200, own
    for other in ("127.0.0.1.evil.example", "[::2]:8000", "127.0.0.1@evil.example", "evil.example:127", "[::1", ""):
        refused = demo.test_client().get("/nothing", base_url="http://localhost", headers={"Host": other})
        assert (refused.status_code, refused.text) == (400, "This name is not served here.\n"), other


def test_links_are_made_with_the_public_name(app: Flask, another: Another, played_county: int) -> None:
    public = another(PUBLIC_URL="https://fengqiao.example.cn", DEMO=True)
    clerk = public.test_client()
    clerk.post("/sign-in", data={"login": "clerk", "password": PASSWORD})
    party = db.session.query(Party).order_by(Party.id).first()
    assert party is not None
    code = db.session.query(Case.code).filter_by(id=party.case_id).scalar()
    page = clerk.post(f"/cases/{code}/parties/{party.id}/link")
    assert "https://fengqiao.example.cn/p/" in page.text
    refused = clerk.post(f"/cases/{code}/parties/{party.id}/link", base_url="http://evil.example")
    assert refused.status_code == 400
    assert "evil.example" not in refused.text


def test_a_party_answers_over_https_without_a_referrer(app: Flask, another: Another, county: int) -> None:
    """The party's page sends no referrer; the form must come through all the same, with its token and not without."""
    secure = another(DEMO=True, WTF_CSRF_ENABLED=True, SESSION_COOKIE_SECURE=True)
    browser = secure.test_client()
    page = browser.get("/sign-in", base_url="https://localhost")
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    answers = {"login": "clerk", "password": PASSWORD}
    assert browser.post("/sign-in", data=answers, base_url="https://localhost").status_code == 400
    sent = browser.post("/sign-in", data={**answers, "csrf_token": token}, base_url="https://localhost")
    assert sent.status_code == 302
