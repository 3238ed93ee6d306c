"""The check of decision tables: what it finds, where, and the example it shows."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.dmn import NameType, lint_decisions, parse_decisions
from app.engine.feel import Environment
from app.engine.findings import Finding, Severity
from app.engine.words import sentence
from tests.unit.engine.dmn.dmn_files import decision, file, input_data, literal, table

NAMES = {
    "dispute_type": NameType("text", ("labour", "neighbour", "medical")),
    "people": NameType("number"),
    "danger": NameType("boolean"),
    "filed": NameType("date"),
}


def checked(logic: str, names: dict[str, NameType] | None = NAMES) -> list[Finding]:
    findings = lint_decisions(parse_decisions(file(decision(logic, name_en="Decision")), file="a.dmn"), names)
    for finding in findings:
        for language in ("zh", "en"):
            assert "?" not in sentence(finding.code, finding.params, language).replace("did you mean", "").rstrip("?")
    return findings


def only(findings: list[Finding], code: str) -> Finding:
    found = [finding for finding in findings if finding.code == code]
    assert len(found) == 1, findings
    return found[0]


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def test_a_sound_table_has_no_findings() -> None:
    rows = [['"labour"', "> 10", '"county"'], ['"labour"', "<= 10", '"town"'], ['"neighbour","medical"', "-", '"town"']]
    assert checked(table(["dispute_type", "people"], ["tier"], rows)) == []


def test_overlapping_rows_under_unique() -> None:
    rows = [["> 10", "1"], ["<= 12", "2"]]
    found = only(checked(table(["people"], ["r"], rows)), "table_rows_overlap")
    assert found.severity is Severity.ERROR
    assert found.params["rows"] == "1, 2"
    assert found.params["example"] == "people = 12"
    assert found.element_id == "rule1"
    assert found.line > 0
    assert sentence(found.code, found.params, "zh") == "第 1, 2 行会同时命中，例如：people = 12"


def test_rows_that_touch_without_sharing_a_value_do_not_overlap() -> None:
    assert checked(table(["people"], ["r"], [["< 10", "1"], [">= 10", "2"]])) == []


def test_columns_with_the_same_expression_are_one_axis() -> None:
    rows = [["> 10", "< 20", "1"], ["<= 10", "-", "2"], [">= 20", "-", "3"]]
    assert checked(table(["people", "people"], ["r"], rows)) == []


def test_a_gap_is_shown_by_an_example() -> None:
    rows = [['"labour"', "> 10", "1"], ['"neighbour", "medical"', "-", "2"]]
    found = only(checked(table(["dispute_type", "people"], ["r"], rows)), "table_gap")
    assert found.severity is Severity.WARNING
    assert found.params["example"] == "dispute_type = labour，people = 10"


def test_a_gap_between_two_whole_numbers_is_a_gap() -> None:
    found = only(checked(table(["people"], ["r"], [["<= 10", "1"], [">= 11", "2"]])), "table_gap")
    assert found.params["example"] == "people = 10.5"


def test_days_that_follow_each_other_leave_no_gap() -> None:
    rows = [['<= date("2026-01-01")', "1"], ['>= date("2026-01-02")', "2"]]
    assert checked(table(["filed"], ["r"], rows)) == []


def test_a_text_without_declared_values_has_other_values() -> None:
    found = only(checked(table(["dispute_type"], ["r"], [['"labour"', "1"]]), None), "table_gap")
    assert found.params["example"] == "dispute_type 为其他值"
    assert found.params["example_en"] == "dispute_type is any other value"


def test_default_outputs_close_every_gap() -> None:
    assert checked(table(["people"], ["r"], [["> 10", "1"]], defaults=["0"])) == []


@pytest.mark.parametrize("policy", ["COLLECT", "RULE ORDER"])
def test_a_collecting_table_may_have_gaps_and_overlaps(policy: str) -> None:
    assert checked(table(["people"], ["r"], [["> 10", "1"], ["> 11", "2"]], policy=policy)) == []


def test_a_row_hidden_by_one_before_it_under_first() -> None:
    rows = [["> 10", "1"], ["> 12", "2"], ["-", "3"]]
    found = only(checked(table(["people"], ["r"], rows, policy="FIRST")), "table_row_hidden")
    assert (found.params["row"], found.params["rows"]) == (2, "1")


def test_a_row_hidden_by_several_together_under_first() -> None:
    rows = [["> 10", "1"], ["<= 10", "2"], ["[5..15]", "3"]]
    found = only(checked(table(["people"], ["r"], rows, policy="FIRST")), "table_row_hidden")
    assert (found.params["row"], found.params["rows"]) == (3, "1, 2")


def test_a_last_row_without_conditions_still_takes_missing_inputs() -> None:
    rows = [['"labour","neighbour","medical"', "1"], ["-", "2"]]
    assert checked(table(["dispute_type"], ["r"], rows, policy="FIRST")) == []


def test_a_row_hidden_by_a_better_output_under_priority() -> None:
    rows = [["> 12", '"low"'], ["> 10", '"high"'], ["<= 10", '"low"']]
    logic = table(["people"], ["r"], rows, policy="PRIORITY", output_values=['"high", "low"'])
    found = only(checked(logic), "table_row_hidden")
    assert (found.params["row"], found.params["rows"]) == (1, "2")


def test_a_row_outside_the_declared_values_never_hits() -> None:
    rows = [['"labour","neighbour","medical"', "1"], ['"labuor"', "2"]]
    found = only(checked(table(["dispute_type"], ["r"], rows)), "table_row_never")
    assert (found.params["row"], found.params["input"]) == (2, "dispute_type")


def test_an_empty_range_never_hits() -> None:
    assert "table_row_never" in codes(checked(table(["people"], ["r"], [["(9..9)", "1"], ["-", "2"]])))


def test_a_day_that_does_not_exist_is_told() -> None:
    rows = [['> date("2026-01-01")', "1"], ['date("2026-02-30")', "2"]]
    found = only(checked(table(["filed"], ["r"], rows, policy="FIRST")), "table_cell_null")
    assert (found.params["row"], found.element_id) == (2, "cell2_1")


def test_any_rows_that_contradict_each_other() -> None:
    rows = [["> 10", '"a"'], ["> 12", '"a"'], ["> 14", '"b"'], ["<= 10", '"c"']]
    findings = [f for f in checked(table(["people"], ["r"], rows, policy="ANY")) if f.code == "table_rows_contradict"]
    assert [f.params["rows"] for f in findings] == ["1, 3", "2, 3"]


def test_any_rows_whose_outputs_only_evaluation_can_tell() -> None:
    rows = [["> 10", "people + 1"], ["> 12", "people + 2"], ["<= 10", "1"]]
    assert "table_contradict_undecided" in codes(checked(table(["people"], ["r"], rows, policy="ANY")))


def test_what_depends_on_other_data_is_said_to_be_undecided() -> None:
    rows = [["> 10", "1"], ["> people_limit", "2"]]
    names = {**NAMES, "people_limit": NameType("number")}
    findings = checked(table(["people"], ["r"], rows), names)
    assert only(findings, "table_overlap_undecided").params["rows"] == "2"
    assert only(findings, "table_gap_undecided").params["rows"] == "2"


def test_null_counts_only_where_a_cell_speaks_of_it() -> None:
    assert checked(table(["people"], ["r"], [["null", "1"], ["not(null)", "2"]])) == []
    rows = [["null", "1"], ["> 3", "2"], ["<= 3", "3"]]
    assert checked(table(["people"], ["r"], rows)) == []


def test_unknown_names_with_the_closest_known_one() -> None:
    found = only(checked(table(["peeple"], ["r"], [["-", "1"]])), "dmn_name_unknown_in")
    assert found.params["name"] == "peeple"
    assert sentence(found.code, found.params, "en").endswith("did you mean “people”?")


def test_unknown_names_in_cells_and_outputs() -> None:
    rows = [["> limit", "amount"], ["-", "1"]]
    findings = checked(table(["people"], ["r"], rows, policy="COLLECT"))
    assert {f.params["name"] for f in findings if f.code == "dmn_name_unknown_in"} == {"limit", "amount"}


def test_entries_of_filtered_items_are_no_unknown_names() -> None:
    names = {**NAMES, "parties": NameType("list")}
    rows = [["> 1", "parties[side = 1].name"], ["<= 1", "peeple"]]
    findings = checked(table(["count(parties[age > 3])"], ["r"], rows, policy="COLLECT"), names)
    assert [f.params["name"] for f in findings if f.code == "dmn_name_unknown_in"] == ["peeple"]


def test_input_data_must_be_in_the_dictionary() -> None:
    model = parse_decisions(file(input_data("persons", "number"), decision(literal("1"), name_en="One")))
    assert [f.code for f in lint_decisions(model, NAMES)] == ["dmn_name_unknown"]
    assert lint_decisions(model) == []


def test_a_cell_of_the_wrong_type() -> None:
    rows = [["> 10", "1"], ['"many"', "2"], ["<= 10", "3"]]
    found = only(checked(table(["people"], ["r"], rows)), "table_cell_type")
    assert (found.params["row"], found.params["type"], found.params["found"]) == (2, "number", "string")
    assert found.element_id == "cell2_1"


def test_an_input_typed_otherwise_than_declared() -> None:
    logic = table(["people"], ["r"], [["-", "1"]], input_types=["string"])
    assert "table_input_declared_otherwise" in codes(checked(logic))


def test_outputs_of_the_wrong_type_and_outside_the_allowed_values() -> None:
    rows = [["> 10", '"red"', "1"], ["<= 10", '"pink"', '"one"']]
    logic = table(
        ["people"], ["colour", "days"], rows, output_values=['"red", "green"', ""], output_types=["string", "number"]
    )
    findings = checked(logic)
    outside = only(findings, "table_output_outside")
    assert (outside.params["row"], outside.params["value"], outside.element_id) == (2, "pink", "cell2_2")
    assert only(findings, "table_output_cell_type").params["output"] == "days"


def test_an_empty_table() -> None:
    assert codes(checked(table(["people"], ["r"], []))) == ["table_empty"]


def test_a_cell_that_cannot_be_read_names_row_and_input() -> None:
    found = only(checked(table(["people"], ["r"], [["> 10", "1"], ["> (3", "2"]])), "dmn_expression_broken")
    assert (found.params["row"], found.params["input"]) == (2, 1)
    assert sentence(found.code, found.params, "zh").startswith("第 2 行第 1 个输入：")


def test_priority_without_listed_values() -> None:
    logic = table(["people"], ["r"], [["-", "1"]], policy="PRIORITY")
    assert "table_no_order" in codes(checked(logic))


def test_english_names_are_asked_for() -> None:
    logic = table(["people"], ["r"], [["-", "1"]], labels=["人数"])
    model = parse_decisions(file(decision(logic, name="分流")))
    assert [f.element_id for f in lint_decisions(model) if f.code == "dmn_english_missing"] == ["decision", "input1"]


def test_circles_and_lost_requirements() -> None:
    model = parse_decisions(
        file(
            decision(literal("b"), id="a", requires=["b"], name_en="A"),
            decision(literal("a"), id="b", requires=["a"], name_en="B"),
            decision(literal("1"), id="c", requires=["nowhere"], name_en="C"),
        )
    )
    assert sorted({f.code for f in lint_decisions(model)}) == ["dmn_cycle", "dmn_reference_missing"]


def test_many_overlaps_are_counted_not_dropped() -> None:
    findings = checked(table(["people"], ["r"], [["-", str(row)] for row in range(40)]))
    assert codes(findings).count("table_rows_overlap") == 20
    assert only(findings, "table_overlap_more").params["count"] == 190


def test_three_hundred_rows_of_sixty_inputs_are_checked_in_time() -> None:
    chance = random.Random(7)  # noqa: S311 - a table, not a secret
    texts = [f"[{low}..{low + chance.randrange(1, 400)}]" for low in range(200)]
    rows = [
        ["-" if chance.random() < 0.8 else chance.choice(texts) for _ in range(60)] + [str(row)] for row in range(300)
    ]
    logic = table([f"v{number}" for number in range(60)], ["out"], rows)
    model = parse_decisions(file(decision(logic, name_en="Big")))
    started = time.process_time()
    findings = lint_decisions(model)
    assert time.process_time() - started < 1.0
    assert {"table_gap", "table_rows_overlap"} <= set(codes(findings))


CELLS = ["-", "< 2", "<= 2", "2", "[1..3]", "(1..3)", "> 3", ">= 3", "not(2)", "1, 3"]


@settings(max_examples=120, deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from(CELLS)), min_size=1, max_size=5))
def test_findings_agree_with_trying_every_value(rows: list[tuple[str, str]]) -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    environment = Environment(now=datetime(2026, 3, 1, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))
    cells = [[one, two, str(row)] for row, (one, two) in enumerate(rows)]
    counting = parse_decisions(file(decision(table(["x", "y"], ["r"], cells, policy="COLLECT", aggregation="COUNT"))))
    halves = [n / 2 for n in range(9)]
    hits = {counting.decide("decision", {"x": x, "y": y}, environment).result or 0 for x in halves for y in halves}
    found = codes(lint_decisions(parse_decisions(file(decision(table(["x", "y"], ["r"], cells))))))
    assert ("table_gap" in found) == (0 in hits)
    assert ("table_rows_overlap" in found) == any(count > 1 for count in hits)


def test_types_have_chinese_words() -> None:
    model = parse_decisions(file(decision(table(["n"], ["r"], [['"a"', "1"]], input_types=["number"]), name_en="x")))
    finding = only(lint_decisions(model), "table_cell_type")
    assert sentence(finding.code, finding.params) == '第 1 行“n”的格子“"a"”是文本，应为数字，永远不会命中'
    assert "is a string instead of a number" in sentence(finding.code, finding.params, "en")
