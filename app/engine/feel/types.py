"""Types for `instance of`, parameters and item definitions (DMN 1.5, 10.3.2.9, rule 52 and table 61)."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any as AnyValue
from typing import Protocol

from app.engine.feel.ranges import Range
from app.engine.feel.temporal import Date, DateTime, Time
from app.engine.feel.values import Function, as_list, kind, native


class FeelType(Protocol):
    """What a value may be. Item definitions may bring their own."""

    def accepts(self, value: object) -> bool:
        """Whether the value is an instance of the type; null is not."""
        ...

    def converted(self, value: object) -> object:
        """The value after the implicit conversions of 10.3.2.9.4, or null when it does not conform."""
        ...


class _Converting(ABC):
    @abstractmethod
    def accepts(self, value: object) -> bool: ...

    def converted(self, value: object) -> object:
        value = native(value)
        if value is None or self.accepts(value):
            return value
        if isinstance(self, ListType):
            return [value] if self.accepts([value]) else None
        if kind(value) == "list":
            items = as_list(value)
            if len(items) == 1:
                return self.converted(items[0])
            return None
        if type(value) is Date and self == DATE_AND_TIME:
            return DateTime(value, Time(0, 0))
        return None


@dataclass(frozen=True, slots=True)
class AnyType(_Converting):
    def accepts(self, value: object) -> bool:
        return value is not None

    def converted(self, value: object) -> object:
        return native(value)


@dataclass(frozen=True, slots=True)
class NullType(_Converting):
    def accepts(self, value: object) -> bool:
        return value is None


@dataclass(frozen=True, slots=True)
class SimpleType(_Converting):
    """A type that is told by the kind of the value."""

    name: str

    def accepts(self, value: object) -> bool:
        return kind(value) == self.name


@dataclass(frozen=True, slots=True)
class UnknownType(_Converting):
    """A name that no type has: `instance of` it is null."""

    name: str

    def accepts(self, value: object) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class ListType(_Converting):
    item: FeelType

    def accepts(self, value: object) -> bool:
        if kind(value) != "list":
            return False
        return isinstance(self.item, AnyType) or all(self.item.accepts(item) for item in as_list(value))


@dataclass(frozen=True, slots=True)
class RangeType(_Converting):
    endpoint: FeelType

    def accepts(self, value: object) -> bool:
        if type(value) is not Range:
            return False
        return all(end is None or self.endpoint.accepts(end) for end in (value.low, value.high))


@dataclass(frozen=True, slots=True)
class ContextType(_Converting):
    """A context with at least these entries."""

    entries: tuple[tuple[str, FeelType], ...] = ()

    def accepts(self, value: object) -> bool:
        if not isinstance(value, Mapping):
            return False
        return all(
            name in value and (value[name] is None or type_.accepts(native(value[name])))
            for name, type_ in self.entries
        )


@dataclass(frozen=True, slots=True)
class FunctionType(_Converting):
    """`function<parameters> -> result`; None when the signature is left open."""

    parameters: tuple[FeelType, ...] | None = None
    result: FeelType | None = None

    def accepts(self, value: object) -> bool:
        if not isinstance(value, Function):
            return False
        if self.parameters is None:
            return True
        return (
            len(value.parameters) == len(self.parameters)
            and all(
                wanted is None or conforms(given, wanted)
                for given, wanted in zip(self.parameters, value.types, strict=True)
            )
            and (self.result is None or value.result is None or conforms(value.result, self.result))
        )


ANY = AnyType()
NUMBER = SimpleType("number")
STRING = SimpleType("string")
BOOLEAN = SimpleType("boolean")
DATE = SimpleType("date")
TIME = SimpleType("time")
DATE_AND_TIME = SimpleType("date and time")
DAYS_TIME_DURATION = SimpleType("days and time duration")
YEARS_MONTHS_DURATION = SimpleType("years and months duration")

NAMED_TYPES: Mapping[str, FeelType] = {
    "Any": ANY,
    "Null": NullType(),
    "number": NUMBER,
    "string": STRING,
    "boolean": BOOLEAN,
    "date": DATE,
    "time": TIME,
    "date and time": DATE_AND_TIME,
    "dateTime": DATE_AND_TIME,
    "days and time duration": DAYS_TIME_DURATION,
    "dayTimeDuration": DAYS_TIME_DURATION,
    "years and months duration": YEARS_MONTHS_DURATION,
    "yearMonthDuration": YEARS_MONTHS_DURATION,
    "list": ListType(ANY),
    "context": ContextType(),
    "range": RangeType(ANY),
    "function": FunctionType(),
}


def conforms(left: AnyValue, right: AnyValue) -> bool:
    """Whether every instance of `left` is one of `right` (10.3.2.9.2)."""
    if left == right or isinstance(right, AnyType) or isinstance(left, NullType):
        return True
    match left, right:
        case ListType(), ListType():
            return conforms(left.item, right.item)
        case RangeType(), RangeType():
            return conforms(left.endpoint, right.endpoint)
        case ContextType(), ContextType():
            own = dict(left.entries)
            return all(name in own and conforms(own[name], type_) for name, type_ in right.entries)
        case FunctionType(), FunctionType():
            if left.parameters is None or right.parameters is None:
                return right.parameters is None
            return (
                len(left.parameters) == len(right.parameters)
                and all(conforms(b, a) for a, b in zip(left.parameters, right.parameters, strict=True))
                and (right.result is None or (left.result is not None and conforms(left.result, right.result)))
            )
    return False
