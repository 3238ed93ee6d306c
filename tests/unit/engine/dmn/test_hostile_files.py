"""Hostile files: a clear error at most, in bounded time."""

import random
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.dmn import DecisionError, NameType, lint_decisions, parse_decisions
from app.engine.feel import Environment
from app.engine.findings import DefinitionError, EngineError
from tests.unit.engine.dmn.dmn_files import MODEL_15, decision, file, input_data, literal, table

VALID = file(
    "<itemDefinition name='tColour'><typeRef>string</typeRef>"
    '<allowedValues><text>"red"</text></allowedValues></itemDefinition>',
    input_data("n", "number"),
    decision(table(["n", "kind"], ["r"], [["> 1", '"a"', "1"], ["-", 'not("a")', "n"]]), requires=["@n"]),
    decision(literal("decision + 1"), id="top", requires=["decision"], type_ref="tColour"),
    namespace=MODEL_15,
)


def within(seconds: float, work: Callable[[], object]) -> None:
    started = time.process_time()
    work()
    assert time.process_time() - started < seconds


@pytest.mark.parametrize(
    "text",
    ["10**999999999", "(" * 100_000, "[" * 5_000, "-" * 50_000 + "1", 'matches("' + "a" * 40 + '!", "(a+)+$")',
     "some a in [1..100000], b in [1..100000] satisfies a + b < 0", "for a in [1..1e12] return a",
     "if " * 3_000, "a." * 3_000, '"' + "x" * 500_000],
)  # fmt: skip
def test_an_expression_costs_at_most_an_error(environment: Environment, text: str) -> None:
    def work() -> None:
        model = parse_decisions(file(decision(table(["1"], ["r"], [["-", text]]), name_en="x")))
        lint_decisions(model)
        try:
            model.decide("decision", {}, environment)
        except EngineError:
            pass
        else:
            assert text.startswith(("matches", "10**", "--"))

    within(6, work)


@pytest.mark.parametrize("text", ["(" * 100_000, "> " * 5_000, "not(" * 5_000, ", ".join(["1"] * 30_000)])
def test_a_cell_costs_at_most_an_error(environment: Environment, text: str) -> None:
    def work() -> None:
        model = parse_decisions(file(decision(table(["1"], ["r"], [[text, "1"]]), name_en="x")))
        lint_decisions(model)
        try:
            model.decide("decision", {}, environment)
        except EngineError:
            assert "1, 1" not in text

    within(6, work)


def test_a_table_beyond_any_reason_is_refused() -> None:
    rows = [[f"> {row}", "1"] for row in range(6_000)]
    with pytest.raises(DefinitionError) as caught:
        parse_decisions(file(decision(table(["n"], ["r"], rows))))
    assert caught.value.findings[0].code == "table_too_large"


def test_a_large_table_of_intervals_decides_and_says_what_it_did_not_check(environment: Environment) -> None:
    chance = random.Random(3)  # noqa: S311 - a table, not a secret
    rows = [[f"[{row}..{row + chance.randrange(5000)}]", "1"] for row in range(4_000)]
    model = parse_decisions(file(decision(table(["n"], ["r"], rows, policy="FIRST"), name_en="x")))
    within(2, lambda: model.decide("decision", {"n": 50}, environment))
    findings = []
    within(4, lambda: findings.extend(lint_decisions(model, {"n": NameType("number")})))
    assert "table_check_limit" in {finding.code for finding in findings}


def test_a_long_chain_of_decisions(environment: Environment) -> None:
    elements = [decision(literal("1"), id="d0")]
    elements += [decision(literal(f"d{n - 1} + 1"), id=f"d{n}", requires=[f"d{n - 1}"]) for n in range(1, 2_000)]
    model = parse_decisions(file(*elements))
    assert model.decide("d50", {}, environment).result == 51
    with pytest.raises(DecisionError, match="decision_too_deep"):
        model.decide("d1999", {}, environment)
    with pytest.raises(DecisionError, match="decision_too_deep"):
        model.inputs_of("d1999")
    within(3, lambda: lint_decisions(model))


def test_a_type_that_stands_for_itself(environment: Environment) -> None:
    types = (
        '<itemDefinition name="a"><typeRef>b</typeRef></itemDefinition>'
        '<itemDefinition name="b"><typeRef>a</typeRef></itemDefinition>'
    )
    model = parse_decisions(file(types, decision(literal("1"), type_ref="a")))
    assert {finding.code for finding in lint_decisions(model)} >= {"dmn_type_circle"}
    assert model.decide("decision", {}, environment).result == 1


def test_a_type_with_components_of_its_own_kind(environment: Environment) -> None:
    types = (
        '<itemDefinition name="node"><itemComponent name="below" isCollection="true"><typeRef>node</typeRef>'
        "</itemComponent></itemDefinition>"
    )
    model = parse_decisions(file(types, input_data("tree", "node"), decision(literal("tree"), requires=["@tree"])))
    tree = {"below": [{"below": []}, {"below": [{"below": []}]}]}
    assert model.decide("decision", {"tree": tree}, environment).result == tree
    with pytest.raises(DecisionError, match="decision_type"):
        model.decide("decision", {"tree": {"below": [{"above": []}]}}, environment)


@settings(max_examples=300, deadline=None)
@given(position=st.integers(0, len(VALID) - 1), piece=st.binary(max_size=6), length=st.integers(0, 30))
def test_a_damaged_file_is_read_or_refused(position: int, piece: bytes, length: int) -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    damaged = VALID[:position] + piece + VALID[position + length :]
    try:
        model = parse_decisions(damaged)
    except DefinitionError:
        return
    lint_decisions(model, {"n": NameType("number")})
    environment = Environment(now=datetime(2026, 3, 1, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))
    for one in model.decisions:
        with suppress(EngineError):
            model.decide(one.id, {"n": 3, "kind": "b"}, environment)
