"""The JUEL subset of Camunda 7 diagrams."""

import pytest

from app.engine.feel import FeelError, FeelSyntaxError, compile_juel

VARIABLES = {"amount": 5, "kind": "labour", "list": [7, 8], "none": None, "case": {"town": "A", "a b": 2}, "ok": True}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${amount}", 5),
        ("#{amount}", 5),
        ("${amount == 5}", True),
        ("${amount != 5}", False),
        ("${amount eq 5 and kind ne 'land'}", True),
        ("${amount gt 4 && amount lt 6 || false}", True),
        ("${amount ge 5 and amount le 5}", True),
        ("${!ok}", False),
        ("${not ok or amount > 4}", True),
        ("${empty none}", True),
        ("${empty list}", False),
        ("${not empty list}", True),
        ("${empty ''}", True),
        ("${ok ? 'yes' : 'no'}", "yes"),
        ("${none ? 1 : amount > 4 ? 2 : 3}", 2),
        ("${case.town}", "A"),
        ("${case['a b']}", 2),
        ("${list[0] + list[1]}", 15),
        ("${list[2]}", None),
        ("${(amount + 1) * 2 - 8 / 4}", 10),
        ("${amount % 3}", 2),
        ("${amount mod 3 div 2}", 1),
        ("${-amount}", -5),
        ('${kind == "labour"}', True),
        ("${none == null}", True),
        ("${none != null}", False),
        ("${true}", True),
        (r"${'it\'s'}", "it's"),
        ("case ${case.town}: ${amount}", "case A: 5"),
        ("plain", "plain"),
        ("", ""),
        ("${'}'}", "}"),
    ],
)
def test_the_subset(environment, text, value):
    assert compile_juel(text).evaluate(VARIABLES, environment) == value


def test_the_names_it_reads():
    assert compile_juel("${a.b > c && !d}").names == {"a", "c", "d"}


def test_an_unknown_name_is_located(environment):
    with pytest.raises(FeelError) as caught:
        compile_juel("x ${ok and amout > 1}").evaluate(VARIABLES, environment)
    assert (caught.value.code, caught.value.column) == ("feel_unknown_name", 12)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${service.call()}", "juel_call_refused"),
        ("${call(1)}", "juel_call_refused"),
        ("${a", "feel_unexpected_end"),
        ("${a b}", "feel_unexpected"),
        ("${}", "feel_unexpected"),
        ("${a ? b}", "feel_expected"),
        ("${" + "(" * 1000 + "a", "feel_nested_too_deeply"),
        ("${" + "!" * 1000 + "a}", "feel_nested_too_deeply"),
        ("${a" + ".b" * 1000 + "}", "feel_nested_too_deeply"),
        ("${1e99999}", "feel_number_too_large"),
    ],
)
def test_what_is_refused(text, code):
    with pytest.raises(FeelSyntaxError) as caught:
        compile_juel(text)
    assert caught.value.code == code
