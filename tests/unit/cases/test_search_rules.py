import pytest

from app.cases.search.rules import (
    Way,
    case_numbers,
    code_words,
    excerpt,
    marked,
    name_words,
    numbers,
    sieve,
    ways,
    words,
)

COUNTY = 330681


def found(text: str, tokens: list[int], county_id: int = COUNTY) -> bool:
    return any(numbers(county_id, way.words) <= set(tokens) for way in ways(text))


@pytest.fixture
def tokens() -> list[int]:
    return case_numbers(
        COUNTY,
        code="FX2026-000123-7KQ",
        place="枫桥镇枫源村3组５０１室",
        summary="楼上装修漏水，把我家的天花板泡坏了，协商三次未果。",
        people=[("张三丰", "13812340012"), ("李四", ""), ("绍兴宏达服装有限公司", "0575-87654321")],
    )


FINDABLE = (
    "张三|三丰|张三丰|李四|张|李 枫桥|宏达|0012|13812340012|340012|4321|枫源村|501|501室|５０１|漏水 天花板|"
    "把我家的天花|000123|123|7kq|7KQ|000123-7KQ|123-7kq|0123-7KQ|fx2026-000123|FX2026-000123-7KQ| 李四\u3000漏水 "
)


@pytest.mark.parametrize("text", FINDABLE.split("|"))
def test_a_case_is_found_by_what_somebody_remembers_of_it(text: str, tokens: list[int]) -> None:
    assert found(text, tokens)


@pytest.mark.parametrize("text", ["王五", "四李", "0013", "漏水 王五", "的", "，", "", "7kr", "124", "012"])
def test_it_is_not_found_by_what_is_not_there(text: str, tokens: list[int]) -> None:
    assert not found(text, tokens)


def test_the_same_name_of_another_county_is_another_token(tokens: list[int]) -> None:
    assert not found("张三丰", tokens, county_id=330682)


def test_pairs_of_characters_and_whole_words() -> None:
    assert list(words("王小明 Tom的房A1栋")) == ["王小", "小明", "tom", "a1"]
    assert list(name_words("李四")) == ["^李", "=李四", "李四"]
    assert list(code_words("FX2026-000123-7KQ")) == ["000123", "123", "7kq"]


def test_digits_are_a_word_or_the_end_of_a_telephone() -> None:
    assert ways("48812") == [Way(frozenset({"48812"})), Way(frozenset({"8812"}), tails=frozenset({"48812"}))]
    assert ways("8812") == [Way(frozenset({"8812"}))]


def test_an_identity_number_is_asked_of_the_blind_index_alone() -> None:
    assert ways("11010519491231002x") == [Way(identities=frozenset({"11010519491231002X"}))]


def test_very_many_words_make_few_ways() -> None:
    assert len(ways(" ".join(f"1234{n}-1" for n in range(50)))) <= 16


def test_what_was_asked_for_is_marked() -> None:
    assert marked("漏水很久，又漏水", "漏水") == [("漏水", True), ("很久，又", False), ("漏水", True)]
    assert marked("<b>", "b") == [("<", False), ("b", True), (">", False)]
    assert excerpt("甲" * 100 + "漏水" + "乙" * 100, "漏水").startswith("…甲")
    assert "漏水" in excerpt("甲" * 100 + "漏水" + "乙" * 100, "漏水")


def test_the_index_is_asked_for_two_words_and_for_a_surname_only_where_there_is_no_other() -> None:
    (way,) = ways("李 石门镇后山")
    assert len(sieve(way)) == 2
    assert sieve(way) < way.words - {"^李"}
    assert sieve(Way(frozenset({"^李"}))) == {"^李"}
    assert sieve(Way()) == frozenset()
