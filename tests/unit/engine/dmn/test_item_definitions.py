"""Item definitions as types: components, collections, allowed values, conversions."""

import pytest

from app.engine.dmn import DecisionError, parse_decisions
from app.engine.feel import Date, DateTime, Environment
from tests.unit.engine.dmn.dmn_files import decision, file, input_data, literal

TYPES = """
<itemDefinition name="tColour"><typeRef>string</typeRef>
  <allowedValues><text>"red", "green"</text></allowedValues></itemDefinition>
<itemDefinition name="tColours" isCollection="true"><typeRef>tColour</typeRef></itemDefinition>
<itemDefinition name="tMoment"><typeRef>date and time</typeRef></itemDefinition>
<itemDefinition name="tAge"><typeRef>number</typeRef>
  <allowedValues><text>[0..150]</text></allowedValues></itemDefinition>
<itemDefinition name="tParty"><itemComponent name="name"><typeRef>string</typeRef></itemComponent>
  <itemComponent name="age"><typeRef>tAge</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tParties" isCollection="true"><typeRef>tParty</typeRef></itemDefinition>
"""


def taken(type_ref: str, value: object, environment: Environment) -> object:
    element = decision(literal("given"), requires=["@given"])
    model = parse_decisions(file(TYPES, input_data("given", type_ref), element))
    return model.decide("decision", {"given": value}, environment).result


@pytest.mark.parametrize(
    ("type_ref", "value"),
    [
        ("tColour", "red"),
        ("tColours", ["red", "green", None]),
        ("tParty", {"name": "Wang", "age": 41}),
        ("tParty", {"name": "Wang", "age": None, "more": 1}),
        ("tParties", [{"name": "Wang", "age": 41}]),
        ("tParties", []),
        ("tAge", None),
    ],
)
def test_values_that_conform_are_taken(environment: Environment, type_ref: str, value: object) -> None:
    assert taken(type_ref, value, environment) == value


@pytest.mark.parametrize(
    ("type_ref", "value"),
    [
        ("tColour", "blue"),
        ("tColour", 3),
        ("tColours", ["red", "blue"]),
        ("tAge", 200),
        ("tParty", {"name": "Wang"}),
        ("tParty", {"name": "Wang", "age": 200}),
        ("tParties", [{"name": 3, "age": 41}]),
        ("number", "3"),
    ],
)
def test_values_that_do_not_conform_are_refused(
    environment: Environment, lenient: Environment, type_ref: str, value: object
) -> None:
    assert taken(type_ref, value, lenient) is None
    with pytest.raises(DecisionError, match="decision_type"):
        taken(type_ref, value, environment)


def test_a_single_value_becomes_a_list_and_a_list_of_one_a_value(environment: Environment) -> None:
    assert taken("tColours", "red", environment) == ["red"]
    assert taken("tColour", ["red"], environment) == "red"


def test_a_date_becomes_midnight(environment: Environment) -> None:
    moment = taken("tMoment", Date(2026, 3, 1), environment)
    assert isinstance(moment, DateTime)
    assert moment.date == Date(2026, 3, 1)


def test_instance_of_looks_at_the_shape_not_at_the_allowed_values(environment: Environment) -> None:
    model = parse_decisions(file(TYPES, decision(literal("[x instance of tColour, x instance of tParty]"))))
    assert model.decide("decision", {"x": "blue"}, environment).result == [True, False]


def test_an_unknown_type_is_a_finding_and_checks_nothing(environment: Environment) -> None:
    assert taken("tNothing", 3, environment) == 3
    model = parse_decisions(file(input_data("given", "tNothing")))
    assert [finding.code for finding in model.findings] == ["dmn_type_unknown"]


def test_names_with_spaces_behind_a_dot(environment: Environment) -> None:
    types = (
        '<itemDefinition name="tCase"><itemComponent name="lead office"><typeRef>string</typeRef>'
        "</itemComponent></itemDefinition>"
    )
    element = decision(literal("the case.lead office"), requires=["@case"])
    model = parse_decisions(file(types, input_data("the case", "tCase", id="case"), element))
    assert model.decide("decision", {"the case": {"lead office": "town"}}, environment).result == "town"
