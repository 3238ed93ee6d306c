"""What every request meets: ways back that stay on the site, forms that are too large, late, doubled or forged."""

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter

from app.cases.models import Case
from app.core.database import db
from app.devdata.county import PASSWORD
from tests.functional.conftest import BrowserAs

AWAY = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "/\u2028/evil.example",
    "%2f%2fevil.example",
]
PLACES = [
    ("/sign-in", {"login": "clerk", "password": PASSWORD}),
    ("/language", {"language": "en"}),
]


@pytest.mark.parametrize("way", AWAY)
def test_no_way_back_leaves_the_site(app: Flask, county: int, browser_as: BrowserAs, way: str) -> None:
    for place, data in PLACES:
        answer = app.test_client().post(place, data={**data, "next": way})
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/", place
    inside = browser_as("clerk")
    assert inside.get("/sign-in", query_string={"next": way}).headers["Location"] == "/"
    proved = inside.post("/sign-in/proof", data={"proof": PASSWORD, "next": way})
    assert proved.headers["Location"] == "/"


def test_ten_megabytes_of_text_get_a_clear_answer_and_change_nothing(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    clerk = browser_as("clerk")
    before = db.session.query(Case).count()
    db.session.remove()
    text = "字" * (10 * 1024 * 1024 // 3)
    part = f'--x\r\nContent-Disposition: form-data; name="summary"\r\n\r\n{text}\r\n--x--\r\n'
    plain = ("application/x-www-form-urlencoded", f"summary={text}")
    for content_type, body in (plain, ("multipart/form-data; boundary=x", part)):
        answer = clerk.post(
            "/reports/", data=body.encode(), content_type=content_type, headers={"Accept-Language": "en"}
        )
        assert answer.status_code == 413
        assert "Too large" in answer.text
        assert len(answer.data) < 50_000
    assert db.session.query(Case).count() == before


def test_every_page_says_what_browsers_may_do_with_it(app: Flask, county: int, browser_as: BrowserAs) -> None:
    for answer in (
        app.test_client().get("/sign-in"),
        browser_as("clerk").get("/account/"),
        app.test_client().get("/x"),
    ):
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask, county: int) -> None:
    answer = app.test_client().post("/sign-in", data={"login": "clerk", "password": PASSWORD})
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_fields_that_a_form_does_not_have_are_not_taken(app: Flask, county: int, browser_as: BrowserAs) -> None:
    clerk = browser_as("clerk")
    extra = {"phone": "0575-1", "name": "别人", "login": "admin", "county_id": "2", "password_to_change": "1"}
    assert clerk.post("/account/", data=extra).status_code == 303
    assert clerk.post("/account/", data=extra).status_code == 303
    page = clerk.get("/account/").text
    assert "0575-1" in page
    assert "别人" not in page


def test_every_form_needs_its_token(app: Flask, county: int, browser_as: BrowserAs) -> None:
    """Each address that takes a POST, outside the interface of programs, is refused without one."""
    clerk = browser_as("clerk")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        open_ones = []
        for rule in app.url_map.iter_rules():
            if "POST" not in (rule.methods or ()) or rule.rule.startswith("/api/v1/"):
                continue
            values = {name: _any_value(rule._converters[name]) for name in rule.arguments}
            with app.test_request_context():
                address = app.url_map.bind("localhost").build(rule.endpoint, values, method="POST")
            if clerk.post(address).status_code != 400:
                open_ones.append(rule.endpoint)
        assert open_ones == []
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_words_of_a_form_that_came_too_late_are_handed_back_to_whoever_typed_them(
    app: Flask, county: int, browser_as: BrowserAs
) -> None:
    """Only to our own page: another site's form puts no words into ours."""
    clerk, words = browser_as("clerk"), {"text": "周五下午\n双方都在", "phone": "13900000000", "proof": "a b c"}
    own = {"Origin": "http://localhost", "Referer": "http://localhost/tasks/7?tab=mine"}
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        late = clerk.post("/tasks/7/comments", data=words, headers=own)
        assert late.status_code == 400
        assert "周五下午\n双方都在" in late.text
        assert 'href="http://localhost/tasks/7?tab=mine"' in late.text
        assert not any(word in late.text for word in ("13900000000", "a b c"))
        for headers in ({}, own | {"Origin": "https://evil.example"}, own | {"Referer": "https://evil.example/"}):
            forged = clerk.post("/tasks/7/comments", data=words, headers=headers)
            assert forged.status_code == 400
            assert "周五下午" not in forged.text
            assert "evil.example" not in forged.text
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def _any_value(converter: BaseConverter) -> object:
    if isinstance(converter, AnyConverter):
        return next(iter(converter.items))
    return 1 if isinstance(converter, IntegerConverter) else "x"
