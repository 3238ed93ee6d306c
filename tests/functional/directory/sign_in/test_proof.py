"""Publishing, revealing and keys ask again who it is, and lose nothing that was typed."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.core import clock
from app.core.database import db
from app.directory.models import ApiToken
from tests.functional.directory.conftest import PASSWORD, set_up_factor, sign_in

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TOKEN = {"name": "热线", "scopes": "cases:read", "last_day": "2026-12-31"}


def tokens() -> int:
    db.session.remove()
    return db.session.query(ApiToken).count()


def test_ten_minutes_after_the_sign_in_it_is_asked_again(office: Flask) -> None:
    with clock.freeze(MORNING):
        browser = office.test_client()
        sign_in(browser, "clerk")
        clock.advance(timedelta(minutes=9))
        assert browser.post("/account/tokens", data=TOKEN).status_code == 200
        clock.advance(timedelta(minutes=2))
        asked = browser.post("/account/tokens", data=TOKEN)
        assert asked.status_code == 401
        assert 'name="name" value="热线"' in asked.text
        assert 'action="/account/tokens"' in asked.text
        assert tokens() == 1
        wrong = browser.post("/account/tokens", data={**TOKEN, "proof": "falsch"})
        assert wrong.status_code == 422
        assert 'value="falsch"' not in wrong.text
        assert tokens() == 1
        made = browser.post("/account/tokens", data={**TOKEN, "proof": PASSWORD})
        assert made.status_code == 200
        assert "最后一天： 12月31日（304 天后）" in made.text, "the last day belongs to it"
        assert browser.post("/account/tokens", data=TOKEN).status_code == 200
        assert tokens() == 3


def test_with_a_second_factor_the_code_is_asked_and_not_the_password(office: Flask) -> None:
    with clock.freeze(MORNING):
        browser = office.test_client()
        sign_in(browser, "clerk")
        phone, codes = set_up_factor(browser, "/account/second-factor")
        clock.advance(timedelta(minutes=11))
        assert browser.post("/account/tokens", data={**TOKEN, "proof": PASSWORD}).status_code == 422
        assert browser.post("/account/tokens", data={**TOKEN, "proof": phone.at(clock.now())}).status_code == 200
        clock.advance(timedelta(minutes=11))
        page = browser.get("/account/second-factor")
        assert page.headers["Location"] == "/sign-in/proof?next=/account/second-factor"
        assert browser.get(page.headers["Location"]).status_code == 200
        way = {"proof": codes[3], "next": "/account/second-factor"}
        assert browser.post("/sign-in/proof", data=way).headers["Location"] == "/account/second-factor"
        assert browser.get("/account/second-factor").status_code == 200


def test_proofs_are_not_guessed_and_lock_nobody_else(office: Flask) -> None:
    with clock.freeze(MORNING):
        here, there = office.test_client(), office.test_client()
        sign_in(here, "clerk")
        sign_in(there, "clerk")
        clock.advance(timedelta(minutes=11))
        data = {**TOKEN, "proof": "falsch"}
        assert [here.post("/account/tokens", data=data).status_code for _ in range(9)] == [422] * 8 + [429]
        assert there.post("/account/tokens", data={**TOKEN, "proof": PASSWORD}).status_code == 200


@pytest.mark.parametrize("change", [{"scopes": "everything"}, {"last_day": "2020-01-01"}, {"last_day": "x"}])
def test_a_token_without_sense_is_not_made(office: Flask, change: dict[str, str]) -> None:
    with clock.freeze(MORNING):
        browser = office.test_client()
        sign_in(browser, "clerk")
        assert browser.post("/account/tokens", data={**TOKEN, **change}).status_code == 422
        assert tokens() == 0


def test_tokens_are_listed_used_and_ended(office: Flask) -> None:
    with clock.freeze(MORNING):
        clerk, leader, admin = office.test_client(), office.test_client(), office.test_client()
        sign_in(clerk, "clerk")
        sign_in(leader, "leader")
        sign_in(admin, "admin")
        set_up_factor(admin, "/sign-in/second-factor")
        page = clerk.post("/account/tokens", data=TOKEN, headers={"Accept-Language": "en"})
        secret = page.text.split('<code class="secret">')[1].split("<")[0]
        assert secret not in clerk.get("/account/tokens").text
        assert "never used" in clerk.get("/account/tokens", headers={"Accept-Language": "en"}).text
        headers = {"Authorization": f"Bearer {secret}"}
        assert office.test_client().get("/api/v1/cases", headers=headers).status_code == 200
        assert "never used" not in clerk.get("/account/tokens", headers={"Accept-Language": "en"}).text
        assert leader.get("/account/tokens?all=1").status_code == 403
        assert "热线" in admin.get("/account/tokens?all=1").text
        assert "热线" not in leader.get("/account/tokens").text
        number = db.session.query(ApiToken.id).scalar()
        assert leader.post(f"/account/tokens/{number}/revocation").status_code == 404
        assert admin.post(f"/account/tokens/{number}/revocation").status_code == 303
        assert admin.post(f"/account/tokens/{number}/revocation").status_code == 303
        assert office.test_client().get("/api/v1/cases", headers=headers).status_code == 401
        clock.advance(timedelta(days=400))
