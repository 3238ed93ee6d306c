"""What is recorded of an ended process, as plain values: what people answered, what came in, where it went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.engine.bpmn.definition import ProcessDefinition

TELLING = frozenset({"userTask", "manualTask", "endEvent"})
"""The elements by which two ways through a process are compared."""

Place = tuple[str, str]
"""(process id, element id)."""


class Doing(StrEnum):
    ANSWERED = "answered"
    RECEIVED = "received"
    BEGUN = "begun"
    WOKEN = "woken"
    SIGNALLED = "signalled"
    CHANGED = "changed"
    NOTED = "noted"
    """Something was kept with the case, and the process was not told."""


@dataclass(frozen=True, slots=True)
class Act:
    """What moved the process: `name` is a task's or an action's element, a message or a signal.

    `item` counts the tasks that were opened at the element before the one that was answered.
    """

    at: datetime
    doing: Doing
    name: str = ""
    process_id: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    item: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """A stay at an element that has ended."""

    place: Place
    left: datetime
    completed: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was logged: what it read (FEEL values) and what came out (JSON)."""

    reference: str
    at: datetime
    given: Mapping[str, object]
    result: object


@dataclass(frozen=True, slots=True)
class Story:
    """One process from its start to its end.

    `open_at_the_end` are the tasks that were open when it was cancelled. `values` are its variables and the facts of
    its case as they are now; `written` counts how often it wrote each name itself, `shared` are those that its case
    keeps. `given` are the values that it began with, None where that was not recorded.
    `hindrance` says why it cannot be walked again, if so.
    """

    id: int
    process_id: str
    office: int | None
    started: datetime
    ended: datetime
    cancelled: bool
    acts: tuple[Act, ...]
    passages: tuple[Passage, ...]
    decided: tuple[Decided, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    written: Mapping[str, int] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    start_event: str = ""
    given: Mapping[str, object] | None = None
    first: Mapping[str, object] = field(default_factory=dict)
    """Values at the start of names whose changes are among the acts."""
    failures: Mapping[Place, tuple[tuple[datetime, str], ...]] = field(default_factory=dict)
    """When a service task failed with which BPMN error."""
    hindrance: str = ""

    def way(self, definition: ProcessDefinition) -> list[Passage]:
        """The tasks and ends that it passed."""
        return telling(definition, [one for one in self.passages if not self._is_last_open(one)])

    def open_at_the_end(self, definition: ProcessDefinition) -> list[Place]:
        """The tasks that were open when it was cancelled."""
        return [one.place for one in telling(definition, [one for one in self.passages if self._is_last_open(one)])]

    def _is_last_open(self, one: Passage) -> bool:
        return self.cancelled and not one.completed and one.left >= self.ended

    def value_at(self, name: str, at: datetime) -> object:
        """The name's value as it was read first from then on, or else as it is now."""
        for one in self.decided:
            if one.at >= at and one.given.get(name) is not None:
                return one.given[name]
        return self.values.get(name)

    def value_at_the_start(self, name: str) -> object:
        """The value before the process wrote the name, as far as anything tells it."""
        if name in self.first:
            return self.first[name]
        if self.given is not None and name not in self.shared:
            return self.given.get(name)
        if name not in self.written:
            return self.value_at(name, self.started)
        for act in self.acts:
            if name in act.values:
                first = act.at
                break
        else:
            first = self.ended
        for one in self.decided:
            if one.at < first and one.given.get(name) is not None:
                return one.given[name]
        return None


def telling(definition: ProcessDefinition, passages: list[Passage]) -> list[Passage]:
    """The passages of tasks and ends, in the order in which they ended."""
    found = []
    for one in passages:
        process_id, element_id = one.place
        element = definition.element(element_id, process_id)
        if element is not None and element.type in TELLING:
            found.append(one)
    return found
