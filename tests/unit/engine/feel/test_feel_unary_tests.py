"""Cells of decision tables (DMN 1.5, 7.3.3, 10.3.2.10 and table 55)."""

import pytest

from app.engine.feel import FeelError, FeelSyntaxError, Range, compile_unary_tests
from app.engine.feel import Test as PositiveTest


@pytest.mark.parametrize(
    ("cell", "value", "matches"),
    [
        ("-", 5, True),
        ("", None, True),
        ("5", 5, True),
        ("5", 6, False),
        ('"labour", "family"', "family", True),
        ('"labour", "family"', "land", False),
        ("< 5", 4, True),
        ("< 5", 5, False),
        ("<= 5, > 10", 11, True),
        ("[1..5)", 5, False),
        ("]1..5]", 1, False),
        ("not(5)", 5, False),
        ("not(5, 6)", 7, True),
        ("not(< 5)", 5, True),
        ('not("a")', None, True),
        ("not((1..5])", 1, True),
        ("null", None, True),
        ("[9..1]", None, False),
        ("not([9..1])", 5, False),
        ('date("2024-13-01")', None, False),
        ("null", 1, False),
        ("!= null", 1, True),
        ("? > 3", 4, True),
        ("? > 3 and ? < 6", 7, False),
        ("even(?)", 4, True),
        ("not(even(?))", 4, False),
        ("not(even(?)) or ? = 4", 4, True),
        ("limit", 10, True),
        ("> limit", 11, True),
        ("> limit - 5", 6, True),
        ("[1..limit]", 10, True),
        ("allowed", "a", True),
        ("allowed", "c", False),
        ("limit > 3", 99, True),
        ("limit > 30", 99, False),
        ("true", True, True),
        ("true", False, False),
        ("true", None, False),
        ("5", "5", False),
        ("< 5", None, False),
        ("not(< 5)", None, False),
        ("-5", -5, True),
        ("- 5", -5, True),
        ('list contains(?, "a")', ["a"], True),
    ],
)
def test_a_cell_and_its_input(environment, cell, value, matches):
    tests = compile_unary_tests(cell)
    assert tests.matches(value, {"limit": 10, "allowed": ["a", "b"]}, environment) is matches


def test_dates_as_cells(environment):
    from app.engine.feel import Date

    tests = compile_unary_tests('>= date("2026-01-01")')
    assert tests.matches(Date(2026, 5, 1), {}, environment)
    assert not tests.matches(Date(2025, 5, 1), {}, environment)


def test_what_the_lint_reads():
    tests = compile_unary_tests('< 5, [7..9], "a", ? > 3, limit, -2, !=1')
    assert tests.tests == (
        PositiveTest("<", 5, False),
        PositiveTest("in", Range(7, 9, True, True), False),
        PositiveTest("=", "a", False),
        PositiveTest("", None, True),
        PositiveTest("", None, False),
        PositiveTest("=", -2, False),
        PositiveTest("!=", 1, False),
    )
    assert not tests.negated
    assert tests.names == {"limit"}


def test_negation_and_any():
    negated = compile_unary_tests('not("a", "b")')
    assert negated.negated
    assert [test.value for test in negated.tests] == ["a", "b"]
    assert compile_unary_tests("-").is_any
    assert compile_unary_tests(" ").is_any
    assert not negated.is_any


def test_dates_and_durations_are_known_before_anything_runs():
    (test,) = compile_unary_tests('[date("2026-01-01")..@"2026-12-31"]').tests
    assert test.operator == "in"
    assert test.value.high.month == 12


@pytest.mark.parametrize("cell", ["<", "1,", "not(1", "[1..", '"a" "b"', "not(1) 2"])
def test_broken_cells(cell):
    with pytest.raises(FeelSyntaxError):
        compile_unary_tests(cell)


def test_an_unknown_name_in_a_cell_is_located(environment):
    with pytest.raises(FeelError) as caught:
        compile_unary_tests("1, limt").matches(5, {}, environment)
    assert (caught.value.code, caught.value.column) == ("feel_unknown_name", 4)
