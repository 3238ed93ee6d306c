"""SpiffWorkflow as it comes, with its own parser and Python expressions: to be compared with what is built on it."""

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition, SignalEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState


class Stock:
    """A running instance. `data` is given to its first task, as stock data is copied from task to task."""

    def __init__(self, xml: bytes, **data: object) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(xml)
        self.spec = parser.get_spec("P")
        self.workflow = BpmnWorkflow(self.spec, parser.get_subprocess_specs("P"))
        for task in self.workflow.get_tasks():
            task.data.update(data)
        self.settle()

    def settle(self) -> None:
        self.workflow.refresh_timers()
        self.workflow.do_engine_steps()

    @property
    def ready(self) -> list[Task]:
        return [task for task in self.workflow.get_tasks(state=TaskState.READY) if task.task_spec.manual]

    @property
    def opened(self) -> list[str]:
        return sorted(task.task_spec.name for task in self.ready)

    def complete(self, name: str, **data: object) -> None:
        task = next(task for task in self.ready if task.task_spec.name == name)
        task.data.update(data)
        task.run()
        self.settle()

    def message(self, name: str) -> None:
        self.workflow.send_event(BpmnEvent(MessageEventDefinition(name), {}))
        self.settle()

    def signal(self, name: str) -> None:
        self.workflow.send_event(BpmnEvent(SignalEventDefinition(name), {}))
        self.settle()
