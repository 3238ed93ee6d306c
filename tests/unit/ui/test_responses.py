import gzip
import re
from pathlib import Path

import pytest
from flask import Flask

from app.ui import security_headers, views


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "large.css").write_text("a{}" * 100)
    (tmp_path / "large.css.gz").write_bytes(gzip.compress(b"a{}" * 100))
    (tmp_path / "small.js").write_text("1")
    monkeypatch.setattr(views, "STATIC", tmp_path)
    return tmp_path


def test_pages_forbid_foreign_scripts_frames_and_copies(app: Flask) -> None:
    headers = app.test_client().get("/?as=clerk").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_a_nonce_is_used_once(app: Flask) -> None:
    app.add_url_rule("/nonce", "nonce", lambda: security_headers.content_security_policy_nonce())
    client = app.test_client()
    first, second = client.get("/nonce"), client.get("/nonce")
    assert f"script-src 'self' 'nonce-{first.text}'" in first.headers["Content-Security-Policy"]
    assert first.text != second.text


def test_style_attributes_are_allowed_only_where_a_page_asks(app: Flask) -> None:
    def page() -> str:
        security_headers.allow_style_attributes()
        return "diagram"

    app.add_url_rule("/editor", "editor", page)
    client = app.test_client()
    assert "style-src-attr 'unsafe-inline'" in client.get("/editor").headers["Content-Security-Policy"]
    assert "style-src-attr" not in client.get("/?as=clerk").headers["Content-Security-Policy"]


def test_style_elements_are_allowed_only_where_a_page_asks_and_scripts_never(app: Flask) -> None:
    def page() -> str:
        security_headers.allow_style_elements()
        return "rules"

    app.add_url_rule("/rules", "rules", page)
    policy = app.test_client().get("/rules").headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self'" in policy
    assert "script-src 'self' 'unsafe" not in policy
    assert "style-src 'self';" in app.test_client().get("/?as=clerk").headers["Content-Security-Policy"]


def test_pages_have_no_inline_script_or_style(app: Flask) -> None:
    for path in ("/?as=clerk", "/refuse/403", "/refuse/500"):
        page = app.test_client().get(path).text
        assert not re.search(r"<script(?![^>]*(src=|application/json))|<style|\son[a-z]+=|\sstyle=", page)


def test_a_static_file_travels_packed_to_whoever_takes_it(app: Flask, static: Path) -> None:
    client = app.test_client()
    packed = client.get("/static/large.css", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.mimetype == "text/css"
    assert gzip.decompress(packed.data) == (static / "large.css").read_bytes()
    plain = client.get("/static/large.css")
    assert "Content-Encoding" not in plain.headers
    assert plain.data == (static / "large.css").read_bytes()
    for answer in (packed, plain):
        assert answer.headers["Vary"] == "Accept-Encoding"
        answer.close()


def test_only_an_address_with_a_version_may_be_kept(app: Flask, static: Path) -> None:
    client = app.test_client()
    with app.test_request_context():
        address = views.static_url("small.js")
    with client.get(address) as versioned, client.get("/static/small.js") as plain:
        assert "immutable" in versioned.headers["Cache-Control"]
        assert plain.headers["Cache-Control"] == "no-cache"


def test_a_path_outside_the_static_folder_is_not_found(app: Flask, static: Path) -> None:
    (static.parent / "secret.txt").write_text("x")
    assert app.test_client().get("/static/../secret.txt").status_code == 404


def test_the_language_switch_keeps_the_page_and_the_choice(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    answer = client.post("/language", data={"language": "en", "next": "/orders?risk=red"})
    assert (answer.status_code, answer.location) == (302, "/orders?risk=red")
    assert '<html lang="en">' in client.get("/?as=clerk").text


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:1", ""])
def test_the_language_switch_never_leads_to_another_site(app: Flask, elsewhere: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/language", data={"language": "zh", "next": elsewhere}).location == "/"


def test_an_unknown_language_changes_nothing(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert "Set-Cookie" not in app.test_client().post("/language", data={"language": "fr", "next": "/"}).headers
