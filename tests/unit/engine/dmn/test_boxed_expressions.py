"""Boxed expressions: contexts, invocations, lists, relations, functions, conditionals, filters, iterators."""

from decimal import Decimal

import pytest

from app.engine.dmn import DecisionError, parse_decisions
from app.engine.feel import Environment
from tests.unit.engine.dmn.dmn_files import MODEL_15, decision, file, literal, table


def decided(logic: str, environment: Environment, *others: str, **variables: object) -> object:
    model = parse_decisions(file(decision(logic), *others, namespace=MODEL_15))
    return model.decide("decision", variables, environment).result


def entry(logic: str, name: str = "", type_ref: str = "") -> str:
    type_attribute = f' typeRef="{type_ref}"' if type_ref else ""
    variable = f'<variable name="{name}"{type_attribute}/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def numbers(*values: int) -> list[Decimal]:
    return [Decimal(value) for value in values]


def test_context_entries_see_those_before_them(environment: Environment) -> None:
    logic = f"<context>{entry(literal('2'), 'days off')}{entry(literal('days off * 3'), 'b')}</context>"
    assert decided(logic, environment) == {"days off": Decimal(2), "b": Decimal(6)}


def test_entries_with_operators_in_their_names_are_read_behind_a_dot(environment: Environment) -> None:
    logic = f"<context>{entry(literal('2'), 'pre-bureau risk')}</context>"
    other = decision(literal("made.pre-bureau risk + 1"), id="other", requires=["made"])
    model = parse_decisions(file(decision(logic, id="made"), other))
    assert model.decide("other", {}, environment).result == Decimal(3)


def test_the_result_entry_of_a_context_is_its_value(environment: Environment) -> None:
    logic = f"<context>{entry(literal('2'), 'a')}{entry(literal('a + n'))}</context>"
    assert decided(logic, environment, n=5) == Decimal(7)


def test_a_context_entry_of_the_wrong_type(environment: Environment, lenient: Environment) -> None:
    logic = f"<context>{entry(literal('n'), 'a', 'number')}</context>"
    assert decided(logic, lenient, n="x") == {"a": None}
    with pytest.raises(DecisionError, match="decision_type"):
        decided(logic, environment, n="x")


def test_a_table_inside_a_context(environment: Environment) -> None:
    inner = table(["n"], ["r"], [["> limit", '"over"'], ["<= limit", '"under"']])
    logic = f"<context>{entry(literal('10'), 'limit')}{entry(inner)}</context>"
    model = parse_decisions(file(decision(logic)))
    made = model.decide("decision", {"n": 11}, environment)
    assert made.result == "over"
    assert made.trace.rows[0].number == 1


def test_list_and_relation(environment: Environment) -> None:
    assert decided(f"<list>{literal('1')}{literal('n')}</list>", environment, n=2) == numbers(1, 2)
    relation = (
        '<relation><column name="name"/><column name="age"/>'
        f"<row>{literal(chr(34) + 'Wang' + chr(34))}{literal('n')}</row></relation>"
    )
    assert decided(relation, environment, n=41) == [{"name": "Wang", "age": Decimal(41)}]


def test_a_function_remembers_where_it_was_made(environment: Environment) -> None:
    function = (
        f'<functionDefinition><formalParameter name="x" typeRef="number"/>{literal("x + base")}</functionDefinition>'
    )
    logic = f"<context>{entry(literal('10'), 'base')}{entry(function, 'f')}{entry(literal('f(n)'))}</context>"
    assert decided(logic, environment, n=5) == Decimal(15)
    assert decided(logic, environment, n="five") is None


def test_invocation_by_name(environment: Environment) -> None:
    knowledge = (
        '<businessKnowledgeModel id="sum" name="sum of both"><variable name="sum of both"/><encapsulatedLogic>'
        f'<formalParameter name="left"/><formalParameter name="right"/>{literal("left + right")}'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )
    invocation = (
        f"<invocation>{literal('sum of both')}"
        f'<binding><parameter name="right"/>{literal("n * 2")}</binding>'
        f'<binding><parameter name="left"/>{literal("1")}</binding></invocation>'
    )
    model = parse_decisions(file(knowledge, decision(invocation, knows=["sum"])))
    assert model.decide("decision", {"n": 4}, environment).result == Decimal(9)
    assert model.decide("sum of both", {"left": 1, "right": 2}, environment).result == Decimal(3)


def test_invocation_of_a_built_in_function(environment: Environment) -> None:
    invocation = (
        f"<invocation>{literal('substring')}"
        f'<binding><parameter name="string"/>{literal("text")}</binding>'
        f'<binding><parameter name="start position"/>{literal("3")}</binding></invocation>'
    )
    assert decided(invocation, environment, text="mediation") == "diation"


@pytest.mark.parametrize(("given", "expected"), [(True, "yes"), (False, "no"), (None, "no"), ("x", None)])
def test_conditional(environment: Environment, given: object, expected: str | None) -> None:
    logic = (
        f"<conditional><if>{literal('c')}</if><then>{literal('yes')}</then><else>{literal('no')}</else></conditional>"
    )
    assert decided(logic, environment, c=given, yes="yes", no="no") == expected


def test_filter(environment: Environment) -> None:
    by_item = f"<filter><in>{literal('list')}</in><match>{literal('item > 2')}</match></filter>"
    assert decided(by_item, environment, list=[1, 2, 3, 4]) == numbers(3, 4)
    by_entry = f"<filter><in>{literal('list')}</in><match>{literal('age > 2')}</match></filter>"
    assert decided(by_entry, environment, list=[{"age": 1}, {"age": 3}]) == [{"age": Decimal(3)}]
    by_position = f"<filter><in>{literal('list')}</in><match>{literal('2')}</match></filter>"
    assert decided(by_position, environment, list=[5, 6, 7]) == Decimal(6)
    by_text = f"<filter><in>{literal('list')}</in><match>{literal('text')}</match></filter>"
    assert decided(by_text, environment, list=[5, 6, 7], text="x") is None


def iterator(kind: str, source: str, body: str) -> str:
    inner = "return" if kind == "for" else "satisfies"
    return f'<{kind} iteratorVariable="i"><in>{literal(source)}</in><{inner}>{literal(body)}</{inner}></{kind}>'


def test_iterators(environment: Environment) -> None:
    assert decided(iterator("for", "[1..3]", "i * 2"), environment) == numbers(2, 4, 6)
    assert decided(iterator("for", "[1,2,3]", "i + count(partial)"), environment) == numbers(1, 3, 5)
    assert decided(iterator("some", "[1,2,3]", "i > 2"), environment) is True
    assert decided(iterator("every", "[1,2,3]", "i > 2"), environment) is False
    assert decided(iterator("every", "[1,2,3]", "i"), environment) is None
    assert decided(iterator("for", "null", "i"), environment) is None


def test_functions_in_other_languages_do_not_run(lenient: Environment) -> None:
    logic = f'<functionDefinition kind="Java">{literal("{}")}</functionDefinition>'
    model = parse_decisions(file(decision(logic)))
    assert model.decide("decision", {}, lenient).result is None
    assert [finding.code for finding in model.findings] == ["dmn_function_kind"]
