"""Hit policies: one row, several rows, no row."""

from decimal import Decimal

import pytest

from app.engine.dmn import DecisionError, TableContradictionError, TableOverlapError, parse_decisions
from app.engine.feel import Environment
from tests.unit.engine.dmn.dmn_files import decision, file, table

OVERLAPPING = [["> 10", '"many"'], ["> 20", '"crowd"'], ["> 20", '"crowd"'], ["<= 10", '"few"']]


def decided(logic: str, environment: Environment, **variables: object) -> object:
    return parse_decisions(file(decision(logic))).decide("decision", variables, environment).result


def test_unique_gives_the_only_row(environment: Environment) -> None:
    assert decided(table(["people"], ["size"], OVERLAPPING), environment, people=3) == "few"


def test_unique_with_several_rows_is_an_error_that_names_them(environment: Environment) -> None:
    with pytest.raises(TableOverlapError) as caught:
        decided(table(["people"], ["size"], OVERLAPPING), environment, people=25)
    assert caught.value.code == "table_overlap"
    assert caught.value.rows == (1, 2, 3)
    assert caught.value.params["rows"] == "1, 2, 3"


def test_unique_overlap_is_an_error_outside_strict_mode_too(lenient: Environment) -> None:
    with pytest.raises(TableOverlapError):
        decided(table(["people"], ["size"], OVERLAPPING), lenient, people=25)


def test_first_gives_the_first_row(environment: Environment) -> None:
    assert decided(table(["people"], ["size"], OVERLAPPING, policy="FIRST"), environment, people=25) == "many"


def test_first_does_not_evaluate_rows_behind_the_hit(environment: Environment) -> None:
    rows = [["> 10", '"many"'], ["unknown name > 3", '"never"']]
    assert decided(table(["people"], ["size"], rows, policy="FIRST"), environment, people=25) == "many"


def test_any_gives_the_common_outcome(environment: Environment) -> None:
    rows = [["> 10", '"many"'], ["> 20", '"many"']]
    assert decided(table(["people"], ["size"], rows, policy="ANY"), environment, people=25) == "many"


def test_any_with_different_outcomes_is_an_error_that_names_the_rows(environment: Environment) -> None:
    with pytest.raises(TableContradictionError) as caught:
        decided(table(["people"], ["size"], OVERLAPPING, policy="ANY"), environment, people=25)
    assert caught.value.rows == (1, 2, 3)


@pytest.mark.parametrize(
    ("values", "expected"), [('"crowd", "many", "few"', "crowd"), ('"many", "crowd", "few"', "many"), ('"few"', "many")]
)
def test_priority_goes_by_the_order_of_the_output_values(lenient: Environment, values: str, expected: str) -> None:
    logic = table(["people"], ["size"], OVERLAPPING, policy="PRIORITY", output_values=[values])
    assert decided(logic, lenient, people=25) == expected


def test_values_that_are_not_listed_come_last_in_output_order(lenient: Environment) -> None:
    rows = [["> 1", '"other"'], ["> 2", '"b"'], ["> 3", '"a"']]
    logic = table(["n"], ["r"], rows, policy="OUTPUT ORDER", output_values=['"a", "b"'])
    assert decided(logic, lenient, n=9) == ["a", "b", "other"]


def test_priority_with_two_outputs_goes_from_left_to_right(environment: Environment) -> None:
    rows = [["> 10", '"low"', '"a"'], ["> 11", '"high"', '"b"'], ["> 12", '"high"', '"a"']]
    logic = table(["n"], ["risk", "lane"], rows, policy="PRIORITY", output_values=['"high", "low"', '"a", "b"'])
    assert decided(logic, environment, n=20) == {"risk": "high", "lane": "a"}


def test_priority_without_an_order_is_an_error(lenient: Environment) -> None:
    with pytest.raises(DecisionError, match="table_no_order"):
        decided(table(["people"], ["size"], OVERLAPPING, policy="PRIORITY"), lenient, people=25)


def test_output_order_sorts_all_outcomes(environment: Environment) -> None:
    logic = table(["people"], ["size"], OVERLAPPING, policy="OUTPUT ORDER", output_values=['"crowd", "many", "few"'])
    assert decided(logic, environment, people=25) == ["crowd", "crowd", "many"]


def test_rule_order_keeps_the_order_of_the_table(environment: Environment) -> None:
    assert decided(table(["people"], ["size"], OVERLAPPING, policy="RULE ORDER"), environment, people=25) == [
        "many",
        "crowd",
        "crowd",
    ]


@pytest.mark.parametrize(
    ("aggregation", "expected"), [("SUM", "60"), ("MIN", "10"), ("MAX", "30"), ("COUNT", "3"), ("", None)]
)
def test_collect_aggregates(environment: Environment, aggregation: str, expected: str | None) -> None:
    rows = [["> 1", "10"], ["> 2", "20"], ["> 3", "30"], ["> 100", "1000"]]
    got = decided(table(["n"], ["points"], rows, policy="COLLECT", aggregation=aggregation), environment, n=5)
    assert got == (Decimal(expected) if expected else [Decimal(10), Decimal(20), Decimal(30)])


def test_collect_sums_no_texts(environment: Environment) -> None:
    rows = [["> 1", '"a"'], ["> 2", "20"]]
    with pytest.raises(Exception, match="table_aggregation_kind"):
        decided(table(["n"], ["points"], rows, policy="COLLECT", aggregation="SUM"), environment, n=5)


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST", "ANY", "COLLECT", "RULE ORDER"])
def test_no_row_gives_null(environment: Environment, policy: str) -> None:
    assert decided(table(["n"], ["points"], [["> 9", "1"]], policy=policy), environment, n=5) is None


def test_no_row_gives_the_default_outputs(environment: Environment) -> None:
    rows = [["> 9", '"x"', "1"]]
    logic = table(["n"], ["lane", "days"], rows, defaults=['"standard"', "n + 1"])
    assert decided(logic, environment, n=5) == {"lane": "standard", "days": Decimal(6)}
