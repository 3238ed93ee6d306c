"""Texts and trees: what is built of parts means what the parts mean, and no text breaks the parser."""

from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from app.engine.feel import FeelError, FeelSyntaxError, compile_expression, compile_juel, compile_unary_tests
from app.engine.feel.lexer import Kind, tokenize
from app.engine.feel.text import quoted

words = st.sampled_from(["a", "b", "total", "纠纷", "x1", "_y", "date", "item", "some thing"])
leaves = st.one_of(
    st.integers(0, 99).map(str),
    words,
    st.text(max_size=6).map(quoted),
    st.sampled_from(["true", "false", "null", '@"2024-01-01"', '@"P1D"', "[]", "{}"]),
)


def compound(inner):
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**", "=", "!=", "<", ">=", "and", "or"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        pair.map(lambda parts: f"{{a: {parts[0]}, some key: {parts[1]}}}"),
        pair.map(lambda parts: f"({parts[0]})[{parts[1]}]"),
        pair.map(lambda parts: f"for i in {parts[0]} return {parts[1]}"),
        pair.map(lambda parts: f"some i in {parts[0]} satisfies {parts[1]}"),
        st.tuples(inner, inner, inner).map(lambda parts: f"if {parts[0]} then {parts[1]} else {parts[2]}"),
        inner.map(lambda part: f"(function(p) {part})(1)"),
        inner.map(lambda part: f"({part}).a"),
        inner.map(lambda part: f"-({part})"),
        pair.map(lambda parts: f"({parts[0]}) in ([1..2], {parts[1]})"),
        pair.map(lambda parts: f"(({parts[0]})..({parts[1]})]"),
        inner.map(lambda part: f"string({part})"),
        inner.map(lambda part: f"count({part})"),
    )


texts = st.recursive(leaves, compound, max_leaves=8)
VARIABLES = {
    "a": Decimal(1),
    "b": [Decimal(1), Decimal(2)],
    "total": "t",
    "纠纷": {"a": Decimal(5)},
    "x1": None,
    "_y": True,
    "some thing": Decimal(3),
    "date": Decimal(4),
}


@given(texts)
def test_parentheses_spaces_and_comments_change_nothing(lenient, text):
    value = lenient(text, **VARIABLES)
    for same in (f"({text})", f"  {text} // end", f"/* begin */ {text}\n", f"[{text}][1]"):
        again = lenient(same, **VARIABLES)
        assert type(again) is type(value)
        assert repr(again) == repr(value) or "Function" in repr(value)


@given(texts, texts)
def test_if_chooses_a_part(lenient, one, other):
    assert repr(lenient(f"if true then {one} else {other}", **VARIABLES)) == repr(lenient(one, **VARIABLES))
    assert repr(lenient(f"if false then {one} else {other}", **VARIABLES)) == repr(lenient(other, **VARIABLES))


@given(st.text(max_size=40))
def test_any_string_is_read_back_from_its_literal(feel, text):
    assert feel(quoted(text)) == text


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.text(max_size=5), st.integers(-99, 99).map(Decimal)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3)
        ),
        max_leaves=8,
    ).filter(lambda value: value is not None and not isinstance(value, str))
)
def test_the_text_of_a_value_is_an_expression_for_it(feel, value):
    assert feel(feel("string(value)", value=value)) == value


fragments = st.lists(
    st.sampled_from(
        [
            *"()[]{}.,:<>=-+*/@?!\"' \n",
            "..",
            "**",
            "!=",
            "<=",
            "->",
            "if",
            "then",
            "else",
            "for",
            "in",
            "return",
            "some",
            "satisfies",
            "and",
            "or",
            "not",
            "between",
            "instance of",
            "function",
            "external",
            "list",
            "context",
            "a",
            "b c",
            "1",
            ".5",
            '"s"',
            "//",
            "/*",
            "*/",
            "date and time",
            "item",
            "partial",
            "，",
            "“",
        ]
    ),
    max_size=14,
).map(" ".join)


def refusal_of(action):
    """The error that the action is refused with, None when it succeeds; any other exception is a failure."""
    try:
        action()
    except FeelError as error:
        return error
    return None


@given(st.one_of(fragments, st.text(max_size=30)))
@example("[a[")
@example("]1..2[")
@example("1 in ]1..2[ and true")
@example("a instance of list<")
def test_any_text_compiles_or_is_refused_with_its_place(text):
    for compile_ in (compile_expression, compile_unary_tests, compile_juel):
        refusal = refusal_of(lambda compile_=compile_: compile_(text))
        assert refusal is None or (isinstance(refusal, FeelSyntaxError) and refusal.line and refusal.column)


@given(fragments)
def test_what_compiles_evaluates_or_is_refused_with_its_place(environment, text):
    try:
        expression = compile_expression(text)
    except FeelSyntaxError:
        return
    variables = {"a": Decimal(1), "b c": [Decimal(1)]}
    refusal = refusal_of(lambda: expression.evaluate(variables, environment))
    assert refusal is None or (refusal.line and refusal.column)


@given(st.text(max_size=40))
def test_tokens_cover_the_text_in_order(text):
    try:
        tokens = tokenize(text)
    except FeelSyntaxError:
        return
    assert tokens[-1].kind is Kind.END
    end = 0
    for token in tokens:
        assert token.start >= end
        assert text[token.start : token.end] == token.text
        end = token.end
