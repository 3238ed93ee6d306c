"""Equality, order, between and in (DMN 1.5, 10.3.2.15, tables 52 to 55)."""

import pytest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 = 1.0", "true"),
        ("1 != 2", "true"),
        ('1 = "1"', "null"),
        ('1 != "1"', "null"),
        ("null = null", "true"),
        ("null != null", "false"),
        ("1 = null", "false"),
        ("null != 1", "true"),
        ('"a" = "a"', "true"),
        ("true = false", "false"),
        ("[1, 2] = [1, 2]", "true"),
        ("[1, 2] = [2, 1]", "false"),
        ("[1] = [1, 2]", "false"),
        ('[1] = ["1"]', "false"),
        ("{a: 1, b: [2]} = {b: [2], a: 1}", "true"),
        ("{a: 1} = {a: 1, b: 2}", "false"),
        ("[1..2] = [1..2]", "true"),
        ("[1..2] = [1..2)", "false"),
        ("(<5) = (null..5)", "false"),
        ("(<5) = (<5)", "true"),
        ("1 < 2", "true"),
        ("2 <= 2", "true"),
        ('"a" < "b"', "true"),
        ('1 < "2"', "null"),
        ("null < 1", "null"),
        ("true < false", "null"),
        ("[1] < [2]", "null"),
        ('@"P1D" < @"P2D"', "true"),
        ('@"P1D" < @"P1Y"', "null"),
        ("2 between 1 and 3", "true"),
        ("3 between 1 and 3", "true"),
        ("4 between 1 and 3", "false"),
        ("2 between null and 3", "null"),
        ("4 between null and 3", "false"),
        ("2 between 1 and 3 and true", "true"),
    ],
)
def test_comparisons(agree, text, expected):
    agree(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 in 1", "true"),
        ("1 in 2", "false"),
        ("1 in (2, 3, 1)", "true"),
        ("1 in [1, 2]", "true"),
        ("5 in (< 3, > 4)", "true"),
        ("3 in (< 3, > 4)", "false"),
        ("3 in <= 3", "true"),
        ("3 in != 3", "false"),
        ("2 in [1..3]", "true"),
        ("1 in (1..3]", "false"),
        ("1 in ]1..3]", "false"),
        ("3 in [1..3)", "false"),
        ("3 in [1..3[", "false"),
        ("2 in ([1..3])", "true"),
        ("2 in ((1..3))", "true"),
        ("2 in [[5..6], [1..3]]", "true"),
        ("[1, 2] in [[1, 2], [3]]", "true"),
        ("[1, 2] in ([[3]], [[1, 2]])", "true"),
        ("null in (null)", "true"),
        ("null in [1, null]", "true"),
        ("1 in []", "false"),
        ('1 in ["a".."b"]', "null"),
        ("5 in [null..10]", "null"),
        ("5 in (? > 4)", "true"),
        ("5 in (? > 7, even(?))", "false"),
        ("[1..3] in [[1..3], 5]", "true"),
        ("1 + 1 in [2..3] and true", "true"),
        ('"b" in ["a".."c"]', "true"),
        ('@"2024-05-01" in [@"2024-01-01"..@"2024-12-31"]', "true"),
    ],
)
def test_membership(agree, text, expected):
    agree(text, expected)
