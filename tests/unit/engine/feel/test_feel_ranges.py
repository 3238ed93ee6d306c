"""Ranges and the functions that place them to each other (DMN 1.5, 10.3.2.7 and 10.3.4.7, table 78)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.feel import Range, dump, load


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("before(1, 2)", True),
        ("before(1, 1)", False),
        ("before(1, [1..3])", False),
        ("before(1, (1..3])", True),
        ("before([1..3], 3)", False),
        ("before([1..3), 3)", True),
        ("before([1..3], [3..5])", False),
        ("before([1..3), [3..5])", True),
        ("after(5, [1..4])", True),
        ("after([5..6], [1..5))", True),
        ("meets([1..3], [3..5])", True),
        ("meets([1..3), [3..5])", False),
        ("met by([3..5], [1..3])", True),
        ("overlaps([1..5], [5..8])", True),
        ("overlaps([1..5], (5..8])", False),
        ("overlaps([1..5], [3..4])", True),
        ("overlaps before([1..5], [3..8])", True),
        ("overlaps before([3..8], [1..5])", False),
        ("overlaps before([1..5], [1..5])", False),
        ("overlaps before([1..5], (1..5])", True),
        ("overlaps after([3..8], [1..5])", True),
        ("finishes(5, [1..5])", True),
        ("finishes(5, [1..5))", False),
        ("finishes([3..5], [1..5])", True),
        ("finished by([1..5], 5)", True),
        ("finished by([1..5], [3..5])", True),
        ("includes([1..5], 5)", True),
        ("includes([1..5), 5)", False),
        ("includes([1..5], [1..5))", True),
        ("includes([1..5), [1..5])", False),
        ("during(3, [1..5])", True),
        ("during((1..5), [1..5])", True),
        ("starts(1, [1..5])", True),
        ("starts([1..3], [1..5])", True),
        ("starts((1..3], [1..5])", False),
        ("started by([1..5], 1)", True),
        ("started by([1..5], [1..3])", True),
        ("coincides(3, 3)", True),
        ("coincides([1..5], [1..5])", True),
        ("coincides([1..5], [1..5))", False),
        ('before(@"2024-01-01", [@"2024-01-02"..@"2024-01-03"])', True),
        ("before(1, null)", None),
        ('before(1, "a")', None),
        ("before(1, [null..3])", None),
        ("before((<3), [3..5])", True),
        ("includes((<3), 2)", True),
        ("overlaps((<3), (>2))", True),
        ("overlaps((<3), (>3))", False),
        ("before(point1: 1, point2: 2)", True),
        ("includes(range: [1..3], point: 2)", True),
    ],
)
def test_relations(feel, text, value):
    assert feel(text) is value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('range("[1..3]")', "[1..3]"),
        ('range(" ( 1 .. 3 [ ")', "(1..3)"),
        (r'range("[\"a\"..\"c\"]")', '["a".."c"]'),
        (r'range("[@\"2024-01-01\"..date(\"2024-02-01\")]")', '[@"2024-01-01"..@"2024-02-01"]'),
        ('range("[-2..-1]")', "[-2..-1]"),
        ('range("[3..1]")', "null"),
        ('range("[1..]")', "null"),
        ('range("[..1]")', "null"),
        ('range("[1..)")', "(>=1)"),
        ('range("(..1]")', "(<=1)"),
        ('range("(..)")', "null"),
        ("[3..1]", "null"),
        ("2 in [3..1]", "null"),
        ('range("[a..3]")', "null"),
        ('range("1..3")', "null"),
        (r'range("[1..\"a\"]")', "null"),
        ('["a"..1]', "null"),
        ("[true..false]", "null"),
        ("[null..null]", "null"),
    ],
)
def test_ranges_from_text_and_ranges_that_are_none(agree, text, expected):
    agree(text, expected)


ends = st.integers(-9, 9)
ranges = st.tuples(ends, ends, st.sampled_from("[("), st.sampled_from("])")).filter(lambda r: r[0] < r[1])


def text_of(range_):
    low, high, opening, closing = range_
    return f"{opening}{low}..{high}{closing}"


def members(range_):
    """The multiples of a half inside, which tell open from closed ends."""
    low, high, opening, closing = range_
    first, last = 2 * low + (opening == "("), 2 * high - (closing == ")")
    return set(range(first, last + 1))


@given(ranges, ends)
def test_in_is_membership(feel, range_, value):
    assert feel(f"{value} in {text_of(range_)}") is (2 * value in members(range_))
    assert feel(f"includes({text_of(range_)}, {value})") is (2 * value in members(range_))


@given(ranges, ranges)
def test_relations_follow_from_the_members(feel, one, other):
    a, b = members(one), members(other)
    left, right = text_of(one), text_of(other)
    assert feel(f"overlaps({left}, {right})") is bool(a & b)
    assert feel(f"includes({left}, {right})") is (b <= a)
    assert feel(f"during({left}, {right})") is (a <= b)
    assert feel(f"coincides({left}, {right})") is (a == b)
    assert feel(f"before({left}, {right})") is (max(a) < min(b))
    assert feel(f"after({left}, {right})") is (min(a) > max(b))


@given(ranges, ranges)
def test_every_relation_has_its_mirror(feel, one, other):
    left, right = text_of(one), text_of(other)
    for name, mirror in [
        ("before", "after"),
        ("meets", "met by"),
        ("overlaps before", "overlaps after"),
        ("finishes", "finished by"),
        ("starts", "started by"),
        ("during", "includes"),
    ]:
        assert feel(f"{name}({left}, {right})") is feel(f"{mirror}({right}, {left})")


def test_a_range_is_stored_and_loaded(feel):
    for text in ["[1..3)", "(<5)", '[@"2024-01-01"..@"2024-02-01"]', "[null..3]"]:
        value = feel(text)
        assert isinstance(value, Range)
        assert load(dump(value)) == value
