"""Unary tests and `in` (DMN 1.5, 7.3.3, 10.3.2.10 and table 55)."""

from collections.abc import Callable
from decimal import Decimal

from app.engine.feel import syntax
from app.engine.feel.comparison import compare, contains, equal, matches
from app.engine.feel.compiling.core import COMPILERS, Code, Compiler, Scope
from app.engine.feel.environment import Frame
from app.engine.feel.ranges import Range

TestCode = Callable[[Frame, object], bool | None]

INPUT = "?"


def compile_test(compiler: Compiler, node: syntax.Node, scope: Scope) -> TestCode:
    """A positive unary test of a value; `scope` holds the value as `?` in its last slot.

    A test that is null before anything runs, such as a range the wrong way round, is undecided for every value.
    """
    if isinstance(node, syntax.OperatorTest):
        return _operator_test(compiler, node, scope)
    code = compiler.compile(node, scope)
    known = compiler.known(node, scope)
    if known is not None:
        if known.value is None and not isinstance(node, syntax.Literal):
            return lambda frame, value: None
        return _constant_test(known.value)
    if uses_input(node):

        def test_with_input(frame: Frame, value: object) -> bool | None:
            result = code(frame)
            if result is None or type(result) is bool:
                return result
            return matches(value, result, frame.run)

        return test_with_input
    if isinstance(node, _CONDITIONS):

        def test_condition(frame: Frame, value: object) -> bool | None:
            result = code(frame)
            if type(result) is bool and type(value) is not bool:
                return result
            return matches(value, result, frame.run)

        return test_condition
    return lambda frame, value: matches(value, code(frame), frame.run)


_CONDITIONS = (
    syntax.Comparison,
    syntax.Conjunction,
    syntax.Disjunction,
    syntax.Between,
    syntax.In,
    syntax.Quantified,
    syntax.InstanceOf,
)
"""Expressions that are true or false: as a test of a value that is neither, they stand for themselves."""


def _operator_test(compiler: Compiler, node: syntax.OperatorTest, scope: Scope) -> TestCode:
    operand, operator = compiler.compile(node.operand, scope), node.operator
    if operator == "=":
        return lambda frame, value: equal(value, operand(frame), frame.run)
    if operator == "!=":

        def differs(frame: Frame, value: object) -> bool | None:
            same = equal(value, operand(frame), frame.run)
            return None if same is None else not same

        return differs
    return lambda frame, value: compare(operator, value, operand(frame))


def _constant_test(constant: object) -> TestCode:
    type_ = type(constant)
    if type_ in (str, Decimal, bool):
        return lambda frame, value: (
            value == constant if type(value) is type_ else equal(value, constant, frame.run) is True
        )
    if isinstance(constant, Range):
        range_ = constant
        return lambda frame, value: equal(value, range_, frame.run) if type(value) is Range else contains(range_, value)
    return lambda frame, value: matches(value, constant, frame.run)


def uses_input(node: object) -> bool:
    """Whether `?` is read in the node."""
    if isinstance(node, syntax.Name):
        return node.name == INPUT
    if isinstance(node, tuple):
        return any(uses_input(part) for part in node)
    if isinstance(node, syntax.Node | syntax.Iterator):
        return any(uses_input(getattr(node, slot)) for slot in node.__match_args__)
    return False


def compile_tests(compiler: Compiler, nodes: tuple[syntax.Node, ...], scope: Scope) -> TestCode:
    """Whether any of the tests holds: true, false, or null when one of them is undecided."""
    tests = [compile_test(compiler, node, scope) for node in nodes]
    if len(tests) == 1:
        return tests[0]

    def any_of(frame: Frame, value: object) -> bool | None:
        answer: bool | None = False
        for test in tests:
            result = test(frame, value)
            if result is True:
                return True
            if result is None:
                answer = None
        return answer

    return any_of


def _in(compiler: Compiler, node: syntax.In, scope: Scope) -> Code:
    value = compiler.compile(node.value, scope)
    if not any(uses_input(test) for test in node.tests):
        plain = compile_tests(compiler, node.tests, scope)
        return lambda frame: plain(frame, value(frame))
    test = compile_tests(compiler, node.tests, scope.binding(INPUT))

    def inside(frame: Frame) -> bool | None:
        tested = value(frame)
        return test(frame.extended(tested), tested)

    return inside


COMPILERS.update({syntax.In: _in})
