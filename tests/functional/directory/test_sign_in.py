"""Signing in: the right person, the stranger, the guesser."""

from flask import Flask

from app.devdata.county import PASSWORD


def test_the_clerk_signs_in_and_out(app: Flask, county: int) -> None:
    browser = app.test_client()
    answer = browser.post("/sign-in", data={"login": "clerk", "password": PASSWORD, "next": "/sign-in"})
    assert answer.status_code == 302
    assert browser.get("/sign-in").status_code == 302
    browser.post("/sign-out")
    assert browser.get("/sign-in").status_code == 200


def test_a_copied_cookie_dies_with_the_sign_out(app: Flask, county: int) -> None:
    browser = app.test_client()
    browser.post("/sign-in", data={"login": "clerk", "password": PASSWORD})
    stolen = browser.get_cookie("session")
    assert stolen is not None
    browser.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("session", stolen.value)
    assert thief.get("/sign-in").status_code == 200


def test_a_wrong_password_is_counted_and_then_waits(app: Flask, county: int) -> None:
    browser = app.test_client()
    statuses = [browser.post("/sign-in", data={"login": "clerk", "password": "guess"}).status_code for _ in range(9)]
    assert statuses == [422] * 8 + [429]
    assert browser.post("/sign-in", data={"login": "clerk", "password": PASSWORD}).status_code == 429
    assert browser.post("/sign-in", data={"login": "dispatcher", "password": PASSWORD}).status_code == 302


def test_the_guesser_does_not_lock_out_the_owner_on_another_network(app: Flask, county: int) -> None:
    guesser = app.test_client()
    for _ in range(9):
        guesser.post("/sign-in", data={"login": "clerk", "password": "guess"}, environ_base={"REMOTE_ADDR": "10.9.9.9"})
    owner = app.test_client()
    assert owner.post("/sign-in", data={"login": "clerk", "password": PASSWORD}).status_code == 302


def test_the_way_back_never_leaves_the_site(app: Flask, county: int) -> None:
    browser = app.test_client()
    answer = browser.post("/sign-in", data={"login": "clerk", "password": PASSWORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_an_unknown_account_is_answered_like_a_wrong_password(app: Flask, county: int) -> None:
    browser = app.test_client()
    unknown = browser.post("/sign-in", data={"login": "nobody", "password": "guess"}, headers={"Accept-Language": "en"})
    wrong = browser.post("/sign-in", data={"login": "clerk", "password": "guess"}, headers={"Accept-Language": "en"})
    assert unknown.status_code == wrong.status_code == 422
    assert "The account or the password is not right" in unknown.text
    assert "The account or the password is not right" in wrong.text
