"""Function definitions and invocations (DMN 1.5, 10.3.2.8, 10.3.2.13, tables 48 and 63)."""

import pytest

from app.engine.feel import Function, FunctionRegistry, compile_expression
from app.engine.feel.builtins import STANDARD


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(function(x) x + 1)(2)", "3"),
        ("(function() 5)()", "5"),
        ("(function(a, b) a - b)(b: 1, a: 5)", "4"),
        ("(function(a, b) a - b)(5)", "null"),
        ("(function(a) a)(1, 2)", "null"),
        ("(function(a) a)(c: 2)", "null"),
        ("(function(a, b) [a, b])(b: 2)", "[null, 2]"),
        ("(function(first name: number) first name)(first name: 2)", "2"),
        ("(function(a: number) a)(1)", "1"),
        ('(function(a: number) a)("1")', "null"),
        ("(function(a: number) a)([1])", "1"),
        ("(function(a: list<number>) a)(1)", "[1]"),
        ("(function(a: number) a)(null)", "null"),
        ('(function(a: date and time) a)(@"2024-01-01") = @"2024-01-01T00:00:00Z"', "true"),
        ("{f: function(x) x * 2, r: f(4)}.r", "8"),
        ("{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(10)}.r", "3628800"),
        ("{add: function(a) function(b) a + b, r: add(1)(2)}.r", "3"),
        ("{f: function(g, x) g(x), r: f(function(y) y * y, 3)}.r", "9"),
        ("{f: abs, r: f(-1)}.r", "1"),
        ("5(1)", "null"),
        ("null(1)", "null"),
        ("{a: 1}.a(1)", "null"),
    ],
)
def test_functions(agree, text, expected):
    agree(text, expected)


def test_a_function_sees_the_place_where_it_was_defined(feel):
    assert feel("{x: 1, f: function() x, r: {x: 2, s: f()}.s}.r") == 1


def test_an_entry_does_not_see_itself(feel):
    assert feel("{a: a + 1}", a=1) == {"a": 2}


def test_a_host_function_is_called_by_position_and_by_name(environment):
    area = Function(["width", "height"], lambda run, arguments: arguments[0] * arguments[1])
    expression = compile_expression("area(2, 3) + area(height: 1, width: 4)")
    assert expression.evaluate({"area": area}, environment) == 10


def test_an_extension_is_registered_beside_the_built_in_functions(environment):
    registry = FunctionRegistry(STANDARD)

    @registry.function("twice and more", "n: number", "more?: number")
    def twice(run, n, more=0):
        return n * 2 + more

    assert compile_expression("twice and more(4)", functions=registry).evaluate({}, environment) == 8
    expression = compile_expression("twice and more(n: 4, more: abs(-1))", functions=registry)
    assert expression.evaluate({}, environment) == 9
    assert "twice and more" not in STANDARD


def test_an_external_function_is_refused(feel, lenient):
    text = 'function(x) external {java: {class: "java.lang.Math", method signature: "cos(double)"}}'
    assert lenient(f"({text})(1)") is None
    with pytest.raises(Exception, match="feel_external_function"):
        feel(f"({text})(1)")
