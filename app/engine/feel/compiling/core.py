"""The compiler: scopes known before anything runs, and one closure per node (DMN 1.5, 10.3.2.11 and 10.3.2.15)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.engine.feel import syntax
from app.engine.feel.environment import Environment, Frame, Run
from app.engine.feel.errors import FeelError
from app.engine.feel.lexer import full_width_symbol
from app.engine.feel.registry import BuiltIn, FunctionRegistry
from app.engine.feel.values import NATIVE, as_list, native

Code = Callable[[Frame], object]


@dataclass(frozen=True, slots=True)
class Scope:
    """Local names at a place of the text.

    `size` counts the slots in use; `item` is the slot of a filter's item, `growing` that of a list still being built.
    """

    names: Mapping[str, int] = field(default_factory=dict)
    parent: "Scope | None" = None
    size: int = 0
    item: int | None = None
    growing: int | None = None

    def binding(self, *names: str) -> "Scope":
        """A scope inside this one with a new slot for each name."""
        return Scope({name: self.size + index for index, name in enumerate(names)}, self, self.size + len(names))

    def filtering(self) -> "Scope":
        """A scope inside this one whose item may bring names of its own (rule 50)."""
        return Scope({"item": self.size}, self, self.size + 1, self.size)

    def accumulating(self) -> "Scope":
        """A scope inside this one in which `partial` is the list of the results so far (10.3.2.14)."""
        return Scope({"partial": self.size}, self, self.size + 1, growing=self.size)


@dataclass(frozen=True, slots=True)
class Known:
    """A value found at compile time."""

    value: object


class Compiler:
    """Compiles the nodes of one text.

    `reads` collects the free names met on the way, `certain` those of them that no filter's item can bring; `table`
    tells how each kind of node is compiled.
    """

    @property
    def table(self) -> "Mapping[type[syntax.Node], NodeCompiler]":
        return COMPILERS

    def __init__(self, text: str, declared: frozenset[str], functions: FunctionRegistry) -> None:
        self.text = text
        self.declared = declared
        self.functions = functions
        self.reads: set[str] = set()
        self.certain: set[str] = set()

    def compile(self, node: syntax.Node, scope: Scope) -> Code:
        code = self.table[type(node)](self, node, scope)
        if type(node) in _FOLDED and self.is_constant(node, scope):
            try:
                return constant(code(_bare_frame()))
            except FeelError:
                return code
        return code

    def is_constant(self, node: syntax.Node, scope: Scope) -> bool:
        """Whether the node has the same value wherever it is evaluated."""
        match node:
            case syntax.Literal():
                return True
            case syntax.Negation():
                return self.is_constant(node.operand, scope)
            case syntax.RangeLiteral():
                return self.is_constant(node.low, scope) and self.is_constant(node.high, scope)
            case syntax.ListLiteral():
                return all(self.is_constant(item, scope) for item in node.items)
            case syntax.Invocation(function=syntax.Name() as name):
                function = self.built_in(name.name, scope)
                return (
                    function is not None
                    and function.pure
                    and all(self.is_constant(argument, scope) for argument in node.arguments)
                    and all(self.is_constant(argument, scope) for _, argument in node.named)
                )
        return False

    def known(self, node: syntax.Node, scope: Scope) -> "Known | None":
        """The value of the node when it is known before anything runs."""
        if not self.is_constant(node, scope):
            return None
        try:
            return Known(self.compile(node, scope)(_bare_frame()))
        except FeelError:
            return None

    def built_in(self, name: str, scope: Scope) -> BuiltIn | None:
        """The function called `name` when nothing in scope hides it."""
        if name in self.declared:
            return None
        level: Scope | None = scope
        while level is not None:
            if name in level.names:
                return None
            level = level.parent
        return self.functions.get(name)

    def borrow(self, node: syntax.Node, scope: Scope) -> Code:
        """Compiles a node whose value is only looked at, so that a list in the making need not be copied."""
        return self.name(node, scope, borrowed=True) if isinstance(node, syntax.Name) else self.compile(node, scope)

    def name(self, node: syntax.Name, scope: Scope, *, borrowed: bool = False, called: bool = False) -> Code:
        """A reader for a name: items of filters first, then a local slot, then the caller's variables.

        `borrowed`: the value is only looked at; `called`: it is invoked, so an unknown name is an unknown function.
        """
        name = node.name
        items: list[int] = []
        level: Scope | None = scope
        while level is not None:
            if level.item is not None:
                items.append(level.item)
            if name in level.names:
                slot = level.names[name]
                reader = _copied_slot(slot) if slot == level.growing and not borrowed else _slot(slot)
                return _through_items(items, name, reader) if items else reader
            level = level.parent
        self.reads.add(name)
        if not items:
            self.certain.add(name)
        return self._variable(node, items, called)

    def _variable(self, node: syntax.Name, items: list[int], called: bool) -> Code:
        name, offset, text = node.name, node.offset, self.text
        function = self.functions.get(name)
        code = "feel_unknown_function" if called else "feel_unknown_name"
        if full_width_symbol(name) is not None:
            code = "feel_unknown_name_full_width"

        def missing(frame: Frame) -> object:
            if function is not None:
                return function
            if frame.run.environment.strict:
                raise FeelError(code, offset=offset, text=text, name=name)
            return None

        def read(frame: Frame) -> object:
            try:
                value = frame.variables[name]
            except KeyError:
                return missing(frame)
            return value if type(value) in NATIVE else native(value)

        if not items:
            return read

        def read_in_filter(frame: Frame) -> object:
            try:
                return native(frame.variables[name])
            except KeyError:
                if any(isinstance(frame.slots[slot], Mapping) for slot in items):
                    return function
                return missing(frame)

        return _through_items(items, name, read_in_filter)


_TIMELESS = Environment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))


def _bare_frame() -> Frame:
    """Where a constant is evaluated: it reads no variables, and no time."""
    return Frame({}, [], Run(_TIMELESS))


def constant(value: object) -> Code:
    return lambda frame: value


def _slot(slot: int) -> Code:
    return lambda frame: frame.slots[slot]


def _copied_slot(slot: int) -> Code:
    def read(frame: Frame) -> object:
        growing = as_list(frame.slots[slot])
        frame.run.items(len(growing))
        return list(growing)

    return read


def _through_items(items: list[int], name: str, otherwise: Code) -> Code:
    def read(frame: Frame) -> object:
        for slot in items:
            item = frame.slots[slot]
            if isinstance(item, Mapping) and name in item:
                return native(item[name])
        return otherwise(frame)

    return read


def _compile_literal(compiler: Compiler, node: syntax.Literal, scope: Scope) -> Code:
    return constant(node.value)


def _compile_name(compiler: Compiler, node: syntax.Name, scope: Scope) -> Code:
    return compiler.name(node, scope)


NodeCompiler = Callable[[Compiler, Any, Scope], Code]
COMPILERS: dict[type[syntax.Node], NodeCompiler] = {
    syntax.Literal: _compile_literal,
    syntax.Name: _compile_name,
}
_FOLDED = frozenset({syntax.Negation, syntax.RangeLiteral, syntax.Invocation})
