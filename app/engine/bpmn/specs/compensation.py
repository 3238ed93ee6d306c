"""Compensation and transactions (BPMN 2.0.2, 10.3.5, 10.7 and 13.5.5).

Corrections of SpiffWorkflow 3.2.0: a compensation throw event compensates (there it does nothing, and a handler is not
read at all); a cancelled transaction undoes what was done in it before it goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from app.engine.bpmn import records
from app.engine.bpmn.diagram import Node
from app.engine.bpmn.specs.base import FlowNode
from app.engine.bpmn.specs.frames import RETURNED, SubProcess

if TYPE_CHECKING:
    from app.engine.bpmn.execution import Execution
    from app.engine.bpmn.tokens import BodySpec, Token

UNDO_SPEC = "(undo)"
"""The name of a frame's Undo; no XML id can be like it."""
UNDO = "undo"
"""In `internal_data`: records of what may be, or is to be, compensated."""
UNDOES = "undoes"
"""In `internal_data` of a handler: the key of the Undo that runs it."""
PARTIAL = "partial"
"""In `internal_data` of an Undone: it had not completed, so that its own compensation does not apply."""


def undone_name(element_id: str) -> str:
    return f"{element_id}(undo)"


class Transaction(SubProcess):
    """A sub-process that a cancel end event undoes as a whole."""


class Undo(FlowNode):
    """Runs the handlers of its records one after the other, the last completed first.

    `internal_data`: undo (what is left to do), for (the throw event that waits), then (where to go afterwards).
    """

    shown = False

    def __init__(self, wf_spec: BodySpec) -> None:
        super().__init__(wf_spec, Node(UNDO_SPEC, UNDO_SPEC))

    def enter(self, token: Token, run: Execution) -> bool:
        token._set_state(TaskState.STARTED)
        self.next(token, run)
        return False

    def next(self, token: Token, run: Execution) -> None:
        record = records.take_last(token.internal_data[UNDO])
        if record is None:
            run.undone(token)
            return
        frame = token.workflow
        place: FlowNode = frame.spec.task_specs[record[records.ELEMENT]]
        partial = records.is_partial(record)
        handler = "" if partial else place.handler
        begun = run.spawn(frame, handler or undone_name(place.name))
        begun.internal_data[UNDOES] = token.key
        if partial:
            begun.internal_data[PARTIAL] = 1
        if not handler:
            begun.internal_data[UNDO] = records.inside(record)
        run.give_snapshot(begun, records.snapshot(record))


class Undone(SubProcess):
    """A completed sub-process while it is compensated: its frame opens again, for handlers only.

    Its compensation event sub-process runs if there is one, else everything completed in it is compensated in reverse
    order (10.7.1, default compensation).
    """

    shown = False
    compensating = ""
    """The compensation event sub-process inside, and its start event."""
    compensating_start = ""

    def begin(self, token: Token, run: Execution) -> bool:
        if token.internal_data.get(RETURNED):
            return True
        token._set_state(TaskState.STARTED)
        if run.reopened(token):
            return False
        frame = run.bare_frame(token, self.frame_key)
        frame.undoable = token.internal_data.pop(UNDO, [])
        if self.compensating and PARTIAL not in token.internal_data:
            begun = run.spawn(frame, self.compensating)
            begun.internal_data["start"] = self.compensating_start
        else:
            run.undo(frame, records.take(frame.undoable))
        return False
