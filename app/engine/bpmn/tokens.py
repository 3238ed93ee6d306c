"""SpiffWorkflow's task tree as token places: what stands in it is alive, nothing is predicted and nothing is kept.

Corrections of SpiffWorkflow 3.2.0 made here:
- `Task` copies data from parent to child (lost updates at joins, aliasing): a Token carries none.
- Every task ever run stays in the tree, and its iterator stops at depth 1000: finished tokens leave at once, and all
  live ones hang directly under the root.
- Futures are predicted and stored: tokens come into being when they arrive.
- Ids `Start` and `End` clash with built-in specs: the root spec has a name that no XML id can have.
- A missing script engine means Python: there is none here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine.bpmn.diagram import Body
from app.engine.findings import EngineError

if TYPE_CHECKING:
    from app.engine.bpmn.execution import Execution
    from app.engine.bpmn.specs.base import FlowNode

ROOT_SPEC = "(root)"


class RootSpec(BpmnSpecMixin):
    """Where all tokens of a frame hang."""

    def test(self) -> None:
        pass


class BodySpec(BpmnProcessSpec):
    """The specs of one process or sub-process. Immutable once built, shared by all instances and threads.

    `key` is "process" or "process/sub-process"; `starts` the names of its start events; `triggers` those of the
    waiting starts of its event sub-processes; `loose` activities that begin with it because no flow leads to them;
    `optional` the startable elements of an ad-hoc body, `available` their conditions; `handlers` are triggers of errors
    and escalations, which do not wait; `reach` see `building`.
    """

    def __init__(self, key: str, process_id: str, file: str, body: Body) -> None:
        WorkflowSpec.__init__(self, name=key, filename=file)
        self.start = RootSpec(self, ROOT_SPEC)
        self.end = None
        self.io_specification = None
        self.data_objects: dict[str, object] = {}
        self.data_stores: dict[str, object] = {}
        self.correlation_keys: dict[str, object] = {}
        self.bpmn_start_events: list[object] = []
        self.key = key
        self.process_id = process_id
        self.body = body
        self.starts: tuple[str, ...] = ()
        self.triggers: tuple[str, ...] = ()
        self.loose: tuple[str, ...] = ()
        self.optional: tuple[str, ...] = ()
        self.handlers: tuple[str, ...] = ()
        self.available: Mapping[str, Any] = {}
        self.reach: Mapping[tuple[str, str], frozenset[str]] = {}
        self.task_specs: dict[str, Any]

    def _add_notify(self, task_spec: Any) -> None:
        WorkflowSpec._add_notify(self, task_spec)


class Token(Task):
    """A token: `task_spec` is the place, `internal_data` the little that must survive between steps.

    `values` (what a completion or an event brought) and `chosen` (the flows it will take) live within one step.
    """

    workflow: Any
    internal_data: dict[str, Any]

    def __init__(
        self,
        workflow: Any,
        task_spec: "FlowNode",
        parent: "Token | None" = None,
        state: int = TaskState.FUTURE,
        id: UUID | None = None,
        since: datetime | None = None,
    ) -> None:
        super().__init__(workflow, task_spec, parent, state, id)
        self.entered: datetime = since or workflow.top_workflow.now
        self.chosen: tuple[Any, ...] = ()
        self.values: Mapping[str, object] | None = None

    @property
    def key(self) -> str:
        return str(self.id.hex)

    @property
    def spec(self) -> "FlowNode":
        spec: FlowNode = self.task_spec
        return spec

    @property
    def execution(self) -> "Execution":
        execution: Execution = self.workflow.top_workflow
        return execution

    def _set_state(self, value: int) -> None:
        self._state = value

    def _inherit_data(self) -> None:
        pass


class Frame(BpmnSubWorkflow):
    """A sub-process, called process or event sub-process while it runs; `undoable` as in `records`."""

    spec: BodySpec
    tasks: dict[UUID, Token]

    def __init__(self, spec: BodySpec, parent_task_id: UUID, top_workflow: "Execution") -> None:
        super().__init__(spec, parent_task_id, top_workflow, deserializing=True)
        self.task_tree = Token(self, spec.start, state=TaskState.COMPLETED)
        self.undoable: list[Any] = []

    @property
    def host(self) -> Token:
        token: Token = self.top_workflow.get_task_from_id(self.parent_task_id)
        return token

    def _task_completed_notify(self, task: Token) -> None:
        self.top_workflow.left(task)


class NoScripts:
    """In place of SpiffWorkflow's engine, which evaluates Python."""

    environment = None

    def evaluate(self, task: object, expression: object, external_context: object = None) -> object:
        raise EngineError("python_refused")

    execute = evaluate
