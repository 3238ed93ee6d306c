"""What a copy says: its own words, days and moments, and everything else as it was."""

from datetime import timedelta

import pytest

from app.devdata.texts import Texts, opened, opening

WORDS = {"张三": "李四", "张某": "李某", "500": "900", "123456789012345678": "223456789012345678"}


@pytest.mark.parametrize(
    ("played", "copied"),
    [
        ("张三与张某", "李四与李某"),
        ("赔 500 元，满意率 100%", "赔 900 元，满意率 100%"),
        ("1500、5000、500", "1500、5000、900"),
        ("2026-03-09 至 2026年3月9日", "2026-03-02 至 2026年3月2日"),
        ('{"id":"123456789012345678","at":1773000000000000}', '{"id":"223456789012345678","at":1772395200000000}'),
        ("323456789012345678", "323456789012345678"),
    ],
)
def test_a_text_is_told_anew(played: str, copied: str) -> None:
    texts = Texts(["张三", "张某"], "500")
    text = texts.read(played)
    assert text is not None
    assert text.filled(texts.words(WORDS, timedelta(weeks=-1))) == copied


def test_a_text_of_which_nothing_is_replaced_is_no_text_of_a_copy() -> None:
    assert Texts(["张三"], None).read("双方各退一步，100% 谈拢了。") is None


def test_an_opening_is_filled_by_each_copy() -> None:
    texts = Texts(["张三"], None)
    text = texts.read(f'{{"size": "{opening("size", 1)}"}}')
    assert text is not None
    assert text.filled({opened("size", 1): "17"}) == '{"size": 17}'
