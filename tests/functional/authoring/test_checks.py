"""What the checks of a package tell its keepers, and who a keeper is."""

from dataclasses import replace
from typing import Any

from app.authoring import checking, queries
from app.directory.rules import RoleAt
from app.engine.findings import Finding
from tests.functional.authoring.conftest import Change, viewer

SETTINGS = "processes/package.toml"
DIAGRAM = "processes/errand.bpmn"


def found(county: int) -> dict[str, Finding]:
    return {one.code: one for one in checking.check(queries.draft_contents(county, "errand")).findings}


def test_settings_name_only_what_is_there(errand: int, change: Change) -> None:
    change(SETTINGS, '"clerk"', '"clerk", "wizard@town"')
    change(SETTINGS, 'name = "errand"', 'name = "chore"')
    change(SETTINGS, '"errand.outside"', '"errand.outside", "errand.never"')
    remarks = found(errand)
    assert remarks["package_role_unknown"].params == {"role": "wizard@town"}
    assert remarks["package_name_differs"].severity == "error"
    assert checking.path_of(remarks["package_name_differs"]) == SETTINGS
    assert "package_topic_unserved" in remarks


def test_broken_settings_are_one_finding(errand: int, change: Change) -> None:
    change(SETTINGS, 'main = "errand"', "main = errand")
    remarks = found(errand)
    assert list(remarks) == ["settings_refused"]
    assert checking.path_of(remarks["settings_refused"]) == SETTINGS


def test_paper_that_is_not_there_is_told_at_its_step(errand: int, change: Change) -> None:
    paper = (
        'camunda:topic="documents.make"><bpmn:extensionElements><camunda:inputOutput>'
        '<camunda:inputParameter name="template">thanks</camunda:inputParameter>'
        "</camunda:inputOutput></bpmn:extensionElements>"
    )
    change(SETTINGS, '"errand.note"', '"errand.note", "documents.make"')
    draft = change(DIAGRAM, 'camunda:topic="errand.note"', 'camunda:topic="documents.make"')
    text = draft.content.decode()
    start = text.index('camunda:topic="documents.make"')
    change(DIAGRAM, text[start : text.index(">", start) + 1], paper)
    remark = found(errand)["reference_missing"]
    assert (remark.element_id, remark.params) == ("note", {"file": "documents/thanks.typ"})


def test_finding_leads_to_its_element(errand: int, change: Change, browser_as: Any) -> None:
    change(DIAGRAM, "errand/ask", "errand/gone")
    owner = browser_as("owner")
    page = owner.get("/authoring/errand/checks").text
    assert "errand/gone" in page
    there = owner.post("/authoring/errand/drafts", data={"path": DIAGRAM, "element": "ask"})
    assert there.headers["Location"].endswith("#ask")
    draft = queries.open_draft_at(errand, "errand", DIAGRAM)
    assert draft is not None
    told = owner.get(f"/authoring/errand/drafts/{draft.id}/findings", headers={"Accept": "application/json"}).json
    assert [one["element"] for one in told if one["severity"] == "error"] == ["ask", "approve"]


def test_path_tests_are_played_in_stretches(errand: int, change: Change, browser_as: Any) -> None:
    owner = browser_as("owner")
    for name in ("one", "two"):
        made = owner.post("/authoring/errand/files", data={"kind": "path_test", "name": name, "label": name})
        assert made.status_code == 303
    held = queries.draft_contents(errand, "errand")
    first = checking.play(held, budget=0)
    assert (len(first.played), first.next, first.total) == (1, 1, 2)
    second = checking.play(held, begin=1)
    assert (len(second.played), second.next) == (1, None)
    fragment = owner.get("/authoring/errand/tests?from=1&failed=1", headers={"HX-Request": "true"}).text
    assert "2 个测试未通过" in fragment


def test_keepers_keep_the_county_not_a_town(errand: int) -> None:
    owner = viewer("owner")
    (post,) = owner.roles
    assert queries.is_keeper(owner)
    town = RoleAt("process_owner", post.organisation_id, f"{post.path}0001/")
    assert not queries.is_keeper(replace(owner, roles=(town,)))
    assert not queries.is_administrator(owner)
