"""The running of one instance: SpiffWorkflow's workflow with a queue of tokens instead of searches in a tree.

Everything automatic runs until all tokens wait or have failed. A failure is an EngineError at one token: it stays
there in state ERROR while the others go on. Any other exception is a fault of the program and is not caught.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from app.engine import feel
from app.engine.bpmn.environment import BpmnError
from app.engine.bpmn.evaluating import Evaluating
from app.engine.bpmn.recorder import Recorder
from app.engine.bpmn.specs.base import DONE, FlowNode
from app.engine.bpmn.specs.events import FIRED, HOST, RACE, BoundaryEvent, Catching, Trigger
from app.engine.bpmn.specs.frames import RETURNED, SCOPE, AdHoc
from app.engine.bpmn.specs.gateways import VIA, InclusiveGateway
from app.engine.bpmn.specs.loops import BODY, LoopActivity
from app.engine.bpmn.specs.tasks import ServiceTask, UserTask
from app.engine.bpmn.step import Incident
from app.engine.bpmn.throwing import Throwing
from app.engine.bpmn.tokens import BodySpec, Frame, NoScripts, Token
from app.engine.bpmn.variables import Scopes
from app.engine.findings import EngineError

if TYPE_CHECKING:
    from app.engine.bpmn.definition import Package
    from app.engine.bpmn.environment import Environment
    from app.engine.bpmn.expressions import Expression

MAX_TURNS = 200_000
"""Moves of tokens in one step, beyond which a loop is taken to be endless."""


class Execution(Evaluating, Throwing, BpmnWorkflow):
    """`now` is the instant of the step; `package` the specs of all processes; tokens of the main process hang here."""

    spec: BodySpec
    tasks: dict[UUID, Token]
    subprocesses: dict[UUID, Frame]

    def __init__(self, package: Package, process_id: str, environment: Environment, now: datetime) -> None:
        self.package = package
        self.environment = environment
        self.queue: deque[Token | Callable[[], None]] = deque()
        self.touched: dict[int, Any] = {}
        self.conditions_stale = False
        self.ended = ("", "")
        self.turns = 0
        self.at(now)
        super().__init__(package.body(process_id), package.bodies, NoScripts(), deserializing=True)
        self.task_tree = Token(self, self.spec.start, state=TaskState.COMPLETED)

    def at(self, now: datetime) -> None:
        """Begin a step: forget what the one before has recorded and read."""
        self.now = now
        self.record = Recorder()
        self.scopes = Scopes(self)
        self.feel = feel.Environment(now, self.environment.zone, self.environment.calendar, strict=True)
        self.turns = 0

    # Looking around

    def frames(self) -> Iterator[Any]:
        yield self
        yield from self.subprocesses.values()

    def alive(self, frame: Any) -> list[Token]:
        root = frame.task_tree
        return [token for token in frame.tasks.values() if token is not root]

    def all_alive(self) -> list[Token]:
        return [token for frame in list(self.frames()) for token in self.alive(frame)]

    def token(self, key: str) -> Token | None:
        if not key:
            return None
        identity = UUID(hex=key)
        for frame in self.frames():
            found: Token | None = frame.tasks.get(identity)
            if found is not None:
                return found
        return None

    def is_alive(self, token: Token) -> bool:
        return token.id in token.workflow.tasks

    def host_of(self, token: Token) -> Token | None:
        """The token of the sub-process or call activity around this one."""
        return None if token.workflow is self else token.workflow.host

    def waiting_at(self, frame: Any, name: str) -> list[Token]:
        return [token for token in self.alive(frame) if token.spec.name == name and token.state == TaskState.WAITING]

    def place_of(self, token: Token) -> str:
        return token.spec.item_of or str(token.spec.name)

    def scope_of(self, token: Token) -> str:
        return next((owner.key for owner in self.scopes.owners(token)), "")

    def path_of(self, token: Token) -> tuple[str, ...]:
        path: list[str] = []
        while (host := self.host_of(token)) is not None:
            path.append(host.spec.bpmn_id)
            token = host
        return tuple(reversed(path))

    def stage_of(self, token: Token | None) -> str:
        while token is not None:
            if token.spec.stage:
                return token.spec.stage
            token = self.host_of(token)
        return ""

    # The queue

    def later(self, action: Callable[[], None]) -> None:
        self.queue.append(action)

    def spawn(
        self,
        frame: Any,
        name: str,
        *,
        via: str = "",
        race: str = "",
        host: str = "",
        fired: bool = False,
        values: Mapping[str, object] | None = None,
    ) -> Token:
        token = Token(frame, frame.spec.task_specs[name], frame.task_tree)
        data = token.internal_data
        for key, value in ((VIA, via), (RACE, race), (HOST, host)):
            if value:
                data[key] = value
        if fired:
            data[FIRED] = 1
        token.values = values
        self.queue.append(token)
        return token

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
            if self.turns > MAX_TURNS:
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

    # The life of a token

    def arrived(self, token: Token) -> None:
        spec = token.spec
        if not spec.shown or isinstance(spec, LoopActivity):
            return
        if self.is_resident(token):
            return
        self.record.entered.append((spec.bpmn_id, spec.body.process_id))
        if spec.stage:
            self.record.stage = spec.stage

    def is_resident(self, token: Token) -> bool:
        """A boundary event or trigger that waits beside the work; what goes on from it is another token."""
        return isinstance(token.spec, BoundaryEvent | Trigger) and FIRED not in token.internal_data

    def visited(self, token: Token, cancelled: bool = False) -> None:
        spec = token.spec
        if (
            not spec.shown
            or self.is_resident(token)
            or (isinstance(spec, LoopActivity) and token.internal_data.get("begun"))
        ):
            return
        self.record.visit(
            token.key,
            spec.bpmn_id,
            spec.body.process_id,
            token.entered,
            self.now,
            "cancelled" if cancelled else "completed",
        )

    def left(self, token: Token) -> None:
        """The token has completed; what it led to is in the queue already."""
        if not self.is_alive(token):
            return
        self.visited(token)
        for other in self.attached(token):
            self.clear(other)
            self.forget(other)
        if SCOPE in token.internal_data:
            self.record.close_scope(token.key)
        self.forget(token)

    _task_completed_notify = left

    def forget(self, token: Token) -> None:
        """Take a token out, without a word: it was a helper, or a join has taken it up into another one."""
        if self.is_alive(token):
            frame = token.workflow
            frame._remove_task(token.id)
            self.touched[id(frame)] = frame

    def attached(self, host: Token) -> list[Token]:
        if not host.spec.boundaries:
            return []
        return [token for token in self.alive(host.workflow) if token.internal_data.get(HOST) == host.key]

    def arm_boundaries(self, host: Token) -> None:
        spec = host.spec
        if spec.item_of or not spec.boundaries:
            return
        armed = {token.spec.name for token in self.attached(host)}
        for name in spec.boundaries:
            if name not in armed:
                self.spawn(host.workflow, name, host=host.key)

    def win_race(self, winner: Token) -> None:
        """The first event behind an event gateway: its rivals and the gateway's token go."""
        race = winner.internal_data.pop(RACE, "")
        gateway = self.token(race)
        if gateway is None:
            return
        for token in self.alive(winner.workflow):
            if token.internal_data.get(RACE) == race:
                self.cancel_token(token)
        self.visited(gateway)
        self.forget(gateway)

    def cancel_token(self, token: Token) -> None:
        """Take a token away with all that belongs to it."""
        if not self.is_alive(token):
            return
        self.clear(token)
        for other in self.attached(token):
            self.cancel_token(other)
        if token.state != TaskState.FUTURE:
            self.visited(token, cancelled=True)
        if SCOPE in token.internal_data:
            self.record.close_scope(token.key)
        token._set_state(TaskState.CANCELLED)
        self.forget(token)

    def cancel_frame_tokens(self, frame: Any, but: Token | None = None) -> None:
        for token in self.alive(frame):
            if token is not but:
                self.cancel_token(token)

    def failed(self, token: Token, error: EngineError) -> None:
        """An error of this element: a catcher of a business error takes it, else it is an incident."""
        if not self.is_alive(token):
            return
        if isinstance(error, BpmnError):
            try:
                self.throw_error(error.error_code, {}, token)
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

    # Items of a loop

    def cancel_items(self, body: Token) -> None:
        for token in self.alive(body.workflow):
            if token.internal_data.get(BODY) == body.key and token.state != TaskState.COMPLETED:
                self.cancel_token(token)

    def item_judged(self, item: Token) -> None:
        body = self.token(item.internal_data[BODY])
        if body is not None and isinstance(body.spec, LoopActivity):
            body.spec.judge(body, item, self)

    def item_completed(self, item: Token) -> None:
        body = self.token(item.internal_data[BODY])
        if body is not None and isinstance(body.spec, LoopActivity):
            spec = body.spec
            self.later(lambda: self.guarded(body, lambda: spec.item_done(body, self)))

    # Frames

    def open_frame(self, host: Token, key: str, start: str = "") -> None:
        frame = Frame(self.package.bodies[key], host.id, self)
        self.subprocesses[host.id] = frame
        self.begin_frame(frame, start)

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

    def clear(self, token: Token) -> None:
        """Take away what a token has open, before it goes on without its work."""
        data = token.internal_data
        if isinstance(token.spec, UserTask) and token.state == TaskState.READY and DONE not in data:
            self.record.close(token.key, "cancelled")
        elif token.state == TaskState.STARTED and isinstance(token.spec, ServiceTask):
            self.record.cancel_job(token.key)
        if incident := data.pop("incident", None):
            self.record.close_incident(incident)
        frame = self.subprocesses.get(token.id)
        if frame is not None:
            self.cancel_frame_tokens(frame)
            self.subprocesses.pop(token.id, None)
            self.touched.pop(id(frame), None)
        if isinstance(token.spec, LoopActivity):
            self.cancel_items(token)
        for other in self.alive(token.workflow):
            if other.internal_data.get(RACE) == token.key:
                self.cancel_token(other)

    def end_reached(self, token: Token) -> None:
        """Remember the end event when it ends the main process itself, not one that it called."""
        if token.spec.body.process_id == self.spec.process_id:
            self.ended = (token.spec.bpmn_id, token.spec.bpmn_name)

    def finish(self) -> None:
        self.cancel_frame_tokens(self)
        self.touched.clear()
        self.completed = True
