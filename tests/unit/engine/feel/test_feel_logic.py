"""Three-valued logic and conditions (DMN 1.5, 10.3.2.4 and tables 49 to 51)."""

import pytest

VALUES = ["true", "false", "null", "1"]


@pytest.mark.parametrize("left", VALUES)
@pytest.mark.parametrize("right", VALUES)
def test_and_is_false_when_a_side_is_and_null_unless_both_are_true(feel, left, right):
    wanted = False if "false" in (left, right) else True if left == right == "true" else None
    assert feel(f"{left} and {right}") is wanted
    assert feel(f"{left} and {right} and true") is wanted


@pytest.mark.parametrize("left", VALUES)
@pytest.mark.parametrize("right", VALUES)
def test_or_is_true_when_a_side_is_and_null_unless_both_are_false(feel, left, right):
    wanted = True if "true" in (left, right) else False if left == right == "false" else None
    assert feel(f"{left} or {right}") is wanted
    assert feel(f"{left} or {right} or false") is wanted


@pytest.mark.parametrize(("text", "value"), [("true", False), ("false", True), ("null", None), ("1", None)])
def test_not(feel, text, value):
    assert feel(f"not({text})") is value


def test_and_binds_tighter_than_or(feel):
    assert feel("true or false and false") is True
    assert feel("(true or false) and false") is False


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('if true then "a" else "b"', "a"),
        ('if false then "a" else "b"', "b"),
        ('if null then "a" else "b"', "b"),
        ('if 1 then "a" else "b"', "b"),
        ('if false then "a" else if true then "b" else "c"', "b"),
        ('if false then "a" else if false then "b" else "c"', "c"),
        ('(if true then "a" else "b") + "c"', "ac"),
    ],
)
def test_conditions(feel, text, value):
    assert feel(text) == value


def test_the_branch_not_taken_is_not_evaluated(feel):
    assert feel("if true then 1 else unknown") == 1
    assert feel("false and unknown") is False
    assert feel("true or unknown") is True
