"""What all flow nodes share: arriving, doing, leaving; conditions on flows; input and output mappings.

Corrections of SpiffWorkflow 3.2.0: conditions on flows that leave a task are honoured and a task may have several
outgoing flows (BPMN 2.0.2, 13.3.1); a failure while leaving does not lose the work that was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from app.engine.bpmn.diagram import Node
from app.engine.bpmn.environment import ElementInfo
from app.engine.bpmn.expressions import Expression
from app.engine.findings import EngineError

if TYPE_CHECKING:
    from app.engine.bpmn.execution import Execution
    from app.engine.bpmn.tokens import BodySpec, Token

DONE = "performed"
"""In `internal_data`: the node's own work is done, only the leaving is left."""
SKIPPED = "skipped"
"""In `internal_data`: somebody decided to go on without the node's work; it has no results."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    id: str
    target: str
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """An input or output mapping, or a `camunda:in`/`out`: `name` "" takes everything."""

    name: str
    value: Expression | None


class FlowNode(BpmnSpecMixin):
    """A node of a diagram. Subclasses say what happens on `enter` and `execute`.

    `flows` are its outgoing flows in the diagram's order, `default` the one without condition; `incoming` the ids of
    those that lead here; `boundaries` the names of the boundary events that wait with it, `catchers` of those that
    only catch what is thrown inside (error, escalation, cancel); `handler` what compensates it, `compensates_itself`
    that a compensation event sub-process stands in it.
    """

    shown = True
    """Visits and places are reported; False for helpers that stand for another node."""
    holds = True
    """A token here keeps its scope open."""
    bpmn_id: str
    bpmn_name: str
    _wf_spec: BodySpec

    def __init__(self, wf_spec: BodySpec, node: Node, *, name: str = "") -> None:
        super().__init__(wf_spec, name or node.id, bpmn_name=node.name, lane=node.lane or None)
        self.bpmn_id = node.id
        self.bpmn_name = node.name
        self.node = node
        self.flows: tuple[Outgoing, ...] = ()
        self.default: Outgoing | None = None
        self.incoming: tuple[str, ...] = ()
        self.boundaries: tuple[str, ...] = ()
        self.catchers: tuple[str, ...] = ()
        self.handler = ""
        self.compensates_itself = False
        self.item_of: str = ""
        self.input_mapping: tuple[Mapped, ...] = ()
        self.output_mapping: tuple[Mapped, ...] = ()
        self.stage = node.properties.get("stage", "")

    @property
    def body(self) -> BodySpec:
        return self._wf_spec

    def info(self, token: Token) -> ElementInfo:
        return ElementInfo(
            self.bpmn_id,
            self.body.process_id,
            self.node.type,
            self.bpmn_name,
            token.key,
            token.execution.scope_of(token),
            self.node.properties,
        )

    # What nodes do

    def enter(self, token: Token, run: Execution) -> bool:
        """The token has arrived. True: go on to `execute`; False: a state was set and something else will go on."""
        return True

    def execute(self, token: Token, run: Execution) -> bool:
        """The node's work. False: it waits, and the token will be run again."""
        return True

    def choose(self, token: Token, run: Execution) -> tuple[Outgoing, ...]:
        """The flows to take. Raises EngineError `no_condition_true`."""
        if all(flow.condition is None for flow in self.flows):
            return tuple(flow for flow in self.flows if flow is not self.default) or self.flows
        taken = tuple(
            flow
            for flow in self.flows
            if flow is not self.default and (flow.condition is None or run.holds(flow.condition, token))
        )
        if taken:
            return taken
        if self.default is not None:
            return (self.default,)
        raise EngineError("no_condition_true")

    def results(self, token: Token) -> Mapping[str, object] | None:
        """What `outputParameter`s are evaluated over beside the variables."""
        return None

    def map_out(self, token: Token, run: Execution) -> None:
        run.map_out(token, self.output_mapping, self.results(token))

    def leave(self, token: Token, run: Execution) -> None:
        """The token has completed: send tokens on."""
        for flow in token.chosen:
            run.spawn(token.workflow, flow.target, via=flow.id)

    # SpiffWorkflow's hooks

    def test(self) -> None:
        """Everything was checked before the spec was built."""

    def _predict(self, my_task: Token, *_: object, **__: object) -> None:
        """Nothing is predicted."""

    def _update_hook(self, my_task: Token) -> bool:
        run = my_task.execution
        if my_task.internal_data.get(DONE):
            return True
        run.arrived(my_task)
        return self.enter(my_task, run)

    def _on_ready_hook(self, my_task: Token) -> None:
        pass

    def _run_hook(self, my_task: Token) -> bool | None:
        run = my_task.execution
        if not my_task.internal_data.get(DONE):
            if not self.execute(my_task, run):
                return None
            my_task.internal_data[DONE] = 1
        if self.output_mapping and SKIPPED not in my_task.internal_data:
            self.map_out(my_task, run)
        if self.item_of:
            run.item_judged(my_task)
        else:
            my_task.chosen = self.choose(my_task, run)
        return True

    def _on_complete_hook(self, my_task: Token) -> None:
        run = my_task.execution
        if not run.is_alive(my_task):
            return
        run.remember(my_task)
        if self.item_of:
            run.item_completed(my_task)
        else:
            self.leave(my_task, run)


class Activity(FlowNode):
    """A node that takes its time: it has boundary events and local inputs."""

    def enter(self, token: Token, run: Execution) -> bool:
        run.arm_boundaries(token)
        if self.input_mapping:
            token.internal_data["inputs"] = run.map_in(token, self.input_mapping)
        return self.begin(token, run)

    def begin(self, token: Token, run: Execution) -> bool:
        return True
