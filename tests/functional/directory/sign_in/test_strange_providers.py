"""A provider that answers nonsense, or not: a clear word each time, nobody is let in, nothing fails."""

import base64
import hmac
import json
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.core import clock, outbound
from app.core.database import db
from app.directory.models import Identity, SignIn
from app.directory.oidc.views import KEPT

ENGLISH = {"Accept-Language": "en"}
KEY = RSAKey.generate_key(2048, {"kid": "1"})
DEEP = "[" * 200_000
HALF = '{"issuer": "x"'
NONSENSE: dict[str, bytes] = {
    "empty": b"",
    "half": HALF.encode(),
    "deep": DEEP.encode(),
    "text": b'"x"',
    "number": b"7",
    "long number": b"7" * 9_000,
    "nothing": b"null",
    "list": b"[]",
    "object": b"{}",
    "bytes": b"\xff\xfe\x00\xd8",
    "nul": b'{"keys": "\\u0000", "id_token": "\\u0000", "access_token": "a"}',
    "surrogate": b'{"keys": ["\\ud800"], "id_token": "\\ud800", "access_token": "a"}',
    "lists": b'{"keys": [[[]]], "id_token": [[]], "access_token": "a", "expires_in": {}}',
    "numbers": b'{"keys": 7, "id_token": 7, "access_token": 7, "expires_in": "soon"}',
    "keys": b'{"keys": [{"kty": "RSA", "n": "AQ", "e": "AQ"}, {"kty": "EC", "crv": "x"}, {"kty": 7}, {}]}',
    "token": b'{"id_token": "a.b.c", "access_token": "a", "token_type": "Bearer"}',
    "error": b'{"error": ["x"], "error_description": {"a": 1}}',
    "markup": b"<script>alert(1)</script>",
    "too long": b'{"a": "' + b"x" * 1_100_000 + b'"}',
}


def signed(claims: dict[str, Any]) -> str:
    token: str = jwt.encode({"alg": "RS256", "kid": "1"}, claims, KEY)
    return token


def _part(told: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


class Provider:
    """Answers what a test has laid down for a path, else as a provider should."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.nonce = ""
        self.claims: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = lambda claims: jwt.encode(
            {"alg": "RS256", "kid": "1"}, claims, KEY
        )
        self.issuer = ""
        self.asked: list[str] = []

    def body(self, path: str) -> bytes:
        if path in self.answers:
            return self.answers[path]
        if path == "/keys":
            return json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()
        if path == "/token":
            now = int(time.time())
            claims = {"iss": self.issuer, "aud": "maplebridge", "sub": "chen-1", "nonce": self.nonce, "iat": now}
            token = self.sign({**claims, "exp": now + 300, **self.claims})
            return json.dumps({"access_token": "a", "token_type": "Bearer", "id_token": token}).encode()
        told = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token")}
        return json.dumps({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **told}).encode()


@pytest.fixture
def provider(office: Flask) -> Iterator[Provider]:
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path.partition("?")[0])
            body = made.body(self.path.partition("?")[0])
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):
                self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_told: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made.issuer = f"http://127.0.0.1:{server.server_port}"
    office.config.update(
        OIDC_ISSUER=made.issuer, OIDC_CLIENT_ID="maplebridge", OIDC_NAME="政务网", OUTBOUND_ALLOW=("127.0.0.1",)
    )
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def held_back(provider: Provider) -> Iterator[tuple[threading.Event, list[str]]]:
    """A provider that is silent until this ends; with whether it was asked, and for what it gave up being so."""
    asked, released = threading.Event(), threading.Event()
    given_up: list[str] = []

    def body(path: str) -> bytes:
        asked.set()
        if not released.wait(30):
            given_up.append(path)
        return b"{}"

    provider.body = body  # type: ignore[method-assign]
    try:
        yield asked, given_up
    finally:
        released.set()


def outcome(office: Flask, provider: Provider, **more: str) -> str:
    """What the person reads after going there and coming back with a code, the first of this program to do so."""
    office.extensions.pop(KEPT, None)
    browser = office.test_client()
    away = browser.get("/sign-in/oidc/", headers=ENGLISH)
    assert away.status_code == 302
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(away.location).query))
    if "state" in asked:
        provider.nonce = asked["nonce"]
        back = urllib.parse.urlencode({"state": asked["state"], "code": "c", **more})
        away = browser.get(f"/sign-in/oidc/return?{back}", headers=ENGLISH)
        assert away.status_code == 302
    page = browser.get(away.location, headers=ENGLISH)
    assert page.status_code == 200
    db.session.remove()
    assert db.session.query(SignIn).count() == db.session.query(Identity).count() == 0
    return page.text


def test_a_right_answer_is_of_a_person_whom_nobody_has_linked(office: Flask, provider: Provider) -> None:
    assert "No account here belongs to your account at 政务网 (chen-1)" in outcome(office, provider)


def test_nonsense_lets_nobody_in(office: Flask, provider: Provider) -> None:
    for path in ("/.well-known/openid-configuration", "/token", "/keys"):
        for name, body in NONSENSE.items():
            provider.answers = {path: body}
            page = outcome(office, provider)
            assert "does not answer as it should" in page or "did not let you in" in page, (path, name)


def test_nobody_is_sent_to_what_is_no_address_of_the_web(office: Flask, provider: Provider) -> None:
    told = json.loads(provider.body("/.well-known/openid-configuration"))
    for address in (
        "javascript:alert(1)",
        "//evil.example",
        "http://[",
        "https://",
        "ftp://x",
        "https://x/\0",
        "/here",
    ):
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            provider.answers = {"/.well-known/openid-configuration": json.dumps({**told, name: address}).encode()}
            assert "does not answer as it should" in outcome(office, provider), (name, address)


def test_a_token_for_somebody_or_something_else_is_not_believed(office: Flask, provider: Provider) -> None:
    wrong: list[dict[str, Any]] = [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["x"]},
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"aud": ["maplebridge", "another"]},
        {"aud": []},
        {"azp": "another"},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "a\0b"},
    ]
    for provider.claims in wrong:
        assert "did not let you in" in outcome(office, provider), provider.claims


def test_only_the_providers_signature_counts(office: Flask, provider: Provider) -> None:
    def unsigned(claims: dict[str, Any]) -> str:
        return "eyJhbGciOiJub25lIn0." + signed(claims).split(".")[1] + "."

    def by_the_public_key(claims: dict[str, Any]) -> str:
        head, body = _part({"alg": "HS256"}), _part(claims)
        proof = hmac.digest(KEY.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
        return f"{head}.{body}.{base64.urlsafe_b64encode(proof).rstrip(b'=').decode()}"

    def by_another(claims: dict[str, Any]) -> str:
        return str(jwt.encode({"alg": "RS256", "kid": "1"}, claims, RSAKey.generate_key(2048)))

    for provider.sign in (unsigned, by_the_public_key, by_another):
        assert "did not let you in" in outcome(office, provider)


def test_the_answer_of_another_provider_is_not_taken(office: Flask, provider: Provider) -> None:
    assert "does not belong" in outcome(office, provider, iss="https://elsewhere.example")


def test_the_mail_address_of_somebody_opens_nothing(office: Flask, provider: Provider) -> None:
    for mine in ("clerk", "admin", "clerk@maplebridge.example"):
        provider.claims = {"email": mine, "email_verified": True, "preferred_username": mine, "sub": mine}
        assert "No account here belongs" in outcome(office, provider)


def test_nobody_is_sent_elsewhere_afterwards(office: Flask, provider: Provider) -> None:
    browser = office.test_client()
    for wanted in ("//evil.example", "https://evil.example/", "/\\evil.example", "/\t/evil.example", "evil"):
        address = urllib.parse.quote(wanted)
        away = browser.get(f"/sign-in/oidc/?next={address}")
        state = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(away.location).query))["state"]
        back = browser.get(f"/sign-in/oidc/return?state={state}&error=access_denied&next={address}")
        assert back.location == "/sign-in?next=/"


def test_who_does_not_answer_is_waited_for_five_seconds(
    office: Flask, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outbound.SECONDS == 5
    monkeypatch.setattr(outbound, "SECONDS", 0.3)
    with held_back(provider) as (_asked, given_up):
        assert "does not answer as it should" in outcome(office, provider)
        assert not given_up, "the visitor waited for as long as the provider was silent"


DESCRIPTION = "/.well-known/openid-configuration"


def test_the_description_is_kept_for_a_while(office: Flask, provider: Provider) -> None:
    with clock.freeze(clock.now()):
        for _ in range(5):
            assert office.test_client().get("/sign-in/oidc/").location.startswith(f"{provider.issuer}/authorization")
        assert provider.asked.count(DESCRIPTION) == 1
        clock.advance(timedelta(minutes=11))
        office.test_client().get("/sign-in/oidc/")
        assert provider.asked.count(DESCRIPTION) == 2
        provider.answers = {"/token": b"nonsense"}
        browser = office.test_client()
        state = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(browser.get("/sign-in/oidc/").location).query))[
            "state"
        ]
        browser.get(f"/sign-in/oidc/return?state={state}&code=c")
        provider.answers = {}
        office.test_client().get("/sign-in/oidc/")
        assert provider.asked.count(DESCRIPTION) == 3, "what led nowhere is not believed any longer"


def test_a_provider_that_is_away_is_left_alone_and_the_page_says_so(office: Flask, provider: Provider) -> None:
    provider.answers = {DESCRIPTION: b"out of order"}
    with clock.freeze(clock.now()):
        for _ in range(4):
            browser = office.test_client()
            away = browser.get("/sign-in/oidc/?next=/cases/", headers=ENGLISH)
            assert away.location == "/sign-in?next=/cases/"
            page = browser.get(away.location, headers=ENGLISH).text
            assert "政务网 does not answer as it should. Sign in with your password, or try again later." in page
        assert provider.asked.count(DESCRIPTION) == 1
        provider.answers = {}
        clock.advance(timedelta(seconds=20))
        assert office.test_client().get("/sign-in/oidc/").location.startswith(provider.issuer)


def test_one_visitor_waits_for_a_provider_that_is_slow_not_everybody(
    office: Flask, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 60)
    monkeypatch.setattr("app.directory.oidc.services.PATIENCE", 0.1)
    with held_back(provider) as (asked, given_up):
        first = threading.Thread(target=lambda: office.test_client().get("/sign-in/oidc/"))
        first.start()
        assert asked.wait(30)
        for _ in range(5):
            assert office.test_client().get("/sign-in/oidc/").location.startswith("/sign-in")
        assert first.is_alive(), "the others were answered while the first one still waits"
        assert not given_up
    first.join()
    assert provider.asked == [DESCRIPTION]
