"""Addition, subtraction, multiplication, division, power and negation (DMN 1.5, 10.3.2.15, tables 56 to 60 and 62)."""

from collections.abc import Callable
from decimal import Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow

from app.engine.feel.environment import Run
from app.engine.feel.errors import FeelError
from app.engine.feel.temporal import (
    DAY,
    MAX_NANOSECONDS,
    Date,
    DateTime,
    DaysTimeDuration,
    TemporalError,
    Time,
    YearsMonthsDuration,
)
from app.engine.feel.values import NUMBERS, native

MAX_EXPONENT = 999_999_999

Operation = Callable[[object, object, Run], object]


def numeric(run: Run, operation: Callable[..., Decimal], *operands: object) -> Decimal | None:
    """The operation of the decimal context on numbers: null when it has no result.

    A result too large for 34 digits and an exponent of 6144 is an error where the environment is strict.
    """
    try:
        result = operation(*operands)
    except (DivisionByZero, InvalidOperation):
        return None
    except Overflow:
        if run.environment.strict:
            raise FeelError("feel_number_too_large") from None
        return None
    return result if result.is_finite() else None


def midnight(date: Date) -> DateTime:
    """The date and time that a date stands for in arithmetic: its midnight in UTC."""
    return DateTime(date, Time(0, 0))


def add(left: object, right: object, run: Run) -> object:
    if type(left) is Decimal and type(right) is Decimal:
        try:
            return NUMBERS.add(left, right)
        except DecimalException:
            return numeric(run, NUMBERS.add, left, right)
    if type(left) is str and type(right) is str:
        run.characters(len(left) + len(right))
        return left + right
    left, right = native(left), native(right)
    if type(left) is Decimal and type(right) is Decimal:
        return add(left, right, run)
    try:
        if type(left) is DaysTimeDuration or type(left) is YearsMonthsDuration:
            left, right = right, left
        if type(right) is DaysTimeDuration:
            return _plus_nanoseconds(left, right.nanoseconds)
        if type(right) is YearsMonthsDuration:
            return _plus_months(left, right.months)
    except TemporalError:
        return None
    return None


def subtract(left: object, right: object, run: Run) -> object:
    if type(left) is Decimal and type(right) is Decimal:
        try:
            return NUMBERS.subtract(left, right)
        except DecimalException:
            return numeric(run, NUMBERS.subtract, left, right)
    left, right = native(left), native(right)
    if type(left) is Decimal and type(right) is Decimal:
        return subtract(left, right, run)
    try:
        if type(right) is DaysTimeDuration:
            return _plus_nanoseconds(left, -right.nanoseconds)
        if type(right) is YearsMonthsDuration:
            return _plus_months(left, -right.months)
        if type(left) is Time and type(right) is Time:
            if (left.zone is None) != (right.zone is None):
                return None
            return DaysTimeDuration(left.instant - right.instant)
        return _between(left, right)
    except TemporalError:
        return None


def _plus_nanoseconds(value: object, nanoseconds: int) -> object:
    if type(value) is DateTime or type(value) is Time:
        return value.plus(nanoseconds)
    if type(value) is Date:
        return value.plus_days(nanoseconds // DAY)
    if type(value) is DaysTimeDuration:
        return DaysTimeDuration(value.nanoseconds + nanoseconds)
    return None


def _plus_months(value: object, months: int) -> object:
    if type(value) is Date or type(value) is DateTime:
        return value.plus_months(months)
    if type(value) is YearsMonthsDuration:
        return YearsMonthsDuration(value.months + months)
    return None


def _between(left: object, right: object) -> DaysTimeDuration | None:
    if type(left) is Date:
        left = midnight(left)
    if type(right) is Date:
        right = midnight(right)
    if type(left) is not DateTime or type(right) is not DateTime or (left.zone is None) != (right.zone is None):
        return None
    return DaysTimeDuration(left.instant - right.instant)


def multiply(left: object, right: object, run: Run) -> object:
    if type(left) is Decimal and type(right) is Decimal:
        try:
            return NUMBERS.multiply(left, right)
        except DecimalException:
            return numeric(run, NUMBERS.multiply, left, right)
    left, right = native(left), native(right)
    if type(left) is Decimal:
        left, right = right, left
    if type(right) is Decimal:
        if type(left) is Decimal:
            return multiply(left, right, run)
        return _scaled(left, right)
    return None


def divide(left: object, right: object, run: Run) -> object:
    if type(left) is Decimal and type(right) is Decimal:
        try:
            return NUMBERS.divide(left, right)
        except DecimalException:
            return numeric(run, NUMBERS.divide, left, right)
    left, right = native(left), native(right)
    if type(right) is Decimal:
        if type(left) is Decimal:
            return divide(left, right, run)
        if not right:
            return None
        return _scaled(left, right, inverse=True)
    if type(left) is DaysTimeDuration and type(right) is DaysTimeDuration:
        return numeric(run, NUMBERS.divide, Decimal(left.nanoseconds), Decimal(right.nanoseconds))
    if type(left) is YearsMonthsDuration and type(right) is YearsMonthsDuration:
        return numeric(run, NUMBERS.divide, Decimal(left.months), Decimal(right.months))
    return None


def _scaled(duration: object, factor: Decimal, *, inverse: bool = False) -> object:
    """A duration times a number, or divided by it; what is finer than a nanosecond or a month is cut off."""
    operation = NUMBERS.divide if inverse else NUMBERS.multiply
    try:
        if type(duration) is DaysTimeDuration:
            scaled = operation(Decimal(duration.nanoseconds), factor)
            return DaysTimeDuration(int(scaled)) if abs(scaled) <= MAX_NANOSECONDS else None
        if type(duration) is YearsMonthsDuration:
            scaled = operation(Decimal(duration.months), factor)
            return YearsMonthsDuration(int(scaled)) if abs(scaled) <= MAX_NANOSECONDS else None
    except (DecimalException, TemporalError):
        return None
    return None


def power(left: object, right: object, run: Run) -> object:
    left, right = native(left), native(right)
    if type(left) is Decimal and type(right) is Decimal and abs(right) <= MAX_EXPONENT:
        return numeric(run, NUMBERS.power, left, right)
    return None


def negate(value: object) -> object:
    value = native(value)
    if type(value) is Decimal:
        return NUMBERS.minus(value)
    if type(value) is DaysTimeDuration:
        return DaysTimeDuration(-value.nanoseconds)
    if type(value) is YearsMonthsDuration:
        return YearsMonthsDuration(-value.months)
    return None


OPERATIONS: dict[str, Operation] = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": power}


def apply(operator: str, left: object, right: object, run: Run) -> object:
    """`left operator right`; an operand of null or of a wrong kind gives null."""
    return OPERATIONS[operator](left, right, run)
