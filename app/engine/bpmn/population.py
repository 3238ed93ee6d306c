"""The tokens of one instance: who is there, who comes, who goes, and what that is called in the record."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from app.engine import feel
from app.engine.bpmn.recorder import Recorder
from app.engine.bpmn.specs.base import DONE
from app.engine.bpmn.specs.events import FIRED, HOST, RACE, BoundaryEvent, Trigger
from app.engine.bpmn.specs.frames import SCOPE
from app.engine.bpmn.specs.gateways import VIA
from app.engine.bpmn.specs.loops import BODY, LoopActivity
from app.engine.bpmn.specs.tasks import ServiceTask, UserTask
from app.engine.bpmn.tokens import BodySpec, Frame, NoScripts, Token
from app.engine.bpmn.undoing import Undoing
from app.engine.bpmn.variables import Scopes

if TYPE_CHECKING:
    from app.engine.bpmn.definition import Package
    from app.engine.bpmn.environment import Environment


class Population(Undoing, BpmnWorkflow):
    """`now` is the instant of the step; `package` the specs of all processes; tokens of the main process hang here.

    A frame is this workflow or one of its `subprocesses`.
    """

    spec: BodySpec
    tasks: dict[UUID, Token]
    subprocesses: dict[UUID, Frame]
    completed: bool

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
        self.undoable: list[Any] = []

    def at(self, now: datetime) -> None:
        """Begin a step: forget what the one before has recorded and read."""
        self.now = now
        self.record = Recorder()
        self.scopes = Scopes(self)
        self.feel = feel.Environment(now, self.environment.zone, self.environment.calendar, strict=True)
        self.turns = 0
        self.began = time.thread_time()

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
        self.handler_left(token)

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
        self.handler_left(token)

    def cancel_frame_tokens(self, frame: Any, but: Token | None = None) -> None:
        for token in self.alive(frame):
            if token is not but:
                self.cancel_token(token)

    def cancel_items(self, body: Token) -> None:
        for token in self.alive(body.workflow):
            if token.internal_data.get(BODY) == body.key and token.state != TaskState.COMPLETED:
                self.cancel_token(token)

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
