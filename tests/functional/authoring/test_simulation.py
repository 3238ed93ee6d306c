"""A drafted path is played by clicks, and what was clicked becomes a test."""

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.authoring import queries
from app.authoring.errors import ScriptRefused
from app.authoring.simulation import scripts
from app.authoring.simulation.adoption import adopted
from app.definitions.checks import play_path_test
from tests.functional.authoring.conftest import Change

BrowserAs = Callable[[str], FlaskClient]
ADDRESS = "/authoring/errand/simulation"


class Run:
    """Somebody at the page: sends the script that the page holds with the next move."""

    def __init__(self, owner: FlaskClient) -> None:
        self.owner = owner
        self.text = owner.get(f"{ADDRESS}?process=errand").text

    @property
    def script(self) -> str:
        found = re.search(r'name="script" value="([^"]*)"', self.text)
        assert found is not None, self.text[-2000:]
        return html.unescape(found[1])

    def moves(self, move: str, **data: str) -> None:
        answer = self.owner.post(ADDRESS, data={"script": self.script, "move": move, **data})
        assert answer.status_code == 200, answer.text
        self.text = answer.text


@pytest.fixture
def run(errand: int, browser_as: BrowserAs) -> Run:
    return Run(browser_as("owner"))


def test_moves_make_the_script_longer_and_shorter(run: Run) -> None:
    assert "[[step]]" not in run.script
    run.moves("set", values='note: "hello"')
    run.moves("wait", span="P1D")
    assert run.script.count("[[step]]") == 2
    run.moves("back")
    assert "P1D" not in run.script
    run.moves("start", values="size: 3")
    assert "[[step]]" not in run.script
    assert "size = 3" in run.script


def test_a_wrong_move_is_told_and_the_run_stays(run: Run) -> None:
    before = run.script
    run.moves("set", values="1 +")
    assert run.script == before
    assert 'role="alert"' in run.text
    refused = run.owner.post(ADDRESS, data={"script": before, "move": "answer", "task": "nowhere#0"})
    assert refused.status_code == 422


def test_what_was_played_is_recorded_as_a_test(run: Run, errand: int) -> None:
    run.moves("wait", span="PT1H")
    there = run.owner.post(f"{ADDRESS}/recording", data={"script": run.script, "name": "等一会儿", "file": "later"})
    assert there.status_code in (200, 303), there.text
    held = queries.draft_contents(errand, "errand")
    path = "processes/tests/later.toml"
    result = play_path_test(held, path, held.files[path])
    assert result.passed, result.failures
    nameless = run.owner.post(f"{ADDRESS}/recording", data={"script": run.script, "name": " ", "file": "other"})
    assert nameless.status_code == 422


@pytest.mark.parametrize(
    "script", ["[[step", "step = 5", "test = 1", '[[step]]\nat = "a"\nanswer = 5', "[[step]]\n" * 501, "x" * 200_001]
)
def test_a_script_that_cannot_be_read_is_refused(run: Run, script: str) -> None:
    for address in (ADDRESS, f"{ADDRESS}/recording", f"{ADDRESS}/adoption"):
        answer = run.owner.post(address, data={"script": script, "move": "wait", "name": "n", "file": "f"})
        assert answer.status_code == 422, address


def test_only_keepers_play(errand: int, browser_as: BrowserAs) -> None:
    clerk = browser_as("clerk")
    assert clerk.get(ADDRESS).status_code == 404
    assert clerk.post(ADDRESS, data={"script": "", "move": "wait"}).status_code == 404
    assert clerk.get(f"{ADDRESS}/errand/diagram").status_code == 404


def test_a_script_is_written_as_it_is_read() -> None:
    document = {
        "test": {"process": "p", "name": 'a "quoted"\nname \\ \x01'},
        "start": {"n": 2.5, "flag": True, "list": [1, {"名": "x"}], "none": None},
        "step": [{"at": "a", "answer": {"x": "1"}}, {"wait": "P1D"}],
        "expect": {"finished": False},
    }
    again = scripts.read_script(scripts.write_script(document))
    del document["start"]["none"]  # type: ignore[attr-defined] - a dict of dicts
    assert again == document
    with pytest.raises(ScriptRefused):
        scripts.read_script("a = [")


def test_older_tests_take_up_a_new_step(errand: int, change: Change) -> None:
    """Also the one that can make its moves without it, and expects another order."""
    draft = change("processes/errand.bpmn")
    text = draft.content.decode()
    held = queries.draft_contents(errand, "errand")
    assert text
    passing = b'[test]\nprocess = "errand"\nname = "n"\n\n[expect]\nfinished = false\n'
    result = play_path_test(held, "t", passing)
    assert result.passed, result.failures
    assert adopted(held, "t", passing, "ask", {}) == passing
    waiting = result.trail.open_at if result.trail else ()
    failing = passing.replace(b"finished = false", b'visited = ["nowhere"]')
    assert adopted(held, "t", failing, str(next(iter(waiting))), {}) is None


@pytest.mark.parametrize(
    ("lang", "told"),
    [("zh", ("来源渠道", "窗口来访", "纠纷类型: 合同")), ("en", ("Channel", "Window", "Dispute type: Contract"))],
)
def test_values_are_told_in_the_words_of_the_dictionary(
    dispute_county: int, browser_as: BrowserAs, lang: str, told: tuple[str, ...]
) -> None:
    owner = browser_as("owner")
    owner.get(f"/language/{lang}")
    address, headers = "/authoring/dispute/simulation", {"Accept-Language": lang}
    page = owner.get(f"{address}?process=dispute", headers=headers).text
    found = re.search(r'name="script" value="([^"]*)"', page)
    assert found is not None
    moves = {"script": html.unescape(found[1]), "move": "set", "values": 'dispute_type: "contract", channel: "window"'}
    page = html.unescape(owner.post(address, data=moves, headers=headers).text)
    assert [one for one in told if one not in page] == []
