"""Names with spaces and operators, and what is in scope (DMN 1.5, 10.3.1.4, 10.3.1.6 and 10.3.2.11)."""

from decimal import Decimal

import pytest

from app.engine.feel import FeelError, compile_expression


def evaluate(text, variables, environment, names=()):
    return compile_expression(text, names=names).evaluate(variables, environment)


@pytest.mark.parametrize(
    ("text", "variables", "names", "value"),
    [
        ("loan amount + 1", {"loan amount": 5}, [], 6),
        ("loan   amount\n+ 1", {"loan amount": 5}, [], 6),
        ("a-b", {"a-b": 7, "a": 5, "b": 1}, ["a-b"], 7),
        ("a-b", {"a": 5, "b": 1}, [], 4),
        ("a - b", {"a-b": 7, "a": 5, "b": 1}, ["a-b"], 7),
        ("(a) - (b)", {"a-b": 7, "a": 5, "b": 1}, ["a-b"], 4),
        ("profit and loss", {"profit and loss": 9}, ["profit and loss"], 9),
        ("rate in percent * 2", {"rate in percent": 3}, ["rate in percent"], 6),
        ("a+b+c", {"a+b": 1, "c": 2}, ["a+b"], 3),
        ("tenant's rent", {"tenant's rent": 4}, ["tenant's rent"], 4),
        ("number 2 x", {"number 2 x": 8}, [], 8),
        ("金额 * 2", {"金额": 8}, [], 16),
        ("调解 次数 + 1", {"调解 次数": 1}, [], 2),
        ("🐎 + 1", {"🐎": 1}, [], 2),
        ("not found", {"not found": 3}, [], 3),
        ("date", {"date": 3}, [], 3),
        ("person.first name", {"person": {"first name": 4}}, [], 4),
        ("person.e-mail", {"person": {"e-mail": 4}}, ["e-mail"], 4),
    ],
)
def test_the_longest_name_in_scope_wins(environment, text, variables, names, value):
    assert evaluate(text, variables, environment, names) == value


def test_a_declared_name_hides_a_built_in_function(environment):
    double = compile_expression("function(x) x * 2").evaluate({}, environment)
    assert evaluate("abs(-3)", {"abs": double}, environment, ["abs"]) == -6
    assert evaluate("abs(-3)", {"abs": double}, environment) == 3


def test_an_unknown_name_is_located(environment):
    with pytest.raises(FeelError) as caught:
        evaluate("1 +\n  amout", {"amount": 1}, environment)
    error = caught.value
    assert (error.code, error.params["name"], error.line, error.column) == ("feel_unknown_name", "amout", 2, 3)


def test_an_unknown_name_with_full_width_symbols_says_so(environment):
    with pytest.raises(FeelError) as caught:
        evaluate("金额＞1000", {"金额": 1}, environment)
    assert caught.value.code == "feel_unknown_name_full_width"


def test_an_unknown_name_is_null_where_the_environment_is_not_strict(lenient):
    assert lenient("amout + 1") is None
    assert lenient("amout") is None


def test_a_declared_name_without_a_value_is_null(feel):
    assert feel("amount = null", amount=None) is True


def test_the_names_an_expression_reads():
    expression = compile_expression("for p in people return p.age + limit + sum(others[age > bound])")
    assert expression.names == {"people", "limit", "others", "age", "bound"}
    assert expression.certain_names == {"people", "limit", "others"}


def test_only_the_variables_that_are_needed_are_read(environment):
    class Stored(dict[str, object]):
        def __init__(self):
            self.read = []

        def __missing__(self, name):
            self.read.append(name)
            return Decimal(1)

    variables = Stored()
    assert evaluate('if a = 1 then b else c + date("2020-01-01").year', variables, environment) == 1
    assert variables.read == ["a", "b"]


def test_names_of_inner_scopes_end_with_them(feel):
    assert feel("{r: for a-b in [1, 2] return a-b * 2, s: a-b}", a=5, b=3) == {"r": [2, 4], "s": 2}
