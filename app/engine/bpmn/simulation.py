"""A process played through: given answers, standing service tasks, a virtual clock, no database."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.engine.bpmn import timers
from app.engine.bpmn.definition import ProcessDefinition
from app.engine.bpmn.environment import BpmnError, Calendar, DecisionOutcome, Dictionary, ElementInfo
from app.engine.bpmn.instance import Instance
from app.engine.bpmn.step import ROOT, DecisionMade, Incident, Job, OptionalAction, Step, Subscription, WorkItem
from app.engine.findings import EngineError

MAX_STEPS = 2_000
MAX_SECONDS = 10.0
"""What one play may cost: a timer that is due each second would go on for a year of the virtual clock."""

Decide = Callable[[str, Mapping[str, object], datetime], DecisionOutcome]
"""Reference, variables, now → outcome."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Complete the open task at an element; `item` counts from 0 when several are open there."""

    at: str
    values: Mapping[str, object] = field(default_factory=dict)
    by: str = ""
    item: int = 0


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message comes: with its correlation key where the catcher has one."""

    message: str
    key: str | None = None
    payload: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A signal is given."""

    signal: str
    payload: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass: a duration or an instant. Every timer on the way fires at its own time."""

    until: str | datetime


@dataclass(frozen=True, slots=True)
class ServiceResult:
    """What the next call of a topic (or the job that waits) brings: a result, a BPMN error, or a failure."""

    topic: str
    result: Mapping[str, object] = field(default_factory=dict)
    error: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class StartOptional:
    """Start an open optional action of an ad-hoc sub-process, by its element id."""

    element: str


@dataclass(frozen=True, slots=True)
class Change:
    """Values that change outside the process."""

    values: Mapping[str, object]


Move = Answer | Deliver | Broadcast | Wait | ServiceResult | StartOptional | Change


class ScriptError(EngineError):
    """A move that cannot be made: `move` counts from 1, `trail` tells what happened before."""

    def __init__(self, code: str, move: int, trail: Trail, **params: object) -> None:
        self.move = move
        self.trail = trail
        super().__init__(code, move=move, **params)


@dataclass
class Trail:
    """What happened. `visited` are (element id, process id) in the order of coming; `open` the tasks open now."""

    visited: list[tuple[str, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    open: dict[str, WorkItem] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    decisions: list[DecisionMade] = field(default_factory=list)
    calls: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    waiting_for: tuple[Subscription, ...] = ()
    optional: tuple[OptionalAction, ...] = ()
    variables: dict[str, object] = field(default_factory=dict)
    finished: bool = False
    ended_by: str | None = None
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    @property
    def open_at(self) -> list[str]:
        return sorted(item.element_id for item in self.open.values())


class SimulatedEnvironment:
    """An environment in memory. `topics` are the standing answers of service tasks; other topics answer nothing."""

    def __init__(
        self,
        *,
        dictionary: Dictionary | None = None,
        shared: Container[str] = (),
        decide: Decide | None = None,
        topics: Mapping[str, Mapping[str, object]] | None = None,
        zone: ZoneInfo | None = None,
        calendar: Calendar | None = None,
        variables: Mapping[str, object] | None = None,
        served: Callable[[str], bool] | None = None,
    ) -> None:
        self.dictionary = dictionary
        self.shared = shared
        self.zone = zone or ZoneInfo("Asia/Shanghai")
        self.calendar = calendar
        self.topics = dict(topics or {})
        self.results: dict[str, list[ServiceResult]] = {}
        self.store: dict[str, dict[str, object]] = {ROOT: dict(variables or {})}
        self.all_written: dict[str, object] = {}
        self.calls: list[tuple[str, Mapping[str, object]]] = []
        self.now = datetime(2026, 3, 2, 1, tzinfo=UTC)
        self._decide = decide
        self._served = served

    def variables(self, scope: str, /) -> Mapping[str, object]:
        return self.store.get(scope, {})

    def is_shared(self, name: str, /) -> bool:
        return name in self.shared

    def decide(
        self, reference: str, *, binding: str, version: str | None, variables: Mapping[str, object]
    ) -> DecisionOutcome:
        if self._decide is None:
            raise EngineError("decision_unknown", name=reference)
        return self._decide(reference, variables, self.now)

    def serves(self, topic: str, /) -> bool:
        return self._served is None or self._served(topic)

    def perform(self, topic: str, inputs: Mapping[str, object], element: ElementInfo) -> Mapping[str, object]:
        self.calls.append((topic, inputs))
        given = self.results.get(topic)
        if given:
            return _outcome(given.pop(0))
        return self.topics.get(topic, {})

    def keep(self, step: Step) -> None:
        """Store what a step has written."""
        for scope, values in step.variables.items():
            self.store.setdefault(scope, {}).update(values)
            self.all_written.update(values)
        for scope in step.closed_scopes:
            self.store.pop(scope, None)


def simulate(
    definition: ProcessDefinition,
    script: Sequence[Move],
    environment: SimulatedEnvironment,
    *,
    start: Mapping[str, object] | None = None,
    start_event: str | None = None,
    now: datetime | None = None,
) -> Trail:
    """Play `script` on a new instance. The state is written and read again between the moves, as in real life.

    Raises ScriptError (`script_no_such_task`, `script_wrong_role`, `script_move_refused`) with the trail so far.
    """
    if now is not None:
        environment.now = now.astimezone(UTC)
    for move in script:
        if isinstance(move, ServiceResult):
            environment.results.setdefault(move.topic, []).append(move)
    played = Simulation(definition, environment, start=start, start_event=start_event)
    for number, move in enumerate(script, 1):
        try:
            played.make(move, number)
        except ScriptError:
            raise
        except EngineError as error:
            raise ScriptError(
                "script_move_refused", number, played.trail, reason=error.code, detail=str(error)
            ) from error
    return played.trail


class Simulation:
    """An instance that is played move by move; its state is written and read again between the moves.

    Raises EngineError when the process cannot begin so.
    """

    def __init__(
        self,
        definition: ProcessDefinition,
        environment: SimulatedEnvironment,
        *,
        start: Mapping[str, object] | None = None,
        start_event: str | None = None,
    ) -> None:
        self.definition = definition
        self.environment = environment
        self.trail = Trail()
        self._until = time.monotonic() + MAX_SECONDS
        instance, step = Instance.start(
            definition, environment, environment.now, start_event=start_event, variables=start
        )
        self._state = instance.state()
        _take(self.trail, environment, step)

    def make(self, move: Move, number: int = 0) -> None:
        """Make a move. Raises EngineError when it cannot be made."""
        self.do(lambda instance: _steps(instance, move, self.trail, self.environment, number))

    def do(self, steps: Callable[[Instance], Iterable[Step]]) -> None:
        """Ask the instance for steps and take them in."""
        instance = Instance.restore(self.definition, self._state, self.environment)
        for step in steps(instance):
            _take(self.trail, self.environment, step)
            if len(self.trail.steps) > MAX_STEPS or time.monotonic() > self._until:
                raise EngineError("too_many_turns", limit=MAX_STEPS)
        self._state = instance.state()


def _take(trail: Trail, environment: SimulatedEnvironment, step: Step) -> None:
    environment.keep(step)
    trail.steps.append(step)
    trail.visited += step.entered
    trail.open.update({item.id: item for item in (*step.opened, *step.updated)})
    for closed in step.closed:
        trail.open.pop(closed.id, None)
    trail.jobs.update({job.id: job for job in step.jobs})
    for job_id in step.cancelled_jobs:
        trail.jobs.pop(job_id, None)
    trail.incidents.update({incident.id: incident for incident in step.incidents})
    for incident_id in step.closed_incidents:
        trail.incidents.pop(incident_id, None)
    trail.decisions += step.decisions
    trail.calls = environment.calls
    trail.waiting_for, trail.optional = step.waiting_for, step.optional
    trail.variables = {**environment.all_written, **environment.store[ROOT]}
    trail.finished, trail.ended_by, trail.now = step.finished, step.ended_by, environment.now


def _steps(
    instance: Instance, move: Move, trail: Trail, environment: SimulatedEnvironment, number: int
) -> Iterable[Step]:
    now = environment.now
    match move:
        case Answer():
            yield instance.complete(_open_item(move, trail, number).id, move.values, now)
        case Deliver():
            yield instance.deliver(move.message, move.key, move.payload, now)
        case Broadcast():
            yield instance.broadcast(move.signal, move.payload, now)
        case StartOptional():
            yield instance.start_optional(move.element, now)
        case Change():
            environment.store[ROOT].update(move.values)
            yield instance.variables_changed(move.values, now)
        case ServiceResult():
            job = next((one for one in trail.jobs.values() if one.topic == move.topic), None)
            if job is not None and move in environment.results.get(move.topic, ()):
                environment.results[move.topic].remove(move)
                environment.calls.append((job.topic, job.inputs))
                del trail.jobs[job.id]
                try:
                    result: Mapping[str, object] | EngineError = _outcome(move)
                except EngineError as error:
                    result = error
                yield instance.finish_job(job.id, result, now)
        case Wait():
            target = timers.point(move.until, now, environment.zone)
            due = trail.steps[-1].due_at
            while due is not None and due <= target:
                environment.now = max(due, environment.now)
                step = instance.wake(environment.now)
                yield step
                due = step.due_at
            environment.now = max(target, environment.now)
            yield instance.wake(environment.now)


def _open_item(move: Answer, trail: Trail, number: int) -> WorkItem:
    found = [item for item in trail.open.values() if item.element_id == move.at]
    if not 0 <= move.item < len(found):
        raise ScriptError(
            "script_no_such_task", number, trail, element=move.at, item=move.item, open=", ".join(trail.open_at) or "–"
        )
    item = found[move.item]
    if move.by and item.candidate_groups and move.by not in item.candidate_groups:
        raise ScriptError(
            "script_wrong_role", number, trail, element=move.at, by=move.by, groups=", ".join(item.candidate_groups)
        )
    return item


def _outcome(given: ServiceResult) -> Mapping[str, object]:
    if given.error:
        raise BpmnError(given.error)
    if given.failure:
        raise EngineError("service_failed", reason=given.failure)
    return given.result
