"""What no author draws: every page of a package answers, whatever a draft, a script or an address holds."""

import pytest
from flask import Flask

from tests.functional.authoring.conftest import Change, change, errand
from tests.functional.conftest import BrowserAs

__all__ = ["change", "errand"]

HUGE = "9" * 30
DEEP_FORM = '{"components":' + '[{"type":"group","key":"a","components":' * 300 + "[]" + "}]" * 300 + "}"
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("processes/package.toml", "a = " + "[" * 20_000),
        ("processes/data.toml", "a = " + "{a=" * 5_000),
        ("forms/ask.form", DEEP_FORM),
        ("forms/ask.form", "[]"),
        ("forms/ask.form", "{"),
    ],
    ids=["settings", "dictionary", "groups within groups", "a list", "half a form"],
)
def test_a_broken_draft_leaves_every_page_standing(
    app: Flask, change: Change, browser_as: BrowserAs, path: str, content: str
) -> None:
    owner = browser_as("owner")
    draft = change(path)
    base, own = "/authoring/errand", f"/authoring/errand/drafts/{draft.id}"
    assert owner.put(own, json={"content": content, "revision": draft.revision}).status_code == 200
    pages = ["/changes", "/checks", "/tests", "/simulation", "/rehearsals", "/moves", "/heat", ""]
    told = [(page, owner.get(base + page).status_code) for page in pages]
    told += [(page, owner.get(own + page).status_code) for page in ("/text", "/findings", "/form", "/preview")]
    told += [(page, owner.post(own + page, data={"a": "1"}).status_code) for page in ("/preview", "/reading")]
    told.append(("library", owner.get("/authoring/").status_code))
    told.append(("publishing", owner.post(f"{base}/publications", data={"path": path}).status_code))
    assert [one for one in told if one[1] >= 500] == []
    assert owner.post(f"{own}/discarding").status_code == 303


@pytest.mark.parametrize(
    "script",
    [
        "a = " + "[" * 20_000,
        "test = 5",
        "start = 5",
        "topics = {a = 5}",
        "step = [5]",
        "[[step]]\nat = 'x'\nanswer = 5",
        "[[step]]\nat = 'ask'\nitem = -4",
        "expect = 5",
    ],
)
def test_a_script_of_another_shape(app: Flask, errand: int, browser_as: BrowserAs, script: str) -> None:
    owner = browser_as("owner")
    posted = {"script": script, "name": "x", "file": "x", "begin": "-9"}
    for way in ("", "/recording", "/adoption"):
        assert owner.post(f"/authoring/errand/simulation{way}", data=posted).status_code < 500, way


@pytest.mark.parametrize("task", ["#-5", "ask#-5", "ask#²", f"ask#{HUGE}"])
def test_an_answer_to_a_task_that_is_not_there(app: Flask, errand: int, browser_as: BrowserAs, task: str) -> None:
    posted = {"script": '[test]\nprocess = "errand"', "move": "answer", "task": task}
    assert browser_as("owner").post("/authoring/errand/simulation", data=posted).status_code < 500


def test_a_function_is_no_value_of_a_start(app: Flask, errand: int, browser_as: BrowserAs) -> None:
    posted = {"script": '[test]\nprocess = "errand"', "move": "set", "values": "a: function() 1"}
    assert browser_as("owner").post("/authoring/errand/simulation", data=posted).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        f"releases/1?to={HUGE}",
        f"archive?release={HUGE}",
        f"tests?publication={HUGE}",
        f"moves/try?to=1&from={HUGE}",
        f"moves/try?to={HUGE}",
    ],
)
def test_a_number_that_nothing_has(app: Flask, errand: int, browser_as: BrowserAs, address: str) -> None:
    assert browser_as("owner").get(f"/authoring/errand/{address}").status_code in (200, 404)


def test_a_decision_named_over_two_lines_goes_out_as_a_sheet(app: Flask, change: Change, browser_as: BrowserAs) -> None:
    draft = change("processes/errand_size.dmn")
    table = f"<definitions xmlns='{DMN}'><decision id='a&#10;b'><decisionTable/></decision></definitions>"
    own = f"/authoring/errand/drafts/{draft.id}"
    owner = browser_as("owner")
    assert owner.put(own, json={"content": table, "revision": draft.revision}).status_code == 200
    answer = owner.get(f"{own}/sheet", query_string={"decision": "a\nb"})
    assert answer.status_code == 200
    assert "\n" not in answer.headers["Content-Disposition"]
