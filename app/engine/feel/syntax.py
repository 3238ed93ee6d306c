"""The syntax tree of FEEL (DMN 1.5, 10.3.1.2). `offset` is where a node begins in the text."""

from dataclasses import dataclass

from app.engine.feel.types import FeelType


@dataclass(frozen=True, slots=True)
class Node:
    offset: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, string, boolean, null or temporal literal; rules 31 to 37, 60 and 65."""

    value: object


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """Rule 54."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """Rules 57 to 59; an entry sees those before it."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    """Rules 8 to 12."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class OperatorTest(Node):
    """`< e`, `<= e`, `> e`, `>= e`, `= e`, `!= e` as a unary test (rule 7a), or as the range `(<e)`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """A chain of operators of one precedence, from the left; rules 19 to 23."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """Rule 24."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """Rule 49a."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """Rule 49b."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """Rules 49c and 49d: one of the positive unary tests holds."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Conjunction(Node):
    """Rule 48."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Disjunction(Node):
    """Rule 47."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """Rule 45; a chain of `else if` is one node."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator:
    """`name in source`, or `name in source..end`."""

    name: str
    source: Node
    end: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    """Rules 44 and 63."""

    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """Rule 46."""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Node):
    """Rules 55 and 56; `external` functions have no body of ours."""

    parameters: tuple[tuple[str, FeelType | None], ...]
    body: Node
    external: bool


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """Rule 51."""

    value: Node
    type: FeelType


@dataclass(frozen=True, slots=True)
class Path(Node):
    """Rule 43."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """Rule 50."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Invocation(Node):
    """Rules 38 to 42; arguments either by position or by name."""

    function: Node
    arguments: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class UnaryTestsNode(Node):
    """Rules 13 to 15: positive tests, their negation, or `-` (no tests)."""

    tests: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Empty(Node):
    """JUEL's `empty e`: null, or a string, list or context without content."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Subscript(Node):
    """JUEL's `e[key]`: an item counted from 0, or an entry by its name."""

    source: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Template(Node):
    """JUEL text with `${…}` inside: the parts as one string."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Held(Node):
    """`execution.getVariable('name')`: null when nothing was set. `asked`: is it set at all?"""

    name: str
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Method(Node):
    """One of the few Java methods whose meaning is plain: `list.size()`, `text.startsWith('a')`, `dateTime()`."""

    target: Node | None
    name: str
    arguments: tuple[Node, ...]
