"""Events (BPMN 2.0.2, 13.5).

Corrections of SpiffWorkflow 3.2.0: a non-interrupting boundary event fires every time, not once; signal end events
throw; conditional events are evaluated again when variables change; an error or escalation looks for its catcher from
the inside out; timers ask the caller's clock, and missed turns of a cycle fire once.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from app.engine.bpmn import timers
from app.engine.bpmn.expressions import Expression
from app.engine.bpmn.specs.base import Activity, FlowNode, Mapped, Outgoing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.engine.bpmn.execution import Execution
    from app.engine.bpmn.tokens import Token

FIRED = "fired"
RACE = "race"
HOST = "host"


class StartEvent(FlowNode):
    """Where a frame begins; what it waits for has come already. `timer` is when the caller begins a process."""

    timer: Expression | None = None


class Catching(FlowNode):
    """Waits for a message, a signal, a point in time or a condition. `event.kind` of its node says which."""

    timer: Expression | None = None
    condition: Expression | None = None
    correlation: Expression | None = None

    @property
    def kind(self) -> str:
        return self.node.event.kind

    @property
    def event_name(self) -> str:
        return self.node.event.name or ""

    def enter(self, token: Token, run: Execution) -> bool:
        return bool(token.internal_data.get(FIRED)) or self.wait(token, run)

    def wait(self, token: Token, run: Execution) -> bool:
        data = token.internal_data
        match self.kind:
            case "timer":
                self.set_timer(token, run)
            case "message":
                key = run.text(self.correlation, token)
                if self.correlation is not None:
                    data["key"] = key
            case "conditional":
                data["was"] = 0
                run.conditions_stale = True
        token._set_state(TaskState.WAITING)
        return False

    def set_timer(self, token: Token, run: Execution) -> None:
        assert self.timer is not None  # noqa: S101 - told by the check
        value = run.evaluate(self.timer, token)
        data = token.internal_data
        if self.node.event.timer == "timeCycle":
            turn = timers.cycle(value, run.now, run.environment.zone)
            data["due"], data["every"], data["left"] = turn.due.isoformat(), turn.every.text, turn.left
        else:
            data["due"] = timers.point(value, run.now, run.environment.zone).isoformat()

    def rewind(self, token: Token, run: Execution) -> bool:
        """After a timer fired: set the next turn. False when there is none."""
        data = token.internal_data
        if "every" not in data:
            return False
        every = timers.parse_duration(data["every"])
        turn = timers.next_turn(
            timers.Cycle(datetime.fromisoformat(data["due"]), every, data["left"]), run.now, run.environment.zone
        )
        if turn is None:
            return False
        data["due"], data["left"] = turn.due.isoformat(), turn.left
        return True

    def fire(self, token: Token, run: Execution, payload: Mapping[str, object]) -> None:
        """What the waiting token was waiting for has come."""
        run.win_race(token)
        token.internal_data.pop("due", None)
        token.values = payload
        run.proceed(token)

    def execute(self, token: Token, run: Execution) -> bool:
        if token.values:
            run.write(token, token.values)
        return True


class ReceiveTask(Catching, Activity):
    """A receive task is a message catch event with boundary events."""

    def enter(self, token: Token, run: Execution) -> bool:
        run.arm_boundaries(token)
        return Catching.enter(self, token, run)


class BoundaryEvent(Catching):
    """Waits beside its host; when it fires, another token goes on from it and this one stays, unless it interrupts."""

    holds = False

    def fire(self, token: Token, run: Execution, payload: Mapping[str, object]) -> None:
        host = run.token(token.internal_data[HOST])
        if not self.node.interrupting and self.kind == "timer" and not self.rewind(token, run):
            run.forget(token)
        if host is not None:
            self.fire_at(host, run, payload)

    def fire_at(self, host: Token, run: Execution, payload: Mapping[str, object]) -> None:
        run.spawn(host.workflow, self.name, fired=True, values=payload)
        if self.node.interrupting:
            run.cancel_token(host)


class Trigger(Catching):
    """The waiting start event of an event sub-process; it stands in the frame around it."""

    shown = False
    holds = False
    subprocess = ""

    def fire(self, token: Token, run: Execution, payload: Mapping[str, object]) -> None:
        if not self.node.interrupting and self.kind == "timer" and not self.rewind(token, run):
            run.forget(token)
        self.fire_in(token.workflow, run, payload)

    def fire_in(self, frame: object, run: Execution, payload: Mapping[str, object]) -> None:
        begun = run.spawn(frame, self.subprocess, values=payload)
        begun.internal_data["start"] = self.bpmn_id
        if self.node.interrupting:
            run.cancel_frame_tokens(frame, but=begun)


class ThrowEvent(Activity):
    """Throws what its event definition says, and goes on. Also the message part of a send task without topic."""

    correlation: Expression | None = None
    ins: tuple[Mapped, ...] = ()
    """What a signal carries beside its inputs (`camunda:in`)."""

    def execute(self, token: Token, run: Execution) -> bool:
        event = self.node.event
        payload = {**token.internal_data.get("inputs", {}), **run.map_in(token, self.ins)}
        match event.kind:
            case "message":
                key = run.text(self.correlation, token) if self.correlation is not None else None
                run.throw_message(event.name or "", key, payload, token)
            case "signal":
                run.throw_signal(event.name or "", payload, token)
            case "escalation":
                run.throw_escalation(event.name or "", payload, token)
            case "compensate":
                return run.throw_compensation(token, event)
            case "cancel":
                run.cancel_transaction(token)
        return True


class EndEvent(ThrowEvent):
    """Ends its path; throws what it is drawn with; a terminating one ends everything else in its frame."""

    def execute(self, token: Token, run: Execution) -> bool:
        run.end_reached(token)
        if self.node.event.kind == "error":
            run.throw_error(self.node.event.name or "", token.internal_data.get("inputs", {}), token)
            return True
        if not super().execute(token, run):
            return False
        if self.node.event.kind == "terminate":
            run.cancel_frame_tokens(token.workflow, but=token)
        return True

    def choose(self, token: Token, run: Execution) -> tuple[Outgoing, ...]:
        return ()
