"""Every page of the program in Chromium: no barrier, no overflow, no script error, no word of the other language.

The pages are the addresses of the program itself, so a new one is walked from its first day.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.serving import make_server

from app.core import clock
from app.core.database import Base, db
from app.core.unit_of_work import unit_of_work
from app.devdata.cases import play_stories
from app.devdata.county import COUNTY_ID, PASSWORD, create_people_and_places
from app.devdata.demo import import_packages
from app.factory import create_app
from app.ui.catalogues import sources
from tests.browser.looking import axe, shoot
from tests.functional.access.addresses import Operation, build, operations

READERS = ("mediator", "admin", "owner", "dispatcher", "leader", "archivist", "clerk", "here.operator", "resident")
"""Whoever of these is let in first looks at a page."""
PARTS = 2
SIGHTS = ((1280, "zh"), (390, "en"))


class Served:
    """The whole program on a county of its own, with one of each thing that an address names."""

    def __init__(self, app: Flask, url: str, pages: list[Operation]) -> None:
        self.app = app
        self.url = url
        self.readers_of = {page: login for page in pages if (login := self._reader_of(page)) is not None}

    @cached_property
    def readers(self) -> Mapping[str, FlaskClient]:
        clients = {}
        for login in READERS:
            clients[login] = self.app.test_client()
            answer = clients[login].post("/sign-in", data={"login": login, "password": PASSWORD})
            assert answer.status_code == 302, login
        return clients

    def _reader_of(self, page: Operation) -> str | None:
        """Who may look at it; None when it is no page, or nobody's."""
        for login, client in self.readers.items():
            answer = client.get(page.path)
            answer.close()
            if answer.status_code == 200:
                whole = answer.mimetype == "text/html" and answer.text.lstrip().lower().startswith("<!doctype")
                return login if whole else None
        return None

    def cookies_of(self, login: str) -> list[dict[str, str]]:
        cookie = self.readers[login].get_cookie("session")
        assert cookie is not None
        return [{"name": cookie.key, "value": cookie.value, "url": self.url}]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    var = tmp_path_factory.mktemp("var")
    app = create_app(
        {
            "VAR": var,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{var}/test.db",
            "SECRET_KEY": "tests",
            "DEMO": True,
            "WTF_CSRF_ENABLED": False,
        }
    )
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with unit_of_work():
            create_people_and_places()
            import_packages(COUNTY_ID)
            play_stories(now=clock.now())
            values = build()
        pages = [one for one in operations(app, values) if one.method == "GET"]
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(app, f"http://127.0.0.1:{server.server_port}", pages)
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@dataclass(frozen=True, slots=True)
class Words:
    """What the catalogues say in the two languages: whole texts only, of two letters and more."""

    english: frozenset[str]
    chinese: frozenset[str]

    def of_other_language(self, texts: list[str], language: str) -> list[str]:
        others = self.chinese if language == "en" else self.english
        return sorted({text for text in texts if text in others})


@pytest.fixture(scope="module")
def words() -> Words:
    english, chinese = set(), set()
    for source in sources():
        with source.open("rb") as file:
            for message in read_po(file):
                if isinstance(message.id, str) and message.string and message.id != message.string:
                    english.add(message.id)
                    chinese.add(str(message.string))
    return Words(frozenset(english - chinese), frozenset(chinese - english))


TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (!text.parentElement.closest("script, style, code, [translate=no], body [lang]")) found.push(text.data.trim());
  }
  for (const name of ["aria-label", "placeholder", "title", "alt"]) {
    for (const one of document.querySelectorAll(`[${name}]`)) found.push(one.getAttribute(name).trim());
  }
  return [...found.filter(text => text.length > 1), document.title];
}"""


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(("width", "language"), SIGHTS)
def test_every_page(
    served: Served, words: Words, open_page: Callable[..., Page], part: int, width: int, language: str
) -> None:
    page = open_page(served.url, width, language)
    problems: list[str] = []
    for one, login in list(served.readers_of.items())[part::PARTS]:
        page.context.add_cookies(served.cookies_of(login))  # type: ignore[arg-type]
        page.goto(one.path)
        page.wait_for_load_state("load")
        problems += _problems(page, one, words, language)
    assert len(served.readers_of) > 40
    assert not problems, "\n".join(problems)


def _problems(page: Page, one: Operation, words: Words, language: str) -> list[str]:
    shoot(page, f"every-{re.sub(r'[^a-z0-9]+', '-', one.endpoint.lower())}-{language}", whole=True)
    found: list[str] = []
    try:
        axe(page)
    except AssertionError as error:
        found.append(str(error))
    texts: list[Any] = page.evaluate(TEXTS)
    strange = words.of_other_language(texts, language)
    return found + [f"{one.path}: {', '.join(strange)}"] * bool(strange)
