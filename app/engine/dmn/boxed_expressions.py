"""Boxed expressions (DMN 1.5, 7.3 and 10.2.1) compiled to closures over the names in scope."""

from __future__ import annotations

from decimal import Decimal

from app.engine.dmn.compiler import Compiler, evaluated
from app.engine.dmn.decision_tables import CompiledTable, shown
from app.engine.dmn.errors import DecisionError
from app.engine.dmn.evaluation import Evaluation, Logic, Scope, joined
from app.engine.dmn.item_definitions import result_type
from app.engine.dmn.metamodel import (
    BoxedContext,
    BoxedExpression,
    BoxedList,
    Conditional,
    DecisionTable,
    Filter,
    FunctionDefinition,
    Invocation,
    Iterator,
    LiteralExpression,
    Place,
    Relation,
)
from app.engine.feel import compile_expression
from app.engine.feel.compiling.collections import item_at
from app.engine.feel.environment import Run
from app.engine.feel.types import FeelType
from app.engine.feel.values import Function, as_list, kind
from app.engine.findings import Severity

_IN_ORDER = compile_expression("for item in source return item")


def compile_boxed(expression: BoxedExpression | None, compiler: Compiler, scope: frozenset[str]) -> Logic:
    """The closure that evaluates `expression`; without one, it gives null.

    :param scope: the names that the expression may read.
    """
    match expression:
        case None:
            return _null
        case LiteralExpression():
            logic = _literal(expression, compiler, scope)
        case DecisionTable():
            return CompiledTable(expression, compiler, scope).evaluate
        case BoxedContext():
            logic = _context(expression, compiler, scope)
        case Invocation():
            logic = _invocation(expression, compiler, scope)
        case FunctionDefinition():
            return compile_function(expression, compiler, scope)
        case BoxedList():
            logic = _list(expression, compiler, scope)
        case Relation():
            logic = _relation(expression, compiler, scope)
        case Conditional():
            logic = _conditional(expression, compiler, scope)
        case Filter():
            logic = _filter(expression, compiler, scope)
        case Iterator():
            logic = _iterator(expression, compiler, scope)
    place = expression.text.place if isinstance(expression, LiteralExpression) else expression.place
    return typed(logic, expression.type_ref, place, compiler)


def typed(logic: Logic, type_ref: str, place: Place, compiler: Compiler, name: str = "") -> Logic:
    """`logic` with its value checked against a type: outside it null, or in strict mode an error."""
    type_ = compiler.type(type_ref, place)
    if type_ is None:
        return logic

    def checked(scope: Scope, evaluation: Evaluation) -> object:
        value = logic(scope, evaluation)
        return conforming(value, type_, type_ref, place, evaluation, name)

    return checked


def conforming(
    value: object, type_: FeelType | None, type_ref: str, place: Place, evaluation: Evaluation, name: str = ""
) -> object:
    """The value as an instance of the type, after the implicit conversions of 10.3.2.9.4.

    :raises DecisionError: in strict mode, for a value that does not conform (otherwise it is null).
    """
    if value is None or type_ is None:
        return value
    fitting = type_.converted(value)
    if fitting is None and evaluation.strict:
        raise DecisionError(
            "decision_type", place=place, name=name or place.element_name or place.element_id, type=type_ref,
            value=shown(value),
        )  # fmt: skip
    return fitting


def _null(scope: Scope, evaluation: Evaluation) -> object:
    return None


def _literal(expression: LiteralExpression, compiler: Compiler, scope: frozenset[str]) -> Logic:
    text = expression.text
    compiled = compiler.expression(text, scope)

    def run(scope: Scope, evaluation: Evaluation) -> object:
        return evaluated(compiled, text, scope, evaluation)

    return run


def _context(expression: BoxedContext, compiler: Compiler, scope: frozenset[str]) -> Logic:
    entries: list[tuple[str, Logic]] = []
    for entry in expression.entries:
        logic = compile_boxed(entry.value, compiler, scope)
        entries.append((entry.name, typed(logic, entry.type_ref, expression.place, compiler, entry.name)))
        if entry.name:
            scope = scope | {entry.name}

    def run(scope: Scope, evaluation: Evaluation) -> object:
        made: dict[str, object] = {}
        for name, logic in entries:
            value = logic(joined(scope, made), evaluation)
            if not name:
                return value
            made[name] = value
        return made

    return run


def _invocation(expression: Invocation, compiler: Compiler, scope: frozenset[str]) -> Logic:
    called = compile_boxed(expression.called, compiler, scope)
    bindings = [(name, compile_boxed(value, compiler, scope)) for name, value in expression.bindings]

    def run(scope: Scope, evaluation: Evaluation) -> object:
        function = called(scope, evaluation)
        if not isinstance(function, Function):
            return None
        arguments = {name: logic(scope, evaluation) for name, logic in bindings}
        if type(function) is Function:  # a built-in knows itself which parameters may be left out
            arguments.update({name: None for name in function.parameters if name not in arguments})
        return function.invoke_named(evaluation.run, arguments)

    return run


def compile_function(
    definition: FunctionDefinition, compiler: Compiler, scope: frozenset[str], variable_type: str = ""
) -> Logic:
    """The closure that makes a function value, which remembers the scope it was made in (10.3.2.13.3).

    Only FEEL bodies run; a Java or PMML function is null and gets a finding.

    :param variable_type: the type of the variable that holds the function: a function type, or, as many files have
        it, the type of the result.
    """
    if definition.kind.upper() not in ("FEEL", "F"):
        compiler.finding(Severity.WARNING, "dmn_function_kind", definition.place, kind=definition.kind)
        return _null
    parameters = tuple(parameter.name for parameter in definition.parameters)
    types = tuple(compiler.type(parameter.type_ref, definition.place) for parameter in definition.parameters)
    body = compile_boxed(definition.body, compiler, scope | frozenset(parameters))
    result = result_type(compiler.type(definition.type_ref or variable_type, definition.place))

    def make(scope: Scope, evaluation: Evaluation) -> object:
        def call(run: Run, arguments: list[object]) -> object:
            return body(joined(scope, dict(zip(parameters, arguments, strict=True))), evaluation)

        return Function(parameters, call, types=types, result=result, name=definition.place.element_name)

    return make


def _list(expression: BoxedList, compiler: Compiler, scope: frozenset[str]) -> Logic:
    items = [compile_boxed(item, compiler, scope) for item in expression.items]

    def run(scope: Scope, evaluation: Evaluation) -> object:
        return [item(scope, evaluation) for item in items]

    return run


def _relation(expression: Relation, compiler: Compiler, scope: frozenset[str]) -> Logic:
    names = [column.name for column in expression.columns]
    rows = []
    for row in expression.rows:
        cells = []
        for column, cell in zip(expression.columns, row, strict=False):
            logic = compile_boxed(cell, compiler, scope)
            cells.append(typed(logic, column.type_ref, expression.place, compiler, column.name))
        rows.append(cells)

    def run(scope: Scope, evaluation: Evaluation) -> object:
        return [{name: cell(scope, evaluation) for name, cell in zip(names, row, strict=False)} for row in rows]

    return run


def _conditional(expression: Conditional, compiler: Compiler, scope: frozenset[str]) -> Logic:
    condition = compile_boxed(expression.condition, compiler, scope)
    then = compile_boxed(expression.then, compiler, scope)
    otherwise = compile_boxed(expression.otherwise, compiler, scope)

    def run(scope: Scope, evaluation: Evaluation) -> object:
        answer = condition(scope, evaluation)
        if answer is True:
            return then(scope, evaluation)
        return otherwise(scope, evaluation) if answer is None or answer is False else None

    return run


def _filter(expression: Filter, compiler: Compiler, scope: frozenset[str]) -> Logic:
    source = compile_boxed(expression.source, compiler, scope)
    with compiler.inside_filter():
        match = compile_boxed(expression.match, compiler, scope | {"item"})

    def run(scope: Scope, evaluation: Evaluation) -> object:
        value = source(scope, evaluation)
        items = as_list(value) if kind(value) == "list" else [value] if value is not None else []
        kept = []
        for item in items:
            evaluation.run.charge()
            inner: dict[str, object] = {"item": item}
            if isinstance(item, dict):
                inner = {**item, "item": item}
            answer = match(joined(scope, inner), evaluation)
            if isinstance(answer, Decimal):
                return item_at(items, answer)
            if answer is True:
                kept.append(item)
            elif answer is not False and answer is not None:
                return None
        return kept

    return run


def _iterator(expression: Iterator, compiler: Compiler, scope: frozenset[str]) -> Logic:
    variable = expression.variable
    source = compile_boxed(expression.source, compiler, scope)
    body = compile_boxed(expression.body, compiler, scope | {variable, "partial"})

    def results(scope: Scope, evaluation: Evaluation, partial: list[object]) -> list[object] | None:
        items = _items(source(scope, evaluation), evaluation.run)
        if items is None:
            return None
        for item in items:
            evaluation.run.charge()
            partial.append(body(joined(scope, {variable: item, "partial": partial}), evaluation))
        return partial

    def collect(scope: Scope, evaluation: Evaluation) -> object:
        return results(scope, evaluation, [])

    def quantify(scope: Scope, evaluation: Evaluation) -> object:
        answers = results(scope, evaluation, [])
        if answers is None:
            return None
        decisive = expression.kind == "some"
        if any(answer is decisive for answer in answers):
            return decisive
        return None if any(not isinstance(answer, bool) for answer in answers) else not decisive

    return collect if expression.kind == "for" else quantify


def _items(value: object, run: Run) -> list[object] | None:
    """What an iteration goes over: the items of a list, the values of a range, a single value as itself."""
    items = _IN_ORDER.evaluate_within({"source": value}, run)
    return as_list(items) if items is not None else None
