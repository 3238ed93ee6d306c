"""The values of FEEL and their kinds (DMN 1.5, 10.3.2.1 and 10.3.2.3).

null None · boolean bool · number Decimal with 34 digits · string str · list list · context dict (or any Mapping) ·
Date, Time, DateTime, DaysTimeDuration, YearsMonthsDuration · Range · Function.
Python's int, float, date, datetime, time and timedelta are taken over when a variable is read.
"""

import datetime as python
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TYPE_CHECKING

from app.engine.feel.errors import FeelError, FeelLimitError
from app.engine.feel.ranges import Range
from app.engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration

if TYPE_CHECKING:
    from app.engine.feel.environment import Run
    from app.engine.feel.types import FeelType

NUMBERS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emax=6144,
    Emin=-6143,
    capitals=1,
    clamp=0,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""IEEE 754-2008 decimal128, as 10.3.2.3.1 asks."""

Call = Callable[["Run", list[object]], object]


class Function:
    """A function value: parameters by name, and what calling it does.

    `call` receives the run and exactly one argument per parameter. `types` convert and check arguments, None for any.
    """

    __slots__ = ("_call", "name", "parameters", "result", "types")

    def __init__(
        self,
        parameters: Sequence[str],
        call: Call,
        *,
        name: str = "",
        types: "Sequence[FeelType | None] | None" = None,
        result: "FeelType | None" = None,
    ) -> None:
        self.parameters = tuple(parameters)
        self.types = tuple(types) if types is not None else (None,) * len(self.parameters)
        self.result = result
        self.name = name
        self._call = call

    def invoke(self, run: "Run", arguments: list[object]) -> object:
        """Call with arguments by position; a wrong number or type of them gives null."""
        if len(arguments) != len(self.parameters):
            return None
        for index, type_ in enumerate(self.types):
            if type_ is not None and arguments[index] is not None:
                converted = type_.converted(arguments[index])
                if converted is None:
                    return None
                arguments[index] = converted
        if run.calls >= run.limits.calls:
            raise FeelLimitError("feel_recursion_too_deep", limit=run.limits.calls)
        run.charge()
        run.calls += 1
        try:
            result = self._call(run, arguments)
        finally:
            run.calls -= 1
        return result if self.result is None else self.result.converted(result)

    def invoke_named(self, run: "Run", arguments: Mapping[str, object]) -> object:
        """Call with arguments by name; one that is left out is null, an unknown name gives null."""
        if any(name not in self.parameters for name in arguments):
            return None
        return self.invoke(run, [arguments.get(name) for name in self.parameters])


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysTimeDuration: "days and time duration",
    YearsMonthsDuration: "years and months duration",
    Range: "range",
    Function: "function",
}

NATIVE = frozenset(_KINDS)
"""The types of Python that stand for values of FEEL as they are."""


def kind(value: object) -> str:
    """The name of the value's type in FEEL."""
    found = _KINDS.get(type(value))
    return found if found is not None else _kind_of_other(value)


def _kind_of_other(value: object) -> str:
    if isinstance(value, Function):
        return "function"
    if isinstance(value, Mapping):
        return "context"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return "list"
    return "other"


def native(value: object) -> object:
    """The value as FEEL's own: Python numbers and times are taken over, the rest is left as it is."""
    return value if type(value) in _KINDS else _taken_over(value)


def _taken_over(value: object) -> object:
    match value:
        case int():
            if value.bit_length() > 20_000:
                raise FeelError("feel_number_too_large")
            return NUMBERS.create_decimal(value)
        case float():
            return parse_number(repr(value)) if math.isfinite(value) else None
        case python.datetime():
            return DateTime.from_python(value)
        case python.date():
            return Date.from_python(value)
        case python.time():
            return Time.from_python(value)
        case python.timedelta():
            return DaysTimeDuration.from_python(value)
        case str():
            return str(value)
        case Function() | Mapping():
            return value
        case bytes() | bytearray():
            pass
        case Sequence() | set() | frozenset():
            return list(value)
    raise FeelError("feel_foreign_value", type=type(value).__name__)


def parse_number(text: str) -> Decimal:
    """The number that a numeric literal stands for; raises FeelError for one out of reach."""
    try:
        return NUMBERS.create_decimal(text)
    except Overflow:
        raise FeelError("feel_number_too_large") from None


def number(value: int) -> Decimal:
    """A whole number as FEEL counts it."""
    return Decimal(value)


def whole(value: Decimal) -> int:
    """The number without its fraction; raises FeelLimitError for one that no position or count can reach."""
    if value.adjusted() > 18:
        raise FeelLimitError("feel_number_too_large")
    return int(value)


def as_list(value: object) -> list[object]:
    """A list value as a Python list, unchanged when it is one."""
    if type(value) is list:
        return value
    assert isinstance(value, Sequence)  # noqa: S101 - told by kind()
    return [native(item) for item in value]
