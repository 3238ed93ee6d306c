"""What only JUEL has: `empty`, subscripts from 0, text with expressions inside, loose operators, a few Java methods."""

from collections import ChainMap
from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from functools import partial
from typing import Any

from app.engine.feel import syntax
from app.engine.feel.arithmetic import OPERATIONS, Operation
from app.engine.feel.comparison import OPERATORS, equal
from app.engine.feel.compiling.collections import item_at
from app.engine.feel.compiling.core import COMPILERS, Code, Compiler, NodeCompiler, Scope
from app.engine.feel.environment import Frame, Run
from app.engine.feel.errors import FeelError
from app.engine.feel.temporal import SECOND, Date, DateTime, TemporalError
from app.engine.feel.text import string_of
from app.engine.feel.values import NUMBERS, as_list, kind, native, parse_number

_UNITS = {"Seconds": SECOND, "Minutes": 60 * SECOND, "Hours": 3600 * SECOND}


# Values as JUEL takes them


def _truth(value: object) -> bool:
    """EL 2.2, 1.18.5."""
    if type(value) is bool:
        return value
    if value is None or value == "":
        return False
    if type(value) is str:
        return value.lower() == "true"
    raise FeelError("juel_not_a", value=_shown(value), type="boolean")


def _number(value: object) -> Decimal:
    """EL 2.2, 1.18.3."""
    if type(value) is Decimal:
        return value
    if value is None or value == "":
        return Decimal(0)
    if type(value) is str:
        try:
            return parse_number(value.strip())
        except (FeelError, DecimalException):
            pass
    raise FeelError("juel_not_a", value=_shown(value), type="number")


def _shown(value: object) -> str:
    return str(value)[:80]


def _same(left: object, right: object, run: Run) -> bool:
    """EL 2.2, 1.8.2."""
    if left is None or right is None:
        return left is right
    if type(left) is type(right):
        return equal(left, right, run) is True
    if type(left) is Decimal or type(right) is Decimal:
        return _number(left) == _number(right)
    if type(left) is bool or type(right) is bool:
        return _truth(left) is _truth(right)
    if type(left) is str or type(right) is str:
        return string_of(left, run) == string_of(right, run)
    return equal(left, right, run) is True


def _ordered(operator: str, left: object, right: object, run: Run) -> bool:
    """EL 2.2, 1.8.1: with null there is no order."""
    if left is None or right is None:
        return left is right and operator in ("<=", ">=")
    if type(left) is Decimal or type(right) is Decimal:
        left, right = _number(left), _number(right)
    elif type(left) is not type(right) and (type(left) is str or type(right) is str):
        left, right = string_of(left, run), string_of(right, run)
    order: Callable[[Any, Any], bool] = OPERATORS[operator]
    try:
        return order(left, right)
    except TypeError:
        raise FeelError("juel_not_a", value=_shown(left), type="number") from None


def _remainder(left: object, right: object, run: Run) -> object:
    """As Java divides: the sign is that of the dividend."""
    divisor = _number(right)
    return NUMBERS.remainder(_number(left), divisor) if divisor else None


def _calculated(operator: str, left: object, right: object, run: Run) -> object:
    return OPERATIONS[operator](_number(left), _number(right), run)


_LOOSE: dict[str, Operation] = {
    "=": _same,
    "!=": lambda left, right, run: not _same(left, right, run),
    **{operator: partial(_ordered, operator) for operator in OPERATORS},
    **{operator: partial(_calculated, operator) for operator in ("+", "-", "*", "/")},
}


# Nodes


def _empty(compiler: Compiler, node: syntax.Empty, scope: Scope) -> Code:
    operand = compiler.compile(node.operand, scope)
    return lambda frame: _is_empty(operand(frame))


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str | list | Mapping) and not value)


def _subscript(compiler: Compiler, node: syntax.Subscript, scope: Scope) -> Code:
    source, key = compiler.compile(node.source, scope), compiler.compile(node.key, scope)
    return lambda frame: _entry(source(frame), key(frame))


def _entry(value: object, index: object) -> object:
    if isinstance(value, Mapping) and isinstance(index, str):
        return native(value.get(index))
    if kind(value) == "list" and isinstance(index, Decimal) and index >= 0:
        return item_at(as_list(value), NUMBERS.add(index, Decimal(1)))
    return None


def _template(compiler: Compiler, node: syntax.Template, scope: Scope) -> Code:
    parts = [compiler.compile(part, scope) for part in node.parts]

    def join(frame: Frame) -> str:
        texts = [string_of(part(frame), frame.run) or "" for part in parts]
        frame.run.characters(sum(map(len, texts)))
        return "".join(texts)

    return join


def _comparison(compiler: Compiler, node: syntax.Comparison, scope: Scope) -> Code:
    return _binary(compiler, _LOOSE[node.operator], node, (node.left, node.right), scope)


def _arithmetic(compiler: Compiler, node: syntax.Arithmetic, scope: Scope) -> Code:
    ((operator, operand),) = node.rest
    return _binary(compiler, _LOOSE[operator], node, (node.first, operand), scope)


def _negation(compiler: Compiler, node: syntax.Negation, scope: Scope) -> Code:
    operand = compiler.compile(node.operand, scope)
    return _located(lambda frame: NUMBERS.minus(_number(operand(frame))), compiler.text, node.offset)


def _conjunction(compiler: Compiler, node: syntax.Conjunction, scope: Scope) -> Code:
    left, right = (compiler.compile(operand, scope) for operand in node.operands)
    return _located(lambda frame: _truth(left(frame)) and _truth(right(frame)), compiler.text, node.offset)


def _disjunction(compiler: Compiler, node: syntax.Disjunction, scope: Scope) -> Code:
    left, right = (compiler.compile(operand, scope) for operand in node.operands)
    return _located(lambda frame: _truth(left(frame)) or _truth(right(frame)), compiler.text, node.offset)


def _if(compiler: Compiler, node: syntax.If, scope: Scope) -> Code:
    ((test, chosen),) = node.branches
    condition, value = compiler.compile(test, scope), compiler.compile(chosen, scope)
    otherwise = compiler.compile(node.otherwise, scope)
    return _located(
        lambda frame: value(frame) if _truth(condition(frame)) else otherwise(frame), compiler.text, node.offset
    )


def _invocation(compiler: Compiler, node: syntax.Invocation, scope: Scope) -> Code:
    """`!` and `%`, which the tree writes as `not` and `modulo`."""
    if len(node.arguments) == 2:
        return _binary(compiler, _remainder, node, node.arguments, scope)
    operand = compiler.compile(node.arguments[0], scope)
    return _located(lambda frame: not _truth(operand(frame)), compiler.text, node.offset)


def _binary(
    compiler: Compiler, operation: Operation, node: syntax.Node, operands: tuple[syntax.Node, ...], scope: Scope
) -> Code:
    left, right = (compiler.compile(operand, scope) for operand in operands)
    return _located(lambda frame: operation(left(frame), right(frame), frame.run), compiler.text, node.offset)


def _held(compiler: Compiler, node: syntax.Held, scope: Scope) -> Code:
    name, asked = node.name, node.asked
    compiler.reads.add(name)
    compiler.certain.add(name)

    def read(frame: Frame) -> object:
        try:
            value = native(frame.variables[name])
        except KeyError:
            return False if asked else None
        return True if asked else value

    return read


def _method(compiler: Compiler, node: syntax.Method, scope: Scope) -> Code:
    if node.target is None:
        return FUNCTIONS[node.name]
    target, call, name = compiler.compile(node.target, scope), METHODS[node.name][1], node.name
    arguments = [compiler.compile(argument, scope) for argument in node.arguments]

    def run(frame: Frame) -> object:
        value = target(frame)
        try:
            return call(value, *(argument(frame) for argument in arguments))
        except (TypeError, AttributeError, TemporalError):
            raise FeelError("juel_method_unfit", name=name, value=_shown(value)) from None

    return _located(run, compiler.text, node.offset)


def _located(code: Code, text: str, offset: int) -> Code:
    def run(frame: Frame) -> object:
        try:
            return code(frame)
        except FeelError as error:
            error.locate(text, offset)
            raise

    return run


# Methods


def _now(frame: Frame) -> DateTime:
    environment = frame.run.environment
    return DateTime.from_python(environment.now.astimezone(environment.zone))


def _size(value: object) -> Decimal:
    if isinstance(value, str | Mapping) or kind(value) == "list":
        return Decimal(len(value))  # type: ignore[arg-type]
    raise TypeError


def _got(value: object, key: object) -> object:
    if value is None:
        raise TypeError
    return _entry(value, key)


def _contains(value: object, wanted: object) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return wanted in value
    if kind(value) == "list":
        return any(native(item) == native(wanted) for item in as_list(value))
    raise TypeError


def _equals(value: object, other: object) -> bool:
    if value is None:
        raise TypeError
    return type(value) is type(other) and value == other


def _whole(value: object) -> Decimal:
    number = _number(value)
    return number.to_integral_value(rounding="ROUND_DOWN")


def _later(unit: str, sign: int) -> Callable[[object, object], object]:
    def move(value: object, count: object) -> object:
        steps = sign * int(_number(count))
        if not isinstance(value, DateTime | Date):
            raise TypeError
        if unit in ("Years", "Months"):
            return value.plus_months(steps * (12 if unit == "Years" else 1))
        if isinstance(value, Date):
            return value.plus_days(steps * (7 if unit == "Weeks" else 1))
        if unit in _UNITS:
            return value.plus(steps * _UNITS[unit])
        return DateTime(value.date.plus_days(steps * (7 if unit == "Weeks" else 1)), value.time)

    return move


def _same_moment(value: object) -> object:
    if not isinstance(value, DateTime | Date):
        raise TypeError
    return value


FUNCTIONS: dict[str, Code] = {"now": _now, "dateTime": _now}
"""Camunda's own functions that need nothing but the clock."""

METHODS: dict[str, tuple[int, Callable[..., object]]] = {
    "equals": (1, _equals),
    "equalsIgnoreCase": (1, lambda value, other: str.lower(value) == (other.lower() if type(other) is str else None)),
    "isEmpty": (0, lambda value: _size(value) == 0),
    "size": (0, _size),
    "length": (0, _size),
    "get": (1, _got),
    "contains": (1, _contains),
    "containsKey": (1, lambda value, key: dict.__contains__(value, key)),
    "startsWith": (1, str.startswith),
    "endsWith": (1, str.endswith),
    "toLowerCase": (0, str.lower),
    "toUpperCase": (0, str.upper),
    "trim": (0, str.strip),
    "intValue": (0, _whole),
    "longValue": (0, _whole),
    "doubleValue": (0, _number),
    "booleanValue": (0, _truth),
    "toDate": (0, _same_moment),
    **{
        f"{way}{unit}": (1, _later(unit, sign))
        for way, sign in (("plus", 1), ("minus", -1))
        for unit in ("Years", "Months", "Weeks", "Days", "Hours", "Minutes", "Seconds")
    },
}
"""Java methods with a plain meaning: how many arguments they take, and what they do."""


COMPILERS.update(
    {
        syntax.Empty: _empty,
        syntax.Subscript: _subscript,
        syntax.Template: _template,
        syntax.Held: _held,
        syntax.Method: _method,
    }
)

_OPERATORS: dict[type[syntax.Node], NodeCompiler] = {
    syntax.Comparison: _comparison,
    syntax.Arithmetic: _arithmetic,
    syntax.Negation: _negation,
    syntax.Conjunction: _conjunction,
    syntax.Disjunction: _disjunction,
    syntax.If: _if,
    syntax.Invocation: _invocation,
}


class JuelCompiler(Compiler):
    """Compiles the tree of a JUEL text: its operators take their operands as EL 2.2 says."""

    @property
    def table(self) -> Mapping[type[syntax.Node], NodeCompiler]:
        return ChainMap(_OPERATORS, COMPILERS)
