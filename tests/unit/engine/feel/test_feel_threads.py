"""Compiled expressions are shared by threads."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from app.engine.feel import compile_expression, compile_unary_tests

TEXTS = [
    "for i in 1..n return i * 2",
    "{f: function(x) if x <= 1 then 1 else x * f(x - 1), r: f(n)}.r",
    "[{a: 1}, {a: 2}, {a: n}][a >= n].a",
    "sort([n, 3, 1], function(x, y) x < y)",
    "some x in 1..n satisfies x = n",
    'string(n) + " " + string(@"2024-01-01" + @"P1D")',
    'if n > 5 then "high" else "low"',
    'replace("a1b2", "[0-9]", string(n))',
]


def test_eight_threads_on_the_same_expressions_agree(environment):
    expressions = [compile_expression(text) for text in TEXTS]
    cells = [compile_unary_tests(text) for text in ["< 5", "[2..7]", "? > 3 and even(?)", "not(1, 2)"]]

    def work(n: int) -> list[object]:
        variables = {"n": Decimal(n)}
        results = [expression.evaluate(variables, environment) for expression in expressions]
        return results + [cell.matches(Decimal(n), variables, environment) for cell in cells]

    numbers = [number % 9 + 1 for number in range(800)]
    wanted = {n: work(n) for n in set(numbers)}
    with ThreadPoolExecutor(8) as pool:
        differences = [n for n, result in zip(numbers, pool.map(work, numbers), strict=True) if result != wanted[n]]
    assert differences == []


def test_compiling_in_threads_gives_the_same_expressions(environment):
    def work(number: int) -> object:
        text = f"for my-x in [1, 2] return my-x * {number % 5}"
        return compile_expression(text).evaluate({}, environment)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(400)))
    assert results == [[Decimal(n % 5), Decimal(2 * (n % 5))] for n in range(400)]
