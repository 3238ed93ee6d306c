"""Activities with a life inside: sub-process, call activity, event sub-process, ad-hoc sub-process.

Corrections of SpiffWorkflow 3.2.0: an event sub-process begins only when its event comes, interrupts when it says so,
may begin any number of times when it does not, and its trigger changes nothing in the shared specs (there, later
instances start it spontaneously); a missing called process is an incident, not a crash; an ad-hoc sub-process without
completion condition is the optional actions of its scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from app.engine.bpmn.expressions import Expression
from app.engine.bpmn.specs.base import Activity, Mapped
from app.engine.findings import EngineError

if TYPE_CHECKING:
    from app.engine.bpmn.execution import Execution
    from app.engine.bpmn.tokens import Token

RETURNED = "returned"
SCOPE = "scope"
"""In `internal_data`: the token owns a variable scope, named by its key."""


class SubProcess(Activity):
    """Its input parameters are variables of a scope of its own; without them it has none."""

    frame_key = ""

    def begin(self, token: Token, run: Execution) -> bool:
        if token.internal_data.get(RETURNED):
            return True
        token._set_state(TaskState.STARTED)
        inputs = token.internal_data.pop("inputs", None)
        if run.reopened(token):
            return False
        if inputs:
            token.internal_data[SCOPE] = 1
            run.write_local(token, inputs)
        run.open_frame(token, self.frame_key)
        return False

    def map_out(self, token: Token, run: Execution) -> None:
        """Output parameters are read inside and written around the sub-process."""
        if self.input_mapping and not self.item_of:
            run.map_scope_out(token, self.output_mapping)
        else:
            super().map_out(token, run)


class EventSubProcess(SubProcess):
    """One run of an event sub-process, with a scope of its own, begun by its Trigger."""

    def begin(self, token: Token, run: Execution) -> bool:
        if token.internal_data.get(RETURNED):
            return True
        token._set_state(TaskState.STARTED)
        token.internal_data[SCOPE] = 1
        if token.values:
            run.write(token, token.values)
        run.open_frame(token, self.frame_key, token.internal_data.get("start", ""))
        return False


class CallActivity(SubProcess):
    """Calls a process of the same files. With mappings it has a scope of its own that writes do not leave."""

    called: Expression
    ins: tuple[Mapped, ...] = ()
    outs: tuple[Mapped, ...] = ()

    def begin(self, token: Token, run: Execution) -> bool:
        if token.internal_data.get(RETURNED):
            return True
        process_id = run.text(self.called, token)
        if not run.package.has_process(process_id):
            raise EngineError("called_process_missing", process=process_id)
        if self.ins or self.outs:
            given = run.map_in(token, self.ins)
            token.internal_data[SCOPE] = token.internal_data["barrier"] = 1
            run.write_local(token, given)
        token._set_state(TaskState.STARTED)
        run.open_frame(token, process_id)
        return False

    def execute(self, token: Token, run: Execution) -> bool:
        run.map_call_out(token, self.outs)
        return True


class AdHoc(SubProcess):
    """`completion` None: open as long as its scope has other work, one action at a time or many at once."""

    completion: Expression | None = None
    cancel_remaining = True

    @property
    def is_menu(self) -> bool:
        return not self.incoming
