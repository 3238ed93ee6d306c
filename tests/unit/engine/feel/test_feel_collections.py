"""Lists, contexts, paths and filters (DMN 1.5, 10.3.2.5, 10.3.2.6, tables 64, 68 and 69)."""

from types import MappingProxyType

import pytest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, 2, 3][1]", "1"),
        ("[1, 2, 3][-1]", "3"),
        ("[1, 2, 3][0]", "null"),
        ("[1, 2, 3][4]", "null"),
        ("[1, 2, 3][-4]", "null"),
        ("[][1]", "null"),
        ("[1, 2, 3][1 + 1]", "2"),
        ("[1, 2, 3][1.5]", "null"),
        ("[1, 2, 3][1.0]", "1"),
        ("[1, 2, 3][item > 1]", "[2, 3]"),
        ("[1, 2, 3][item > 9]", "[]"),
        ("[1, 2, 3][item > 1][1]", "2"),
        ("[1, 2, 3][true]", "[1, 2, 3]"),
        ("[1, 2, 3][null]", "[]"),
        ("[][item > 1]", "[]"),
        ("5[1]", "5"),
        ("5[2]", "null"),
        ("5[item = 5]", "[5]"),
        ("null[1]", "null"),
        ("null[true]", "[]"),
        ("[{a: 1, b: 2}, {a: 3, b: 4}][a > 1]", "[{a: 3, b: 4}]"),
        ("[{a: 1, b: 2}, {a: 3, b: 4}][a > 1].b", "[4]"),
        ("[{a: 1, b: 2}, {a: 3, b: 4}][item.a = 1].b", "[2]"),
        ("[{a: 1}, {b: 2}][a = 1]", "[{a: 1}]"),
        ("[{item: 1}, {item: 2}][item > 1]", "[{item: 2}]"),
        ("[{a: 1}, {a: 2}].a", "[1, 2]"),
        ("[{a: {b: 1}}, {a: {b: 2}}].a.b", "[1, 2]"),
        ("[{a: 1}, {}].a", "[1, null]"),
        ("{a: 1, b: a + 1, c: b * 2}.c", "4"),
        ('{"a b": 1, c: a b + 1}.c', "2"),
        ("{a b: 1}.a b", "1"),
        ("{a: 1}.b", "null"),
        ("{a: 1, a: 2}", "null"),
        ("{a: {b: 1, c: b}, d: a.c}.d", "1"),
        ('{"": 1}', '{"": 1}'),
        ("null.a", "null"),
        ('"text".a', "null"),
        ("{}", "{}"),
        ("[[1, 2], [3]][1][2]", "2"),
        ("{l: [1, 2]}.l[2]", "2"),
        ("[1..3].start", "1"),
        ("[1..3].end included", "true"),
        ("(1..3].start included", "false"),
        ("(<3).start", "null"),
        ("(<3).end", "3"),
    ],
)
def test_collections(agree, text, expected):
    agree(text, expected)


def test_a_filter_sees_the_variables_around_it(feel):
    people = [{"name": "甲", "age": 70}, {"name": "乙", "age": 20}]
    assert feel("people[age > limit].name", people=people, limit=60) == ["甲"]
    assert feel("people[age > limits[1]][1].name", people=people, limits=[60]) == "甲"


def test_an_item_hides_the_variable_of_the_same_name(feel):
    assert feel("[{a: 1}, {a: 2}][a = 2]", a=1) == [{"a": 2}]


def test_an_inner_filter_sees_the_outer_item(feel):
    cases = [{"town": "A", "parties": [{"home": "A"}, {"home": "B"}]}, {"town": "C", "parties": [{"home": "B"}]}]
    assert feel("cases[count(parties[home = town]) > 0].town", cases=cases) == ["A"]


def test_any_mapping_is_a_context_and_any_sequence_a_list(feel):
    case = MappingProxyType({"amount": 5, "tags": ("a", "b")})
    assert feel("case.amount + 1", case=case) == 6
    assert feel('list contains(case.tags, "b")', case=case) is True
    assert feel("case.tags[1]", case=case) == "a"


def test_python_numbers_inside_collections_count_like_decimals(feel):
    rows = [{"n": 1}, {"n": 2.5}]
    assert feel("rows[n > 1].n", rows=rows) == [2.5]
    assert feel("rows.n = [1, 2.5]", rows=rows) is True
    assert feel("sum(rows.n)", rows=rows) == 3.5


def test_what_goes_in_is_never_changed(feel):
    values = [3, 1, 2]
    feel("append(sort(values), 4)", values=values)
    assert values == [3, 1, 2]
