"""The page of the data dictionary."""

from collections.abc import Callable

from flask.testing import FlaskClient

from app.authoring.queries import open_draft_at
from tests.functional.authoring.conftest import Change

BrowserAs = Callable[[str], FlaskClient]

ADDRESS = "/authoring/errand/dictionary"


def test_each_name_tells_where_it_is_used(errand: int, browser_as: BrowserAs) -> None:
    page = browser_as("owner").get(ADDRESS).text
    for words in ("合计", "Total", "processes/errand.bpmn#sum_up", "forms/ask.form#", "大小", "保密"):
        assert words in page


def test_elements_have_english_names_on_english_pages(errand: int, change: Change, browser_as: BrowserAs) -> None:
    english = (
        '<bpmn:extensionElements><camunda:properties><camunda:property name="name.en" value="Sum it up"/>'
        "</camunda:properties></bpmn:extensionElements>"
    )
    change("processes/errand.bpmn", "<bpmn:script>= { total", f"{english}<bpmn:script>= {{ total")
    owner = browser_as("owner")
    assert "· 合计" in owner.get(ADDRESS).text
    owner.set_cookie("language", "en")
    page = owner.get(ADDRESS).text
    assert "· Sum it up" in page
    assert "· 合计" not in page


def test_search_and_remarks_narrow_the_list(errand: int, change: Change, browser_as: BrowserAs) -> None:
    change("processes/errand.bpmn", "price * 2", "price * rate")
    owner = browser_as("owner")
    page = owner.get(ADDRESS, query_string={"q": "price"}).text
    assert 'id="name-price"' in page
    assert 'id="name-total"' not in page
    page = owner.get(ADDRESS, query_string={"mark": "undeclared"}).text
    assert 'id="name-rate"' in page
    assert 'id="name-price"' not in page


def test_use_leads_to_its_element(errand: int, browser_as: BrowserAs) -> None:
    owner = browser_as("owner")
    there = owner.post(ADDRESS, data={"place": "processes/errand.bpmn#sum_up"})
    assert there.status_code == 303
    assert there.headers["Location"].endswith("#sum_up")
    there = owner.post(ADDRESS, data={"place": "processes/data.toml#"})
    draft = open_draft_at(errand, "errand", "processes/data.toml")
    assert draft is not None
    assert f"/drafts/{draft.id}" in there.headers["Location"]
    assert owner.post(ADDRESS, data={"place": "processes/none.bpmn#x"}).status_code == 404


def test_broken_dictionary_is_told(errand: int, change: Change, browser_as: BrowserAs) -> None:
    change("processes/data.toml", '[what]\ntype = "text"', '[what]\ntype = "txt"')
    answer = browser_as("owner").get(ADDRESS)
    assert answer.status_code == 200
    assert "what.type" in answer.text


def test_only_keepers_find_it(errand: int, browser_as: BrowserAs) -> None:
    for login in ("mediator", "leader"):
        assert browser_as(login).get(ADDRESS).status_code == 404
        assert browser_as(login).post(ADDRESS, data={"place": "processes/data.toml#"}).status_code == 404
