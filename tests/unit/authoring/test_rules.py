"""What may be a file of a package, and how changes meet a newer release."""

import pytest

from app.authoring.blanks import blank, blank_package, copied_package
from app.authoring.errors import ContentRefused, NameRefused, PathRefused
from app.authoring.queries import contents_of_files
from app.authoring.references import references_of
from app.authoring.rules import NEW_KINDS, checked_import, checked_path, merged, place_of, plain_name
from app.definitions.checks import check_package
from app.definitions.models import FileKind


@pytest.mark.parametrize("path", ["processes/a.bpmn", "processes/tests/a_b.toml", "forms/表.form", "documents/a.typ"])
def test_paths_inside_a_package(path: str) -> None:
    assert checked_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "a.bpmn",
        "processes/../a.bpmn",
        "/processes/a.bpmn",
        "processes//a.bpmn",
        "processes/a.py",
        "forms/a.bpmn",
        "processes/.a.bpmn",
        "processes/a\\b.bpmn",
        "processes/a b.bpmn",
        "processes/a/b/c/d/e.bpmn",
        "",
        "x" * 300,
    ],
)
def test_paths_outside_are_refused(path: str) -> None:
    with pytest.raises(PathRefused):
        checked_path(path)


@pytest.mark.parametrize("name", ["", "A", "1a", "a-b", "a/b", "a" * 61, "é"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(NameRefused):
        plain_name(name)


@pytest.mark.parametrize("kind", NEW_KINDS)
def test_new_file_is_what_its_kind_says(kind: str) -> None:
    content = blank(kind, package="p", name="thing", label='<"&\n', english="]]>")
    assert checked_import(place_of(kind, "thing"), content) == content


def test_new_package_runs_as_it_is() -> None:
    held = contents_of_files("fair", blank_package("fair", label='集市 "甲"', english=""))
    assert [one.code for one in check_package(held) if one.severity == "error"] == []
    assert held.settings.label.zh == '集市 "甲"'


def test_copy_of_a_package_speaks_of_itself() -> None:
    files = blank_package("fair", label="集市", english="Fair")
    task = b'<bpmn:userTask id="t" camunda:formKey="fair/ask" /></bpmn:process>'
    files["processes/fair.bpmn"] = files["processes/fair.bpmn"].replace(b"</bpmn:process>", task)
    files["forms/ask.form"] = blank(FileKind.FORM, package="fair", name="ask", label="")
    copy = contents_of_files("market", copied_package(files, "fair", "market", "市场"))
    assert (copy.settings.name, copy.settings.label.zh, copy.settings.main) == ("market", "市场", "fair")
    assert [one.path for one in references_of(copy).of("forms/ask.form")] == ["processes/fair.bpmn"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("processes/a.bpmn", b"<html/>"),
        ("processes/a.bpmn", b"PK\x03\x04"),
        ("processes/a.bpmn", b'<!DOCTYPE x SYSTEM "http://x/y"><x/>'),
        ("processes/a.dmn", b"<definitions/>"),
        ("forms/a.form", b"[]"),
        ("forms/a.form", b'{"components": {}}'),
        ("processes/data.toml", b"= 1"),
        ("documents/a.typ", b"\xff"),
    ],
)
def test_file_that_is_not_what_it_says_is_refused(path: str, content: bytes) -> None:
    with pytest.raises(ContentRefused):
        checked_import(path, content)


def test_changes_meet_a_newer_release() -> None:
    base = {"a": "1", "b": "1", "c": "1", "d": "1"}
    active = {"a": "2", "b": "1", "c": "2", "e": "1"}
    merge = merged(base, {"b": "9", "c": "9", "d": "", "f": "9"}, active)
    assert merge.manifest == {"a": "2", "b": "9", "c": "9", "e": "1", "f": "9"}
    assert merge.clashes == ("c",), "both took d out, which is no clash"
