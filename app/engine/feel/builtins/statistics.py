"""Sums and statistics over lists (DMN 1.5, 10.3.4.4): sum, mean, product, median, stddev, mode."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from app.engine.feel.arithmetic import add, numeric
from app.engine.feel.builtins.standard import STANDARD
from app.engine.feel.environment import Run
from app.engine.feel.temporal import DaysTimeDuration, YearsMonthsDuration
from app.engine.feel.values import NUMBERS, native, number

Statistic = Callable[[Run, list[Decimal]], object]


def _numbers(run: Run, items: list[object]) -> list[Decimal] | None:
    """The items when all of them are numbers, else null."""
    run.items(len(items))
    numbers = [value for value in map(native, items) if isinstance(value, Decimal)]
    return numbers if len(numbers) == len(items) else None


def _statistic(name: str) -> Callable[[Statistic], Statistic]:
    """Registers a function of a list of numbers, callable with the list or with its items; null for other items."""

    def register(function: Statistic) -> Statistic:
        def of_list(run: Run, items: list[object]) -> object:
            numbers = _numbers(run, items)
            return None if numbers is None else function(run, numbers)

        def of_items(run: Run, *items: object) -> object:
            return of_list(run, list(items)) if items else None

        STANDARD.function(name, "list: list")(of_list)
        STANDARD.function(name, "n*: any")(of_items)
        return function

    return register


def _total(run: Run, numbers: list[Decimal]) -> Decimal | None:
    total: Decimal | None = Decimal(0)
    for value in numbers:
        if total is None:
            return None
        total = numeric(run, NUMBERS.add, total, value)
    return total


def _sum(run: Run, items: list[object]) -> object:
    """The sum of numbers, or of durations of one kind."""
    run.items(len(items))
    if not items:
        return None
    total = native(items[0])
    if not isinstance(total, Decimal | DaysTimeDuration | YearsMonthsDuration):
        return None
    for item in items[1:]:
        item = native(item)
        if type(item) is not type(total):
            return None
        total = add(total, item, run)
    return total


@STANDARD.function("sum", "list: list")
def sum_(run: Run, items: list[object]) -> object:
    return _sum(run, items)


@STANDARD.function("sum", "n*: any")
def sum_of(run: Run, *items: object) -> object:
    return _sum(run, list(items))


@_statistic("mean")
def mean(run: Run, numbers: list[Decimal]) -> Decimal | None:
    total = _total(run, numbers)
    return None if total is None or not numbers else NUMBERS.divide(total, number(len(numbers)))


@_statistic("product")
def product(run: Run, numbers: list[Decimal]) -> Decimal | None:
    if not numbers:
        return None
    result: Decimal | None = Decimal(1)
    for value in numbers:
        if result is None:
            return None
        result = numeric(run, NUMBERS.multiply, result, value)
    return result


@_statistic("median")
def median(run: Run, numbers: list[Decimal]) -> Decimal | None:
    if not numbers:
        return None
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return mean(run, ordered[middle - 1 : middle + 1])  # type: ignore[return-value]


@_statistic("stddev")
def stddev(run: Run, numbers: list[Decimal]) -> Decimal | None:
    """The sample standard deviation; null for fewer than two numbers."""
    if len(numbers) < 2:
        return None
    average = mean(run, numbers)
    squares = []
    for value in numbers:
        distance = numeric(run, NUMBERS.subtract, value, average)
        square = numeric(run, NUMBERS.multiply, distance, distance)
        if square is None:
            return None
        squares.append(square)
    total = _total(run, squares)
    if total is None:
        return None
    return NUMBERS.sqrt(NUMBERS.divide(total, number(len(numbers) - 1)))


@_statistic("mode")
def mode(run: Run, numbers: list[Decimal]) -> list[Decimal]:
    """The most frequent numbers in ascending order."""
    counts = Counter(numbers)
    highest = max(counts.values(), default=0)
    return sorted(value for value, count in counts.items() if count == highest)
