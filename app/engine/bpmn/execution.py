"""The running of one instance: SpiffWorkflow's workflow with a queue of tokens instead of searches in a tree.

Everything automatic runs until all tokens wait or have failed. A failure is an EngineError at one token: it stays
there in state ERROR while the others go on. Any other exception is a fault of the program and is not caught.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from SpiffWorkflow.util.task import TaskState

from app.engine.bpmn.environment import BpmnError
from app.engine.bpmn.evaluating import Evaluating
from app.engine.bpmn.population import Population
from app.engine.bpmn.specs.base import DONE, FlowNode
from app.engine.bpmn.specs.compensation import UNDO
from app.engine.bpmn.specs.events import FIRED, Catching
from app.engine.bpmn.specs.frames import RETURNED, AdHoc
from app.engine.bpmn.specs.gateways import VIA, InclusiveGateway
from app.engine.bpmn.specs.loops import BODY, LoopActivity
from app.engine.bpmn.step import Incident
from app.engine.bpmn.throwing import Throwing
from app.engine.bpmn.tokens import BodySpec, Frame, Token
from app.engine.findings import EngineError

if TYPE_CHECKING:
    from app.engine.bpmn.expressions import Expression

MAX_TURNS = 200_000
"""Moves of tokens in one step, beyond which a loop is taken to be endless."""
MAX_SECONDS = 10.0
"""Of the processor in one step; each expression has its own, smaller budget."""


class Execution(Evaluating, Throwing, Population):
    """Moves the tokens of a Population until all of them wait."""

    def drain(self) -> None:
        """Run until nothing moves."""
        while True:
            while self.queue or self.touched:
                while self.touched:
                    self.look_after(self.touched.popitem()[1])
                if not self.queue:
                    continue
                entry = self.queue.popleft()
                if not isinstance(entry, Token):
                    entry()
                elif self.is_alive(entry) and entry.state == TaskState.FUTURE:
                    self.advance(entry)
            if not self.settle():
                return

    def advance(self, token: Token) -> None:
        """Let a token that has arrived enter its node, and go through it when nothing holds it."""
        self.turns += 1

        def move() -> None:
            if self.turns > MAX_TURNS or time.thread_time() > self.began + MAX_SECONDS:
                raise EngineError("too_many_turns", limit=MAX_TURNS)
            token.task_spec._update(token)
            if token.state == TaskState.READY and (not token.spec.manual or DONE in token.internal_data):
                token.run()

        self.guarded(token, move)

    def proceed(self, token: Token) -> None:
        """Go on with a token that has waited."""

        def move() -> None:
            token._set_state(TaskState.READY)
            token.run()

        self.guarded(token, move)

    def guarded(self, token: Token, move: Callable[[], None]) -> None:
        try:
            move()
        except EngineError as error:
            self.failed(token, error)

    def settle(self) -> bool:
        """All rests: now inclusive joins and conditions are looked at. True when something moves again."""
        for frame in list(self.frames()):
            joins: dict[str, list[Token]] = {}
            for token in self.alive(frame):
                if isinstance(token.spec, InclusiveGateway) and token.state == TaskState.WAITING:
                    joins.setdefault(token.spec.name, []).append(token)
            for waiting in joins.values():
                spec = waiting[0].spec
                assert isinstance(spec, InclusiveGateway)  # noqa: S101 - filled above
                if spec.complete_at_rest(waiting, self):
                    taken: dict[str, Token] = {}
                    for token in waiting:
                        taken.setdefault(token.internal_data.get(VIA, ""), token)
                    first, *others = taken.values()
                    for other in others:
                        self.forget(other)
                    self.proceed(first)
                    return True
        if not self.conditions_stale:
            return bool(self.queue)
        self.conditions_stale = False
        for token in self.all_alive():
            if (
                token.state == TaskState.WAITING
                and isinstance(token.spec, Catching)
                and token.spec.kind == "conditional"
                and self.is_alive(token)
            ):
                self.guarded(token, lambda token=token: self.look_at_condition(token))  # type: ignore[misc]
        return bool(self.queue) or bool(self.touched) or self.conditions_stale

    def look_at_condition(self, token: Token) -> None:
        """A conditional event fires when its condition becomes true (BPMN 2.0.2, 10.5.5)."""
        spec = token.spec
        assert isinstance(spec, Catching)  # noqa: S101 - told by the caller
        assert spec.condition is not None  # noqa: S101 - told by the check
        holds = self.holds(spec.condition, token)
        was = token.internal_data.get("was")
        token.internal_data["was"] = int(holds)
        if holds and not was:
            spec.fire(token, self, {})

    def failed(self, token: Token, error: EngineError) -> None:
        """An error of this element: a catcher of a business error takes it, else it is an incident."""
        if not self.is_alive(token):
            return
        if isinstance(error, BpmnError):
            try:
                self.throw_error(error.error_code, {}, token, error.message)
                return
            except EngineError as uncaught:
                error = uncaught
        token._set_state(TaskState.ERROR)
        incident = token.internal_data["incident"] = uuid4().hex
        spec = token.spec
        self.record.open_incident(
            Incident(
                incident,
                spec.bpmn_id,
                spec.body.process_id,
                spec.bpmn_name or spec.bpmn_id,
                error.code,
                {name: value if isinstance(value, int | str) else str(value) for name, value in error.params.items()},
                str(error),
                spec.body.file,
                spec.node.line,
            )
        )

    def item_judged(self, item: Token) -> None:
        body = self.token(item.internal_data[BODY])
        if body is not None and isinstance(body.spec, LoopActivity):
            body.spec.judge(body, item, self)

    def item_completed(self, item: Token) -> None:
        body = self.token(item.internal_data[BODY])
        if body is not None and isinstance(body.spec, LoopActivity):
            spec = body.spec
            self.later(lambda: self.guarded(body, lambda: spec.item_done(body, self)))

    def open_frame(self, host: Token, key: str, start: str = "") -> None:
        self.begin_frame(self.bare_frame(host, key), start)

    def bare_frame(self, host: Token, key: str) -> Frame:
        frame = Frame(self.package.bodies[key], host.id, self)
        self.subprocesses[host.id] = frame
        self.touched[id(frame)] = frame
        return frame

    def reopened(self, host: Token) -> bool:
        """After an incident of the host its frame may still be there: it is looked at again."""
        frame = self.subprocesses.get(host.id)
        if frame is not None:
            self.touched[id(frame)] = frame
        return frame is not None

    def begin_frame(self, frame: Any, start: str = "", values: Mapping[str, object] | None = None) -> None:
        spec: BodySpec = frame.spec
        for name in spec.triggers:
            self.spawn(frame, name)
        for name in (start,) if start else spec.starts:
            self.spawn(frame, name, fired=True)
        for name in spec.loose:
            self.spawn(frame, name)
        self.touched[id(frame)] = frame

    def holds_open(self, token: Token) -> bool:
        spec: FlowNode = token.spec
        if isinstance(spec, AdHoc) and spec.is_menu and spec.completion is None:
            frame = self.subprocesses.get(token.id)
            return token.state != TaskState.STARTED or (frame is not None and bool(self.alive(frame)))
        return spec.holds or FIRED in token.internal_data

    def look_after(self, frame: Any) -> None:
        """A token has left the frame: is it complete?"""
        if frame is self:
            if not self.completed and not any(self.holds_open(token) for token in self.alive(self)):
                self.finish()
            return
        host = self.token(frame.parent_task_id.hex)
        if host is None or self.subprocesses.get(host.id) is not frame:
            return
        tokens = self.alive(frame)
        if isinstance(host.spec, AdHoc):
            self.guarded(host, lambda: self.look_after_ad_hoc(host, tokens))
        elif not any(self.holds_open(token) for token in tokens):
            self.return_from(frame, host)

    def look_after_ad_hoc(self, host: Token, tokens: list[Token]) -> None:
        spec = host.spec
        assert isinstance(spec, AdHoc)  # noqa: S101 - told by the caller
        complete = spec.completion is not None and self.holds(spec.completion, host)
        if complete and (spec.cancel_remaining or not tokens):
            self.return_from(self.subprocesses[host.id], host)
        elif not tokens:
            self.touched[id(host.workflow)] = host.workflow

    def return_from(self, frame: Any, host: Token) -> None:
        self.cancel_frame_tokens(frame)
        self.touched.pop(id(frame), None)
        del self.subprocesses[host.id]
        host.internal_data[RETURNED] = 1
        if frame.undoable:
            host.internal_data[UNDO] = frame.undoable
        self.proceed(host)

    def is_available(self, frame: Any, name: str) -> bool:
        """May the optional action be started? A condition that cannot be evaluated hides it."""
        available: Expression | None = frame.spec.available.get(name)
        if available is None:
            return True
        try:
            return self.holds(available, self.host_of(frame.task_tree))
        except EngineError:
            return False

    def fire(self, token: Token, payload: Mapping[str, object]) -> None:
        """What the token waited for has come."""
        spec = token.spec
        assert isinstance(spec, Catching)  # noqa: S101 - only catching nodes wait for events
        self.guarded(token, lambda: spec.fire(token, self, payload))

    def end_reached(self, token: Token) -> None:
        """Remember the end event when it ends the main process itself, not one that it called."""
        if token.spec.body.process_id == self.spec.process_id:
            self.ended = (token.spec.bpmn_id, token.spec.bpmn_name)

    def finish(self) -> None:
        self.undoable.clear()
        self.cancel_frame_tokens(self)
        self.touched.clear()
        self.completed = True
