"""`for`, `some` and `every` (DMN 1.5, 10.3.2.14 and table 49)."""

from collections.abc import Callable, Iterable
from collections.abc import Iterator as Iteration
from decimal import Decimal

from app.engine.feel import syntax
from app.engine.feel.compiling.collections import contains_function
from app.engine.feel.compiling.core import COMPILERS, Code, Compiler, Scope
from app.engine.feel.environment import Frame
from app.engine.feel.errors import FeelError
from app.engine.feel.ranges import Range
from app.engine.feel.temporal import Date
from app.engine.feel.values import as_list, kind, native, number

Domain = Callable[[Frame], Iterable[object] | None]


def _compile_iterators(
    compiler: Compiler, iterators: tuple[syntax.Iterator, ...], scope: Scope
) -> tuple[list[Domain], Scope]:
    """The domain of each iterator, and the scope in which all their names are known."""
    domains: list[Domain] = []
    for iterator in iterators:
        source = compiler.compile(iterator.source, scope)
        end = compiler.compile(iterator.end, scope) if iterator.end is not None else None
        domains.append(_domain_of_list(source) if end is None else _domain_of_interval(source, end))
        scope = scope.binding(iterator.name)
    return domains, scope


def _domain_of_list(source: Code) -> Domain:
    def domain(frame: Frame) -> Iterable[object] | None:
        value = source(frame)
        if value is None:
            return None
        if type(value) is Range:
            return _inside(value)
        return as_list(value) if kind(value) == "list" else [value]

    return domain


def _domain_of_interval(source: Code, end: Code) -> Domain:
    return lambda frame: _interval(native(source(frame)), native(end(frame)))


def _inside(range_: Range) -> Iterable[object] | None:
    """The whole numbers or the days of a range, upwards or downwards."""
    span = _span(range_.low, range_.high)
    if span is None:
        return None
    low, high, build = span
    step = 1 if high >= low else -1
    start = low if range_.low_closed else low + step
    stop = high + step if range_.high_closed else high
    return (build(position) for position in range(start, stop, step))


def _interval(low: object, high: object) -> Iterable[object] | None:
    return _inside(Range(low, high, True, True))


def _span(low: object, high: object) -> tuple[int, int, Callable[[int], object]] | None:
    if type(low) is Date and type(high) is Date:
        return low.days, high.days, Date.from_days
    if type(low) is Decimal and type(high) is Decimal:
        if low != low.to_integral_value() or high != high.to_integral_value():
            return None
        if low.adjusted() > 40 or high.adjusted() > 40:
            return None
        return int(low), int(high), number
    return None


class _NoDomain(Exception):
    """An iterator ranges over null."""


def _turns(domains: list[Domain], frame: Frame, base: int, fresh: bool) -> Iteration[Frame]:
    """A frame for every combination of the iterators' values, the last one turning fastest."""
    domain, rest = domains[0], domains[1:]
    values = domain(frame)
    if values is None:
        raise _NoDomain
    charge = frame.run.charge
    inner = frame.extended(None)
    for value in values:
        charge()
        if fresh:
            inner = frame.extended(None)
        inner.slots[base] = native(value)
        if rest:
            yield from _turns(rest, inner, base + 1, fresh)
        else:
            yield inner


def _for(compiler: Compiler, node: syntax.For, scope: Scope) -> Code:
    with_partial = scope.accumulating()
    domains, inner = _compile_iterators(compiler, node.iterators, with_partial)
    body = compiler.compile(node.body, inner)
    fresh = contains_function(node)
    base = with_partial.size
    offset, text = node.offset, compiler.text

    def loop(frame: Frame) -> object:
        partial: list[object] = []
        limit = frame.run.limits.items
        outer = frame.extended(partial)
        try:
            for turn in _turns(domains, outer, base, fresh):
                partial.append(body(turn))
                if len(partial) > limit:
                    frame.run.items(len(partial))
        except _NoDomain:
            return None
        except FeelError as error:
            error.locate(text, offset)
            raise
        return partial

    return loop


def _quantified(compiler: Compiler, node: syntax.Quantified, scope: Scope) -> Code:
    base = scope.size
    domains, inner = _compile_iterators(compiler, node.iterators, scope)
    condition = compiler.compile(node.condition, inner)
    fresh = contains_function(node)
    every = node.every
    offset, text = node.offset, compiler.text

    def test(frame: Frame) -> bool | None:
        answer: bool | None = every
        try:
            for turn in _turns(domains, frame, base, fresh):
                value = condition(turn)
                if value is (not every):
                    return not every
                if value is not every:
                    answer = None
        except _NoDomain:
            return None
        except FeelError as error:
            error.locate(text, offset)
            raise
        return answer

    return test


COMPILERS.update({syntax.For: _for, syntax.Quantified: _quantified})
