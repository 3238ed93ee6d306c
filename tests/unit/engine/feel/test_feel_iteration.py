"""for, some, every (DMN 1.5, 10.3.2.14 and table 49)."""

import pytest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for x in [1, 2] return x * 2", "[2, 4]"),
        ("for x in 1..3 return x", "[1, 2, 3]"),
        ("for x in 3..1 return x", "[3, 2, 1]"),
        ("for x in -1..1 return x", "[-1, 0, 1]"),
        ("for x in [1..3] return x", "[1, 2, 3]"),
        ("for x in (1..3] return x", "[2, 3]"),
        ("for x in [1..3) return x", "[1, 2]"),
        ("for x in 1..1.5 return x", "null"),
        ("for x in 5 return x", "[5]"),
        ("for x in null return x", "null"),
        ("for x in [] return x", "[]"),
        ("for x in [1, 2], y in [3, 4] return x * y", "[3, 4, 6, 8]"),
        ("for x in [1, 2], y in 1..x return y", "[1, 1, 2]"),
        ("for x in 1..4 return if x = 1 then 1 else partial[-1] * x", "[1, 2, 6, 24]"),
        ("for x in 1..3 return count(partial)", "[0, 1, 2]"),
        ("for x in 1..3 return partial", "[[], [[]], [[], [[]]]]"),
        ('for d in @"2024-02-28"..@"2024-03-01" return d.day', "[28, 29, 1]"),
        ('for d in @"2024-03-01"..@"2024-02-29" return d.day', "[1, 29]"),
        ("for x in [[1, 2], [3]] return for y in x return y", "[[1, 2], [3]]"),
        ("for my-x in [1, 2] return my-x + 1", "[2, 3]"),
        ("some x in [1, 2] satisfies x > 1", "true"),
        ("some x in [1, 2] satisfies x > 2", "false"),
        ("some x in [1, null] satisfies x > 2", "null"),
        ("some x in [null, 3] satisfies x > 2", "true"),
        ("some x in [] satisfies true", "false"),
        ("every x in [1, 2] satisfies x > 0", "true"),
        ("every x in [1, 2] satisfies x > 1", "false"),
        ("every x in [1, null] satisfies x > 0", "null"),
        ("every x in [null, 0] satisfies x > 0", "false"),
        ("every x in [] satisfies false", "true"),
        ("every x in [1] satisfies 5", "null"),
        ("some x in [1, 2], y in [2, 3] satisfies x = y", "true"),
        ("some x in 1..3 satisfies x = 3", "true"),
        ("every x in null satisfies true", "null"),
        ("{r: some x in [1] satisfies x = 1}.r and true", "true"),
    ],
)
def test_iterations(agree, text, expected):
    agree(text, expected)


def test_functions_made_in_a_loop_keep_their_own_value(feel):
    assert feel("{f: for x in 1..3 return function() x, r: for g in f return g()}.r") == [1, 2, 3]


def test_functions_made_in_a_filter_keep_their_own_item(feel):
    assert feel("(for f in (for x in [5, 6] return (function() x)) return f())") == [5, 6]
