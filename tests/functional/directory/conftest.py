"""A county that is no demo: passwords of people's own, second factors asked for."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.passwords import hash_password
from app.factory import create_app
from tests.functional.conftest import SeparateClient

PASSWORD = "weide bruecke lampe"
Door = Callable[..., FlaskClient]


@pytest.fixture
def office(app: Flask, county: int) -> Iterator[Flask]:
    """The county's program as it runs in an office; clerk, owner, admin and leader have a password of their own."""

    def give() -> None:
        hashed = hash_password(PASSWORD)
        for login in ("clerk", "owner", "admin", "leader"):
            person_named(login).password_hash = hashed

    run_unit(give)
    program = create_app(
        {
            "VAR": app.config["VAR"],
            "SQLALCHEMY_DATABASE_URI": app.config["SQLALCHEMY_DATABASE_URI"],
            "SECRET_KEY": "tests",
            "DEMO": False,
            "TESTING": True,
            "WTF_CSRF_ENABLED": False,
        }
    )
    program.test_client_class = SeparateClient
    yield program
    with program.app_context():
        db.session.remove()
        db.engine.dispose()


def sign_in(browser: FlaskClient, login: str, password: str = PASSWORD, **more: Any) -> TestResponse:
    return browser.post("/sign-in", data={"login": login, "password": password, "next": "/account/"}, **more)


def enrolment_key(page: TestResponse) -> tuple[str, str]:
    """The sealed secret of the page, and the key that it shows."""
    sealed = re.search(r'name="sealed" value="(\w+)"', page.text)
    key = re.search(r'<code class="secret">([A-Z2-7 ]+)<', page.text)
    assert sealed is not None
    assert key is not None
    return sealed[1], key[1].replace(" ", "")


def set_up_factor(browser: FlaskClient, address: str) -> tuple[pyotp.TOTP, list[str]]:
    """Scan, type the first code; the phone and its recovery codes."""
    sealed, key = enrolment_key(browser.get(address))
    phone = pyotp.TOTP(key)
    page = browser.post(address, data={"sealed": sealed, "code": phone.at(clock.now())})
    assert page.status_code == 200, page.text
    codes = re.findall(r'<code class="secret">([a-z2-7]{5}-[a-z2-7]{5})<', page.text)
    assert len(codes) == 10
    return phone, codes
