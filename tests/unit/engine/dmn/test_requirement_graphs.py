"""Requirement graphs: decisions that need decisions, knowledge, services, imported files; limits; threads."""

import random
import threading
import time
from dataclasses import replace
from decimal import Decimal

import pytest

from app.engine.dmn import DecisionError, Import, parse_decisions
from app.engine.feel import Environment, Limits
from app.engine.findings import DefinitionError, EngineError
from tests.unit.engine.dmn.dmn_files import MODEL_15, decision, file, input_data, literal, table


def knowledge(name: str, body: str, *parameters: str, knows: str = "") -> str:
    formal = "".join(f'<formalParameter name="{parameter}"/>' for parameter in parameters)
    requirement = f'<knowledgeRequirement><requiredKnowledge href="#{knows}"/></knowledgeRequirement>' if knows else ""
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}{body}</encapsulatedLogic>{requirement}</businessKnowledgeModel>"
    )


def test_a_required_decision_is_made_once(environment: Environment) -> None:
    model = parse_decisions(
        file(
            decision(table(["n"], ["r"], [["> 1", "n * 2"]]), id="low"),
            decision(literal("low + 1"), id="left", requires=["low"]),
            decision(literal("low + 2"), id="right", requires=["low"]),
            decision(literal("left + right"), id="top", requires=["left", "right"]),
        )
    )
    made = model.decide("top", {"n": 5}, environment)
    assert made.result == Decimal(23)
    left, right = made.trace.required
    assert left.required[0] is right.required[0]


def test_inputs_of_a_decision_reach_through_the_graph() -> None:
    model = parse_decisions(
        file(
            input_data("age", "number"),
            decision(literal("age + other"), id="low", requires=["@age"]),
            decision(literal("low + third"), id="top", requires=["low"]),
        )
    )
    assert model.inputs_of("top") == ("age", "other", "third")
    assert model.inputs_of("low") == ("age", "other")


def test_outputs_of_a_required_table_are_known_by_their_own_names_too(environment: Environment) -> None:
    score = table(["n"], ["points", "lane"], [["> 1", "n * 2", '"fast"']])
    several = table(["n"], ["paper"], [["> 1", '"form"'], ["> 2", '"card"']], policy="COLLECT")
    model = parse_decisions(
        file(
            decision(score, id="score", name="Score of all"),
            decision(several, id="papers", name="Papers"),
            decision(literal("[points, lane, paper, count(Papers)]"), id="top", requires=["score", "papers"]),
        )
    )
    assert model.decide("top", {"n": 5}, environment).result == [10, "fast", ["form", "card"], 2]
    assert model.decide("top", {"n": 5, "lane": "given"}, environment).result == [10, "given", ["form", "card"], 2]


def test_a_circle_is_an_error_not_a_hang(environment: Environment) -> None:
    model = parse_decisions(
        file(decision(literal("b"), id="a", requires=["b"]), decision(literal("a"), id="b", requires=["a"]))
    )
    with pytest.raises(DecisionError, match="decision_cycle"):
        model.decide("a", {}, environment)


def test_a_failing_requirement_is_null_outside_strict_mode_and_said_in_the_trace(
    environment: Environment, lenient: Environment
) -> None:
    rows = [["> 1", "1"], ["> 2", "2"]]
    model = parse_decisions(
        file(
            decision(table(["n"], ["r"], rows), id="low"),
            decision(literal("low = null"), id="top", requires=["low"]),
        )
    )
    made = model.decide("top", {"n": 5}, lenient)
    assert made.result is True
    assert made.trace.required[0].error == "table_overlap"
    with pytest.raises(DecisionError, match="table_overlap"):
        model.decide("top", {"n": 5}, environment)


def test_knowledge_does_not_see_the_variables_around_it(environment: Environment) -> None:
    model = parse_decisions(
        file(knowledge("twice", literal("x * 2 + hidden"), "x"), decision(literal("twice(3)"), knows=["twice"]))
    )
    with pytest.raises(EngineError):
        model.decide("decision", {"hidden": 1}, environment)


def test_knowledge_with_a_table_is_explained(environment: Environment) -> None:
    body = table(["x"], ["r"], [["> 1", '"big"'], ["<= 1", '"small"']])
    model = parse_decisions(file(knowledge("size", body, "x"), decision(literal("size(n)"), knows=["size"])))
    made = model.decide("decision", {"n": 7}, environment)
    assert made.result == "big"
    assert [(told.name, told.rows[0].number) for told in made.trace.tables] == [("size", 1)]


def test_endless_recursion_is_an_error(environment: Environment) -> None:
    model = parse_decisions(
        file(knowledge("again", literal("again(x + 1)"), "x"), decision(literal("again(1)"), knows=["again"]))
    )
    started = time.process_time()
    with pytest.raises(EngineError):
        model.decide("decision", {}, environment)
    assert time.process_time() - started < 2


def test_recursion_that_ends_is_no_error(environment: Environment) -> None:
    body = literal("if x <= 1 then 1 else x * factorial(x - 1)")
    model = parse_decisions(
        file(knowledge("factorial", body, "x"), decision(literal("factorial(20)"), knows=["factorial"]))
    )
    assert model.decide("decision", {}, environment).result == Decimal(2432902008176640000)


def test_knowledge_that_requires_each_other_may_call_each_other(environment: Environment) -> None:
    even = knowledge("even", literal("if x = 0 then true else odd(x - 1)"), "x", knows="odd")
    odd = knowledge("odd", literal("if x = 0 then false else even(x - 1)"), "x", knows="even")
    model = parse_decisions(file(even, odd, decision(literal("even(7)"), knows=["even"])))
    assert model.decide("decision", {}, environment).result is False


def test_boxed_iteration_is_bounded(environment: Environment) -> None:
    inner = literal("1")
    for name in ("a", "b", "c", "d", "e"):
        inner = f'<for iteratorVariable="{name}"><in>{literal("[1..1000]")}</in><return>{inner}</return></for>'
    model = parse_decisions(file(decision(inner), namespace=MODEL_15))
    tight = replace(environment, limits=Limits(seconds=0.3))
    started = time.process_time()
    with pytest.raises(EngineError):
        model.decide("decision", {}, tight)
    assert time.process_time() - started < 3


def service() -> bytes:
    return file(
        input_data("n", "number"),
        decision(literal("n + 1"), id="inner", requires=["@n"]),
        decision(literal("given * 10"), id="given_by_caller"),
        decision(literal("inner + given_by_caller"), id="out", requires=["inner", "given_by_caller"]),
        '<decisionService id="service" name="service"><variable name="service"/><outputDecision href="#out"/>'
        '<encapsulatedDecision href="#inner"/><inputDecision href="#given_by_caller"/><inputData href="#n"/>'
        "</decisionService>",
        decision(literal("service(1, 100)"), id="caller", knows=["service"]),
        decision(literal("service(given_by_caller: 5, n: 2)"), id="by_name", knows=["service"]),
        decision(literal('service("one", 100)'), id="wrong", knows=["service"]),
        namespace=MODEL_15,
    )


def test_a_decision_service_takes_input_data_then_input_decisions(environment: Environment) -> None:
    model = parse_decisions(service())
    assert model.decide("caller", {}, environment).result == Decimal(102)
    assert model.decide("by_name", {}, environment).result == Decimal(8)
    assert model.decide("wrong", {}, environment).result is None
    assert model.decide("service", {"n": 1, "given_by_caller": 2}, environment).result == Decimal(4)


LIBRARY = file(
    input_data("age", "number"),
    decision(literal("age < 18"), id="minor", name="is minor", requires=["@age"]),
    knowledge("twice", literal("x * 2"), "x"),
    '<itemDefinition name="tColour"><typeRef>string</typeRef>'
    '<allowedValues><text>"red", "green"</text></allowedValues></itemDefinition>',
    own="https://example.org/library",
)
IMPORT = '<import name="lib" namespace="https://example.org/library" importType="{}"/>'.format(
    "https://www.omg.org/spec/DMN/20191111/MODEL/"
)


def resolve(wanted: Import) -> bytes | None:
    return LIBRARY if wanted.namespace == "https://example.org/library" else None


def user(logic: str, requirement: str, type_ref: str = "") -> bytes:
    variable = f'<variable name="decision" typeRef="{type_ref}"/>' if type_ref else ""
    return file(IMPORT, f'<decision id="decision" name="decision">{variable}{requirement}{logic}</decision>')


def test_imported_decisions_and_knowledge(environment: Environment) -> None:
    requirement = (
        '<informationRequirement><requiredDecision href="https://example.org/library#minor"/></informationRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="https://example.org/library#twice"/></knowledgeRequirement>'
    )
    data = user(literal("if lib.is minor then lib.twice(4) else 0"), requirement)
    model = parse_decisions(data, resolve_import=resolve)
    assert model.decide("decision", {"age": 17}, environment).result == Decimal(8)
    assert model.decide("decision", {"lib": {"age": 17}, "age": 40}, environment).result == Decimal(8)
    assert model.inputs_of("decision") == ("age",)


def test_imported_types_are_checked(environment: Environment) -> None:
    model = parse_decisions(user(literal("colour"), "", "lib.tColour"), resolve_import=resolve)
    assert model.decide("decision", {"colour": "red"}, environment).result == "red"
    with pytest.raises(DecisionError, match="decision_type"):
        model.decide("decision", {"colour": "blue"}, environment)


def test_an_import_without_a_name_brings_names_as_if_they_were_the_files_own(environment: Environment) -> None:
    requirement = (
        '<informationRequirement><requiredDecision href="https://example.org/library#minor"/></informationRequirement>'
    )
    data = user(literal('if is minor then "red" else "blue"'), requirement, "tColour").replace(
        b'name="lib"', b'name=""'
    )
    model = parse_decisions(data, resolve_import=resolve)
    assert model.decide("decision", {"age": 17}, environment).result == "red"
    with pytest.raises(DecisionError, match="decision_type"):
        model.decide("decision", {"age": 18}, environment)


def test_an_import_that_cannot_be_found_is_refused() -> None:
    for resolver in (None, lambda wanted: None):
        with pytest.raises(DefinitionError) as caught:
            parse_decisions(user(literal("1"), ""), resolve_import=resolver)
        assert caught.value.findings[0].code == "dmn_import_missing"


def test_files_that_import_each_other_are_refused() -> None:
    circular = file(IMPORT.replace("library", "other").replace('"lib"', '"o"'), own="https://example.org/library")
    other = file(IMPORT, own="https://example.org/other")
    files = {"https://example.org/library": circular, "https://example.org/other": other}
    with pytest.raises(DefinitionError) as caught:
        parse_decisions(other, resolve_import=lambda wanted: files.get(wanted.namespace))
    assert caught.value.findings[0].code == "dmn_import_cycle"


def test_eight_threads_on_one_model_agree_with_one(environment: Environment) -> None:
    chance = random.Random(5)  # noqa: S311 - a table, not a secret
    rows = [[f"[{low}..{low + 40}]", chance.choice(['"a"', '"b"', "-"]), f"x + {low}"] for low in range(0, 400, 10)]
    data = file(
        decision(table(["x", "kind"], ["r"], rows, policy="COLLECT", aggregation="SUM"), id="low"),
        decision(literal("if low = null then 0 else low * 2"), id="top", requires=["low"]),
    )
    given = [{"x": chance.randrange(500), "kind": chance.choice("abc")} for _ in range(150)]
    expected = [parse_decisions(data).decide("top", one, environment) for one in given]
    model = parse_decisions(data)
    different: list[int] = []

    def work() -> None:
        for number, one in enumerate(given):
            if model.decide("top", one, environment) != expected[number]:
                different.append(number)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert different == []
