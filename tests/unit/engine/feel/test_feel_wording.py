"""Every error can be worded in both languages."""

import re
from pathlib import Path

import pytest

from app.engine import feel
from app.engine.feel import FeelError, compile_expression
from app.engine.words import sentence
from app.engine.words.feel import MESSAGES

SOURCE = Path(feel.__file__).parent


def test_every_code_that_is_raised_has_its_sentences():
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    raised = set(re.findall(r'"((?:feel|juel)_[a-z_]+)"', text))
    assert raised == set(MESSAGES)


@pytest.mark.parametrize("code", MESSAGES)
def test_both_languages_fill_the_same_places(code):
    chinese, english = MESSAGES[code]
    places = re.compile(r"(?<!\{)\{(\w+)\}")
    assert {place.removesuffix("_word") for place in places.findall(chinese)} == set(places.findall(english))


def test_a_sentence_names_the_place(environment):
    with pytest.raises(FeelError) as caught:
        compile_expression("1 +\n amout").evaluate({}, environment)
    error = caught.value
    assert sentence(error.code, error.params, "zh") == "表达式“1 +\n amout”第 2 行第 2 列：没有名为“amout”的变量"
    assert sentence(error.code, error.params, "en").endswith("line 2, column 2: there is no variable called “amout”")
