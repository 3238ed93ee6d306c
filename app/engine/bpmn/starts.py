"""How a process may begin, and when a timer begins it next. The caller keeps the turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from app.engine import feel
from app.engine.bpmn import timers
from app.engine.bpmn.diagram import Process
from app.engine.bpmn.expressions import Expression
from app.engine.bpmn.reader import read

Kind = Literal["none", "message", "signal", "timer"]
KINDS: tuple[Kind, ...] = ("none", "message", "signal", "timer")


@dataclass(frozen=True, slots=True)
class Start:
    """A start event of a process. `event` is the name of its message or signal, `timer` and `text` what its time is."""

    element_id: str
    name: str
    kind: Kind = "none"
    event: str = ""
    timer: str = ""
    text: str = ""

    @property
    def message(self) -> str | None:
        return self.event if self.kind == "message" else None

    @property
    def signal(self) -> str | None:
        return self.event if self.kind == "signal" else None


@dataclass(frozen=True, slots=True)
class Turn:
    """When the process begins next; `left` is how many times it still does, -1 for no end."""

    due: datetime
    every: str = ""
    left: int = 1


def starts_of(process: Process) -> tuple[Start, ...]:
    """The start events of a process, in the diagram's order."""
    found = []
    for node in process.body.nodes.values():
        if node.type == "startEvent":
            event = node.event
            kind: Kind = next((one for one in KINDS if one == event.kind), "none")
            text = event.code.text if event.code is not None else ""
            found.append(Start(node.id, node.name, kind, event.name or "", event.timer, text))
    return tuple(found)


def first_turn(
    start: Start, expression: Expression, now: datetime, zone: ZoneInfo, calendar: feel.WorkingCalendar | None
) -> Turn | None:
    """The first turn after `now`; None when the time has passed. Raises EngineError for what is no time."""
    value = expression.evaluate({}, feel.Environment(now, zone, calendar, strict=True))
    if start.timer != "timeCycle":
        due = timers.point(value, now, zone)
        return Turn(due) if due > now else None
    first = timers.cycle(value, now, zone)
    if first.due > now:
        return Turn(first.due, first.every.text, first.left) if first.left else None
    return _turn(timers.next_turn(first, now, zone))


def next_turn(turn: Turn, now: datetime, zone: ZoneInfo) -> Turn | None:
    """The turn after one that has come; missed ones are left out."""
    if not turn.every:
        return None
    every = timers.parse_duration(turn.every)
    return _turn(timers.next_turn(timers.Cycle(turn.due, every, turn.left), now, zone))


def _turn(found: timers.Cycle | None) -> Turn | None:
    return None if found is None else Turn(found.due, found.every.text, found.left)


def starts_in(diagrams: Mapping[str, bytes], kind: Kind) -> list[tuple[str, Start]]:
    """(process id, start event) of the executable processes of some files that begin so."""
    return [
        (process.id, start)
        for path, content in diagrams.items()
        for process in read(content, path).processes
        if process.executable
        for start in starts_of(process)
        if start.kind == kind
    ]
