"""Codes, masks, titles and who may see: plain values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cases.rules import (
    ALPHABET,
    case_code,
    case_title,
    is_case_code,
    masked_name,
    masked_phone,
    sensitivity_of,
)


@given(st.integers(2024, 2099), st.integers(1, 999_999), st.data())
def test_one_wrong_digit_or_two_swapped_ones_are_noticed(year: int, sequence: int, data: st.DataObject) -> None:
    code = case_code("FX", year, sequence)
    assert is_case_code(code)
    places = [n for n, character in enumerate(code[:13]) if character.isdigit()]
    place = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from([one for one in "0123456789" if one != code[place]]))
    assert not is_case_code(code[:place] + digit + code[place + 1 :])
    if place + 1 in places and code[place] != code[place + 1]:
        assert not is_case_code(code[:place] + code[place + 1] + code[place] + code[place + 2 :])


def test_a_code_has_no_letter_that_is_mistaken_on_paper() -> None:
    assert not set("01OI") & set(ALPHABET)
    assert set(case_code("FX", 2026, 7)[14:]) <= set(ALPHABET)
    assert not is_case_code("FX")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张×"),
        ("张三丰", "张××"),
        ("欧阳娜娜", "欧×××"),
        ("宏达建筑劳务队", "宏达建筑×"),
        ("王", "王"),
        ("", ""),
    ],
)
def test_names_are_masked(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(("phone", "shown"), [("13805711234", "138****1234"), ("110", "****"), ("", "")])
def test_telephones_are_masked(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_a_title_names_both_sides_masked_or_begins_the_story() -> None:
    assert case_title(["张三"], ["李四", "王五"], "x") == "张×与李×等"
    assert case_title([], [], " 隔壁  砌墙 ") == "隔壁 砌墙"
    assert case_title([], [], "水" * 30) == "水" * 24 + "…"


@pytest.mark.parametrize(
    ("signs", "guarded", "ages", "expected"),
    [
        (["domestic_violence"], None, [], "restricted"),
        (["minor_in_danger", "weapon"], None, [], "restricted"),
        (["weapon"], None, [40], "normal"),
        (None, True, [], "restricted"),
        (None, False, [17], "restricted"),
        (None, None, [18, None], "normal"),
        ("domestic_violence", None, [], "normal"),
    ],
)
def test_violence_at_home_and_children_restrict(
    signs: object, guarded: object, ages: list[int | None], expected: str
) -> None:
    assert sensitivity_of(danger_signs=signs, guarded=guarded, ages=ages) == expected
