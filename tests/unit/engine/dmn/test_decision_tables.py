"""Decision tables: inputs, cells, outputs, types and allowed values."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.dmn import DecisionError, parse_decisions
from app.engine.feel import Environment, compile_unary_tests
from tests.unit.engine.dmn.dmn_files import decision, file, input_data, table


def decided(logic: str, environment: Environment, *others: str, **variables: object) -> object:
    return parse_decisions(file(*others, decision(logic))).decide("decision", variables, environment).result


def test_a_table_without_declared_requirements_reads_the_given_variables(environment: Environment) -> None:
    rows = [['"劳动"', "> 10", '"county"'], ['not("劳动")', "-", '"town"'], ['"劳动"', "<= 10", '"town"']]
    logic = table(["纠纷类型", "people_count"], ["tier"], rows)
    model = parse_decisions(file(decision(logic)))
    assert model.decide("decision", {"纠纷类型": "劳动", "people_count": 12}, environment).result == "county"
    assert model.decide("decision", {"纠纷类型": "邻里", "people_count": 12}, environment).result == "town"
    assert model.inputs_of("decision") == ("people_count", "纠纷类型")


def test_several_outputs_make_a_context(environment: Environment) -> None:
    logic = table(["n"], ["lane", "days"], [["[1..5]", '"fast"', "3"], ["> 5", '"slow"', "n * 2"]])
    assert decided(logic, environment, n=7) == {"lane": "slow", "days": Decimal(14)}


def test_an_input_may_be_an_expression(environment: Environment) -> None:
    logic = table(["count(parties) + 1"], ["group"], [[">= 5", "true"], ["< 5", "false"]])
    assert decided(logic, environment, parties=["a", "b", "c", "d"]) is True


def test_a_cell_may_read_other_names_and_the_input_itself(environment: Environment) -> None:
    rows = [["> limit", '"over"'], ["? = limit or ? = 0", '"edge"'], ["< limit", '"under"']]
    logic = table(["amount"], ["size"], rows, policy="FIRST")
    assert decided(logic, environment, amount=5, limit=3) == "over"
    assert decided(logic, environment, amount=0, limit=3) == "edge"
    assert decided(logic, environment, amount=2, limit=3) == "under"


def test_the_input_variable_of_camunda_names_the_input_in_cells(environment: Environment) -> None:
    logic = table(["amount * 2"], ["size"], [["doubled > 10", '"big"'], ["doubled <= 10", '"small"']]).replace(
        '<input id="input1">', '<input id="input1" camunda:inputVariable="doubled">'
    )
    assert decided(logic, environment, amount=6) == "big"


def test_dates_are_compared(environment: Environment) -> None:
    rows = [['< date("2026-01-01")', '"old"'], ['[date("2026-01-01")..date("2026-12-31")]', '"this year"']]
    logic = table(["filed"], ["age"], rows, input_types=["date"])
    assert decided(logic, environment, filed=date(2025, 12, 31)) == "old"
    assert decided(logic, environment, filed=date(2026, 12, 31)) == "this year"


@pytest.mark.parametrize(("cell", "hit"), [("null", True), ("not(null)", False), ("< 5", False), ("-", True)])
def test_null_is_matched_only_where_the_cell_says_so(environment: Environment, cell: str, hit: bool) -> None:
    assert decided(table(["n"], ["r"], [[cell, "1"]]), environment, n=None) == (Decimal(1) if hit else None)


def test_an_unknown_name_is_an_error_that_names_the_place(environment: Environment) -> None:
    with pytest.raises(DecisionError) as caught:
        decided(table(["peopel"], ["r"], [["> 1", "1"]]), environment, people=1)
    assert caught.value.code == "decision_expression_failed"
    assert caught.value.place.line > 0
    assert "peopel" in str(caught.value.params["reason_en"])


def test_an_input_of_the_wrong_type_is_an_error(environment: Environment) -> None:
    logic = table(["people"], ["r"], [["> 1", "1"]], input_types=["number"])
    with pytest.raises(DecisionError) as caught:
        decided(logic, environment, people="many")
    assert caught.value.code == "table_input_type"
    assert caught.value.params["input"] == "people"


def test_an_input_outside_its_allowed_values_is_an_error(environment: Environment) -> None:
    logic = table(["colour"], ["r"], [['"red"', "1"], ['"green"', "2"]], input_values=['"red", "green"'])
    assert decided(logic, environment, colour="green") == Decimal(2)
    with pytest.raises(DecisionError) as caught:
        decided(logic, environment, colour="pink")
    assert caught.value.code == "table_input_not_allowed"


def test_an_input_outside_its_allowed_values_is_null_outside_strict_mode(lenient: Environment) -> None:
    logic = table(["colour"], ["r"], [['"red"', "1"]], input_values=['"red", "green"'], defaults=["0"])
    assert decided(logic, lenient, colour="green") == Decimal(0)
    assert decided(logic, lenient, colour="pink") is None


def test_an_output_outside_its_allowed_values_is_an_error(environment: Environment) -> None:
    logic = table(["n"], ["colour"], [["> 1", "wanted"]], output_values=['"red", "green"'])
    assert decided(logic, environment, n=2, wanted="red") == "red"
    with pytest.raises(DecisionError) as caught:
        decided(logic, environment, n=2, wanted="pink")
    assert caught.value.code == "table_output_not_allowed"


def test_an_output_of_the_wrong_type_is_an_error(environment: Environment) -> None:
    with pytest.raises(DecisionError) as caught:
        decided(table(["n"], ["days"], [["> 1", '"three"']], output_types=["number"]), environment, n=2)
    assert caught.value.code == "table_output_type"


def test_input_data_must_be_given_in_strict_mode_only(environment: Environment, lenient: Environment) -> None:
    element = decision(table(["Age of party"], ["minor"], [["< 18", "true"]]), requires=["@age"])
    model = parse_decisions(file(input_data("Age of party", "number", id="age"), element))
    assert model.decide("decision", {"Age of party": 17}, environment).result is True
    assert model.decide("decision", {}, lenient).result is None
    with pytest.raises(DecisionError, match="decision_input_missing"):
        model.decide("decision", {}, environment)


def test_a_cell_that_cannot_be_read_is_never_taken_for_a_hit(environment: Environment) -> None:
    logic = table(["n"], ["r"], [["> (3", "1"], ["> 3", "2"]])
    with pytest.raises(DecisionError) as caught:
        decided(logic, environment, n=5)
    assert caught.value.code == "decision_expression_broken"
    assert caught.value.place.element_id == "cell1_1"


def test_a_decision_that_does_not_exist_is_an_error(environment: Environment) -> None:
    with pytest.raises(DecisionError, match="decision_unknown"):
        parse_decisions(file()).decide("nothing", {}, environment)


CELLS = ["-", "1", "1, 3", "> 2", "<= 3", "[1..3]", "]1..3[", "(1..2]", "not(2)", "not(1, 3)", "null", "not(null)",
         "5, > 3", "[2..1]", "!= 2"]  # fmt: skip
TEXTS = ["-", '"a"', '"a", "b"', 'not("a")', 'not("a", "c")', '> "a"', '["a".."b"]', "null", "not(null)", '"b", null']


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from(TEXTS)), min_size=1, max_size=6),
    number=st.sampled_from([None, 0, 1, Decimal("1.5"), 2, 3, 4, "a"]),
    text=st.sampled_from([None, "", "a", "aa", "b", "c", 7]),
)
def test_the_index_agrees_with_the_cells_one_by_one(rows: list[tuple[str, str]], number: object, text: object) -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    environment = Environment(now=datetime(2026, 3, 1, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))
    cells = [[one, other, str(index)] for index, (one, other) in enumerate(rows)]
    got = decided(table(["x", "y"], ["row"], cells, policy="RULE ORDER"), environment, x=number, y=text)
    plain = Decimal(number) if isinstance(number, int) else number
    other = Decimal(text) if isinstance(text, int) else text
    expected = [
        Decimal(index)
        for index, (one, two) in enumerate(rows)
        if compile_unary_tests(one).matches(plain, {}, environment)
        and compile_unary_tests(two).matches(other, {}, environment)
    ]
    assert got == (expected or None)
