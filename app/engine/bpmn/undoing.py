"""Compensation while an instance runs: what is recorded, what is undone, and where it goes on afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from app.engine import feel
from app.engine.bpmn import records
from app.engine.bpmn.diagram import Event
from app.engine.bpmn.records import Record
from app.engine.bpmn.specs.base import SKIPPED
from app.engine.bpmn.specs.compensation import UNDO, UNDO_SPEC, UNDOES, Transaction, Undo, Undone
from app.engine.bpmn.specs.events import BoundaryEvent, Trigger
from app.engine.bpmn.specs.frames import SCOPE, CallActivity, EventSubProcess, SubProcess
from app.engine.bpmn.specs.loops import BODY, LoopActivity

if TYPE_CHECKING:
    from app.engine.bpmn.tokens import Frame, Token
    from app.engine.bpmn.variables import Scopes

PENDING = "pending"
"""In `internal_data` of a throw event: [host of the frame, its records] that are not begun yet."""


class Undoing:
    """The part of an execution that compensates (BPMN 2.0.2, 10.7)."""

    subprocesses: dict[Any, Frame]
    scopes: Scopes
    alive: Callable[[Any], list[Token]]
    is_alive: Callable[[Token], bool]
    token: Callable[[str], Token | None]
    host_of: Callable[[Token], Token | None]
    spawn: Callable[..., Token]
    forget: Callable[[Token], None]
    visited: Callable[[Token], None]
    cancel_token: Callable[[Token], None]
    cancel_frame_tokens: Callable[..., None]
    later: Callable[[Callable[[], None]], None]
    proceed: Callable[[Token], None]
    guarded: Callable[[Token, Callable[[], None]], None]
    write_local: Callable[[Token, Mapping[str, object]], None]

    # What is recorded

    def remember(self, token: Token) -> None:
        """The token has completed: record it if it can be compensated. What never completed never gets here."""
        spec, data, frame = token.spec, token.internal_data, token.workflow
        if SKIPPED in data or UNDOES in data or isinstance(spec, Undone):
            return
        if isinstance(spec, LoopActivity):
            frame.undoable += data.pop(UNDO, [])
            return
        place = frame.spec.task_specs[spec.item_of] if spec.item_of else spec
        inside = data.pop(UNDO, []) if not isinstance(spec, CallActivity) else []
        if not (place.handler or inside or place.compensates_itself):
            return
        target = frame.undoable
        if spec.item_of and (body := self.token(data[BODY])) is not None:
            target = body.internal_data.setdefault(UNDO, [])
        records.add(target, place.name, self.locals_of(token), [] if place.handler else inside)

    def locals_of(self, token: Token) -> dict[str, object]:
        """What is local to an activity: its input parameters, the variables of an item."""
        data = token.internal_data
        local: dict[str, object] = {}
        if SCOPE in data and not isinstance(token.spec, CallActivity):
            local |= {**self.scopes.stored(token.key), **self.scopes.written.get(token.key, {})}
        local |= data.get("inputs", {})
        return local

    def give_snapshot(self, handler: Token, snapshot: Mapping[str, object]) -> None:
        if snapshot:
            handler.internal_data[SCOPE] = 1
            self.write_local(handler, snapshot)

    # Throwing

    def throw_compensation(self, token: Token, event: Event) -> bool:
        """Compensate one activity or the whole scope; False while the throw event waits for the handlers."""
        data = token.internal_data
        if PENDING not in data:
            data[PENDING] = self._taken(token, event.activity)
            if not event.waits:
                for host, taken in data.pop(PENDING):
                    self.undo(self._frame(host), taken)
                return True
        while data[PENDING]:
            host, taken = data[PENDING].pop(0)
            if (frame := self._frame(host)) is not None:
                self.undo(frame, taken, waiting=token.key)
                token._set_state(TaskState.STARTED)
                return False
        del data[PENDING]
        return True

    def _taken(self, token: Token, activity: str) -> list[list[Any]]:
        """From the scope of a throw event, and from the one around it when it stands in an event sub-process."""
        found: list[list[Any]] = []
        frame: Any = token.workflow
        while True:
            host = self.host_of(frame.task_tree)
            if taken := records.take(frame.undoable, activity):
                found.append(["" if host is None else host.key, taken])
            if host is None or not isinstance(host.spec, EventSubProcess):
                return found
            frame = host.workflow

    def _frame(self, host: str) -> Any:
        if not host:
            return self
        token = self.token(host)
        return None if token is None else self.subprocesses.get(token.id)

    def undo(self, frame: Any, taken: list[Record], *, waiting: str = "", then: tuple[str, Any] | None = None) -> None:
        """Begin to compensate; `waiting` is told at the end, or `then` (an event's spec and its payload) happens."""
        begun = self.spawn(frame, UNDO_SPEC)
        begun.internal_data[UNDO] = taken
        if waiting:
            begun.internal_data["for"] = waiting
        if then is not None:
            begun.internal_data["then"] = [then[0], feel.dump(dict(then[1]))]

    def handler_left(self, token: Token) -> None:
        """A handler has completed, or was taken away: on to the next one."""
        undo = self.token(token.internal_data.get(UNDOES, ""))
        if undo is not None and isinstance(undo.spec, Undo):
            spec = undo.spec

            def go_on() -> None:
                if self.is_alive(undo):
                    self.guarded(undo, lambda: spec.next(undo, self))  # type: ignore[arg-type]

            self.later(go_on)

    def undone(self, token: Token) -> None:
        """All handlers of an Undo have run."""
        frame, data = token.workflow, token.internal_data
        self.forget(token)
        waiter = self.token(data.get("for", ""))
        if waiter is not None:
            self.later(lambda: self.proceed(waiter) if self.is_alive(waiter) else None)
        elif "then" in data:
            name, payload = data["then"]
            spec = frame.spec.task_specs[name]
            values = feel.load(payload)
            if isinstance(spec, BoundaryEvent):
                self.spawn(frame, name, fired=True, values=values)
            elif isinstance(spec, Trigger):
                spec.fire_in(frame, self, values)  # type: ignore[arg-type]

    # Leaving what has not completed

    def caught_at(self, host: Token, boundary: BoundaryEvent, payload: Mapping[str, object]) -> None:
        """A boundary event has caught what was thrown inside. An error compensates first what was completed there."""
        if boundary.kind == "error" and self.is_undone_by_error(host) and self.completed_in(host):
            self.leave(host, boundary.name, payload)
        else:
            boundary.fire_at(host, self, payload)  # type: ignore[arg-type]

    def caught_in(self, left: Token, trigger: Trigger, payload: Mapping[str, object]) -> None:
        """An event sub-process has caught what left an activity beside it."""
        frame = left.workflow
        taken = self.completed_in(left) if trigger.kind == "error" and self.is_undone_by_error(left) else []
        if taken:
            self.cancel_frame_tokens(frame)
            self.undo(frame, taken, then=(trigger.name, payload))
        else:
            trigger.fire_in(frame, self, payload)  # type: ignore[arg-type]

    def is_undone_by_error(self, token: Token) -> bool:
        """BPMN 2.0.2, 10.7.3: a sub-process that an error leaves is undone; a transaction is not (10.3.5, hazard)."""
        spec = token.spec
        if isinstance(spec, LoopActivity):
            spec = token.workflow.spec.task_specs[spec.item_name]
        return isinstance(spec, SubProcess) and not isinstance(spec, CallActivity | Transaction | Undone)

    def cancel_transaction(self, token: Token) -> None:
        """A cancel end event: all that runs in the transaction ends, what was done is undone, then its boundary."""
        host = self.host_of(token)
        if host is None:
            return
        host = self.token(host.internal_data.get(BODY, "")) or host
        self.visited(token)
        self.forget(token)
        name = next(one for one in host.spec.catchers if host.workflow.spec.task_specs[one].kind == "cancel")
        self.leave(host, name, {})

    def leave(self, host: Token, catcher: str, payload: Mapping[str, object]) -> None:
        """Take the activity away, compensate what was completed in it, then go on at the boundary event."""
        frame = host.workflow
        taken = self.completed_in(host)
        self.cancel_token(host)
        self.undo(frame, taken, then=(catcher, payload))

    def completed_in(self, token: Token) -> list[Record]:
        """What was completed inside an activity that is still running, not below a call activity."""
        found: list[Record] = []
        if isinstance(token.spec, LoopActivity):
            found += token.internal_data.get(UNDO, [])
            for item in self.alive(token.workflow):
                if item.internal_data.get(BODY) == token.key:
                    found += self.completed_in(item)
            return found
        frame = self.subprocesses.get(token.id)
        if frame is None or not isinstance(token.spec, SubProcess) or isinstance(token.spec, CallActivity | Undone):
            return found
        inside = list(frame.undoable)
        for one in self.alive(frame):
            if not one.spec.item_of:
                inside += self.completed_in(one)
        if inside:
            name = token.spec.item_of or token.spec.name
            records.add(found, name, self.locals_of(token), inside, partial=True)
        return found
