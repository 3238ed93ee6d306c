"""Everything that the product says itself is English on an English screen, and Chinese on a Chinese one."""

import re
from typing import Any

import pytest

from tests.browser.playing import Person

CHINESE = re.compile("[\u4e00-\u9fff]")
OWN_WORDS = "nav a:not([class*=row]), main button, main legend, main label, main th, main dt, main .chip, main .risk"

PLACES = {
    "clerk": ("/reports/new", "/tasks/?tab=available", "/cases/"),
    "dispatcher": ("/tasks/?tab=team",),
    "elder": ("/reports/doorstep",),
}


@pytest.mark.parametrize("width", [1280, 390])
def test_an_english_screen_speaks_english(person: Any, width: int) -> None:
    for login, addresses in PLACES.items():
        somebody: Person = person(login, width, "en")
        for address in addresses:
            somebody.goes_to(address)
            _speaks_english(somebody)
            somebody.looks("en-" + re.sub(r"\W+", "-", address).strip("-"))


def test_every_tab_of_a_case_speaks_english(person: Any) -> None:
    clerk: Person = person("clerk", 1280, "en")
    clerk.goes_to("/cases/?q=邱海波")
    clerk.page.locator(".row-title").first.click()
    address = clerk.page.url
    for tab in ("", "/parties", "/file", "/timeline", "/diagram", "/decisions"):
        clerk.goes_to(address + tab)
        _speaks_english(clerk, but=("唐莉", "邱海波"))
        clerk.looks("en-case" + tab.replace("/", "-"))


def _speaks_english(somebody: Person, but: tuple[str, ...] = ()) -> None:
    words: list[str] = somebody.page.locator(OWN_WORDS).all_inner_texts()
    for name in but:
        words = [text.replace(name, "") for text in words]
    assert not [text for text in words if CHINESE.search(text)], somebody.page.url
