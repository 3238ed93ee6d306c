"""Round trips: a tree written as text is read as the same tree; JUEL and FEEL that say the same have the same tree."""

from dataclasses import fields, is_dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.feel import Date, YearsMonthsDuration, compile_expression, compile_juel, compile_unary_tests
from app.engine.feel.syntax import (
    Arithmetic,
    Between,
    Comparison,
    Conjunction,
    ContextLiteral,
    Disjunction,
    Filter,
    For,
    FunctionDefinition,
    If,
    In,
    InstanceOf,
    Invocation,
    Iterator,
    ListLiteral,
    Literal,
    Name,
    Negation,
    Node,
    OperatorTest,
    Path,
    Quantified,
    RangeLiteral,
    UnaryTestsNode,
)
from app.engine.feel.temporal_text import format_temporal
from app.engine.feel.text import quoted
from app.engine.feel.types import SimpleType

NAMES = ["a", "b", "amount", "dispute type", "人数", "red/green", "x+y"]
"""Declared, some with spaces and operators."""


def shape(value: object) -> object:
    """A tree without the places of its nodes."""
    if is_dataclass(value) and isinstance(value, Node | Iterator):
        parts = {field.name: shape(getattr(value, field.name)) for field in fields(value) if field.name != "offset"}
        return type(value).__name__, parts
    if isinstance(value, tuple):
        return tuple(shape(item) for item in value)
    return type(value).__name__, repr(value)


def written(node: Node) -> str:
    """The tree as text, with no more parentheses than an operand in parentheses each."""
    match node:
        case Literal(value=value):
            if isinstance(value, str):
                return quoted(value)
            if isinstance(value, Date | YearsMonthsDuration):
                return f'@"{format_temporal(value)}"'
            return f"{value:f}" if isinstance(value, Decimal) else "null" if value is None else str(value).lower()
        case Name(name=name):
            return name
        case ListLiteral(items=items):
            return f"[{', '.join(map(written, items))}]"
        case ContextLiteral(entries=entries):
            return "{" + ", ".join(f"{quoted(key)}: {written(value)}" for key, value in entries) + "}"
        case RangeLiteral():
            opening, closing = "[" if node.low_closed else "(", "]" if node.high_closed else ")"
            return f"{opening}{operand(node.low)}..{operand(node.high)}{closing}"
        case OperatorTest(operator=operator, operand=inner):
            return f"{operator} {operand(inner)}"
        case Arithmetic(first=first, rest=rest):
            return operand(first) + "".join(f" {operator} {operand(other)}" for operator, other in rest)
        case Negation(operand=inner):
            return f"-{operand(inner)}"
        case Comparison():
            return f"{operand(node.left)} {node.operator} {operand(node.right)}"
        case Between():
            return f"{operand(node.value)} between {operand(node.low)} and {operand(node.high)}"
        case In(value=value, tests=tests):
            return f"{operand(value)} in ({', '.join(map(written, tests))})"
        case Conjunction(operands=operands):
            return " and ".join(map(operand, operands))
        case Disjunction(operands=operands):
            return " or ".join(map(operand, operands))
        case If(branches=branches, otherwise=otherwise):
            chosen = " else ".join(f"if {written(test)} then {operand(then)}" for test, then in branches)
            return f"{chosen} else {operand(otherwise)}"
        case For(iterators=iterators, body=body):
            return f"for {', '.join(map(_iterator, iterators))} return {operand(body)}"
        case Quantified():
            word = "every" if node.every else "some"
            return f"{word} {', '.join(map(_iterator, node.iterators))} satisfies {operand(node.condition)}"
        case FunctionDefinition(parameters=parameters, body=body):
            told = ", ".join(f"{name}: {type_.name}" if type_ else name for name, type_ in parameters)
            return f"function({told}) {operand(body)}"
        case InstanceOf():
            return f"{operand(node.value)} instance of {node.type.name}"
        case Path(source=source, name=name):
            return f"{operand(source)}.{name}"
        case Filter(source=source, condition=condition):
            return f"{operand(source)}[{written(condition)}]"
        case Invocation(function=function, arguments=arguments, named=named):
            told = [written(one) for one in arguments] + [f"{name}: {written(one)}" for name, one in named]
            return f"{operand(function)}({', '.join(told)})"
        case UnaryTestsNode(tests=tests, negated=negated):
            told = ", ".join(map(written, tests))
            return f"not({told})" if negated else told
    raise AssertionError(node)


def _iterator(iterator: Iterator) -> str:
    to = f"..{operand(iterator.end)}" if iterator.end is not None else ""
    return f"{iterator.name} in {operand(iterator.source)}{to}"


def operand(node: Node) -> str:
    plain = isinstance(node, Name | ListLiteral | ContextLiteral | Filter | Invocation)
    literal = isinstance(node, Literal) and not (isinstance(node.value, Decimal) and node.value < 0)
    return written(node) if plain or literal else f"({written(node)})"


literals = st.one_of(
    st.none(),
    st.booleans(),
    st.decimals(0, 10**12, places=3),
    st.text(max_size=6),
    st.builds(Date.from_days, st.integers(-(10**6), 10**7)),
    st.builds(YearsMonthsDuration, st.integers(-1000, 1000)),
).map(lambda value: Literal(0, value))
leaves = st.one_of(literals, st.sampled_from(NAMES).map(lambda name: Name(0, name)))
tests_of = st.sampled_from(["<", "<=", ">", ">="])


def some(inner: st.SearchStrategy[Node], least: int = 1) -> st.SearchStrategy[tuple[Node, ...]]:
    return st.lists(inner, min_size=least, max_size=3).map(tuple)


def larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    iterators = st.lists(
        st.builds(Iterator, st.sampled_from(["i", "j"]), inner, st.one_of(st.none(), inner)), min_size=1, max_size=2
    ).map(tuple)
    chain = [
        st.lists(st.tuples(st.sampled_from(operators), inner), min_size=1, max_size=3).map(tuple)
        for operators in (["+", "-"], ["*", "/"], ["**"])
    ]
    zero = st.just(0)
    return st.one_of(
        st.builds(Arithmetic, zero, inner, st.one_of(*chain)),
        st.builds(Comparison, zero, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), inner, inner),
        st.builds(Between, zero, inner, inner, inner),
        st.builds(In, zero, inner, some(st.builds(OperatorTest, zero, tests_of, inner))),
        st.builds(Conjunction, zero, some(inner, 2)),
        st.builds(Disjunction, zero, some(inner, 2)),
        st.builds(If, zero, st.lists(st.tuples(inner, inner), min_size=1, max_size=2).map(tuple), inner),
        st.builds(For, zero, iterators, inner),
        st.builds(Quantified, zero, st.booleans(), iterators, inner),
        st.builds(
            FunctionDefinition,
            zero,
            st.sampled_from([(), (("p", None),), (("p", SimpleType("number")), ("q", None))]),
            inner,
            st.just(False),
        ),
        st.builds(InstanceOf, zero, inner, st.sampled_from([SimpleType("string"), SimpleType("date and time")])),
        st.builds(Path, zero, inner, st.sampled_from(["town", "day"])),
        st.builds(Filter, zero, inner, inner),
        st.builds(Invocation, zero, st.just(Name(0, "f")), some(inner, 0), st.just(())),
        st.builds(
            Invocation, zero, st.just(Name(0, "string length")), st.just(()), st.just((("string", Name(0, "a")),))
        ),
        st.builds(ListLiteral, zero, some(inner, 0)),
        st.builds(
            ContextLiteral,
            zero,
            st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=2).map(lambda d: tuple(d.items())),
        ),
        st.builds(RangeLiteral, zero, inner, inner, st.booleans(), st.booleans()),
    )


trees = st.recursive(leaves, larger, max_leaves=12)


@settings(max_examples=200)
@given(trees)
def test_a_tree_written_as_text_is_read_as_the_same_tree(tree):
    assert shape(compile_expression(written(tree), names=NAMES).tree) == shape(tree)


@settings(max_examples=100)
@given(
    st.builds(UnaryTestsNode, st.just(0), some(st.builds(OperatorTest, st.just(0), tests_of, leaves)), st.booleans())
)
def test_a_cell_written_as_text_is_read_as_the_same_tree(tree):
    assert shape(compile_unary_tests(written(tree), names=NAMES).tree) == shape(tree)


@pytest.mark.parametrize(
    ("juel", "feel"),
    [
        ("${a == 5 && b > 3}", "a = 5 and b > 3"),
        ("${a eq 'x' or b ne 'y'}", 'a = "x" or b != "y"'),
        ("#{a le 1 || b ge 2}", "a <= 1 or b >= 2"),
        ("${(a + 1) * 2 - b / 4}", "(a + 1) * 2 - b / 4"),
        ("${case.town == null}", "case.town = null"),
        ("${!a}", "not(a)"),
        ("${a lt 1 ? 'low' : 'high'}", 'if a < 1 then "low" else "high"'),
        ("${true}", "true"),
    ],
)
def test_juel_and_feel_have_the_same_tree(juel, feel):
    assert shape(compile_juel(juel).tree) == shape(compile_expression(feel).tree)
