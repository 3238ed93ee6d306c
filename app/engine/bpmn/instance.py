"""One running process: every call does one step and says what changed.

All calls take `now`, an aware datetime, and first fire the timers that are due. They raise EngineError, before anything
has changed, when what they are about is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from app.engine.bpmn import state as states
from app.engine.bpmn.definition import ProcessDefinition
from app.engine.bpmn.environment import Environment
from app.engine.bpmn.execution import Execution
from app.engine.bpmn.specs.base import DONE, SKIPPED
from app.engine.bpmn.specs.frames import AdHoc
from app.engine.bpmn.specs.loops import BODY
from app.engine.bpmn.specs.tasks import ServiceTask, UserTask
from app.engine.bpmn.step import ROOT, Step, WorkItem
from app.engine.bpmn.stepping import next_due, step_of
from app.engine.bpmn.tokens import Token
from app.engine.bpmn.transplant import Blocked, place
from app.engine.findings import EngineError


@dataclass(frozen=True, slots=True)
class Transplanted:
    """An instance on another version, and what differs: `instance, step = …` unpacks it. See `transplant.Placed`."""

    instance: Instance
    step: Step
    items: tuple[tuple[WorkItem | None, WorkItem], ...]
    mapped: tuple[str, ...]
    restless: bool

    def __iter__(self) -> Iterator[Any]:
        return iter((self.instance, self.step))


class Instance:
    """A running process. Each step takes the moment and returns a Step: what opened, closed and failed, what waits.

    It keeps no variables: the environment reads them by scope, the Step tells which have changed. Dates are aware.
    """

    def __init__(self, definition: ProcessDefinition, run: Execution) -> None:
        self.definition = definition
        self._run = run

    @classmethod
    def start(
        cls,
        definition: ProcessDefinition,
        environment: Environment,
        now: datetime,
        *,
        start_event: str | None = None,
        variables: Mapping[str, object] | None = None,
    ) -> tuple[Instance, Step]:
        """Begin a new instance at its plain start event, or at `start_event` (an element id).

        `variables` are written into the root scope. Raises EngineError `name_undeclared`, `element_unknown`,
        `start_event_needed` for a process that only messages start.
        """
        run = Execution(definition.package, definition.process_id, environment, now)
        if start_event is not None and start_event not in {start.element_id for start in definition.starts}:
            raise EngineError("element_unknown", element=start_event)
        if start_event is None and not run.spec.starts:
            raise EngineError("start_event_needed", process=definition.process_id)
        if variables:
            run.scopes.check(variables)
            run.scopes.write(ROOT, run.plain(variables))
        run.begin_frame(run, start_event or "")
        run.drain()
        return cls(definition, run), step_of(run)

    @classmethod
    def restore(cls, definition: ProcessDefinition, state: bytes, environment: Environment) -> Instance:
        """An instance from the bytes of `state()`. Raises EngineError `state_unreadable`, `state_does_not_fit`."""
        return cls(definition, states.load(definition, state, environment))

    def state(self) -> bytes:
        """What must be kept to restore the instance; variables are not in it."""
        return states.dump(self._run)

    @property
    def finished(self) -> bool:
        return self._run.completed

    # Steps

    def wake(self, now: datetime) -> Step:
        """Fire what is due, and look at conditions and joins again."""
        self._run.at(now)
        self._run.conditions_stale = True
        self._fire_due()
        return step_of(self._run)

    def complete(self, item_id: str, values: Mapping[str, object], now: datetime) -> Step:
        """Complete a work item with what the person entered.

        Raises EngineError `item_gone`, `name_undeclared`. When a timer that was due closes the item first, the step
        says `overtaken`. What fails after the values were written becomes an incident; the values are kept.
        """
        run = self._run
        self._item(item_id)
        run.at(now)
        run.scopes.check(values)
        self._fire_due()
        token = run.token(item_id)
        if token is None or token.state != TaskState.READY:
            return step_of(run, overtaken=True)
        token.values = values
        run.proceed(token)
        run.drain()
        return step_of(run)

    def deliver(self, message: str, key: str | None, payload: Mapping[str, object], now: datetime) -> Step:
        """Give a message to the one that waits for it. Raises EngineError `nobody_waits`, `name_undeclared`."""
        run = self._run
        run.at(now)
        run.scopes.check(payload)
        if run.receiver(message, key) is None:
            raise EngineError("nobody_waits", message=message)
        self._fire_due()
        token = run.receiver(message, key)
        if token is None:
            return step_of(run, overtaken=True)
        run.fire(token, payload)
        run.drain()
        return step_of(run)

    def broadcast(self, signal: str, payload: Mapping[str, object], now: datetime) -> Step:
        """Give a signal to all that wait for it; nobody waiting is no error."""
        run = self._run
        run.at(now)
        run.scopes.check(payload)
        self._fire_due()
        run.spread(signal, payload)
        run.drain()
        return step_of(run)

    def finish_job(self, job_id: str, result: Mapping[str, object] | EngineError, now: datetime) -> Step:
        """Give a job its result, or its failure: a BpmnError goes to its catcher, another error is an incident.

        Raises EngineError `job_gone`.
        """
        run = self._run
        token = run.token(job_id)
        if token is None or not isinstance(token.spec, ServiceTask) or token.state != TaskState.STARTED:
            raise EngineError("job_gone", job=job_id)
        self._begin(now)
        if not run.is_alive(token):
            return step_of(run, overtaken=True)
        if isinstance(result, EngineError):
            run.failed(token, result)
        else:
            token.values = run.plain(result)
            run.proceed(token)
        run.drain()
        return step_of(run)

    def change_variables(self, values: Mapping[str, Mapping[str, object]], now: datetime) -> Step:
        """A person sets names, by scope: a repair. Names of the case itself go to the root, wherever they are set.

        Raises EngineError `name_undeclared`, `scope_gone`.
        """
        run = self._run
        for scope, named in values.items():
            run.scopes.check(named)
            if scope and run.token(scope) is None:
                raise EngineError("scope_gone")
        self._begin(now)
        for scope, named in values.items():
            for name, value in run.plain(named).items():
                run.scopes.write(ROOT if run.environment.is_shared(name) else scope, {name: value})
        return self._look_again()

    def variables_changed(self, names: Iterable[str], now: datetime) -> Step:
        """Values changed outside: look at conditional events and evaluate open items again."""
        self._begin(now)
        return self._look_again()

    def _look_again(self) -> Step:
        run = self._run
        run.conditions_stale = True
        run.drain()
        for token in run.all_alive():
            if isinstance(token.spec, UserTask) and token.state == TaskState.READY and DONE not in token.internal_data:
                try:
                    item = token.spec.item(token, run)
                except EngineError:
                    continue  # it stays as it was opened
                if token.key in run.record.opened:
                    run.record.opened[token.key] = item
                else:
                    run.record.updated[token.key] = item
        return step_of(run)

    def start_optional(self, element_id: str, now: datetime) -> Step:
        """Start an optional action of an open ad-hoc sub-process. Raises EngineError `not_startable`."""
        run = self._run
        self._begin(now)
        for frame in list(run.subprocesses.values()):
            host = run.host_of(frame.task_tree)
            if host is not None and isinstance(host.spec, AdHoc) and element_id in frame.spec.optional:
                if not run.is_available(frame, element_id):
                    break
                run.spawn(frame, element_id)
                run.drain()
                return step_of(run)
        raise EngineError("not_startable", element=element_id)

    # Repairs

    def retry(self, incident_id: str, now: datetime) -> Step:
        """Try again where it failed; work that was done is not done twice. Raises EngineError `incident_gone`."""
        run = self._run
        token = self._incident(incident_id)
        self._begin(now)
        if run.is_alive(token) and token.internal_data.get("incident") == incident_id:
            run.record.close_incident(token.internal_data.pop("incident"))
            token._set_state(TaskState.FUTURE)
            run.queue.append(token)
            run.drain()
        return step_of(run)

    def skip(self, target: str, now: datetime) -> Step:
        """Leave an element without doing its work: `target` is an incident, an item, a job or a token.

        Its output mappings are not evaluated. A boundary event or trigger that failed is taken away.
        """
        run = self._run
        token = run.token(target) if _is_key(target) else None
        token = token or self._incident(target)
        self._begin(now)
        if run.is_alive(token):
            run.clear(token)
            if run.is_resident(token):
                run.forget(token)
            else:
                run.win_race(token)
                token.internal_data[DONE] = token.internal_data[SKIPPED] = 1
                token._set_state(TaskState.FUTURE)
                run.queue.append(token)
            run.drain()
        return step_of(run)

    def restart_before(self, element_id: str, now: datetime, *, instead_of: str | None = None) -> Step:
        """Put a token before an element of a scope that is running.

        `instead_of` (an incident, item, job or token) is cancelled; without it all tokens of that scope are.
        Raises EngineError `element_unknown` when no running scope has the element.
        """
        run = self._run
        replaced: Token | None = None
        if instead_of is not None:
            replaced = (run.token(instead_of) if _is_key(instead_of) else None) or self._incident(instead_of)
            if (body := run.token(replaced.internal_data.get(BODY, ""))) is not None:
                replaced = body
        frames = [replaced.workflow] if replaced is not None else list(run.frames())[::-1]
        frame = next((one for one in frames if element_id in one.spec.body.nodes), None)
        if frame is None:
            raise EngineError("element_unknown", element=element_id)
        self._begin(now)
        if frame is not run and run.subprocesses.get(frame.parent_task_id) is not frame:
            raise EngineError("element_unknown", element=element_id)
        begun = run.spawn(frame, element_id)
        if replaced is not None:
            run.cancel_token(replaced)
        else:
            for token in run.alive(frame):
                if token is not begun and token.spec.holds:
                    run.cancel_token(token)
        run.drain()
        return step_of(run)

    def cancel(self, now: datetime) -> Step:
        """End the instance; every open item, job and incident is closed."""
        run = self._run
        run.at(now)
        run.ended = ("", "")
        run.queue.clear()
        run.finish()
        return step_of(run)

    # Another version

    def transplant(
        self,
        definition: ProcessDefinition,
        mapping: Mapping[str, str] | None = None,
        now: datetime | None = None,
        *,
        environment: Environment | None = None,
    ) -> Transplanted | Blocked:
        """The instance on another version of its process, or why not; this one stays as it is. See `transplant`.

        `mapping` gives old ids new ones, of elements (`element` or `process/element`) and of processes. `environment`
        is that of the new version, `now` the moment from which new timers count. Timers that are due do not fire.
        """
        run = self._run
        placed = place(run, definition, mapping or {}, environment or run.environment, now or run.now)
        if isinstance(placed, Blocked):
            return placed
        return Transplanted(Instance(definition, placed.run), placed.step, placed.items, placed.mapped, placed.restless)

    def incidents(self) -> dict[str, tuple[str, str, str]]:
        """The open incidents: where each stands (process id, element id) and the element's name."""
        found = {}
        for token in self._run.all_alive():
            if incident := token.internal_data.get("incident"):
                spec = token.spec
                found[incident] = (spec.body.process_id, spec.bpmn_id, spec.bpmn_name or spec.bpmn_id)
        return found

    # Inside

    def _begin(self, now: datetime) -> None:
        self._run.at(now)
        self._fire_due()

    def _fire_due(self) -> None:
        run = self._run
        while (due := next_due(run)) is not None and due[0] <= run.now:
            run.fire(due[1], {})
            run.drain()
        run.drain()

    def _item(self, item_id: str) -> Token:
        token = self._run.token(item_id) if _is_key(item_id) else None
        if token is None or not isinstance(token.spec, UserTask) or token.state != TaskState.READY:
            raise EngineError("item_gone", item=item_id)
        return token

    def failed_token(self, incident_id: str) -> Token:
        """Where the incident stands, to look at. Raises EngineError `incident_gone`."""
        return self._incident(incident_id)

    def _incident(self, incident_id: str) -> Token:
        for token in self._run.all_alive():
            if token.internal_data.get("incident") == incident_id:
                return token
        raise EngineError("incident_gone", incident=incident_id)


def _is_key(text: str) -> bool:
    return len(text) == 32 and all(character in "0123456789abcdef" for character in text)
