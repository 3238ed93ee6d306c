"""Arithmetic (DMN 1.5, 10.3.2.15, tables 56 to 60)."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.feel import FeelError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("2 ** 3 ** 2", "64"),
        ("-2 ** 2", "4"),
        ("- (2 ** 2)", "-4"),
        ("2 ** -1", "0.5"),
        ("--3", "3"),
        ("1 - -1", "2"),
        ("0.1 + 0.2", "0.3"),
        ("10 / 4", "2.5"),
        ("1 / 3", "0.3333333333333333333333333333333333"),
        ("1 / 0", "null"),
        ("0 ** 0", "null"),
        ("0 ** -5", "null"),
        ("0 ** -0.5", "null"),
        ("(-8) ** 0.5", "null"),
        ('"a" + "b"', '"ab"'),
        ('"a" + 1', "null"),
        ('"a" - "a"', "null"),
        ('"a" * 2', "null"),
        ("null + 1", "null"),
        ("1 + null", "null"),
        ("-null", "null"),
        ('-"a"', "null"),
        ("true + 1", "null"),
        ("[1] + 1", "null"),
    ],
)
def test_operators(agree, text, expected):
    agree(text, expected)


def test_a_number_out_of_reach_is_an_error_or_null(feel, lenient):
    with pytest.raises(FeelError) as caught:
        feel("1 + 10 ** 999999999")
    assert caught.value.code == "feel_number_too_large"
    assert lenient("10 ** 999999999") is None


numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6)


def literal(value):
    return f"({value:f})"


@given(numbers, numbers)
def test_addition_commutes_and_is_undone_by_subtraction(feel, a, b):
    assert feel(f"{literal(a)} + {literal(b)}") == feel(f"{literal(b)} + {literal(a)}") == a + b
    assert feel(f"{literal(a)} + {literal(b)} - {literal(b)}") == a


@given(numbers, numbers, numbers)
def test_multiplication_distributes_over_addition(feel, a, b, c):
    value = feel(f"{literal(a)} * ({literal(b)} + {literal(c)})")
    with localcontext() as context:
        context.prec = 60
        exact = a * (b + c)
    assert value == pytest.approx(exact, rel=Decimal("1e-33"))


@given(numbers, numbers.filter(lambda value: value != 0))
def test_modulo_has_the_sign_of_the_divisor_and_is_smaller_than_it(feel, a, b):
    rest = feel(f"modulo({literal(a)}, {literal(b)})")
    assert abs(rest) < abs(b)
    assert rest == 0 or (rest < 0) == (b < 0)
    assert feel(f"({literal(a)} - modulo({literal(a)}, {literal(b)})) / {literal(b)}") == feel(
        f"floor({literal(a)} / {literal(b)})"
    )
