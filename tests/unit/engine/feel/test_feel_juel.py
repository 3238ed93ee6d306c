"""The JUEL subset of Camunda 7 diagrams."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.engine.feel import FeelError, FeelSyntaxError, compile_juel

VARIABLES = {
    "text_amount": "5",
    "yes": "true",
    "empty_text": "",
    "day": datetime(2026, 3, 1, 9, tzinfo=UTC),
    "amount": 5,
    "kind": "labour",
    "list": [7, 8],
    "none": None,
    "case": {"town": "A", "a b": 2},
    "ok": True,
}


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


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${text_amount == 5}", True),
        ("${5 == text_amount}", True),
        ("${text_amount > 4}", True),
        ("${text_amount + 1}", 6),
        ("${ok == 'true'}", True),
        ("${yes == true}", True),
        ("${yes}", "true"),
        ("${yes && ok}", True),
        ("${!yes}", False),
        ("${!none}", True),
        ("${none && ok}", False),
        ("${none || ok}", True),
        ("${none == false}", False),
        ("${none != 'x'}", True),
        ("${none > 1}", False),
        ("${none <= none}", True),
        ("${none + 1}", 1),
        ("${empty_text ? 1 : 2}", 2),
        ("${-7 % 3}", -1),
        ("${kind < 'z'}", True),
        ("${day == day}", True),
    ],
)
def test_operands_of_two_kinds_are_brought_to_one(environment, text, value):
    found = compile_juel(text).evaluate(VARIABLES, environment)
    assert found == value
    assert isinstance(found, bool) is isinstance(value, bool)


@pytest.mark.parametrize("text", ["${kind == 5}", "${kind + 1}", "${amount && true}", "${!amount}", "${list > 1}"])
def test_operands_that_fit_nowhere_are_an_error(environment, text):
    with pytest.raises(FeelError) as caught:
        compile_juel(text).evaluate(VARIABLES, environment)
    assert caught.value.code == "juel_not_a"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${kind.equals('labour')}", True),
        ("${!kind.equals('land')}", True),
        ("${kind.equalsIgnoreCase('LABOUR')}", True),
        ("${list.size() > 1}", True),
        ("${list.isEmpty()}", False),
        ("${list.contains(7)}", True),
        ("${list.get(0)}", 7),
        ("${kind.length()}", 6),
        ("${kind.startsWith('la') and kind.endsWith('r')}", True),
        ("${kind.contains('bou')}", True),
        ("${kind.toUpperCase()}", "LABOUR"),
        ("${case.get('town')}", "A"),
        ("${case.containsKey('town')}", True),
        ("${text_amount.trim()}", "5"),
        ("${execution.getVariable('kind')}", "labour"),
        ("${execution.getVariable('nobody')}", None),
        ("${execution.hasVariable('nobody')}", False),
        ("${execution.hasVariable('none')}", True),
        ("${case.town.toLowerCase()}", "a"),
    ],
)
def test_methods_whose_meaning_is_plain(environment, text, value):
    assert compile_juel(text).evaluate(VARIABLES, environment) == value


def test_a_day_is_counted_from_now(environment):
    now = compile_juel("${now()}").evaluate({}, environment)
    later = compile_juel("${dateTime().plusWeeks(1).plusDays(2).minusHours(3).toDate()}").evaluate({}, environment)
    assert later.instant - now.instant == (9 * 24 - 3) * 3600 * 10**9
    month = compile_juel("${dateTime().plusMonths(1)}").evaluate({}, environment)
    assert (month.date.month - now.date.month) % 12 == 1
    assert Decimal(month.date.year) >= now.date.year


@pytest.mark.parametrize("text", ["${amount.startsWith('a')}", "${none.equals('a')}", "${kind.plusDays(1)}"])
def test_a_method_of_another_kind_of_value_is_an_error(environment, text):
    with pytest.raises(FeelError) as caught:
        compile_juel(text).evaluate(VARIABLES, environment)
    assert caught.value.code == "juel_method_unfit"


def test_the_names_it_reads():
    assert compile_juel("${a.b > c && !d}").names == {"a", "c", "d"}
    assert compile_juel("${execution.getVariable('a').size() > b}").names == {"a", "b"}


def test_an_unknown_name_is_located(environment):
    with pytest.raises(FeelError) as caught:
        compile_juel("x ${ok and amout > 1}").evaluate(VARIABLES, environment)
    assert (caught.value.code, caught.value.column) == ("feel_unknown_name", 12)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${service.call()}", "juel_call_refused"),
        ("${call(1)}", "juel_call_refused"),
        ("${now(1)}", "juel_call_refused"),
        ("${a.size(1)}", "juel_call_refused"),
        ("${a.size().foo()}", "juel_call_refused"),
        ("${execution.setVariable('a', 1)}", "juel_call_refused"),
        ("${execution.getVariable(a)}", "juel_call_refused"),
        ("${task.size()}", "juel_call_refused"),
        ("${execution}", "juel_object_refused"),
        ("${task.assignee == 'x'}", "juel_object_refused"),
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


def test_a_refused_method_is_named():
    with pytest.raises(FeelSyntaxError) as caught:
        compile_juel("${service.findRequester(id)}")
    assert caught.value.params["name"] == "findRequester"
