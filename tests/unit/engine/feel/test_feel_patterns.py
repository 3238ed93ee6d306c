"""Patterns on a linear-time engine: what it cannot do is refused, what can be written out is not."""

import pytest

from app.engine.feel import FeelError


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (r'matches("aA", "(a)\1", "i")', True),
        (r'matches("aA", "(a)\1")', False),
        (r'matches("abcabc!", "^(abc)\1!$")', True),
        (r'matches("ab", "^(a)(b)\2$")', False),
        (r'matches("abb", "^(a)(b)\2$")', True),
        (r'matches("aaaa", "^(a)\1{3}$")', True),
        (r'matches("枫桥枫桥", "(枫桥)\1")', True),
        (r'matches("bb", "(a)|(b)\2")', True),
        (r'replace("-aa-", "(a)\1", "[$1]")', "-[a]-"),
    ],
)
def test_a_group_of_fixed_text_may_be_referred_to(feel, text, wanted):
    assert feel(text) == wanted


@pytest.mark.parametrize(
    "pattern",
    [r"([ab])\1", r"(a+)\1", r"(a)?\1", r"(a|b)\1", r"(?:(a)|b)\1", r"(a)|\1", r"\1(a)", r"(a)\2", r"(a)\10", "(a",
     "a)", r"(" + "a" * 5_000 + ")" + r"\1" * 2_000],
)  # fmt: skip
def test_other_references_and_broken_groups_are_refused(feel, pattern):
    with pytest.raises(FeelError, match="feel_pattern_refused"):
        feel(f'matches("aa", "{pattern}")')
