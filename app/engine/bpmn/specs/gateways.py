"""Gateways (BPMN 2.0.2, 13.4).

Corrections of SpiffWorkflow 3.2.0: a gateway counts tokens per incoming flow, so that two tokens that come by one flow
both split, and a join is reached as often as its tokens say; the inclusive join asks the graph of the diagram whether
something can still come, not the tree; each event behind an event gateway waits by itself, so that two timers do not
share a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from app.engine.bpmn.specs.base import FlowNode, Outgoing
from app.engine.findings import EngineError

if TYPE_CHECKING:
    from app.engine.bpmn.execution import Execution
    from app.engine.bpmn.tokens import Token

VIA = "via"
"""In `internal_data`: the id of the flow by which a token came."""


class ExclusiveGateway(FlowNode):
    """One way out (13.4.2)."""

    def choose(self, token: Token, run: Execution) -> tuple[Outgoing, ...]:
        """The first flow whose condition holds, in the diagram's order, else the default flow. Raises EngineError
        `no_condition_true`.
        """
        for flow in self.flows:
            if flow is not self.default and (flow.condition is None or run.holds(flow.condition, token)):
                return (flow,)
        if self.default is not None:
            return (self.default,)
        raise EngineError("no_condition_true")


class ParallelGateway(FlowNode):
    """Waits for a token on every incoming flow, then goes every way out (13.4.1)."""

    def enter(self, token: Token, run: Execution) -> bool:
        if len(self.incoming) < 2:
            return True
        token._set_state(TaskState.WAITING)
        first: dict[str, Token] = {}
        for other in run.waiting_at(token.workflow, self.name):
            first.setdefault(other.internal_data.get(VIA, ""), other)
        if any(flow not in first for flow in self.incoming):
            return False
        for flow in self.incoming:
            if first[flow] is not token:
                run.forget(first[flow])
        return True

    def choose(self, token: Token, run: Execution) -> tuple[Outgoing, ...]:
        return self.flows


class InclusiveGateway(FlowNode):
    """Splits by all conditions that hold; joins what can still come (13.4.3), which is asked when all else rests."""

    def enter(self, token: Token, run: Execution) -> bool:
        if len(self.incoming) < 2:
            return True
        token._set_state(TaskState.WAITING)
        return False

    def complete_at_rest(self, waiting: list[Token], run: Execution) -> bool:
        """Whether the tokens that wait here may go on; the rest of the frame does not move."""
        arrived = {token.internal_data.get(VIA, "") for token in waiting}
        missing = set(self.incoming) - arrived
        if not missing:
            return True
        for other in run.alive(waiting[0].workflow):
            if other.task_spec is self or not other.spec.holds:
                continue
            reached = self.body.reach.get((run.place_of(other), self.name), frozenset())
            if reached & missing and not reached & arrived:
                return False
        return True


class EventGateway(FlowNode):
    """Waits with all events behind it; the first one takes the token (13.4.4)."""

    def enter(self, token: Token, run: Execution) -> bool:
        token._set_state(TaskState.WAITING)
        for flow in self.flows:
            run.spawn(token.workflow, flow.target, via=flow.id, race=token.key)
        return False
