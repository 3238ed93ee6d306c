"""Expressions from text to tree in one pass, without backtracking (grammar of DMN 1.5, 10.3.1.2)."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import NoReturn

from app.engine.feel import syntax
from app.engine.feel.errors import FeelError, FeelSyntaxError
from app.engine.feel.lexer import Kind, NameIndex, Token, full_width_symbol, normalized, tokenize, unescape
from app.engine.feel.limits import MAX_CHAIN, MAX_NESTING
from app.engine.feel.parser_types import TypeGrammar
from app.engine.feel.temporal import TemporalError
from app.engine.feel.temporal_text import parse_temporal
from app.engine.feel.types import FeelType
from app.engine.feel.values import NUMBERS, parse_number

_LITERALS: dict[str, object] = {"true": True, "false": False, "null": None}
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_AFTER_EXPRESSION = frozenset(
    {"and", "or", "in", "between", "instance", "then", "else", "return", "satisfies", "external"}
)
"""Words that end a name of several undeclared words, because they may follow an expression."""
_BEGINNERS = frozenset({"if", "for", "some", "every", "function"})
_RESERVED = _AFTER_EXPRESSION | _BEGINNERS | frozenset(_LITERALS)
_ADDITIVE = 4
_PRECEDENCE = {
    "or": 1,
    "and": 2,
    **dict.fromkeys([*_COMPARISONS, "between", "in"], 3),
    "+": _ADDITIVE,
    "-": _ADDITIVE,
    "*": 5,
    "/": 5,
    "**": 6,
}
_CANNOT_BEGIN = frozenset({")", "]", ",", "}", "=", "!=", "+", "*", "/", "**", ":", "..", "[", "."})


class Parser(TypeGrammar):
    """One text.

    `names` are the declared names in scope, `functions` the names of functions that a plain run of words would not
    cover, `types` the named types beside the built-in ones.
    """

    def __init__(
        self,
        text: str,
        names: Iterable[str] = (),
        functions: NameIndex | None = None,
        types: Mapping[str, FeelType] | None = None,
    ) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.position = 0
        self.names = NameIndex(names)
        self.functions = functions or NameIndex()
        self.types = types or {}
        self._depth = 0
        self._in_range = False

    def parse_expression(self) -> syntax.Node:
        node = self.expression()
        self.end()
        return node

    def parse_unary_tests(self) -> syntax.UnaryTestsNode:
        """Rule 15: `-`, `not(tests)` or positive tests."""
        if self.at(Kind.END) or (self.at_symbol("-") and self.peek(1).kind is Kind.END):
            return syntax.UnaryTestsNode(0, (), False)
        if self.at_word("not") and self.peek(1).text == "(":
            self.position += 2
            tests = self.positive_tests()
            if self.at_symbol(")") and self.peek(1).kind is Kind.END:
                return syntax.UnaryTestsNode(0, tests, True)
            self.position = 0
        tests = self.positive_tests()
        self.end()
        return syntax.UnaryTestsNode(0, tests, False)

    # Tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def peek(self, ahead: int) -> Token:
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def at(self, kind: Kind) -> bool:
        return self.token.kind is kind

    def at_symbol(self, symbol: str) -> bool:
        token = self.token
        return token.text == symbol and token.kind is Kind.SYMBOL

    def at_word(self, word: str) -> bool:
        token = self.token
        return token.text == word and token.kind is Kind.NAME

    def accept(self, symbol: str) -> bool:
        if self.at_symbol(symbol):
            self.position += 1
            return True
        return False

    def accept_word(self, word: str) -> bool:
        if self.at_word(word):
            self.position += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if self.token.text != text or self.token.kind in (Kind.STRING, Kind.END):
            self.refuse("feel_expected", expected=text, found=self.found())
        self.position += 1

    def end(self) -> None:
        if not self.at(Kind.END):
            self.refuse("feel_unexpected", found=self.found())

    def found(self) -> str:
        return self.token.text[:40]

    def refuse(self, code: str, *, offset: int = -1, **params: object) -> NoReturn:
        if self.at(Kind.END) and code in ("feel_expected", "feel_unexpected"):
            code = "feel_unexpected_end"
        elif full_width_symbol(self.token.text) is not None and self.token.kind is not Kind.STRING:
            code = "feel_full_width"
        raise FeelSyntaxError(code, offset=self.token.start if offset < 0 else offset, text=self.text, **params)

    @contextmanager
    def deeper(self) -> Generator[None, None, None]:
        self._depth += 1
        if self._depth > MAX_NESTING:
            self.refuse("feel_nested_too_deeply", limit=MAX_NESTING)
        saved, self._in_range = self._in_range, False
        yield
        self._in_range = saved
        self._depth -= 1

    # Names

    def name(self) -> str:
        """A name: the longest declared one, or a run of words (rules 25 to 30)."""
        index = self.position
        if self.tokens[index].kind is not Kind.NAME and self.names.longest(self.tokens, index) is None:
            self.refuse("feel_name_expected", found=self.found())
        declared = self.names.longest(self.tokens, index)
        words = self._words(index)
        if declared is not None and declared[1] >= words:
            self.position = declared[1]
            return declared[0]
        built_in = self.functions.longest(self.tokens, index)
        if built_in is not None and self.tokens[built_in[1]].text == "(":
            self.position = built_in[1]
            return built_in[0]
        self.position = words
        return " ".join(token.text for token in self.tokens[index:words])

    def _words(self, index: int) -> int:
        """The index behind the words that follow each other without an operator."""
        end = index + 1
        while self.tokens[end].kind in (Kind.NAME, Kind.NUMBER) and self.tokens[end].text not in _AFTER_EXPRESSION:
            if self.tokens[end].text[0] == ".":
                break
            end += 1
        return end

    def _key_before_colon(self) -> str | None:
        """The name that stands before a colon here, with whatever symbols it holds; null when there is none."""
        index = self.position
        while self.tokens[index].kind in (Kind.NAME, Kind.NUMBER) or (
            self.tokens[index].kind is Kind.SYMBOL and self.tokens[index].text not in "()[]{},:@"
        ):
            index += 1
        if index == self.position or self.tokens[index].text != ":":
            return None
        text = self.text[self.token.start : self.tokens[index - 1].end]
        self.position = index
        return normalized(text)

    # Expressions, from the weakest operator to the strongest

    def expression(self) -> syntax.Node:
        with self.deeper():
            return self.operators(1)

    def operators(self, level: int, left: syntax.Node | None = None) -> syntax.Node:
        """Binary operators of precedence `level` and above; rules 19 to 23 and 47 to 49."""
        if left is None:
            left = self.operand()
        chain = 0
        while True:
            operator = self.token.text
            precedence = _PRECEDENCE.get(operator, 0)
            if precedence < level or self.token.kind not in (Kind.SYMBOL, Kind.NAME):
                return left
            chain += 1
            if chain > MAX_CHAIN:
                self.refuse("feel_nested_too_deeply", limit=MAX_CHAIN)
            if precedence >= _ADDITIVE:
                left = self._arithmetic(left, precedence)
            elif precedence == 3:
                left = self._comparison(left, operator)
            else:
                left = self._logical(left, operator, precedence)

    def _arithmetic(self, left: syntax.Node, precedence: int) -> syntax.Node:
        rest = []
        while self.at(Kind.SYMBOL) and _PRECEDENCE.get(self.token.text, 0) == precedence:
            operator = self.token.text
            self.position += 1
            rest.append((operator, self.operators(precedence + 1)))
        return syntax.Arithmetic(left.offset, left, tuple(rest))

    def _logical(self, left: syntax.Node, word: str, precedence: int) -> syntax.Node:
        operands = [left]
        while self.accept_word(word):
            operands.append(self.operators(precedence + 1))
        node = syntax.Conjunction if word == "and" else syntax.Disjunction
        return node(left.offset, tuple(operands))

    def _comparison(self, left: syntax.Node, operator: str) -> syntax.Node:
        self.position += 1
        if operator == "between":
            low = self.operators(_ADDITIVE)
            self.expect("and")
            return syntax.Between(left.offset, left, low, self.operators(_ADDITIVE))
        if operator == "in":
            return syntax.In(left.offset, left, self._tests_of_in())
        return syntax.Comparison(left.offset, operator, left, self.operators(_ADDITIVE))

    def _tests_of_in(self) -> tuple[syntax.Node, ...]:
        if not self.at_symbol("("):
            return (self.positive_test(_ADDITIVE),)
        offset = self.token.start
        self.position += 1
        with self.deeper():
            tests = self.positive_tests()
            if len(tests) == 1 and self.at_symbol(".."):
                return (self.operators(_ADDITIVE, self.postfix(self._range(offset, tests[0], False))),)
            self.expect(")")
        if len(tests) == 1 and not isinstance(tests[0], syntax.OperatorTest):
            return (self.operators(_ADDITIVE, self.postfix(tests[0])),)
        return tests

    def positive_tests(self) -> tuple[syntax.Node, ...]:
        """Rule 14."""
        tests = [self.positive_test(1)]
        while self.accept(","):
            tests.append(self.positive_test(1))
        return tuple(tests)

    def positive_test(self, level: int) -> syntax.Node:
        """Rules 7 and 13."""
        with self.deeper():
            return self.operators(level)

    def operand(self) -> syntax.Node:
        """Rules 24 and 51: negation binds tighter than any binary operator, `instance of` tighter still.

        A sign before digits belongs to the literal (rule 35).
        """
        offset = self.token.start
        signs = 0
        while self.accept("-"):
            signs += 1
        number = self.token
        if signs and number.kind is Kind.NUMBER:
            signs -= 1
            self.position += 1
            node = self.postfix(syntax.Literal(offset, NUMBERS.minus(self._number(number))))
        else:
            node = self.postfix(self.primary())
        while self.at_word("instance") and self.peek(1).text == "of":
            self.position += 2
            node = syntax.InstanceOf(node.offset, node, self.type_to_check())
        if signs > 1:
            node = (
                syntax.Negation(offset, node) if signs % 2 else syntax.Negation(offset, syntax.Negation(offset, node))
            )
        elif signs:
            node = syntax.Negation(offset, node)
        return node

    def postfix(self, node: syntax.Node) -> syntax.Node:
        """Paths, filters and invocations; rules 38, 43 and 50."""
        chain = 0
        while True:
            if self.at_symbol("."):
                self.position += 1
                node = syntax.Path(node.offset, node, self.name())
            elif self.at_symbol("[") and not self._closes_range():
                node = self._filter(node)
            elif self.at_symbol("("):
                node = self._invocation(node)
            else:
                return node
            chain += 1
            if chain > MAX_CHAIN:
                self.refuse("feel_nested_too_deeply", limit=MAX_CHAIN)

    def _closes_range(self) -> bool:
        """Whether the `[` here ends a range such as `]1..5[` instead of beginning a filter."""
        if not self._in_range:
            return False
        following = self.peek(1)
        if following.kind is Kind.NAME:
            return following.text in _AFTER_EXPRESSION
        return following.kind is Kind.END or (following.kind is Kind.SYMBOL and following.text in _CANNOT_BEGIN)

    def _filter(self, source: syntax.Node) -> syntax.Node:
        self.expect("[")
        condition = self.expression()
        self.expect("]")
        return syntax.Filter(source.offset, source, condition)

    def _invocation(self, function: syntax.Node) -> syntax.Node:
        self.expect("(")
        arguments: list[syntax.Node] = []
        named: dict[str, syntax.Node] = {}
        while not self.at_symbol(")"):
            start = self.token.start
            key = self._key_before_colon()
            if key is not None:
                self.expect(":")
                if key in named:
                    self.refuse("feel_argument_twice", offset=start, name=key)
                named[key] = self.expression()
            else:
                arguments.append(self.expression())
            if named and arguments:
                self.refuse("feel_arguments_mixed", offset=start)
            if not self.accept(","):
                break
        self.expect(")")
        return syntax.Invocation(function.offset, function, tuple(arguments), tuple(named.items()))

    # What stands alone

    def primary(self) -> syntax.Node:
        token = self.token
        match token.kind:
            case Kind.NUMBER:
                self.position += 1
                return syntax.Literal(token.start, self._number(token))
            case Kind.STRING:
                self.position += 1
                return syntax.Literal(token.start, unescape(token.text))
            case Kind.NAME:
                return self._word(token)
            case Kind.END:
                self.refuse("feel_unexpected_end")
        match token.text:
            case "(":
                return self._parentheses(token)
            case "[":
                return self._brackets(token)
            case "]":
                self.position += 1
                return self._range(token.start, self.expression(), False)
            case "{":
                return self._context(token)
            case "@":
                return self._at_literal(token)
            case text if text in _COMPARISONS:
                self.position += 1
                return syntax.OperatorTest(token.start, text, self.operators(_ADDITIVE))
        if self.names.longest(self.tokens, self.position) is not None:
            return syntax.Name(token.start, self.name())
        return self.refuse("feel_unexpected", found=self.found())

    def _number(self, token: Token) -> Decimal:
        try:
            return parse_number(token.text)
        except FeelError as error:
            raise FeelSyntaxError(error.code, offset=token.start, text=self.text) from None

    def _word(self, token: Token) -> syntax.Node:
        if token.text in _RESERVED and self.names.longest(self.tokens, self.position) is None:
            if token.text in _LITERALS:
                self.position += 1
                return syntax.Literal(token.start, _LITERALS[token.text])
            match token.text:
                case "if":
                    return self._if()
                case "for":
                    return self._for()
                case "some" | "every":
                    return self._quantified()
                case "function":
                    return self._function()
            self.refuse("feel_unexpected", found=token.text)
        return syntax.Name(token.start, self.name())

    def _parentheses(self, token: Token) -> syntax.Node:
        self.position += 1
        node = self.expression()
        if self.at_symbol(".."):
            return self._range(token.start, node, False)
        self.expect(")")
        return node

    def _brackets(self, token: Token) -> syntax.Node:
        self.position += 1
        items: list[syntax.Node] = []
        while not self.at_symbol("]"):
            items.append(self.expression())
            if len(items) == 1 and self.at_symbol(".."):
                return self._range(token.start, items[0], True)
            if not self.accept(","):
                break
        self.expect("]")
        return syntax.ListLiteral(token.start, tuple(items))

    def _range(self, offset: int, low: syntax.Node, low_closed: bool) -> syntax.Node:
        """From the dots on; rules 8 to 12."""
        self.expect("..")
        with self.deeper():
            self._in_range = True
            high = self.operators(_ADDITIVE)
        if self.accept("]"):
            return syntax.RangeLiteral(offset, low, high, low_closed, True)
        if not self.accept("["):
            self.expect(")")
        return syntax.RangeLiteral(offset, low, high, low_closed, False)

    def _at_literal(self, token: Token) -> syntax.Node:
        self.position += 1
        text = self.token
        if text.kind is not Kind.STRING:
            self.refuse("feel_expected", expected='"', found=self.found())
        self.position += 1
        try:
            return syntax.Literal(token.start, parse_temporal(unescape(text.text)))
        except TemporalError:
            return syntax.Literal(token.start, None)

    def _context(self, token: Token) -> syntax.Node:
        self.position += 1
        entries: list[tuple[str, syntax.Node]] = []
        while not self.at_symbol("}"):
            key_token = self.token
            if key_token.kind is Kind.STRING:
                self.position += 1
                key = unescape(key_token.text)
            else:
                found = self._key_before_colon()
                if found is None:
                    self.refuse("feel_key_expected", found=self.found())
                key = found
            self.expect(":")
            entries.append((key, self.expression()))
            self.names.add(key)
            if not self.accept(","):
                break
        self.expect("}")
        return syntax.ContextLiteral(token.start, tuple(entries))

    def _if(self) -> syntax.Node:
        offset = self.token.start
        branches = []
        while self.accept_word("if"):
            condition = self.expression()
            self.expect("then")
            branches.append((condition, self.expression()))
            self.expect("else")
        return syntax.If(offset, tuple(branches), self.expression())

    def _iterators(self) -> tuple[tuple[syntax.Iterator, ...], list[str]]:
        iterators = []
        added = []
        while True:
            name = self._name_before("in")
            self.expect("in")
            source = self.expression()
            end = self.expression() if self.accept("..") else None
            iterators.append(syntax.Iterator(name, source, end))
            if self.names.add(name):
                added.append(name)
            if not self.accept(","):
                return tuple(iterators), added

    def _name_before(self, word: str) -> str:
        """A new name, whatever symbols it holds, up to `word`."""
        index = self.position
        if self.at(Kind.NAME):
            while self.tokens[index].kind is not Kind.END and (
                self.tokens[index].text != word and self.tokens[index].text not in "()[]{},:@"
            ):
                index += 1
        if index == self.position:
            self.refuse("feel_name_expected", found=self.found())
        text = self.text[self.token.start : self.tokens[index - 1].end]
        self.position = index
        return normalized(text)

    def _for(self) -> syntax.Node:
        offset = self.token.start
        self.position += 1
        iterators, added = self._iterators()
        self.expect("return")
        body = self.expression()
        self._forget(added)
        return syntax.For(offset, iterators, body)

    def _quantified(self) -> syntax.Node:
        token = self.token
        self.position += 1
        iterators, added = self._iterators()
        self.expect("satisfies")
        condition = self.expression()
        self._forget(added)
        return syntax.Quantified(token.start, token.text == "every", iterators, condition)

    def _forget(self, names: list[str]) -> None:
        for name in names:
            self.names.remove(name)

    def _function(self) -> syntax.Node:
        offset = self.token.start
        self.position += 1
        self.expect("(")
        parameters: list[tuple[str, FeelType | None]] = []
        added = []
        while not self.at_symbol(")"):
            name = self._key_before_colon()
            if name is not None:
                self.expect(":")
                parameters.append((name, self.type()))
            else:
                name = self._name_before(")")
                parameters.append((name, None))
            if self.names.add(name):
                added.append(name)
            if not self.accept(","):
                break
        self.expect(")")
        external = self.accept_word("external")
        body = self.expression()
        self._forget(added)
        return syntax.FunctionDefinition(offset, tuple(parameters), body, external)
