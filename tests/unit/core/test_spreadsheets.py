"""A cell of an export is never a formula."""

import pytest

from app.core.spreadsheets import plain_cell

FORMULAS = ["=1+1", "+86 575", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1", " =1", "\u3000=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_told_as_text(text: str) -> None:
    assert plain_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["张三", "a=1", "", 5, -5, None, True, "'=1"])
def test_everything_else_stays_as_it_is(value: object) -> None:
    assert (plain_cell(value), type(plain_cell(value))) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "written"), [("\x0b=1", "'=1"), ("a\x0bb\x1f\uffff", "ab"), ("\ud800@x", "'@x"), ("a\nb\tc", "a\nb\tc")]
)
def test_what_no_workbook_holds_is_left_out(text: str, written: str) -> None:
    assert plain_cell(text) == written
