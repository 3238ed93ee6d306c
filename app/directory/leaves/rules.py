"""Who stands in for whom: plain values in, plain values out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class StandIn:
    """`deputy` does the work of `person` from a day to a day, both included."""

    person: int
    deputy: int
    from_date: date
    to_date: date

    def holds_on(self, day: date) -> bool:
        return self.from_date <= day <= self.to_date


def stood_in_for(deputy: int, stand_ins: Iterable[StandIn], day: date) -> tuple[int, ...]:
    """The people whose work comes to `deputy` on a day, also by way of deputies who are away themselves."""
    today = sorted({(one.deputy, one.person) for one in stand_ins if one.holds_on(day)})
    found: dict[int, None] = {}
    reached = [deputy]
    while reached:
        current = reached.pop(0)
        for by, person in today:
            if by == current and person != deputy and person not in found:
                found[person] = None
                reached.append(person)
    return tuple(found)


def comes_back(planned: StandIn, others: Collection[StandIn]) -> bool:
    """Whether, on some day of `planned`, the work would come back to who is away by a chain of deputies."""
    if planned.person == planned.deputy:
        return True
    open_ends = [(planned.deputy, planned.from_date, planned.to_date)]
    seen = set(open_ends)
    while open_ends:
        person, start, end = open_ends.pop()
        for one in others:
            first, last = max(start, one.from_date), min(end, one.to_date)
            if one.person != person or first > last:
                continue
            if one.deputy == planned.person:
                return True
            step = (one.deputy, first, last)
            if step not in seen:
                seen.add(step)
                open_ends.append(step)
    return False
