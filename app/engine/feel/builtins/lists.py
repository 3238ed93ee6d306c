"""List functions (DMN 1.5, 10.3.4.4) and sort (10.3.4.9). Positions count from 1, or from the end when negative."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cmp_to_key

from app.engine.feel.builtins.standard import STANDARD
from app.engine.feel.comparison import ORDERED, compare, equal
from app.engine.feel.environment import Run
from app.engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from app.engine.feel.values import Function, as_list, kind, native, number, whole

_HASHABLE = frozenset({Decimal, str, bool, Date, Time, DateTime, DaysTimeDuration, YearsMonthsDuration, type(None)})


def index_at(position: Decimal, length: int) -> int | None:
    """The index that a position stands for, null outside the list."""
    place = whole(position)
    if 0 < place <= length:
        return place - 1
    return length + place if -length <= place < 0 else None


@STANDARD.function("list contains", "list: list", "element: any")
def list_contains(run: Run, items: list[object], element: object) -> bool:
    run.items(len(items))
    return any(equal(item, element, run) is True for item in items)


@STANDARD.function("count", "list: list")
def count(run: Run, items: list[object]) -> Decimal:
    return number(len(items))


def _extreme(run: Run, items: list[object], operator: str) -> object:
    run.items(len(items))
    if not items or kind(items[0]) not in ORDERED:
        return None
    best = items[0]
    for item in items[1:]:
        better = compare(operator, item, best)
        if better is None:
            return None
        if better:
            best = item
    return native(best)


@STANDARD.function("min", "list: list")
def minimum(run: Run, items: list[object]) -> object:
    return _extreme(run, items, "<")


@STANDARD.function("min", "c*: any")
def minimum_of(run: Run, *items: object) -> object:
    return _extreme(run, list(items), "<")


@STANDARD.function("max", "list: list")
def maximum(run: Run, items: list[object]) -> object:
    return _extreme(run, items, ">")


@STANDARD.function("max", "c*: any")
def maximum_of(run: Run, *items: object) -> object:
    return _extreme(run, list(items), ">")


@STANDARD.function("all", "list: list")
def all_(run: Run, items: list[object]) -> bool | None:
    run.items(len(items))
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


@STANDARD.function("all", "b*: any")
def all_of(run: Run, *items: object) -> bool | None:
    return all_(run, list(items)) if items else None


@STANDARD.function("any", "list: list")
def any_(run: Run, items: list[object]) -> bool | None:
    run.items(len(items))
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


@STANDARD.function("any", "b*: any")
def any_of(run: Run, *items: object) -> bool | None:
    return any_(run, list(items)) if items else None


@STANDARD.function("sublist", "list: list", "start position: number", "length?: number")
def sublist(run: Run, items: list[object], start: Decimal, length: Decimal | None = None) -> list[object] | None:
    index = index_at(start, len(items))
    if index is None:
        return None
    if length is None:
        return items[index:]
    end = index + whole(length)
    return items[index:end] if index <= end <= len(items) else None


@STANDARD.function("append", "list: list", "item*: any")
def append(run: Run, items: list[object], *more: object) -> list[object]:
    run.items(len(items) + len(more))
    return [*items, *more]


@STANDARD.function("concatenate", "list*: list")
def concatenate(run: Run, *lists: list[object]) -> list[object] | None:
    if not lists:
        return None
    run.items(sum(map(len, lists)))
    return [item for items in lists for item in items]


@STANDARD.function("insert before", "list: list", "position: number", "newItem: any")
def insert_before(run: Run, items: list[object], position: Decimal, new: object) -> list[object] | None:
    index = index_at(position, len(items))
    if index is None:
        return None
    run.items(len(items) + 1)
    return [*items[:index], new, *items[index:]]


@STANDARD.function("remove", "list: list", "position: number")
def remove(run: Run, items: list[object], position: Decimal) -> list[object] | None:
    index = index_at(position, len(items))
    return None if index is None else [*items[:index], *items[index + 1 :]]


@STANDARD.function("list replace", "list: list", "position: number", "newItem: any")
def list_replace_at(run: Run, items: list[object], position: Decimal, new: object) -> list[object] | None:
    index = index_at(position, len(items))
    return None if index is None else [*items[:index], new, *items[index + 1 :]]


@STANDARD.function("list replace", "list: list", "match: function", "newItem: any")
def list_replace_matching(run: Run, items: list[object], match: Function, new: object) -> list[object] | None:
    """Every item for which `match(item, newItem)` holds, replaced."""
    if len(match.parameters) != 2:
        return None
    result = []
    for item in items:
        answer = match.invoke(run, [native(item), new])
        if not isinstance(answer, bool):
            return None
        result.append(new if answer else item)
    return result


@STANDARD.function("reverse", "list: list")
def reverse(run: Run, items: list[object]) -> list[object]:
    run.items(len(items))
    return items[::-1]


@STANDARD.function("index of", "list: list", "match: any")
def index_of(run: Run, items: list[object], match: object) -> list[object]:
    run.items(len(items))
    return [number(index) for index, item in enumerate(items, 1) if equal(item, match, run) is True]


def distinct(run: Run, items: Iterable[object]) -> list[object]:
    """The items without repetition, in the order of their first occurrence."""
    seen: set[tuple[type, object]] = set()
    others: list[object] = []
    result: list[object] = []
    for item in items:
        run.charge()
        item = native(item)
        if type(item) in _HASHABLE:
            key = (type(item), item)
            if key in seen:
                continue
            seen.add(key)
        else:
            run.charge(len(others))
            if any(equal(item, other, run) is True for other in others):
                continue
            others.append(item)
        result.append(item)
    return result


@STANDARD.function("union", "list*: list")
def union(run: Run, *lists: list[object]) -> list[object] | None:
    return distinct(run, (item for items in lists for item in items)) if lists else None


@STANDARD.function("distinct values", "list: list")
def distinct_values(run: Run, items: list[object]) -> list[object]:
    return distinct(run, items)


@STANDARD.function("flatten", "list: list")
def flatten(run: Run, items: list[object]) -> list[object]:
    result: list[object] = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            run.charge()
            if kind(item) == "list":
                waiting.append(iter(as_list(item)))
                break
            result.append(item)
        else:
            waiting.pop()
        run.items(max(len(result), len(waiting)))
    return result


@STANDARD.function("sort", "list: list", "precedes?: function")
def sort(run: Run, items: list[object], precedes: Function | None = None) -> list[object] | None:
    """The list in the order in which `precedes(a, b)` holds, or in its natural order; stable."""
    run.items(len(items))
    if precedes is None:
        return _sorted_naturally(run, items)
    if len(precedes.parameters) != 2:
        return None
    return sorted(items, key=cmp_to_key(_order_by(run, precedes)))


def _order_by(run: Run, precedes: Function) -> Callable[[object, object], int]:
    def order(left: object, right: object) -> int:
        left, right = native(left), native(right)
        if precedes.invoke(run, [left, right]) is True:
            return -1
        return 1 if precedes.invoke(run, [right, left]) is True else 0

    return order


def _sorted_naturally(run: Run, items: list[object]) -> list[object] | None:
    if any(compare("<=", items[0], item) is None for item in items):
        return None

    def order(left: object, right: object) -> int:
        run.charge()
        if compare("<", left, right):
            return -1
        return 1 if compare(">", left, right) else 0

    return sorted(items, key=cmp_to_key(order))
