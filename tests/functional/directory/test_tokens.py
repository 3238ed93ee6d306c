"""Keys for other systems: made by command, shown once, bound and ended."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.audit.queries import entries
from app.audit.services import Stream
from app.core.database import db
from app.devdata.county import person_named
from app.directory.models import ApiToken
from tests.functional.conftest import BrowserAs
from tests.functional.days import county_day

MAKE = ["token", "create", "clerk", "--name", "12345 热线", "--scope", "reports:write", "--channel", "12345"]
REPORT = {"channel": "12345", "number": "1", "text": "漏水"}


def test_a_token_works_until_it_is_revoked(app: Flask, dispute_county: int) -> None:
    runner = app.test_cli_runner()
    made = runner.invoke(args=MAKE)
    secret = made.output.strip()
    assert secret.startswith("mb_")
    headers = {"Authorization": f"Bearer {secret}"}
    client = app.test_client()
    assert client.post("/api/v1/reports", json=REPORT, headers=headers).status_code == 201
    db.session.remove()
    token = db.session.query(ApiToken).one()
    assert secret not in (token.secret_hash, token.name)
    listed = runner.invoke(args=["token", "list"]).output
    assert str(token.id) in listed
    assert "reports:write channel 12345  until" in listed
    assert secret not in listed
    assert runner.invoke(args=["token", "revoke", str(token.id)]).exit_code == 0
    assert client.post("/api/v1/reports", json=REPORT, headers=headers).status_code == 401
    assert "ended" in runner.invoke(args=["token", "list"]).output
    events = [entry.event for entry in entries(Stream.person(1, person_named("clerk").id))]
    assert events[:2] == ["token.revoked", "token.created"]


def test_nobody_and_nothing(app: Flask, county: int) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["token", "revoke", "7"]).exit_code == 1
    unknown = runner.invoke(args=["token", "create", "ghost", "--name", "x", "--scope", "reports:write"])
    assert unknown.exit_code == 1
    assert "ghost" in unknown.output
    assert runner.invoke(args=["token", "create", "clerk", "--name", "x", "--scope", "everything"]).exit_code == 2


def test_without_a_token_nothing_of_a_call_is_read(app: Flask, county: int) -> None:
    answer = app.test_client().post("/api/v1/reports", json={"nothing": "fits"})
    assert answer.status_code == 401
    assert "fields" not in answer.json


def test_the_list_tells_the_moment_of_the_end_in_the_countys_time(app: Flask, dispute_county: int) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=MAKE).exit_code == 0
    db.session.remove()
    end = db.session.query(ApiToken).one().expires_at
    assert end is not None
    there = end.astimezone(ZoneInfo("Asia/Shanghai"))
    assert f"until {there:%Y-%m-%d %H:%M} CST" in runner.invoke(args=["token", "list"]).output


def ask(browser: FlaskClient, **given: str) -> TestResponse:
    form = {"name": "热线", "scopes": "reports:write", "last_day": county_day().isoformat(), **given}
    return browser.post("/account/tokens", data=form, headers={"Accept-Language": "en"})


def test_a_token_works_no_longer_than_the_operator_allows(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    app.config["TOKEN_DAYS"] = 30
    clerk, today = browser_as("clerk"), county_day()
    assert f'value="{today + timedelta(days=30)}"' in clerk.get("/account/tokens").text
    for days, status in ((-1, 422), (0, 200), (30, 200), (31, 422)):
        assert ask(clerk, last_day=(today + timedelta(days=days)).isoformat()).status_code == status, days
    assert ask(clerk, last_day="soon").status_code == 422
    runner = app.test_cli_runner()
    assert runner.invoke(args=[*MAKE, "--days", "31"]).exit_code == 1
    assert runner.invoke(args=[*MAKE, "--days", "30"]).exit_code == 0


def test_the_channel_of_a_token_is_one_of_todays(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    clerk = browser_as("clerk")
    page = clerk.get("/account/tokens", headers={"Accept-Language": "en"}).text
    assert '<option value="12345">12345 hotline</option>' in page
    assert ask(clerk, channel="xyz").status_code == 422
    made = ask(clerk, channel="12345")
    assert made.status_code == 200
    assert "channel 12345 hotline" in made.text
    db.session.remove()
    assert [one.channel for one in db.session.query(ApiToken)] == ["12345"]
