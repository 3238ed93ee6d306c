"""Operators: arithmetic, comparison, three-valued logic, `if` (DMN 1.5, 10.3.2.4 and 10.3.2.15, tables 49 to 62)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.engine.feel import syntax
from app.engine.feel.arithmetic import OPERATIONS, negate
from app.engine.feel.comparison import OPERATORS, compare, equal
from app.engine.feel.compiling.core import COMPILERS, Code, Compiler, Scope
from app.engine.feel.environment import Frame
from app.engine.feel.errors import FeelError
from app.engine.feel.types import UnknownType


def _arithmetic(compiler: Compiler, node: syntax.Arithmetic, scope: Scope) -> Code:
    first = compiler.compile(node.first, scope)
    offset, text = node.offset, compiler.text
    steps = [(OPERATIONS[operator], compiler.compile(operand, scope)) for operator, operand in node.rest]
    if len(steps) == 1:
        operation, operand = steps[0]

        def once(frame: Frame) -> object:
            try:
                return operation(first(frame), operand(frame), frame.run)
            except FeelError as error:
                error.locate(text, offset)
                raise

        return once

    def chain(frame: Frame) -> object:
        value = first(frame)
        try:
            for operation, operand in steps:
                value = operation(value, operand(frame), frame.run)
        except FeelError as error:
            error.locate(text, offset)
            raise
        return value

    return chain


def _negation(compiler: Compiler, node: syntax.Negation, scope: Scope) -> Code:
    operand = compiler.compile(node.operand, scope)
    return lambda frame: negate(operand(frame))


def _comparison(compiler: Compiler, node: syntax.Comparison, scope: Scope) -> Code:
    left = compiler.compile(node.left, scope)
    right = compiler.compile(node.right, scope)
    if node.operator in ("=", "!="):
        wanted = node.operator == "="
        if isinstance(node.right, syntax.Literal) and type(node.right.value) in (str, Decimal, bool):
            return _equality_with(left, node.right.value, wanted)
        return _equality(left, right, wanted)
    operator = node.operator
    if isinstance(node.right, syntax.Literal) and type(node.right.value) is Decimal:
        return _order_against(left, operator, node.right.value)
    return lambda frame: compare(operator, left(frame), right(frame))


def _equality(left: Code, right: Code, wanted: bool) -> Code:
    if wanted:
        return lambda frame: equal(left(frame), right(frame), frame.run)

    def differ(frame: Frame) -> bool | None:
        same = equal(left(frame), right(frame), frame.run)
        return None if same is None else not same

    return differ


def _equality_with(left: Code, literal: object, wanted: bool) -> Code:
    type_ = type(literal)

    def test(frame: Frame) -> bool | None:
        value = left(frame)
        if type(value) is type_:
            return (value == literal) is wanted
        same = equal(value, literal, frame.run)
        return None if same is None else same is wanted

    return test


def _order_against(left: Code, operator: str, literal: Decimal) -> Code:
    order: Callable[[Any, Any], bool] = OPERATORS[operator]

    def test(frame: Frame) -> bool | None:
        value = left(frame)
        return order(value, literal) if type(value) is Decimal else compare(operator, value, literal)

    return test


def _between(compiler: Compiler, node: syntax.Between, scope: Scope) -> Code:
    value, low, high = (compiler.compile(part, scope) for part in (node.value, node.low, node.high))

    def between(frame: Frame) -> bool | None:
        tested = value(frame)
        above = compare(">=", tested, low(frame))
        below = compare("<=", tested, high(frame))
        if above is False or below is False:
            return False
        return True if above and below else None

    return between


def _conjunction(compiler: Compiler, node: syntax.Conjunction, scope: Scope) -> Code:
    operands = [compiler.compile(operand, scope) for operand in node.operands]
    if len(operands) == 2:
        left, right = operands

        def both(frame: Frame) -> bool | None:
            one = left(frame)
            if one is False:
                return False
            other = right(frame)
            if other is False:
                return False
            return True if one is True and other is True else None

        return both

    def every(frame: Frame) -> bool | None:
        answer: bool | None = True
        for operand in operands:
            value = operand(frame)
            if value is False:
                return False
            if value is not True:
                answer = None
        return answer

    return every


def _disjunction(compiler: Compiler, node: syntax.Disjunction, scope: Scope) -> Code:
    operands = [compiler.compile(operand, scope) for operand in node.operands]

    def some(frame: Frame) -> bool | None:
        answer: bool | None = False
        for operand in operands:
            value = operand(frame)
            if value is True:
                return True
            if value is not False:
                answer = None
        return answer

    return some


def _if(compiler: Compiler, node: syntax.If, scope: Scope) -> Code:
    branches = [(compiler.compile(test, scope), compiler.compile(value, scope)) for test, value in node.branches]
    otherwise = compiler.compile(node.otherwise, scope)

    def choose(frame: Frame) -> object:
        for condition, value in branches:
            if condition(frame) is True:
                return value(frame)
        return otherwise(frame)

    return choose


def _instance_of(compiler: Compiler, node: syntax.InstanceOf, scope: Scope) -> Code:
    value, type_ = compiler.compile(node.value, scope), node.type
    if isinstance(type_, UnknownType):
        return lambda frame: None
    return lambda frame: type_.accepts(value(frame))


COMPILERS.update(
    {
        syntax.Arithmetic: _arithmetic,
        syntax.Negation: _negation,
        syntax.Comparison: _comparison,
        syntax.Between: _between,
        syntax.Conjunction: _conjunction,
        syntax.Disjunction: _disjunction,
        syntax.If: _if,
        syntax.InstanceOf: _instance_of,
    }
)
