"""instance of, and types by name (DMN 1.5, 10.3.2.9, rule 52 and table 61)."""

import pytest

from app.engine.feel import compile_expression
from app.engine.feel.types import NUMBER, STRING, ContextType


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 instance of number", True),
        ("-1 instance of number", True),
        ("1 instance of string", False),
        ("1 instance of Any", True),
        ("null instance of Any", False),
        ("null instance of Null", True),
        ("null instance of number", False),
        ('"a" instance of string', True),
        ("true instance of boolean", True),
        ('@"2024-01-01" instance of date', True),
        ('@"2024-01-01" instance of date and time', False),
        ('@"2024-01-01T00:00:00" instance of date and time', True),
        ('@"10:00:00" instance of time', True),
        ('@"P1D" instance of days and time duration', True),
        ('@"P1Y" instance of years and months duration', True),
        ('@"P1Y" instance of days and time duration', False),
        ("[1, 2] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ("[] instance of list<number>", True),
        ("[1] instance of number", False),
        ("[[1], [2]] instance of list<list<number>>", True),
        ("{a: 1} instance of context<a: number>", True),
        ("{a: 1, b: 2} instance of context<a: number>", True),
        ('{a: "x"} instance of context<a: number>', False),
        ("{} instance of context<a: number>", False),
        ("{a: null} instance of context<a: number>", True),
        ("{a: {b c: 1}} instance of context<a: context<b c: number>>", True),
        ("[1..2] instance of range<number>", True),
        ('["a".."b"] instance of range<number>', False),
        ("(function(a: number) a) instance of function<number>->number", True),
        ("(function(a: string) a) instance of function<number>->number", False),
        ("(function(a, b) a) instance of function<number>->Any", False),
        ("(function() 1) instance of function<>->Any", True),
        ("1 instance of unheard of", None),
        ("[1] instance of list", None),
        ("{} instance of context", None),
        ("[1..2] instance of range", None),
        ("1 + 1 instance of number = 2", False),
    ],
)
def test_instance_of(feel, text, value):
    assert feel(text) is value


def test_item_definitions_are_types_too(environment):
    types = {"tPerson": ContextType((("name", STRING), ("age", NUMBER)))}
    expression = compile_expression("p instance of tPerson", types=types)
    assert expression.evaluate({"p": {"name": "a", "age": 3}}, environment) is True
    assert expression.evaluate({"p": {"name": "a"}}, environment) is False
    assert compile_expression("p instance of list<tPerson>", types=types).evaluate({"p": []}, environment) is True
