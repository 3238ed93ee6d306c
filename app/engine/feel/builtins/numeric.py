"""Numeric functions (DMN 1.5, 10.3.4.5)."""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
)

from app.engine.feel.arithmetic import numeric
from app.engine.feel.builtins.standard import STANDARD
from app.engine.feel.environment import Run
from app.engine.feel.temporal import DaysTimeDuration, YearsMonthsDuration
from app.engine.feel.values import NUMBERS

_MIN_SCALE, _MAX_SCALE = -6111, 6176
_WIDE = Context(prec=40, Emax=NUMBERS.Emax, Emin=NUMBERS.Emin, traps=[InvalidOperation])


def _rounded(n: Decimal, scale: Decimal, mode: str) -> Decimal | None:
    """`n` with `scale` digits behind the point; null for a scale out of reach."""
    if not _MIN_SCALE <= scale <= _MAX_SCALE:
        return None
    places = int(scale)
    exponent = n.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        try:
            return n.quantize(Decimal(1).scaleb(-places), context=NUMBERS)
        except InvalidOperation:
            return n
    if n.adjusted() < -places - 1 and mode in (ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_DOWN):
        return Decimal(0).scaleb(-places) if places > 0 else Decimal(0)
    rounded = n.quantize(Decimal(1).scaleb(-places), rounding=mode, context=_WIDE)
    return NUMBERS.plus(rounded) if places >= 0 else NUMBERS.plus(Decimal(int(rounded)) if places > -33 else rounded)


@STANDARD.function("decimal", "n: number", "scale: number", pure=True)
def decimal(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(n, scale, ROUND_HALF_EVEN)


@STANDARD.function("floor", "n: number", "scale?: number", pure=True)
def floor(run: Run, n: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(n, scale or Decimal(0), ROUND_FLOOR)


@STANDARD.function("ceiling", "n: number", "scale?: number", pure=True)
def ceiling(run: Run, n: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(n, scale or Decimal(0), ROUND_CEILING)


@STANDARD.function("round up", "n: number", "scale: number", pure=True)
def round_up(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(n, scale, ROUND_UP)


@STANDARD.function("round down", "n: number", "scale: number", pure=True)
def round_down(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(n, scale, ROUND_DOWN)


@STANDARD.function("round half up", "n: number", "scale: number", pure=True)
def round_half_up(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(n, scale, ROUND_HALF_UP)


@STANDARD.function("round half down", "n: number", "scale: number", pure=True)
def round_half_down(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(n, scale, ROUND_HALF_DOWN)


@STANDARD.function("abs", "n: number|days-time|years-months", pure=True)
def absolute(
    run: Run, n: Decimal | DaysTimeDuration | YearsMonthsDuration
) -> Decimal | DaysTimeDuration | YearsMonthsDuration:
    if isinstance(n, DaysTimeDuration):
        return DaysTimeDuration(abs(n.nanoseconds))
    if isinstance(n, YearsMonthsDuration):
        return YearsMonthsDuration(abs(n.months))
    return NUMBERS.abs(n)


@STANDARD.function("modulo", "dividend: number", "divisor: number", pure=True)
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """`dividend - divisor * floor(dividend / divisor)`: the sign is that of the divisor."""
    if not divisor:
        return None
    rest = numeric(run, NUMBERS.remainder, dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        return NUMBERS.add(rest, divisor)
    return rest


@STANDARD.function("sqrt", "number: number", pure=True)
def sqrt(run: Run, number: Decimal) -> Decimal | None:
    return numeric(run, NUMBERS.sqrt, number)


@STANDARD.function("log", "number: number", pure=True)
def log(run: Run, number: Decimal) -> Decimal | None:
    """The natural logarithm."""
    return numeric(run, NUMBERS.ln, number) if number > 0 else None


@STANDARD.function("exp", "number: number", pure=True)
def exp(run: Run, number: Decimal) -> Decimal | None:
    return numeric(run, NUMBERS.exp, number)


def _parity(number: Decimal) -> int | None:
    """0 for even, 1 for odd, null for a number with a fraction."""
    if number != number.to_integral_value():
        return None
    return 0 if number.adjusted() > 40 else int(number) % 2


@STANDARD.function("odd", "number: number", pure=True)
def odd(run: Run, number: Decimal) -> bool:
    return _parity(number) == 1


@STANDARD.function("even", "number: number", pure=True)
def even(run: Run, number: Decimal) -> bool:
    return _parity(number) == 0
