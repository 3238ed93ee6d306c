"""A person in Chromium in front of the real product: web server and worker on a demo county of their own.

Tests take `page_as` and play people: `clerk = page_as("clerk"); clerk.goto("/")`. A script error, a refused resource
or a breach of the content security policy on any page fails the test at its end; an error in the log of the server or
its worker fails the last one.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from app.devdata.county import PASSWORD
from tests.browser.playing import County, Person

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90
PATIENCE_MS = 45_000
"""How long a page may take for what it is to show, beside whatever else the machine does; what has a limit names it."""
PLAYWRIGHTS_OWN = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
"""Features of Chromium that Playwright turns off by itself; whoever turns off more has to name them again."""
SPARED = ("SpareRendererForSitePerProcess", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup")
"""Processes kept ready for sites to come, and pages of the address bar, which nobody sees here: with them each new
window costs most of a second more."""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join((*PLAYWRIGHTS_OWN, *SPARED))}",
]

# Chromium and htmx tell the console about an answer of 4xx as well; tests of bad input provoke those on purpose.
# A line that a test cuts is told as well.
INFERNO = "development build of Inferno"  # dmn-js always says this one line
FAILED = re.compile(r'"level": "(error|critical)"|^\[.*\] (ERROR|CRITICAL) in ')
REFUSALS = ("the server responded with a status of 4", "Response Status Error Code 4", "net::ERR_INTERNET_DISCONNECTED")

PageAs = Callable[..., Page]

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of this machine (CHROMIUM names another one)."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        message = "No Chromium on this machine: browser tests need one (CHROMIUM may name it)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """What `make run` starts, on a fresh demo county with a clock that tests move."""
    var = tmp_path_factory.mktemp("county")
    (var / "clock").write_text("0")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DEMO", "SECRET_KEY", "HTTPS")
    }
    environment |= {"HOST": "127.0.0.1", "PORT": str(port), "MAPLEBRIDGE_VAR": str(var)}
    environment["COUNTY_CLOCK"] = str(var / "clock")
    log = var / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.served_county"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(f"{url}/sign-in", server, log)
        yield County(url, var)
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    failures = _failures(log.read_text(errors="replace"))
    assert not failures, "\n".join(failures)


def _failures(log: str) -> list[str]:
    """What web server and worker told as an error, each with its traceback."""
    told: list[str] = []
    going_on = False
    for line in log.splitlines():
        if FAILED.search(line):
            told.append(line.replace("\\n", "\n"))
            going_on = True
        elif going_on and not line.startswith(("{", "[")):
            told.append(line)
        else:
            going_on = False
    return told


@pytest.fixture(scope="session")
def server_url(county: County) -> str:
    return county.url


def _wait_until_it_answers(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server on this machine
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"The server did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[PageAs]:
    """`open_page(url, width=1280, language="zh", scripts=True)`: a page that names addresses relative to `url`."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in (*REFUSALS, INFERNO)):
            problems.append(f"{message.location.get('url', '')}: {message.text}")

    def open_at(url: str, width: int = 1280, language: str = "zh", *, scripts: bool = True) -> Page:
        phone = width < 768
        context = browser.new_context(
            base_url=url,
            java_script_enabled=scripts,
            viewport={"width": width, "height": 844 if phone else 900},
            has_touch=phone,
            locale="en-GB" if language == "en" else "zh-CN",
            timezone_id="Asia/Shanghai",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", note)
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def page_as(open_page: PageAs, server_url: str) -> PageAs:
    """`page_as(login, width=1280, language="zh", scripts=True)`: that demo person's page, signed in; None: nobody's."""

    def sign_in(login: str | None, width: int = 1280, language: str = "zh", *, scripts: bool = True) -> Page:
        page = open_page(server_url, width, language, scripts=scripts)
        if login is not None:
            page.goto("/sign-in")
            form = page.locator("form", has=page.locator("#field-login"))
            form.locator("#field-login").fill(login)
            form.locator("#field-password").fill(PASSWORD)
            form.locator("button").click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    return sign_in


@pytest.fixture
def person(open_page: PageAs, county: County, request: pytest.FixtureRequest) -> Callable[..., Person]:
    """`person(login, width=1280, language="zh")`: that demo person at a screen; None: somebody without an account."""
    story = request.node.name.removeprefix("test_").split("[")[0]

    def sits_down(login: str | None, width: int = 1280, language: str = "zh") -> Person:
        return Person(open_page(county.url, width, language), login or "", story)

    return sits_down
