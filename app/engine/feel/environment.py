"""What an evaluation may know beside its variables: the time, the zone, the working calendar, its budgets."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from app.engine.feel.errors import FeelLimitError
from app.engine.feel.limits import Limits


class WorkingCalendar(Protocol):
    """Knows which days are worked, holidays and make-up days included."""

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is worked; raises EngineError for a year without data."""
        ...


@dataclass(frozen=True, slots=True)
class Environment:
    """The surroundings of an evaluation.

    `now`: aware instant that `now()` and `today()` tell; `zone`: the county's zone; `calendar`: for working-day
    functions; `strict`: an unknown name or a number too large raises FeelError instead of giving null.
    """

    now: datetime
    zone: ZoneInfo
    calendar: WorkingCalendar | None = None
    strict: bool = True
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("Environment.now must be an aware datetime")


_CHECK_EVERY = 1024


class Run:
    """One evaluation: its environment and what is left of its budgets."""

    __slots__ = ("_check_at", "_deadline", "_left", "calls", "environment", "limits")

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        limits = environment.limits
        self.limits = limits
        self.calls = 0
        self._left = limits.steps
        self._check_at = limits.steps - 64
        self._deadline = 0.0

    def charge(self, steps: int = 1) -> None:
        """Pay for `steps` units of work."""
        self._left -= steps
        if self._left < self._check_at:
            self._check()

    def _check(self) -> None:
        if self._left < 0:
            raise FeelLimitError("feel_too_many_steps", limit=self.limits.steps)
        now = time.monotonic()
        if not self._deadline:
            self._deadline = now + self.limits.seconds
        elif now > self._deadline:
            raise FeelLimitError("feel_too_much_time", limit=self.limits.seconds)
        self._check_at = self._left - _CHECK_EVERY

    def items(self, count: int) -> None:
        """Pay for a list of `count` items, refusing one that is too long."""
        if count > self.limits.items:
            raise FeelLimitError("feel_list_too_long", limit=self.limits.items)
        self.charge(1 + (count >> 3))

    def characters(self, count: int) -> None:
        """Pay for a string of `count` characters, refusing one that is too long."""
        if count > self.limits.characters:
            raise FeelLimitError("feel_string_too_long", limit=self.limits.characters)
        self.charge(1 + (count >> 7))


class Frame:
    """Where a closure reads: the caller's variables, the local slots, the run."""

    __slots__ = ("run", "slots", "variables")

    def __init__(self, variables: Mapping[str, object], slots: list[object], run: Run) -> None:
        self.variables = variables
        self.slots = slots
        self.run = run

    def extended(self, *values: object) -> "Frame":
        """A frame with `values` in the next local slots; this one stays as it is."""
        return Frame(self.variables, [*self.slots, *values], self.run)
