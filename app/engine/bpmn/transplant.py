"""A running instance on another version of its process: its tokens are placed again by element id.

Ids of tokens, scopes, incidents and jobs stay, so that open tasks, drafts, claims and local variables stay what they
are. Nothing moves on: what the new version would set off at once is left to the instance's next step (`restless`).

- Whatever stands on an element goes to the element with the same id, or to the one that the mapping names for it, in
  the frame of the same sub-process or called process. It must be of the same kind.
- A timer that is drawn as before keeps its date. One that is drawn otherwise is counted anew from the moment at which
  the token came there. A boundary event or an event sub-process that is new begins to wait now: nobody could know of
  it earlier. One that is gone is taken away, and so is an idle menu of optional actions.
- Tokens that wait at a join stay only while the paths of that scope are drawn as before.
- Refused is also what would never end or be done twice: a join into which a path leads that no token can walk, and
  two tokens one of which now comes after the other.
- What a task shows, by when and by whom it is to be done is told in `Step.updated` where it is drawn otherwise; its
  dates are those that it would have had if it had been drawn so when it was opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow.util.task import TaskState

from app.engine.bpmn import fitting
from app.engine.bpmn.definition import ProcessDefinition
from app.engine.bpmn.diagram import Node
from app.engine.bpmn.environment import Environment
from app.engine.bpmn.execution import Execution
from app.engine.bpmn.fitting import Renaming
from app.engine.bpmn.rearming import Rearming, as_of
from app.engine.bpmn.specs.base import DONE, FlowNode
from app.engine.bpmn.specs.compensation import UNDO, UNDO_SPEC, Undone
from app.engine.bpmn.specs.events import HOST, RACE, BoundaryEvent, Catching, Trigger
from app.engine.bpmn.specs.frames import AdHoc, CallActivity
from app.engine.bpmn.specs.gateways import VIA, InclusiveGateway, ParallelGateway
from app.engine.bpmn.specs.tasks import UserTask
from app.engine.bpmn.step import Step, WorkItem
from app.engine.bpmn.stepping import step_of
from app.engine.bpmn.tokens import BodySpec, Frame, Token
from app.engine.findings import EngineError


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an instance cannot be moved. `code` and `params` (with `element`, its name) are worded by `engine.words`."""

    code: str
    element_id: str
    element_name: str
    process_id: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blocked:
    """The instance stays where it is, for all of these reasons."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """An execution of the new version. `items` are the open tasks that are drawn otherwise: as they were, as they are.

    `was` is None where the old words cannot be evaluated any more. `mapped` are the entries of the mapping that were
    followed; `restless` says that the next step should come at once.
    """

    run: Execution
    step: Step
    items: tuple[tuple[WorkItem | None, WorkItem], ...]
    mapped: tuple[str, ...]
    restless: bool


def place(
    old: Execution, definition: ProcessDefinition, mapping: Mapping[str, str], environment: Environment, now: datetime
) -> Placed | Blocked:
    """Place the tokens of `old`, which stays as it is, in `definition`."""
    return _Transplant(old, definition, Renaming(mapping), environment, now).placed()


class _Transplant(Rearming):
    def __init__(
        self,
        old: Execution,
        definition: ProcessDefinition,
        renaming: Renaming,
        environment: Environment,
        now: datetime,
    ) -> None:
        self.old = old
        self.definition = definition
        self.renaming = renaming
        self.run = Execution(definition.package, definition.process_id, environment, now)
        self.now = now
        self.reasons: list[Reason] = []
        self.restless = False
        self.items: list[tuple[WorkItem | None, WorkItem]] = []
        old.at(now)

    def placed(self) -> Placed | Blocked:
        old, run = self.old, self.run
        if self.renaming.process(old.spec.process_id) != self.definition.process_id:
            process = old.spec.process_id
            named = {"element": process, "name": process}
            return Blocked((Reason("move_process_missing", process, process, process, named),))
        run.ended, run.completed = old.ended, old.completed
        for frame in old.frames():
            target = run if frame is old else self.frame(frame)
            if target is not None:
                self.fill(frame, target)
        if not self.reasons:
            self.arm()
        if not self.reasons:
            self.look_at_tasks()
        if self.reasons:
            return Blocked(tuple({(one.code, one.process_id, one.element_id): one for one in self.reasons}.values()))
        mapped = tuple(sorted(self.renaming.used))
        return Placed(run, step_of(run), tuple(self.items), mapped, self.restless)

    def block(self, code: str, node: Node, process_id: str, **params: object) -> None:
        name = node.name or node.id
        named = {"element": name, "name": node.name_en or name, "id": node.id}
        self.reasons.append(Reason(code, node.id, name, process_id, named | params))

    # Frames and the tokens in them

    def frame(self, frame: Frame) -> Frame | None:
        """The frame of a sub-process or called process in the new version; None when its host has no place."""
        host = self.run.token(frame.parent_task_id.hex)
        if host is None:
            return None
        key = getattr(host.spec, "frame_key", "")
        if isinstance(host.spec, CallActivity):
            key = self.renaming.process(frame.spec.process_id)
            if not self.run.package.has_process(key):
                self.block("move_called_missing", host.spec.node, host.spec.body.process_id, process=key)
                return None
        made = Frame(self.run.package.bodies[key], UUID(hex=host.key), self.run)
        self.run.subprocesses[made.parent_task_id] = made
        return made

    def fill(self, old: Any, new: Any) -> None:
        blocked = len(self.reasons)
        new.undoable = self.records(old.undoable, old.spec, new.spec)
        tokens = self.old.alive(old)
        later = [token for token in tokens if self.old.is_resident(token) or RACE in token.internal_data]
        for token in tokens:
            if token not in later:
                self.settle(token, new)
        for token in later:
            self.settle_beside(token, new)
        if len(self.reasons) > blocked:
            return
        self.look_at_joins(old, new)
        if self.is_whole(new):
            self.add_what_is_new(old, new)
        for token in self.run.alive(new):
            if was := self.old.token(token.key):
                self.add_beside(was, token)

    def settle(self, token: Token, frame: Any) -> None:
        """A token that holds its scope open, or a menu."""
        spec = self.counterpart(token, frame.spec)
        if spec is None:
            if isinstance(token.spec, AdHoc) and not self.old.holds_open(token):
                self.drop(token)
            else:
                self.missing(token, frame.spec)
            return
        wrong = fitting.misfit(token.spec, spec)
        if wrong is not None:
            self.block(wrong[0], token.spec.node, token.spec.body.process_id, **wrong[1])
            return
        placed = self.copy(token, frame, spec)
        if isinstance(spec, Catching) and placed.state == TaskState.WAITING:
            self.wait_again(token, placed)

    def settle_beside(self, token: Token, frame: Any) -> None:
        """A boundary event, a trigger, or one of the events behind an event gateway: it goes if it is not drawn."""
        data = token.internal_data
        spec = self.counterpart(token, frame.spec)
        drawn = spec is not None and fitting.misfit(token.spec, spec) is None
        if isinstance(token.spec, BoundaryEvent):
            host = self.run.token(data[HOST])
            drawn = drawn and host is not None and spec is not None and spec.name in host.spec.boundaries
        elif isinstance(token.spec, Trigger):
            drawn = drawn and spec is not None and spec.name in frame.spec.triggers
        else:
            gateway = self.run.token(data[RACE])
            drawn = drawn and gateway is not None and spec is not None
            drawn = drawn and any(flow.target == spec.name for flow in gateway.spec.flows)  # type: ignore[union-attr]
        if not drawn or spec is None:
            self.drop(token)
            return
        self.wait_again(token, self.copy(token, frame, spec))

    def counterpart(self, token: Token, body: BodySpec) -> FlowNode | None:
        was = token.spec
        if was.name == UNDO_SPEC:
            found: FlowNode | None = body.task_specs.get(UNDO_SPEC)
            return found
        suffix = str(was.name)[len(was.bpmn_id) :]
        name = self.renaming.element(was.body.process_id, was.bpmn_id)
        return body.task_specs.get(name + suffix) or body.task_specs.get(name)

    def missing(self, token: Token, body: BodySpec) -> None:
        spec = token.spec
        process = spec.body.process_id
        wanted = self.renaming.element(process, spec.bpmn_id)
        drawn = self.definition.package.processes[body.process_id].body.walk()
        if any(node.id == wanted for _, node in drawn):
            self.block("move_elsewhere", spec.node, process)
        elif wanted != spec.bpmn_id:
            self.block("move_mapping_unknown", spec.node, process, wanted=wanted)
        else:
            self.block("move_missing", spec.node, process)

    def copy(self, token: Token, frame: Any, spec: FlowNode) -> Token:
        placed = Token(frame, spec, frame.task_tree, token.state, token.id, token.entered)
        placed.internal_data = deepcopy(token.internal_data)
        if UNDO in placed.internal_data:
            bodies = self.inside(token), self.inside(placed)
            placed.internal_data[UNDO] = self.records(placed.internal_data[UNDO], *bodies)
        return placed

    def inside(self, token: Token) -> BodySpec:
        """The scope that the records on a token are about."""
        if isinstance(token.spec, Undone):
            return token.execution.package.bodies[token.spec.frame_key]
        return token.spec.body

    def records(self, records: list[Any], old: BodySpec, new: BodySpec) -> list[Any]:
        lost: set[str] = set()
        bodies = self.old.package.bodies, self.run.package.bodies
        fitted = fitting.fitted_records(records, old, new, bodies, self.renaming, lost)
        for name in sorted(lost):
            self.block("move_undo_lost", old.body.nodes[name], old.process_id)
        return fitted

    def drop(self, token: Token) -> None:
        """A token that the new version does without; it holds no work."""
        if incident := token.internal_data.get("incident"):
            self.run.record.close_incident(incident)

    # Paths

    def look_at_joins(self, old: Any, new: Any) -> None:
        was, body = old.spec, new.spec
        arrived: dict[str, set[str]] = {}
        alike: bool | None = None
        for token in self.run.alive(new):
            spec = token.spec
            if isinstance(spec, ParallelGateway | InclusiveGateway) and token.state == TaskState.WAITING:
                alike = fitting.same_paths(was, body, self.renaming) if alike is None else alike
                if not alike:
                    self.block("move_join_half", self.old_node(token), was.process_id)
                    return
                arrived.setdefault(spec.name, set()).add(token.internal_data.get(VIA, ""))
                self.restless = self.restless or isinstance(spec, InclusiveGateway)
        if alike is not None or (was.body is body.body and not self.renaming.given):
            return
        places = {token.key: (self.old.place_of(self.old.token(token.key) or token), self.run.place_of(token))
                  for token in self.run.alive(new) if token.spec.holds and token.spec.shown}  # fmt: skip
        before = fitting.starved_joins(was, [one for one, _ in places.values()], {})
        for name in fitting.starved_joins(body, [one for _, one in places.values()], arrived):
            if name not in {self.renaming.element(was.process_id, one) for one in before}:
                self.block("move_join_starves", body.body.nodes[name], body.process_id)
        renamed = dict(places.values())
        known = {(renamed[one], renamed[other]) for one, other in fitting.behind(was, renamed)}
        for one, other in sorted(fitting.behind(body, renamed.values()) - known):
            node, after = body.body.nodes[one], body.body.nodes[other]
            name = after.name or other
            self.block("move_behind", node, body.process_id, other=name, next=after.name_en or name)

    def old_node(self, token: Token) -> Node:
        was = self.old.token(token.key)
        return (was or token).spec.node

    # Open tasks

    def look_at_tasks(self) -> None:
        """Tasks that are open now: their inputs, what they show, who does them by when."""
        for token in self.run.all_alive():
            was = self.old.token(token.key)
            spec = token.spec
            if was is None or not isinstance(spec, UserTask) or not isinstance(was.spec, UserTask):
                continue
            if token.state == TaskState.READY and DONE not in token.internal_data and not self.drawn_alike(was, token):
                self.trying(token, lambda was=was, token=token: self.look_at_task(was, token))  # type: ignore[misc]

    def drawn_alike(self, was: Token, token: Token) -> bool:
        alike = fitting.works_alike(was.spec.node, token.spec.node) and was.spec.bpmn_id == token.spec.bpmn_id
        alike = alike and was.spec.node.lane_groups == token.spec.node.lane_groups
        alike = alike and was.spec.body.process_id == token.spec.body.process_id
        return (
            alike
            and self.old.path_of(was) == self.run.path_of(token)
            and self.old.stage_of(was) == self.run.stage_of(token)
        )

    def look_at_task(self, was: Token, token: Token) -> None:
        assert isinstance(token.spec, UserTask)  # noqa: S101 - told by the caller
        assert isinstance(was.spec, UserTask)  # noqa: S101 - told by the caller
        if fitting.told(was.spec.node.inputs) != fitting.told(token.spec.node.inputs):
            token.internal_data["inputs"] = self.run.map_in(token, token.spec.input_mapping)
        before = None
        try:
            with as_of(self.old, was.entered):
                before = was.spec.item(was, self.old)
        except EngineError:
            pass
        item = token.spec.item(token, self.run)
        if item != before:
            self.items.append((before, item))
            self.run.record.updated[item.id] = item
