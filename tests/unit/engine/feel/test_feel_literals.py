"""Literals and lexical rules (DMN 1.5, 10.3.1.2, rules 31 to 37 and 60 to 65)."""

from decimal import Decimal

import pytest

from app.engine.feel import FeelSyntaxError, compile_expression


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("1.50", "1.50"),
        (".5", "0.5"),
        ("-3", "-3"),
        ("1e3", "1000"),
        ("2.5E-2", "0.025"),
        ("1234567890123456789012345678901234", "1234567890123456789012345678901234"),
    ],
)
def test_numbers_are_decimals(feel, text, value):
    assert feel(text) == Decimal(value)
    assert isinstance(feel(text), Decimal)


def test_a_number_of_more_digits_is_rounded_to_34(feel):
    assert feel("0.12345678901234567890123456789012345") == Decimal("0.1234567890123456789012345678901234")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"纠纷"', "纠纷"),
        (r'"a\"b"', 'a"b'),
        (r'"line\nbreak\ttab"', "line\nbreak\ttab"),
        (r'"back\\slash"', "back\\slash"),
        (r'"\u4e2d\U01F40E"', "中\U0001f40e"),
        (r'"\uD83D\uDC0E"', "\U0001f40e"),
        (r'"\uD83D"', "�"),
        (r'"\d"', r"\d"),
        ('""', ""),
    ],
)
def test_strings_and_their_escapes(feel, text, value):
    assert feel(text) == value


def test_booleans_and_null(feel):
    assert feel("true") is True
    assert feel("false") is False
    assert feel("null") is None


def test_comments_and_every_kind_of_space(feel):
    assert feel("1 + // one\n /* and\n two */ 2") == 3
    assert feel("1\u3000+\u00a02") == 3


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('"abc', "feel_string_not_closed", 1, 1),
        ("1 /* x", "feel_comment_not_closed", 1, 3),
        ("1 +", "feel_unexpected_end", 1, 4),
        ("1 +\n  * 2", "feel_unexpected", 2, 3),
        ("(1", "feel_unexpected_end", 1, 3),
        ("[1, 2)", "feel_expected", 1, 6),
        ("if a then 1", "feel_unexpected_end", 1, 12),
        ("f(a: 1, a: 2)", "feel_argument_twice", 1, 9),
        ("f(1, a: 2)", "feel_arguments_mixed", 1, 6),
        ("{1}", "feel_key_expected", 1, 2),
        ("for 1 in x return 1", "feel_name_expected", 1, 5),
        ("1 1", "feel_unexpected", 1, 3),
        ("", "feel_unexpected_end", 1, 1),
        ("1e99999", "feel_number_too_large", 1, 1),
        ("金额 > “五百”", "feel_full_width", 1, 6),
    ],
)
def test_a_syntax_error_tells_where_it_is(text, code, line, column):
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)
    assert (caught.value.code, caught.value.line, caught.value.column) == (code, line, column)
