"""Reading what people write: who quarrels with whom, and where."""

import pytest

from app.intake.rules import names_of_both_sides, place_in


@pytest.mark.parametrize(
    ("typed", "sides"),
    [
        ("张三和李四", (["张三"], ["李四"])),
        ("张三、李四、王五", (["张三"], ["李四", "王五"])),
        (" 张三 与 李四 ", (["张三"], ["李四"])),
        ("Anna vs Bert", (["Anna"], ["Bert"])),
        ("张三", (["张三"], [])),
        ("", ([], [])),
        ("，，", ([], [])),
    ],
)
def test_names_of_both_sides(typed: str, sides: tuple[list[str], list[str]]) -> None:
    assert names_of_both_sides(typed) == sides


def test_the_longest_place_wins() -> None:
    names = [(1, "河畔"), (2, "河畔村"), (3, "石桥村"), (4, "")]
    assert place_in("河畔村3组村口", names) == 2
    assert place_in("别处", names) is None
