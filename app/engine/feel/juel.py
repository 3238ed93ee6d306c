"""The subset of JUEL that Camunda 7 diagrams use, `${…}` and `#{…}`, parsed to the tree of FEEL.

Taken: `== != < > <= >= eq ne lt gt le ge`, `&& || ! and or not`, `empty`, `? :`, `+ - * / % div mod`, properties,
subscripts, literals, and the methods of `compiling/juel.py` whose meaning needs no Java. The operators of the tree
bring their operands to one kind, as JUEL does it. Refused, by name: every other method, and Camunda's own objects.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import NoReturn

from app.engine.feel import syntax
from app.engine.feel.compiling.juel import FUNCTIONS, METHODS, JuelCompiler
from app.engine.feel.errors import FeelError, FeelSyntaxError
from app.engine.feel.expression import Expression, expression_of
from app.engine.feel.limits import MAX_CHAIN, MAX_EXPRESSION_CHARACTERS, MAX_NESTING
from app.engine.feel.values import parse_number

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<name>[^\W\d]\w*)
  | (?P<string>'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*")
  | (?P<symbol>==|!=|<=|>=|&&|\|\||.)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD_OPERATORS = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
    "and": "&&",
    "or": "||",
    "not": "!",
    "div": "/",
    "mod": "%",
}
_LEVELS = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_OBJECTS = frozenset({"execution", "task", "caseExecution", "authenticatedUserId"})
"""Names that Camunda resolves to its own objects, whatever variables there are."""
_READERS = {"getVariable": False, "hasVariable": True}
_LITERALS: dict[str, object] = {"true": True, "false": False, "null": None}


def compile_juel(text: str, *, names: Collection[str] = ()) -> Expression:
    """Compile text with `${…}` or `#{…}` in it.

    A single expression keeps its value's type; text around or between expressions makes a string. `names` is accepted
    for symmetry: JUEL has no names of several words. Raises FeelSyntaxError with line and column.
    """
    return _compiled(text) if len(text) <= _MAX_CACHED else _compiled.__wrapped__(text)


_MAX_CACHED = 4_000


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Expression:
    if len(text) > MAX_EXPRESSION_CHARACTERS:
        raise FeelSyntaxError("feel_expression_too_long", text=text[:200], offset=0, limit=MAX_EXPRESSION_CHARACTERS)
    parts: list[syntax.Node] = []
    position = 0
    try:
        while (start := _opening(text, position)) >= 0:
            if start > position:
                parts.append(syntax.Literal(position, text[position:start]))
            parser = _Parser(text, start + 2)
            parts.append(parser.parse())
            position = parser.end
        if position < len(text) or not parts:
            parts.append(syntax.Literal(position, text[position:]))
        tree = parts[0] if len(parts) == 1 else syntax.Template(0, tuple(parts))
        return expression_of(text, tree, compiler=JuelCompiler)
    except RecursionError:
        raise FeelSyntaxError("feel_nested_too_deeply", offset=0, text=text, limit=MAX_NESTING) from None


def _opening(text: str, position: int) -> int:
    found = [index for index in (text.find("${", position), text.find("#{", position)) if index >= 0]
    return min(found, default=-1)


class _Parser:
    """One `${…}`, from behind its opening brace; `end` is the place behind the closing one."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.offset = start
        self.end = start
        self._depth = 0
        self._advance()

    def parse(self) -> syntax.Node:
        node = self._ternary()
        if self.symbol != "}":
            self._refuse()
        return node

    def _advance(self) -> None:
        while True:
            self.offset = self.end
            match = _TOKEN.match(self.text, self.offset)
            if match is None:
                self.group, self.symbol = "end", ""
                return
            self.end = match.end()
            if match.lastgroup != "space":
                break
        self.group = match.lastgroup or ""
        self.symbol = match.group()
        if self.group == "name" and self.symbol in _WORD_OPERATORS:
            self.group, self.symbol = "symbol", _WORD_OPERATORS[self.symbol]

    def _refuse(self, code: str = "feel_unexpected", **params: object) -> NoReturn:
        if self.group == "end" and code == "feel_unexpected":
            code = "feel_unexpected_end"
        raise FeelSyntaxError(code, offset=self.offset, text=self.text, found=self.symbol[:40], **params)

    def _accept(self, symbol: str) -> bool:
        if self.group == "symbol" and self.symbol == symbol:
            self._advance()
            return True
        return False

    def _expect(self, symbol: str) -> None:
        if not self._accept(symbol):
            self._refuse("feel_expected", expected=symbol)

    def _ternary(self) -> syntax.Node:
        self._depth += 1
        if self._depth > MAX_NESTING:
            self._refuse("feel_nested_too_deeply", limit=MAX_NESTING)
        condition = self._binary(1)
        if self._accept("?"):
            chosen = self._ternary()
            self._expect(":")
            condition = syntax.If(condition.offset, ((condition, chosen),), self._ternary())
        self._depth -= 1
        return condition

    def _binary(self, level: int) -> syntax.Node:
        left = self._unary()
        chain = 0
        while self.group == "symbol" and _LEVELS.get(self.symbol, 0) >= level:
            chain += 1
            if chain > MAX_CHAIN:
                self._refuse("feel_nested_too_deeply", limit=MAX_CHAIN)
            operator = self.symbol
            self._advance()
            left = _operation(operator, left, self._binary(_LEVELS[operator] + 1))
        return left

    def _unary(self) -> syntax.Node:
        offset = self.offset
        prefixes = []
        while True:
            if self._accept("!"):
                prefixes.append("!")
            elif self._accept("-"):
                prefixes.append("-")
            elif self.group == "name" and self.symbol == "empty":
                self._advance()
                prefixes.append("empty")
            else:
                break
            if len(prefixes) > MAX_CHAIN:
                self._refuse("feel_nested_too_deeply", limit=MAX_CHAIN)
        node = self._postfix(self._primary())
        for prefix in reversed(prefixes):
            match prefix:
                case "!":
                    node = syntax.Invocation(offset, syntax.Name(offset, "not"), (node,), ())
                case "-":
                    node = syntax.Negation(offset, node)
                case _:
                    node = syntax.Empty(offset, node)
        return node

    def _postfix(self, node: syntax.Node) -> syntax.Node:
        for _ in range(MAX_CHAIN):
            if self._accept("."):
                if self.group != "name":
                    self._refuse("feel_name_expected")
                name, offset = self.symbol, self.offset
                self._advance()
                if self.symbol == "(":
                    node = self._method(node, name, offset)
                else:
                    node = syntax.Path(node.offset, self._value(node), name)
            elif self._accept("["):
                node = syntax.Subscript(node.offset, self._value(node), self._ternary())
                self._expect("]")
            elif self.group == "symbol" and self.symbol == "(":
                node = self._function(node)
            else:
                return self._value(node)
        return self._refuse("feel_nested_too_deeply", limit=MAX_CHAIN)

    def _value(self, node: syntax.Node) -> syntax.Node:
        """The node, when it is a value: an object of Camunda is none."""
        if isinstance(node, syntax.Name) and node.name in _OBJECTS:
            raise FeelSyntaxError("juel_object_refused", offset=node.offset, text=self.text, name=node.name)
        return node

    def _function(self, node: syntax.Node) -> syntax.Node:
        if not isinstance(node, syntax.Name) or node.name not in FUNCTIONS:
            self._refuse("juel_call_refused", name=node.name if isinstance(node, syntax.Name) else "")
        offset = node.offset
        arguments = self._arguments()
        if arguments:
            raise FeelSyntaxError("juel_call_refused", offset=offset, text=self.text, name=node.name)
        return syntax.Method(offset, None, node.name, ())

    def _method(self, node: syntax.Node, name: str, offset: int) -> syntax.Node:
        """`node.name(…)`, its parenthesis ahead."""
        reader = isinstance(node, syntax.Name) and node.name == "execution" and name in _READERS
        if not reader and (name not in METHODS or (isinstance(node, syntax.Name) and node.name in _OBJECTS)):
            raise FeelSyntaxError("juel_call_refused", offset=offset, text=self.text, name=name)
        arguments = self._arguments()
        if reader:
            if len(arguments) != 1 or not isinstance(arguments[0], syntax.Literal):
                raise FeelSyntaxError("juel_call_refused", offset=offset, text=self.text, name=name)
            return syntax.Held(node.offset, str(arguments[0].value), _READERS[name])
        if len(arguments) != METHODS[name][0]:
            raise FeelSyntaxError("juel_call_refused", offset=offset, text=self.text, name=name)
        return syntax.Method(offset, node, name, tuple(arguments))

    def _arguments(self) -> list[syntax.Node]:
        self._expect("(")
        arguments: list[syntax.Node] = []
        while not self._accept(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._ternary())
        return arguments

    def _primary(self) -> syntax.Node:
        offset, symbol = self.offset, self.symbol
        match self.group:
            case "number":
                try:
                    value = parse_number(symbol)
                except FeelError as error:
                    self._refuse(error.code)
                self._advance()
                return syntax.Literal(offset, value)
            case "string":
                self._advance()
                return syntax.Literal(offset, re.sub(r"\\(.)", r"\1", symbol[1:-1], flags=re.DOTALL))
            case "name":
                self._advance()
                if symbol in _LITERALS:
                    return syntax.Literal(offset, _LITERALS[symbol])
                return syntax.Name(offset, symbol)
        if self._accept("("):
            node = self._ternary()
            self._expect(")")
            return node
        return self._refuse()


def _operation(operator: str, left: syntax.Node, right: syntax.Node) -> syntax.Node:
    offset = left.offset
    match operator:
        case "||":
            return syntax.Disjunction(offset, (left, right))
        case "&&":
            return syntax.Conjunction(offset, (left, right))
        case "%":
            return syntax.Invocation(offset, syntax.Name(offset, "modulo"), (left, right), ())
        case "+" | "-" | "*" | "/":
            return syntax.Arithmetic(offset, left, ((operator, right),))
        case "==":
            return syntax.Comparison(offset, "=", left, right)
    return syntax.Comparison(offset, operator, left, right)
