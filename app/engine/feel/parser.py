"""Expressions from text to tree in one pass, without backtracking (grammar of DMN 1.5, 10.3.1.2)."""

from decimal import Decimal

from app.engine.feel import syntax
from app.engine.feel.cursor import AFTER_EXPRESSION
from app.engine.feel.errors import FeelError, FeelSyntaxError
from app.engine.feel.lexer import Kind, Token, unescape
from app.engine.feel.limits import MAX_CHAIN
from app.engine.feel.parser_boxed import BoxedGrammar
from app.engine.feel.temporal import TemporalError
from app.engine.feel.temporal_text import parse_temporal
from app.engine.feel.values import NUMBERS, parse_number

_LITERALS: dict[str, object] = {"true": True, "false": False, "null": None}
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_BEGINNERS = frozenset({"if", "for", "some", "every", "function"})
_RESERVED = AFTER_EXPRESSION | _BEGINNERS | frozenset(_LITERALS)
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


class Parser(BoxedGrammar):
    """The grammar of one text."""

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
        if not self.in_range:
            return False
        following = self.peek(1)
        if following.kind is Kind.NAME:
            return following.text in AFTER_EXPRESSION
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
            key = self.key_before_colon()
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
                return self.context(token)
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
                    return self.condition()
                case "for":
                    return self.loop()
                case "some" | "every":
                    return self.quantified()
                case "function":
                    return self.function()
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
            self.in_range = True
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
