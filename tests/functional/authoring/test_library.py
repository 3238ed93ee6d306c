"""The library: what uses a file, what runs on it, what it was; and forms that versions of a path share."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from lxml import etree

from app.authoring import library, queries
from app.authoring import services as drafts
from app.authoring.errors import StillInUse
from app.authoring.library import FileLine
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions.models import FileKind
from tests.functional.authoring.conftest import NOW, Change, actor, viewer
from tests.functional.authoring.test_publishing import approved, asked
from tests.functional.authoring.test_rehearsal import made_leader
from tests.functional.workflow.errands import Errands

FORM, PATH = "forms/ask.form", "processes/errand.bpmn"
OTHER = "forms/other.form"

BrowserAs = Callable[[str], FlaskClient]


@pytest.fixture
def errands(errand: int) -> Errands:
    office = viewer("clerk").roles[0].organisation_id
    db.session.rollback()
    return Errands(errand, office)


def begun(errands: Errands) -> int:
    """The first task of another errand."""
    db.session.rollback()
    return errands.start().opened[0]


def line(county: int, path: str, **search: str) -> FileLine:
    db.session.rollback()
    db.session.expire_all()
    (found,) = [one for one in library.files(county, "errand", **search) if one.path == path]
    return found


def test_each_file_tells_who_uses_it(errand: int, browser_as: BrowserAs) -> None:
    users = {(one.path, one.element_id) for one in line(errand, FORM).users}
    assert users >= {(PATH, "ask"), (PATH, "approve")}
    assert {one.element_id for one in line(errand, "processes/errand_size.dmn").users} == {"size_up"}
    owner = browser_as("owner")
    page = owner.get("/authoring/errand").text
    assert f"#file-{PATH}" in page
    assert "说明事情" in page
    owner.set_cookie("language", "en")
    assert "Say what" in owner.get("/authoring/errand").text


def test_search_finds_names_in_both_languages_and_paths(errand: int, browser_as: BrowserAs) -> None:
    owner = browser_as("owner")
    for text in ("size", "errand_size.dmn", "大小"):
        assert "file-processes/errand_size.dmn" in owner.get("/authoring/errand", query_string={"q": text}).text, text
    page = owner.get("/authoring/errand", query_string={"kind": "form"}).text
    assert f'id="file-{FORM}"' in page
    assert f'id="file-{PATH}"' not in page
    assert "没有" in owner.get("/authoring/errand", query_string={"q": "查无此物"}).text
    assert "跑腿" in owner.get("/authoring/", query_string={"q": "errand_size"}).text
    assert "/authoring/errand" not in owner.get("/authoring/", query_string={"q": "查无此物"}).text


def test_states_versions_and_authors_of_a_file(errand: int, change: Change) -> None:
    assert (line(errand, FORM).state, line(errand, FORM).version) == ("active", 1)
    change(FORM, "什么事", "何事")
    drafted = line(errand, FORM)
    assert (drafted.state, drafted.change, drafted.author) == ("draft", "changed", "蒋文博")
    publication = asked(errand)
    assert line(errand, FORM, state="final").state == "final"
    approved(publication)
    published = line(errand, FORM)
    assert (published.state, published.version, published.author) == ("active", 2, "蒋文博")
    run_unit(lambda: drafts.remove_file(errand, "errand", "processes/nap.bpmn", actor=actor("owner"), now=NOW))
    assert line(errand, "processes/nap.bpmn").change == "removed"
    approved(asked(errand, "processes/nap.bpmn"))
    assert line(errand, "processes/nap.bpmn", state="retired").state == "retired"
    assert "processes/nap.bpmn" not in [one.path for one in library.files(errand, "errand")]


def test_a_form_that_two_versions_of_a_path_share(
    errand: int, errands: Errands, change: Change, browser_as: BrowserAs
) -> None:
    """A running process keeps the form of the release that it began with."""
    clerk, owner = browser_as("clerk"), browser_as("owner")
    older = begun(errands)
    change(FORM, "什么事", "何事")
    approved(asked(errand))
    newer = begun(errands)
    for item in (older, newer):
        assert clerk.post(f"/tasks/{item}/claim").status_code == 302
    assert "什么事" in clerk.get(f"/tasks/{older}").text
    page = clerk.get(f"/tasks/{newer}").text
    assert "何事" in page
    assert "什么事" not in page
    assert (line(errand, FORM).running, line(errand, FORM).running_older) == (1, 1)
    assert (line(errand, PATH).running, line(errand, PATH).running_older) == (2, 0)

    with pytest.raises(StillInUse):
        run_unit(lambda: drafts.remove_file(errand, "errand", FORM, actor=actor("owner"), now=NOW))
    content = change(FORM).content.replace("何事".encode(), "别事".encode())
    run_unit(lambda: drafts.add_file(errand, "errand", OTHER, content, actor=actor("owner"), now=NOW))
    change(PATH, "errand/ask", "errand/other")
    approved(asked(errand, OTHER, PATH))
    assert "什么事" in clerk.get(f"/tasks/{older}").text
    assert "何事" in clerk.get(f"/tasks/{newer}").text
    newest = begun(errands)
    assert clerk.post(f"/tasks/{newest}/claim").status_code == 302
    assert "别事" in clerk.get(f"/tasks/{newest}").text
    page = owner.get("/authoring/errand/running").text
    assert [f"第 {number} 版" in page for number in (1, 2, 3)] == [True, True, True]


def test_which_cases_run_on_a_release(played_county: int, browser_as: BrowserAs) -> None:
    """A keeper without a role in cases learns how many, one with such a role which."""
    owner = browser_as("owner")
    address = "/authoring/dispute/running?release=1"
    page = owner.get(address).text
    assert "您无权打开" in page
    assert "/cases/" not in page.split('id="release-1"')[1].split("</li>")[0]
    made_leader("owner")
    listed = owner.get(address).text.split('id="release-1"')[1]
    assert listed.count('href="/cases/') >= 8
    assert owner.get("/authoring/dispute/running?release=99").status_code == 200
    assert browser_as("clerk").get(address).status_code == 404


def test_the_shipped_package_is_complete_in_english(played_county: int) -> None:
    """Every file has an English title, every remark of a diagram an English text."""
    db.session.rollback()
    held = queries.draft_contents(played_county, "dispute")
    titles = library.titles(held)
    assert not [path for path, title in titles.items() if not title.en]
    assert not [path for path in held.of_kind(FileKind.PATH_TEST) if path not in titles]
    for path, content in held.of_kind(FileKind.PROCESS).items():
        for remark in etree.fromstring(content).iter("{*}textAnnotation"):
            english = [one.get("value") for one in remark.iter("{*}property") if one.get("name") == "text.en"]
            assert english, (path, remark.get("id"))
