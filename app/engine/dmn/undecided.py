"""What a table may still say when more is known."""

from collections.abc import Mapping

from app.engine.dmn.decision_tables import EMPTY_CELLS
from app.engine.dmn.metamodel import DecisionNode, DecisionTable, Rule
from app.engine.dmn.requirement_graphs import DecisionModel
from app.engine.feel import Environment, compile_expression, compile_unary_tests


def possible_rows(
    model: DecisionModel, reference: str, variables: Mapping[str, object], environment: Environment
) -> list[Rule]:
    """The rows of a decision's table that hold, or may hold later: no cell fails whose column is known.

    :param variables: FEEL values by name. A column is not known while its expression reads a name without a value.
    :returns: none for a decision that is no table, or has no such id.
    :raises EngineError: where an expression cannot be read or evaluated.
    """
    element = model.find(reference)
    table = element.logic if isinstance(element, DecisionNode) else None
    if not isinstance(table, DecisionTable):
        return []
    possible = list(table.rules)
    for position, clause in enumerate(table.inputs):
        asked = compile_expression(clause.expression.text, names=variables)
        if any(variables.get(name) is None for name in asked.names):
            continue
        value = asked.evaluate(variables, environment)
        possible = [
            rule
            for rule in possible
            if rule.tests[position].text in EMPTY_CELLS
            or compile_unary_tests(rule.tests[position].text, names=variables).matches(value, variables, environment)
        ]
    return possible
