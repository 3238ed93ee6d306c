"""Everything that the product says itself is English on an English screen, and Chinese on a Chinese one."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.keeping import as_it_was, kept
from tests.browser.playing import Person

CHINESE = re.compile("[\u4e00-\u9fff]")
OWN_WORDS = (
    "nav:not(.saved-views) a:not([class*=row]), "
    "main button, main legend, main label, main th, main dt, main .chip, main .risk"
)

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


def test_diagrams_and_tables_are_drawn_and_renamed_in_english(person: Any) -> None:
    owner: Person = person("owner", 1280, "en")
    with as_it_was(person("admin")):
        for path, drawn in (("processes/mediation.bpmn", "[data-canvas]"), ("processes/route.dmn", "thead")):
            owner.goes_to(f"/authoring/dispute?q={path}")
            owner.page.get_by_role("button", name=f"Edit {path}").click()
            owner.page.locator("[data-ready=true]").wait_for()
            words = owner.page.locator(f"{drawn} :is(.djs-label, .input-label, .output-label)").all_text_contents()
            assert words
            assert not [text for text in words if CHINESE.search(text)]
        owner.page.get_by_role("button", name="How the decisions hang together").click()
        expect(owner.page.locator(".dmn-drd-container .djs-label", has_text="Leading tier")).to_be_visible()

        owner.goes_to("/authoring/dispute?q=mediation.bpmn")
        owner.page.get_by_role("button", name="Edit processes/mediation.bpmn").click()
        owner.page.locator("[data-ready=true]").wait_for()
        page = owner.page
        page.evaluate("modeler.get('directEditing').activate(modeler.get('elementRegistry').get('investigate_party'))")
        page.keyboard.press("Control+A")
        page.keyboard.insert_text("Hear everybody")
        page.keyboard.press("Enter")
        expect(page.locator(".djs-label", has_text="Hear everybody")).to_be_visible()
        kept(page, lambda content: 'value="Hear everybody"' in content)


def _speaks_english(somebody: Person, but: tuple[str, ...] = ()) -> None:
    words: list[str] = somebody.page.locator(OWN_WORDS).all_inner_texts()
    for name in but:
        words = [text.replace(name, "") for text in words]
    assert not [text for text in words if CHINESE.search(text)], somebody.page.url
