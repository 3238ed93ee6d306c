"""Lists, contexts, ranges, paths and filters (DMN 1.5, 10.3.2.5 to 10.3.2.7, tables 64, 68 and 69)."""

from collections.abc import Mapping
from decimal import Decimal

from app.engine.feel import syntax
from app.engine.feel.comparison import ORDERED, compare
from app.engine.feel.compiling.core import COMPILERS, Code, Compiler, Scope
from app.engine.feel.environment import Frame
from app.engine.feel.errors import FeelError
from app.engine.feel.properties import property_of
from app.engine.feel.ranges import Range
from app.engine.feel.values import as_list, kind, native


def _list(compiler: Compiler, node: syntax.ListLiteral, scope: Scope) -> Code:
    items = [compiler.compile(item, scope) for item in node.items]
    return lambda frame: [item(frame) for item in items]


def _context(compiler: Compiler, node: syntax.ContextLiteral, scope: Scope) -> Code:
    """Entries see those before them; a function sees its own entry, so that it may call itself."""
    keys = [key for key, _ in node.entries]
    if len(set(keys)) != len(keys):
        return lambda frame: None
    base = scope.size
    seen: dict[str, int] = {}
    inner = Scope(seen, scope, base + len(keys))
    codes = []
    for slot, (key, value) in enumerate(node.entries, base):
        if isinstance(value, syntax.FunctionDefinition):
            seen[key] = slot
        codes.append((key, slot, compiler.compile(value, inner)))
        seen[key] = slot

    def build(frame: Frame) -> object:
        inner = frame.extended(*[None] * len(codes))
        result = {}
        for key, slot, code in codes:
            value = code(inner)
            inner.slots[slot] = value
            result[key] = value
        return result

    return build


def make_range(low: object, high: object, low_closed: bool, high_closed: bool) -> Range | None:
    """The range between two values, null when they have no order or are in the wrong one."""
    if low is None and high is None:
        return None
    low, high = native(low), native(high)
    if any(end is not None and kind(end) not in ORDERED for end in (low, high)):
        return None
    if low is not None and high is not None and compare("<=", low, high) is not True:
        return None
    return Range(low, high, low_closed, high_closed)


def _range(compiler: Compiler, node: syntax.RangeLiteral, scope: Scope) -> Code:
    low, high = compiler.compile(node.low, scope), compiler.compile(node.high, scope)
    low_closed, high_closed = node.low_closed, node.high_closed
    return lambda frame: make_range(low(frame), high(frame), low_closed, high_closed)


def _operator_range(compiler: Compiler, node: syntax.OperatorTest, scope: Scope) -> Code:
    operand, operator = compiler.compile(node.operand, scope), node.operator

    def build(frame: Frame) -> Range | None:
        value = native(operand(frame))
        return Range.from_comparison(operator, value) if kind(value) in ORDERED else None

    return build


def _path(compiler: Compiler, node: syntax.Path, scope: Scope) -> Code:
    source, name = compiler.compile(node.source, scope), node.name

    def read(frame: Frame) -> object:
        value = source(frame)
        if type(value) is dict:
            found = value.get(name)
            return found if type(found) is str else native(found)
        return _follow(value, name, frame)

    return read


def _follow(value: object, name: str, frame: Frame) -> object:
    if isinstance(value, Mapping):
        return native(value.get(name))
    if kind(value) == "list":
        items = as_list(value)
        frame.run.items(len(items))
        return [_follow(native(item), name, frame) for item in items]
    return property_of(value, name)


def _filter(compiler: Compiler, node: syntax.Filter, scope: Scope) -> Code:
    source = compiler.borrow(node.source, scope)
    inner_scope = scope.filtering()
    index = compiler.known(node.condition, inner_scope)
    if index is not None and type(index.value) is Decimal:
        return _nth(source, index.value)
    condition = compiler.compile(node.condition, inner_scope)
    captures = contains_function(node.condition)
    offset, text = node.offset, compiler.text

    def select(frame: Frame) -> object:
        value = source(frame)
        items = as_list(value) if kind(value) == "list" else [] if value is None else [value]
        if not items:
            return None if _is_position(condition, frame) else []
        inner = frame.extended(None)
        slot = len(frame.slots)
        charge = frame.run.charge
        chosen: list[object] = []
        try:
            for item in items:
                charge()
                if captures:
                    inner = frame.extended(None)
                inner.slots[slot] = native(item)
                answer = condition(inner)
                if answer is True:
                    chosen.append(item)
                elif type(answer) is Decimal:
                    return item_at(items, answer)
        except FeelError as error:
            error.locate(text, offset)
            raise
        return chosen

    return select


def _is_position(condition: Code, frame: Frame) -> bool:
    """Whether the condition on an empty list asks for an item by its position."""
    try:
        return type(condition(frame.extended(None))) is Decimal
    except FeelError:
        return False


def _nth(source: Code, index: Decimal) -> Code:
    def select(frame: Frame) -> object:
        value = source(frame)
        if value is None:
            return None
        return item_at(as_list(value) if kind(value) == "list" else [value], index)

    return select


def item_at(items: list[object], index: Decimal) -> object:
    """The item at a position counted from 1, or from the end when negative; null outside."""
    if index.adjusted() > 12 or index != index.to_integral_value():
        return None
    position = int(index)
    if 0 < position <= len(items):
        return native(items[position - 1])
    if -len(items) <= position < 0:
        return native(items[position])
    return None


def contains_function(node: object) -> bool:
    """Whether a function is defined in the node, so that frames below it may outlive their turn."""
    if isinstance(node, syntax.FunctionDefinition):
        return True
    if isinstance(node, tuple):
        return any(contains_function(part) for part in node)
    if isinstance(node, syntax.Node | syntax.Iterator):
        return any(contains_function(getattr(node, slot)) for slot in node.__match_args__)
    return False


COMPILERS.update(
    {
        syntax.ListLiteral: _list,
        syntax.ContextLiteral: _context,
        syntax.RangeLiteral: _range,
        syntax.OperatorTest: _operator_range,
        syntax.Path: _path,
        syntax.Filter: _filter,
    }
)
