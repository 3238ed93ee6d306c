"""Two versions of a file side by side: what is told, and what is not."""

from pathlib import Path

import orjson
import pytest

from app.authoring.differences import Change, FileDifference, compare_files, compare_packages

ROOT = Path(__file__).parents[3]
ROUTE = (ROOT / "processes/dispute/route.dmn").read_text()
TRIAGE = (ROOT / "processes/dispute/triage.bpmn").read_text()
CONSENT = (ROOT / "forms/dispute/consent.form").read_text()


def table(new: str) -> FileDifference:
    return compare_files("processes/route.dmn", ROUTE.encode(), new.encode())


def diagram(new: str) -> tuple[Change, ...]:
    return compare_files("processes/triage.bpmn", TRIAGE.encode(), new.encode()).elements


def test_one_cell_is_told_with_its_row_and_nothing_else() -> None:
    found = table(ROUTE.replace('"green", null', '"green"'))
    assert found.elements == ()
    (one,) = found.tables
    assert (one.id, one.same_rows) == ("lead_tier", 3)
    (row,) = one.rows
    assert (row.change, row.old_number, row.new_number) == ("changed", 1, 1)
    assert [(cell.old, cell.new) for cell in row.cells if cell.changed] == [('"green", null', '"green"')]


def test_row_is_known_by_its_words_when_its_id_is_new() -> None:
    assert table(ROUTE.replace('id="lead_tier_row_2"', 'id="other"')).tables == ()


def test_rows_added_removed_and_moved_are_told_apart() -> None:
    start = ROUTE.index('      <rule id="lead_tier_row_1"')
    second = ROUTE.index('      <rule id="lead_tier_row_2"')
    third = ROUTE.index('      <rule id="lead_tier_row_3"')
    first_rule, second_rule = ROUTE[start:second], ROUTE[second:third]
    swapped = ROUTE.replace(first_rule + second_rule, second_rule + first_rule)
    assert [row.change for row in table(swapped).tables[0].rows] == ["moved"]
    without = ROUTE.replace(second_rule, "")
    assert [(row.change, row.old_number) for row in table(without).tables[0].rows] == [("removed", 2)]
    added = compare_files("processes/route.dmn", without.encode(), ROUTE.encode()).tables[0].rows
    assert [(row.change, row.new_number) for row in added] == [("added", 2)]


def test_diagram_tells_who_does_a_task_and_what_was_only_moved() -> None:
    groups = "dispatcher,dispatcher@parent,dispatcher@county"
    (one,) = diagram(TRIAGE.replace(f'candidateGroups="{groups}"', 'candidateGroups="dispatcher"', 1))
    assert (one.change, one.type, one.id) == ("changed", "userTask", "confirm_triage")
    assert [(each.what, each.old, each.new) for each in one.details] == [("candidateGroups", groups, "dispatcher")]
    at = TRIAGE.index("<dc:Bounds")
    moved = diagram(TRIAGE[:at] + TRIAGE[at:].replace('x="', 'x="1', 1))
    assert [one.change for one in moved] == ["moved"]


def test_whole_diagram_may_come_or_go() -> None:
    added = compare_files("processes/triage.bpmn", None, TRIAGE.encode())
    assert added.change == "added"
    assert set(added.counts) == {"added"}
    removed = compare_files("processes/triage.bpmn", TRIAGE.encode(), None)
    assert removed.counts == {"removed": added.counts["added"]}


def test_form_is_told_field_by_field() -> None:
    form = orjson.loads(CONSENT)
    form["components"][1]["validate"] = {"required": True, "maxLength": 3}
    gone = form["components"].pop()
    found = compare_files("forms/consent.form", CONSENT.encode(), orjson.dumps(form)).elements
    assert [(one.change, one.id) for one in found] == [
        ("removed", gone["id"]),
        ("changed", form["components"][1]["id"]),
    ]
    assert ("validate/maxLength", "", "3") in [(each.what, each.old, each.new) for each in found[1].details]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("processes/a.bpmn", b"<broken", b"<!DOCTYPE x><x/>"),
        ("processes/a.dmn", b"", b"\xff\xfe"),
        ("forms/a.form", b"{", b"[]"),
        ("documents/a.typ", b"one\ntwo\n", b"one\nthree\n"),
    ],
)
def test_what_cannot_be_read_is_compared_by_lines(path: str, old: bytes, new: bytes) -> None:
    found = compare_files(path, old, new)
    assert found.lines
    assert found.elements == ()


def test_packages_tell_only_files_that_differ() -> None:
    old = {"processes/a.toml": b"x = 1", "forms/a.form": b"{}", "documents/b.typ": b"b"}
    new = {"processes/a.toml": b"x = 2", "forms/a.form": b"{}", "documents/c.typ": b"b"}
    assert [(one.path, one.change) for one in compare_packages(old, new)] == [
        ("documents/b.typ", "removed"),
        ("documents/c.typ", "added"),
        ("processes/a.toml", "changed"),
    ]
