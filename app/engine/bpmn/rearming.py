"""What waits beside the tokens of a transplanted instance: kept, set anew, or begun because it was not drawn before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from app.engine import feel
from app.engine.bpmn import fitting
from app.engine.bpmn.diagram import Node
from app.engine.bpmn.execution import Execution
from app.engine.bpmn.fitting import Renaming
from app.engine.bpmn.specs.base import FlowNode
from app.engine.bpmn.specs.compensation import Undone
from app.engine.bpmn.specs.events import RACE, Catching
from app.engine.bpmn.specs.frames import AdHoc, EventSubProcess
from app.engine.bpmn.specs.gateways import EventGateway
from app.engine.bpmn.tokens import BodySpec, Token
from app.engine.findings import EngineError
from app.engine.words import sentence


class Rearming:
    """The part of a transplant that lets events wait again in the new drawing."""

    run: Execution
    renaming: Renaming
    now: datetime
    restless: bool
    block: Callable[..., None]

    def wait_again(self, was: Token, token: Token) -> None:
        """Set what the event waits for when it is drawn otherwise than before."""
        spec, data = token.spec, token.internal_data
        if not isinstance(spec, Catching) or token.state != TaskState.WAITING:
            return
        old, new = was.spec.node, spec.node
        same = fitting.told(old.events) == fitting.told(new.events)
        if spec.kind == "timer" and not same:
            for name in ("due", "every", "left"):
                data.pop(name, None)
            self.trying(token, lambda: spec.set_timer(token, self.run))
            over = "due" in data and datetime.fromisoformat(data["due"]) <= self.now
            if over and "every" in data and not spec.rewind(token, self.run):
                self.run.forget(token)
        elif spec.kind == "message" and not (same and _correlation(old) == _correlation(new)):
            data.pop("key", None)
            if spec.correlation is not None:
                self.trying(token, lambda: data.update(key=self.run.text(spec.correlation, token)))
        elif spec.kind == "conditional" and not same:
            data["was"] = 0
            self.restless = True

    def trying(self, token: Token, action: Callable[[], object]) -> None:
        """Evaluate something as if it had been drawn so when the token came."""
        try:
            with as_of(self.run, token.entered):
                action()
        except EngineError as error:
            self.fails(token, error)

    def fails(self, token: Token, error: EngineError) -> None:
        zh, en = sentence(error.code, error.params, "zh"), sentence(error.code, error.params, "en")
        self.block("move_fails", token.spec.node, token.spec.body.process_id, cause=zh, cause_en=en)

    # What was not drawn before

    def is_whole(self, frame: Any) -> bool:
        """Not a frame that only compensates, nor one that an interrupting event sub-process has taken over."""
        host = self.run.host_of(frame.task_tree)
        if host is not None and isinstance(host.spec, Undone):
            return False
        for token in self.run.alive(frame):
            if isinstance(token.spec, EventSubProcess) and token.spec.node.body is not None:
                begun = token.spec.node.body.nodes.get(token.internal_data.get("start", ""))
                if begun is not None and begun.interrupting:
                    return False
        return not self.run.completed

    def add_what_is_new(self, old: Any, new: Any) -> None:
        """Triggers and menus that were not drawn before."""
        before = self.renamed(old.spec, (*old.spec.triggers, *old.spec.loose))
        kinds = {name: spec.kind for name, spec in before.items() if isinstance(spec, Catching)}
        standing = {token.spec.name for token in self.run.alive(new)}
        for name in new.spec.triggers:
            if name not in standing and kinds.get(name) != new.spec.task_specs[name].kind:
                self.run.spawn(new, name)
        for name in new.spec.loose:
            if name not in before and isinstance(new.spec.task_specs[name], AdHoc):
                self.run.spawn(new, name)

    def add_beside(self, was: Token, token: Token) -> None:
        """Boundary events, and events behind an event gateway, that were not drawn before."""
        spec = token.spec
        if isinstance(spec, EventGateway):
            standing = {
                one.spec.name for one in self.run.alive(token.workflow) if one.internal_data.get(RACE) == token.key
            }
            for flow in spec.flows:
                if flow.target not in standing:
                    self.run.spawn(token.workflow, flow.target, via=flow.id, race=token.key)
        if spec.item_of or not spec.boundaries or self.run.is_resident(token):
            return
        before = self.renamed(was.spec.body, was.spec.boundaries)
        standing = {one.spec.name for one in self.run.attached(token)}
        for name in spec.boundaries:
            drawn = before.get(name)
            over = drawn is not None and fitting.misfit(drawn, token.workflow.spec.task_specs[name]) is None
            if name not in standing and not over:
                self.run.spawn(token.workflow, name, host=token.key)

    def renamed(self, body: BodySpec, names: tuple[str, ...]) -> dict[str, FlowNode]:
        """Specs of the old version under their names in the new one."""
        found = {}
        for name in names:
            spec: FlowNode = body.task_specs[name]
            found[self.renaming.element(body.process_id, spec.bpmn_id) + name[len(spec.bpmn_id) :]] = spec
        return found

    def arm(self) -> None:
        """Let what is new begin to wait; nothing goes further."""
        run = self.run
        while run.queue:
            entry = run.queue.popleft()
            if isinstance(entry, Token):
                run.advance(entry)
        run.touched.clear()
        self.restless = self.restless or run.conditions_stale
        run.conditions_stale = False
        for token in run.all_alive():
            failed = run.record.incidents.get(token.internal_data.get("incident", ""))
            if failed is not None:
                self.fails(token, EngineError(failed.code, **failed.params))


def _correlation(node: Node) -> str:
    return node.properties.get("correlationKey", "")


@contextmanager
def as_of(run: Execution, moment: datetime) -> Iterator[None]:
    """Evaluate as at another moment."""
    now, surroundings = run.now, run.feel
    run.now = moment
    run.feel = feel.Environment(moment, run.environment.zone, run.environment.calendar, strict=True)
    try:
        yield
    finally:
        run.now, run.feel = now, surroundings
