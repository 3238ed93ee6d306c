"""The functions that expressions may call by name (DMN 1.5, 10.3.4), and how others are added.

A built-in is declared by its parameters as text, `"start position: number"`. A type may be a choice, `"number|string"`;
`name?` may be left out; `name*` as the last one takes any number of arguments.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from app.engine.feel.environment import Run
from app.engine.feel.errors import FeelError
from app.engine.feel.lexer import NameIndex
from app.engine.feel.temporal import Date, DateTime, TemporalError, Time
from app.engine.feel.values import Function, as_list, kind, native

Implementation = Callable[..., object]
_Implementation = TypeVar("_Implementation", bound=Implementation)

_SHORT_KINDS = {
    "datetime": "date and time",
    "days-time": "days and time duration",
    "years-months": "years and months duration",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a built-in; `kinds` is None for any value, null included."""

    name: str
    kinds: frozenset[str] | None
    optional: bool = False
    variadic: bool = False

    @classmethod
    def parse(cls, text: str) -> "Parameter":
        name, _, types = text.partition(": ")
        kinds = None if types == "any" else frozenset(_SHORT_KINDS.get(part, part) for part in types.split("|"))
        return cls(name.rstrip("?*"), kinds, name.endswith("?"), name.endswith("*"))

    def bind(self, value: object) -> object:
        """The argument after the implicit conversions of 10.3.2.9.4; raises Mismatch when it does not conform."""
        value = native(value)
        if self.kinds is None:
            return value
        name = kind(value)
        if name in self.kinds:
            return value
        if value is None:
            raise Mismatch
        if name == "list" and len(as_list(value)) == 1:
            return self.bind(as_list(value)[0])
        if "list" in self.kinds:
            return [value]
        if type(value) is Date and "date and time" in self.kinds:
            return DateTime(value, Time(0, 0))
        raise Mismatch


class Mismatch(Exception):
    """The arguments do not fit the parameters."""


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature of a built-in and what it does; `call` receives the run and the bound arguments."""

    parameters: tuple[Parameter, ...]
    call: Implementation

    def bind(self, arguments: list[object]) -> list[object]:
        parameters = self.parameters
        if parameters and parameters[-1].variadic:
            fixed = parameters[:-1]
            if len(arguments) < len(fixed):
                raise Mismatch
            bound = [parameter.bind(value) for parameter, value in zip(fixed, arguments, strict=False)]
            return [*bound, *(parameters[-1].bind(value) for value in arguments[len(fixed) :])]
        if len(arguments) > len(parameters):
            raise Mismatch
        if any(not parameter.optional for parameter in parameters[len(arguments) :]):
            raise Mismatch
        return [parameter.bind(value) for parameter, value in zip(parameters, arguments, strict=False)]

    def bind_named(self, arguments: Mapping[str, object]) -> list[object]:
        if any(all(name != parameter.name for parameter in self.parameters) for name in arguments):
            raise Mismatch
        bound: list[object] = []
        for parameter in self.parameters:
            if parameter.name in arguments:
                value = arguments[parameter.name]
                if parameter.variadic and kind(value) == "list":
                    bound.extend(parameter.bind(item) for item in as_list(value))
                else:
                    bound.append(parameter.bind(value))
            elif parameter.optional:
                bound.append(None)
            elif not parameter.variadic:
                bound.append(parameter.bind(None))
        return bound


class BuiltIn(Function):
    """A function of the registry. `pure` ones depend on their arguments alone."""

    __slots__ = ("overloads", "pure")

    def __init__(self, name: str, overloads: tuple[Overload, ...], *, pure: bool) -> None:
        first = overloads[0].parameters
        super().__init__([parameter.name for parameter in first], self.invoke, name=name)
        self.overloads = overloads
        self.pure = pure

    def invoke(self, run: Run, arguments: list[object]) -> object:
        run.charge()
        for overload in self.overloads:
            try:
                bound = overload.bind(arguments)
            except Mismatch:
                continue
            return _answer(overload, run, bound)
        return None

    def invoke_named(self, run: Run, arguments: Mapping[str, object]) -> object:
        run.charge()
        for overload in self.overloads:
            try:
                bound = overload.bind_named(arguments)
            except Mismatch:
                continue
            return _answer(overload, run, bound)
        return None


def _answer(overload: Overload, run: Run, bound: list[object]) -> object:
    try:
        return overload.call(run, *bound)
    except TemporalError:
        return None


class FunctionRegistry:
    """Functions by name. A registry may stand on another one, whose functions it adds to."""

    def __init__(self, base: "FunctionRegistry | None" = None) -> None:
        self._functions: dict[str, BuiltIn] = dict(base._functions) if base is not None else {}
        self._long_names = NameIndex(self._functions)

    def function(self, name: str, *parameters: str, pure: bool = False) -> Callable[[_Implementation], _Implementation]:
        """Decorator: the implementation becomes `name`; a name that exists gets one more signature."""
        parsed = tuple(Parameter.parse(text) for text in parameters)

        def register(implementation: _Implementation) -> _Implementation:
            known = self._functions.get(name)
            overloads = (*(known.overloads if known is not None else ()), Overload(parsed, implementation))
            self._functions[name] = BuiltIn(name, overloads, pure=pure)
            self._long_names.add(name)
            return implementation

        return register

    def alias(self, name: str, known: str) -> None:
        self._functions[name] = self._functions[known]
        self._long_names.add(name)

    def get(self, name: str) -> BuiltIn | None:
        return self._functions.get(name)

    @property
    def long_names(self) -> NameIndex:
        """Names of several words, for the parser."""
        return self._long_names

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __contains__(self, name: object) -> bool:
        return name in self._functions


__all__ = ["BuiltIn", "FeelError", "FunctionRegistry", "Overload", "Parameter"]
