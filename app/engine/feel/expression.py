"""Compiled expressions and unary tests: what the rest of the engine holds and evaluates."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.engine.feel import syntax
from app.engine.feel.builtins import STANDARD
from app.engine.feel.compiling.core import Code, Compiler, Scope
from app.engine.feel.compiling.tests import INPUT, TestCode, compile_tests, uses_input
from app.engine.feel.environment import Environment, Frame, Run
from app.engine.feel.errors import FeelError, FeelLimitError, FeelSyntaxError
from app.engine.feel.lexer import normalized
from app.engine.feel.limits import MAX_NESTING
from app.engine.feel.parser import Parser
from app.engine.feel.ranges import Range
from app.engine.feel.registry import FunctionRegistry
from app.engine.feel.types import FeelType

_MAX_CACHED = 4_000
"""Longer texts are compiled anew, so that the cache stays small."""


class Expression:
    """A compiled expression: immutable, and safe to evaluate in several threads at once.

    `text` is its source, `tree` its syntax tree, `names` the free variables it reads. In a filter a name may be an
    entry of the item as well as a variable: `certain_names` leaves out those that are read nowhere else.
    """

    __slots__ = ("_code", "certain_names", "names", "text", "tree")

    def __init__(self, text: str, tree: syntax.Node, code: Code, compiler: Compiler) -> None:
        self.text = text
        self.tree = tree
        self.names = frozenset(compiler.reads)
        self.certain_names = frozenset(compiler.certain)
        self._code = code

    def evaluate(self, variables: Mapping[str, object], environment: Environment) -> object:
        """The value of the expression.

        `variables` holds FEEL values by name and is read only where the expression needs one. Raises FeelError, located
        in the text, for an unknown name in a strict environment and for an exhausted budget.
        """
        try:
            return self._code(Frame(variables, [], Run(environment)))
        except FeelError as error:
            error.locate(self.text)
            raise
        except RecursionError:
            raise FeelLimitError("feel_nested_too_deeply", text=self.text, limit=MAX_NESTING) from None

    def evaluate_within(self, variables: Mapping[str, object], run: Run) -> object:
        """The value of the expression as a part of another evaluation, whose budgets it shares."""
        try:
            return self._code(Frame(variables, [], run))
        except FeelError as error:
            error.locate(self.text)
            raise

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


@dataclass(frozen=True, slots=True)
class Test:
    """One positive unary test as the lint of tables reads it.

    `operator` is one of `=`, `!=`, `<`, `<=`, `>`, `>=`, `in` when the test compares the input with `value`, known at
    compile time (for `in` a Range or a list); it is "" for any other test. `uses_input`: the test reads `?`.
    """

    operator: str
    value: object
    uses_input: bool


class UnaryTests:
    """A compiled table cell: immutable, and safe to use in several threads at once.

    `tests` are its positive tests (none for `-`), `negated` tells `not(…)`, `names` and `certain_names` are the free
    variables read, as in Expression.
    """

    __slots__ = ("_code", "certain_names", "names", "negated", "tests", "text", "tree")

    def __init__(
        self,
        text: str,
        tree: syntax.UnaryTestsNode,
        code: TestCode | None,
        compiler: Compiler,
        tests: tuple[Test, ...],
    ) -> None:
        self.text = text
        self.tree = tree
        self.names = frozenset(compiler.reads)
        self.certain_names = frozenset(compiler.certain)
        self.tests = tests
        self.negated = tree.negated
        self._code = code

    @property
    def is_any(self) -> bool:
        """Whether the cell is `-` or empty: every input matches."""
        return self._code is None

    def matches(self, value: object, variables: Mapping[str, object], environment: Environment) -> bool:
        """Whether the input `value` satisfies the tests; an undecided test is not satisfied. Raises FeelError."""
        return self.matches_within(value, variables, Run(environment))

    def matches_within(self, value: object, variables: Mapping[str, object], run: Run) -> bool:
        """The same as a part of another evaluation, whose budgets it shares."""
        if self._code is None:
            return True
        try:
            answer = self._code(Frame(variables, [value], run), value)
        except FeelError as error:
            error.locate(self.text)
            raise
        except RecursionError:
            raise FeelLimitError("feel_nested_too_deeply", text=self.text, limit=MAX_NESTING) from None
        return answer is False if self.negated else answer is True

    def __repr__(self) -> str:
        return f"UnaryTests({self.text!r})"


def compile_expression(
    text: str,
    *,
    names: Collection[str] = (),
    types: Mapping[str, FeelType] | None = None,
    functions: FunctionRegistry = STANDARD,
) -> Expression:
    """Compile an expression of chapter 10.

    `names`: the declared names in scope; those with spaces or operators cannot be told from the text alone.
    `types`: item definitions by name, for `instance of` and parameters. Raises FeelSyntaxError with line and column.
    """
    declared = _declared(frozenset(names))
    if types or len(text) > _MAX_CACHED:
        return _expression(text, declared, types, functions)
    return _cached_expression(text, declared, functions)


def compile_unary_tests(
    text: str,
    *,
    names: Collection[str] = (),
    types: Mapping[str, FeelType] | None = None,
    functions: FunctionRegistry = STANDARD,
) -> UnaryTests:
    """Compile the unary tests of a table cell, in which `?` is the input; parameters as for `compile_expression`."""
    declared = _declared(frozenset(names))
    if types or len(text) > _MAX_CACHED:
        return _unary_tests(text, declared, types, functions)
    return _cached_unary_tests(text, declared, functions)


def _expression(
    text: str, declared: frozenset[str], types: Mapping[str, FeelType] | None, functions: FunctionRegistry
) -> Expression:
    parser = Parser(text, declared, functions.long_names, types)
    try:
        tree = parser.parse_expression()
        return expression_of(text, tree, declared, functions)
    except RecursionError:
        raise FeelSyntaxError("feel_nested_too_deeply", offset=0, text=text, limit=MAX_NESTING) from None


def expression_of(
    text: str,
    tree: syntax.Node,
    declared: frozenset[str] = frozenset(),
    functions: FunctionRegistry = STANDARD,
    compiler: type[Compiler] = Compiler,
) -> Expression:
    """Compile a tree that stands for `text`."""
    compiling = compiler(text, declared, functions)
    code = compiling.compile(tree, Scope())
    return Expression(text, tree, code, compiling)


def _unary_tests(
    text: str, declared: frozenset[str], types: Mapping[str, FeelType] | None, functions: FunctionRegistry
) -> UnaryTests:
    parser = Parser(text, declared, functions.long_names, types)
    try:
        tree = parser.parse_unary_tests()
        compiler = Compiler(text, declared, functions)
        scope = Scope().binding(INPUT)
        code = compile_tests(compiler, tree.tests, scope) if tree.tests else None
        tests = tuple(_described(compiler, node, scope) for node in tree.tests)
    except RecursionError:
        raise FeelSyntaxError("feel_nested_too_deeply", offset=0, text=text, limit=MAX_NESTING) from None
    return UnaryTests(text, tree, code, compiler, tests)


def _described(compiler: Compiler, node: syntax.Node, scope: Scope) -> Test:
    if isinstance(node, syntax.OperatorTest):
        known = compiler.known(node.operand, scope)
        if known is not None:
            return Test(node.operator, known.value, False)
    else:
        known = compiler.known(node, scope)
        if known is not None:
            return Test("in" if isinstance(known.value, Range | list) else "=", known.value, False)
    return Test("", None, uses_input(node))


@lru_cache(maxsize=512)
def _declared(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name if name.isidentifier() else normalized(name) for name in names)


_cached_expression = lru_cache(maxsize=8192)(
    lambda text, declared, functions: _expression(text, declared, None, functions)
)
_cached_unary_tests = lru_cache(maxsize=32768)(
    lambda text, declared, functions: _unary_tests(text, declared, None, functions)
)
