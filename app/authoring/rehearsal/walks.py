"""Walk a finished process again on another drawing, with the answers that were recorded. Pure: nothing is read or kept.

What a process met outside is not recorded as such: what service tasks brought is taken from the values that are left of
it. Whether that is enough shows first on the drawing on which the process ran: only a story that takes its own way
there is walked on the draft, and one that does not is told as not comparable.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from app.authoring.rehearsal.rules import worded
from app.authoring.rehearsal.stories import Act, Doing, Passage, Place, Story, telling
from app.engine.bpmn import expressions
from app.engine.bpmn.definition import ProcessDefinition
from app.engine.bpmn.diagram import Node
from app.engine.bpmn.environment import BpmnError, Calendar, DecisionOutcome, Dictionary, ElementInfo
from app.engine.bpmn.simulation import (
    Answer,
    Broadcast,
    Change,
    Deliver,
    SimulatedEnvironment,
    Simulation,
    StartOptional,
)
from app.engine.bpmn.step import ROOT, WorkItem
from app.engine.dmn import DecisionModel
from app.engine.feel import Environment, from_json, to_json
from app.engine.findings import EngineError

MOST_WAKES = 400
"""So many timers are fired one by one between two acts; the rest at once."""

OutputsOf = Callable[[str], Sequence[str]]
"""Topic → the names of its results, none when it does not say."""


class Verdict(StrEnum):
    SAME = "same"
    OTHER = "other"
    MISSING = "missing"
    STUCK = "stuck"
    UNCOMPARED = "uncompared"


@dataclass(frozen=True, slots=True)
class Walked:
    """What became of a story: where it stops or goes another way, instead of which element, and why."""

    story_id: int
    office: int | None
    verdict: Verdict
    place: Place = ("", "")
    instead_of: Place = ("", "")
    reason: str = ""
    error: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A version of a package that a story can be walked on: the process with its tables and names."""

    definition: ProcessDefinition
    decisions: Mapping[str, DecisionModel]
    dictionary: Dictionary | None
    zone: ZoneInfo
    calendar: Calendar | None
    outputs_of: OutputsOf = lambda _topic: ()

    def decide(self, reference: str, variables: Mapping[str, object], now: datetime) -> DecisionOutcome:
        for model in self.decisions.values():
            if model.find(reference) is not None:
                return model.decide(reference, variables, Environment(now, self.zone, self.calendar, strict=True))
        raise EngineError("decision_unknown", name=reference)

    def inputs_of(self, reference: str) -> Sequence[str]:
        for model in self.decisions.values():
            if model.find(reference) is not None:
                return model.inputs_of(reference)
        return ()

    def node(self, place: Place) -> Node | None:
        process = self.definition.package.processes.get(place[0])
        if process is None:
            return None
        return next((node for _, node in process.body.walk() if node.id == place[1]), None)


@dataclass(frozen=True, slots=True)
class _Result:
    """A decision that is given as it was logged."""

    result: object
    trace: object = None


def rehearse(story: Story, ran_on: Drawing, draft: Drawing) -> Walked:
    """Walk the story on the drawing on which it ran, and if it takes its way there, on the draft."""
    if story.hindrance:
        return Walked(story.id, story.office, Verdict.UNCOMPARED, reason=story.hindrance)
    for asleep, blank in product((False, True) if story.cancelled else (False,), (True, False)):
        own = _Walk(story, ran_on, ran_on, blank=blank, asleep=asleep)
        found = own.go()
        if found.verdict == Verdict.SAME:
            return _Walk(story, draft, ran_on, blank=blank, asleep=asleep, like=own).go()
    return Walked(
        story.id, story.office, Verdict.UNCOMPARED, found.place, found.instead_of, "not_reproduced", found.error
    )


class _Walk:
    """One story on one drawing. `like` is the walk on the drawing on which it ran, None for that walk itself.

    `asleep`: it was broken off before timers that were due had fired, so none fires after its last act.
    """

    def __init__(
        self,
        story: Story,
        drawing: Drawing,
        ran_on: Drawing,
        *,
        blank: bool,
        asleep: bool,
        like: "_Walk | None" = None,
    ) -> None:
        self.story = story
        self.drawing = drawing
        self.ran_on = ran_on
        self.like = like
        self.blank = blank
        self.asleep = asleep
        self.read: dict[str, list[Mapping[str, object]]] = {}
        """What each decision read, by reference, in the order of deciding."""
        self.late: list[Act] = []
        self.given: dict[Place, int] = {}
        known = story.values if not blank else {name: story.value_at_the_start(name) for name in story.values}
        self.start = {
            name: value
            for name, value in known.items()
            if value is not None
            and name not in story.shared
            and (drawing.dictionary is None or name in drawing.dictionary)
        }
        self.environment = _Surroundings(self, {name: known[name] for name in story.shared if name in known})
        self.opened: dict[Place, list[str]] = {}
        self.play: Simulation

    def go(self) -> Walked:
        story, environment = self.story, self.environment
        environment.now = story.started
        starts = {one.element_id for one in self.drawing.definition.starts}
        try:
            self.play = Simulation(
                self.drawing.definition,
                environment,
                start=self.start,
                start_event=story.start_event if story.start_event in starts else None,
            )
            self._seen(0)
            for act in story.acts:
                self._until(act.at, woken=act.doing == Doing.WOKEN)
                self._do(act)
            self._until(story.ended, woken=self.asleep)
            if not story.cancelled:
                self._run_out()
        except EngineError as error:
            return self._told(Verdict.STUCK, reason="refused", error=worded(error.code, error.params))
        return self._compare()

    # Acts

    def _do(self, act: Act) -> None:
        match act.doing:
            case Doing.ANSWERED:
                if not self._answer(act):
                    self.late.append(act)
            case Doing.RECEIVED:
                waiting = [one for one in self.play.trail.waiting_for if one.name == act.name]
                if waiting:
                    self._make(Deliver(act.name, waiting[0].key, act.values))
            case Doing.SIGNALLED:
                self._make(Broadcast(act.name))
            case Doing.BEGUN:
                if any(one.element_id == act.name for one in self.play.trail.optional):
                    self._make(StartOptional(act.name))
            case Doing.CHANGED:
                self._make(Change(act.values))
            case Doing.WOKEN:
                self._wake(act.at)
            case Doing.NOTED:
                self.environment.store[ROOT].update(act.values if self.blank else {})
        self._catch_up()

    def _answer(self, act: Act) -> bool:
        """Give a recorded answer to the task that it was for; false when none is open there."""
        place = (act.process_id, act.name)
        items = [one for one in self.play.trail.open.values() if (one.process_id, one.element_id) == place]
        if not items:
            return False
        wanted = self.opened.get(place, [])[act.item : act.item + 1]
        item = next((one for one in items if one.id in wanted), items[0])
        position = [one for one in self.play.trail.open.values() if one.element_id == act.name].index(item)
        self._make(Answer(act.name, self._declared(act.values), item=position))
        self.given[place] = self.given.get(place, 0) + 1
        return True

    def _declared(self, values: Mapping[str, object]) -> dict[str, object]:
        dictionary = self.drawing.dictionary
        return {name: value for name, value in values.items() if dictionary is None or name in dictionary}

    def _catch_up(self) -> None:
        """Answers whose task was not open yet are given as soon as it is."""
        again = True
        while again and self.late:
            again = False
            for act in list(self.late):
                if self._answer(act):
                    self.late.remove(act)
                    again = True

    def _make(self, move: Any) -> None:
        self._stepping(lambda: self.play.make(move))

    def _wake(self, at: datetime) -> None:
        self.environment.now = max(at, self.environment.now)
        self._stepping(lambda: self.play.do(lambda instance: [instance.wake(self.environment.now)]))

    def _stepping(self, work: Callable[[], None]) -> None:
        before = len(self.play.trail.steps)
        work()
        self._seen(before)

    def _seen(self, before: int) -> None:
        for step in self.play.trail.steps[before:]:
            for item in step.opened:
                self.opened.setdefault((item.process_id, item.element_id), []).append(item.id)
        self._settle_jobs()

    # Time

    def _until(self, moment: datetime, *, woken: bool) -> None:
        """Let time pass: timers fire at their own time, or late where it is recorded that they did."""
        for _ in range(MOST_WAKES):
            due = self.play.trail.steps[-1].due_at
            if woken or due is None or due >= moment:
                break
            self._wake(due)
            self._catch_up()
        self.environment.now = max(moment, self.environment.now)

    def _run_out(self) -> None:
        """Beyond the recorded end: what only waits for time goes on."""
        for _ in range(MOST_WAKES):
            trail = self.play.trail
            due = trail.steps[-1].due_at
            if trail.finished or trail.open or due is None:
                return
            self._wake(due)
            self._catch_up()

    def _settle_jobs(self) -> None:
        """A service task that waits for its work gets what is left of it."""
        trail = self.play.trail
        while trail.jobs:
            job_id, job = next(iter(trail.jobs.items()))
            del trail.jobs[job_id]
            result = self.environment.result((job.process_id, job.element_id), job.topic)
            self._make_job(job_id, result)

    def _make_job(self, job_id: str, result: Mapping[str, object] | EngineError) -> None:
        self._stepping(
            lambda: self.play.do(lambda instance: [instance.finish_job(job_id, result, self.environment.now)])
        )

    # The outcome

    def _compare(self) -> Walked:
        trail, story = self.play.trail, self.story
        for incident in trail.incidents.values():
            place = (incident.process_id, incident.element_id)
            return self._told(Verdict.STUCK, place, reason="incident", error=worded(incident.code, incident.params))
        extra = self._without_answer()
        if extra is not None:
            return self._told(Verdict.MISSING, (extra.process_id, extra.element_id), reason="no_answer")
        if not trail.finished and not story.cancelled:
            active = trail.steps[-1].active
            place = (active[0].process_id, active[0].element_id) if active else ("", "")
            return self._told(Verdict.STUCK, place, reason="waits")
        recorded = [(one.place, one.completed) for one in story.way(self.ran_on.definition)]
        walked = [(one.place, one.completed) for one in telling(self.drawing.definition, self._passages())]
        if recorded == walked:
            return self._told(Verdict.SAME)
        for number in range(max(len(recorded), len(walked))):
            old, new = (way[number] if number < len(way) else (("", ""), True) for way in (recorded, walked))
            if old != new:
                return self._told(Verdict.OTHER, new[0], old[0], reason="other_way")
        return self._told(Verdict.SAME)

    def _without_answer(self) -> WorkItem | None:
        """The task that is open at the end and was not open when the story ended."""
        left = self.story.open_at_the_end(self.ran_on.definition)
        for item in self.play.trail.open.values():
            place = (item.process_id, item.element_id)
            if place in left:
                left.remove(place)
            else:
                return item
        return None

    def _passages(self) -> list[Passage]:
        return [
            Passage((one.process_id, one.element_id), one.left, one.how == "completed")
            for step in self.play.trail.steps
            for one in step.visits
        ]

    def _told(
        self,
        verdict: Verdict,
        place: Place = ("", ""),
        instead_of: Place = ("", ""),
        reason: str = "",
        error: Mapping[str, str] | None = None,
    ) -> Walked:
        return Walked(self.story.id, self.story.office, verdict, place, instead_of, reason, error or {})


class _Surroundings(SimulatedEnvironment):
    """What a walk meets: logged decisions or the draft's tables, service tasks that bring what is left of them."""

    def __init__(self, walk: _Walk, values: Mapping[str, object]) -> None:
        drawing = walk.drawing
        super().__init__(
            dictionary=drawing.dictionary,
            shared=walk.story.shared,
            zone=drawing.zone,
            calendar=drawing.calendar,
            variables=values,
        )
        self._walk = walk
        self._failures = {place: list(times) for place, times in walk.story.failures.items()}

    def decide(
        self, reference: str, *, binding: str, version: str | None, variables: Mapping[str, object]
    ) -> DecisionOutcome:
        walk, drawing = self._walk, self._walk.drawing
        made = walk.read.setdefault(reference, [])
        number = len(made)
        made.append({name: variables.get(name) for name in drawing.inputs_of(reference)})
        logged = [one for one in walk.story.decided if one.reference == reference][number : number + 1]
        if not logged:
            return drawing.decide(reference, variables, self.now)
        (one,) = logged
        if walk.like is None:
            return _Result(self._as_logged(reference, one.given, one.result, variables))
        before = walk.like.read.get(reference, [])[number : number + 1]
        values = dict(variables)
        for name, value in one.given.items():
            # what the walk reads as it read it on its own drawing was in truth what the log says
            if not before or name not in before[0] or before[0][name] == variables.get(name):
                values[name] = value
        return drawing.decide(reference, values, self.now)

    def _as_logged(
        self, reference: str, given: Mapping[str, object], result: object, variables: Mapping[str, object]
    ) -> object:
        """The logged result; by the table of that time where it gives the same, for its exact types."""
        try:
            again = self._walk.drawing.decide(reference, {**variables, **given}, self.now).result
        except EngineError:
            return from_json(result)
        return again if to_json(again) == result else from_json(result)

    def perform(self, topic: str, inputs: Mapping[str, object], element: ElementInfo) -> Mapping[str, object]:
        result = self.result((element.process_id, element.id), topic)
        if isinstance(result, EngineError):
            raise result
        return result

    def result(self, place: Place, topic: str) -> Mapping[str, object] | EngineError:
        """What a service task brought, as far as the values tell that are left of it."""
        failures = self._failures.get(place)
        if failures and failures[0][0] <= self.now:
            return BpmnError(failures.pop(0)[1])
        walk = self._walk
        # a service task may have changed what is kept of the case
        outside = walk.story.shared - walk.story.written.keys() - walk.story.first.keys() if walk.blank else ()
        self.store[ROOT].update((name, self._left(name)) for name in outside)
        node = walk.drawing.node(place)
        outputs = tuple(walk.drawing.outputs_of(topic))
        if node is None or not node.outputs:
            return {name: self._left(name) for name in outputs}
        kept: dict[str, str] = {}
        for target, parameter in node.outputs:
            try:
                names = expressions.parameter(parameter).names
            except EngineError:
                continue
            for name in names if not outputs else names & set(outputs):
                if name == target or len(names) == 1:
                    # of several names that keep the same result, the one that was written least tells it best
                    kept[name] = min((target, kept.get(name, target)), key=lambda one: walk.story.written.get(one, 0))
        return {name: self._left(target) for name, target in kept.items()}

    def _left(self, name: str) -> object:
        return self._walk.story.value_at(name, self.now)
