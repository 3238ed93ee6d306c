"""Small diagrams in text, and a player that keeps what steps say as a caller would."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise

from app.engine.bpmn import Instance, ProcessDefinition
from app.engine.bpmn.simulation import SimulatedEnvironment
from app.engine.bpmn.step import Step, WorkItem
from app.engine.findings import EngineError

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' id="definitions" targetNamespace="test">'
)
NAMED = (
    '<bpmn:message id="m_note" name="note"/><bpmn:message id="m_stop" name="stop"/>'
    '<bpmn:signal id="s_alarm" name="alarm"/>'
    '<bpmn:error id="e_bad" name="bad" errorCode="BAD"/><bpmn:error id="e_other" name="other" errorCode="OTHER"/>'
    '<bpmn:escalation id="x_up" name="up" escalationCode="UP"/>'
)
MONDAY = datetime.fromisoformat("2026-03-02T09:00:00+08:00")


def document(*processes: str) -> bytes:
    return (HEAD + "".join(processes) + NAMED + "</bpmn:definitions>").encode()


def process(*parts: str, id: str = "P") -> str:
    return f'<bpmn:process id="{id}" name="{id}" isExecutable="true">{"".join(parts)}</bpmn:process>'


def flow(source: str, target: str, condition: str = "", id: str = "") -> str:
    inner = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
        if condition
        else ""
    )
    return (
        f'<bpmn:sequenceFlow id="{id or f"{source}_{target}"}" sourceRef="{source}" targetRef="{target}">'
        f"{inner}</bpmn:sequenceFlow>"
    )


def chain(*nodes: str) -> str:
    return "".join(flow(a, b) for a, b in pairwise(nodes))


def node(tag: str, id: str, inner: str = "", **attributes: str) -> str:
    given = "".join(f' {name.replace("__", ":")}="{value}"' for name, value in attributes.items())
    return f'<bpmn:{tag} id="{id}" name="{id}"{given}>{inner}</bpmn:{tag}>'


def start(id: str = "S", inner: str = "", **attributes: str) -> str:
    return node("startEvent", id, inner, **attributes)


def end(id: str = "E", inner: str = "") -> str:
    return node("endEvent", id, inner)


def user(id: str, inner: str = "", **attributes: str) -> str:
    return node("userTask", id, inner, **attributes)


def script(id: str, text: str, **attributes: str) -> str:
    return node("scriptTask", id, f"<bpmn:script>{text}</bpmn:script>", scriptFormat="feel", **attributes)


def service(id: str, topic: str, inner: str = "", **attributes: str) -> str:
    return node("serviceTask", id, inner, camunda__type="external", camunda__topic=topic, **attributes)


def message(name: str = "note") -> str:
    return f'<bpmn:messageEventDefinition messageRef="m_{name}"/>'


def signal() -> str:
    return '<bpmn:signalEventDefinition signalRef="s_alarm"/>'


def error(code: str = "bad") -> str:
    return f'<bpmn:errorEventDefinition errorRef="e_{code}"/>'


def escalation() -> str:
    return '<bpmn:escalationEventDefinition escalationRef="x_up"/>'


def compensate(activity: str = "", *, waits: bool = True) -> str:
    given = f' activityRef="{activity}"' if activity else ""
    given += "" if waits else ' waitForCompletion="false"'
    return f"<bpmn:compensateEventDefinition{given}/>"


def timer(kind: str, text: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def condition(text: str) -> str:
    return f"<bpmn:conditionalEventDefinition><bpmn:condition>{text}</bpmn:condition></bpmn:conditionalEventDefinition>"


def boundary(id: str, host: str, event: str, *, interrupting: bool = True) -> str:
    inner = "" if interrupting else 'cancelActivity="false"'
    return f'<bpmn:boundaryEvent id="{id}" name="{id}" attachedToRef="{host}" {inner}>{event}</bpmn:boundaryEvent>'


def tie(source: str, target: str) -> str:
    return f'<bpmn:association id="{source}-{target}" sourceRef="{source}" targetRef="{target}"/>'


def undo_by(host: str, handler: str, handler_id: str) -> str:
    """A compensation boundary event on `host`, tied to its handler."""
    return boundary(f"u{host}", host, compensate()) + handler + tie(f"u{host}", handler_id)


def properties(**values: str) -> str:
    entries = "".join(
        f'<camunda:property name="{name.replace("__", ".")}" value="{value}"/>' for name, value in values.items()
    )
    return f"<camunda:properties>{entries}</camunda:properties>"


def mapping(inputs: Mapping[str, str] | None = None, outputs: Mapping[str, str] | None = None) -> str:
    given = "".join(
        f'<camunda:inputParameter name="{name}">{text}</camunda:inputParameter>'
        for name, text in (inputs or {}).items()
    )
    given += "".join(
        f'<camunda:outputParameter name="{name}">{text}</camunda:outputParameter>'
        for name, text in (outputs or {}).items()
    )
    return f"<camunda:inputOutput>{given}</camunda:inputOutput>"


def extension(*parts: str) -> str:
    return f"<bpmn:extensionElements>{''.join(parts)}</bpmn:extensionElements>"


def items(collection: str, variable: str = "item", completion: str = "", *, sequential: bool = False) -> str:
    inner = f"<bpmn:completionCondition>{completion}</bpmn:completionCondition>" if completion else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"'
        f' camunda:collection="{collection}" camunda:elementVariable="{variable}">{inner}'
        f"</bpmn:multiInstanceLoopCharacteristics>"
    )


def event_subprocess(id: str, event: str, *inside: str, interrupting: bool = True) -> str:
    begin = start(f"{id}_in", event, isInterrupting=str(interrupting).lower())
    return node("subProcess", id, begin + "".join(inside), triggeredByEvent="true")


class Play:
    """Runs an instance, storing and restoring its state between all calls."""

    def __init__(
        self,
        files: bytes | Mapping[str, bytes],
        process_id: str = "P",
        *,
        environment: SimulatedEnvironment | None = None,
        now: datetime = MONDAY,
        start_event: str | None = None,
        **start_values: object,
    ) -> None:
        self.definition = ProcessDefinition.compile(
            files if isinstance(files, Mapping) else {"p.bpmn": files}, process_id
        )
        self.environment = environment or SimulatedEnvironment()
        self.now = now
        self.steps: list[Step] = []
        self.open: dict[str, WorkItem] = {}
        self.incidents: dict[str, str] = {}
        instance, step = Instance.start(
            self.definition, self.environment, now, start_event=start_event, variables=start_values
        )
        self._keep(instance, step)

    def _keep(self, instance: Instance, step: Step) -> Step:
        self.state = instance.state()
        self.environment.keep(step)
        self.steps.append(step)
        self.open.update({item.id: item for item in (*step.opened, *step.updated)})
        for closed in step.closed:
            del self.open[closed.id]
        self.incidents.update({one.id: one.element_id for one in step.incidents})
        for closed_incident in step.closed_incidents:
            del self.incidents[closed_incident]
        return step

    def call(self, action: Callable[[Instance], Step]) -> Step:
        self.environment.now = self.now
        instance = Instance.restore(self.definition, self.state, self.environment)
        return self._keep(instance, action(instance))

    def at(self, element: str, index: int = 0) -> WorkItem:
        return [item for item in self.open.values() if item.element_id == element][index]

    def complete(self, element: str, index: int = 0, **values: object) -> Step:
        item = self.at(element, index)
        return self.call(lambda instance: instance.complete(item.id, values, self.now))

    def send(self, name: str, key: str | None = None, **payload: object) -> Step:
        return self.call(lambda instance: instance.deliver(name, key, payload, self.now))

    def broadcast(self, name: str, **payload: object) -> Step:
        return self.call(lambda instance: instance.broadcast(name, payload, self.now))

    def wait(self, **delta: float) -> Step:
        self.now += timedelta(**delta)
        return self.call(lambda instance: instance.wake(self.now))

    def finish(self, result: Mapping[str, object] | EngineError, index: int = -1) -> Step:
        job = [job for step in self.steps for job in step.jobs][index]
        return self.call(lambda instance: instance.finish_job(job.id, result, self.now))

    def retry(self, index: int = 0) -> Step:
        incident = list(self.incidents)[index]
        return self.call(lambda instance: instance.retry(incident, self.now))

    @property
    def last(self) -> Step:
        return self.steps[-1]

    @property
    def opened(self) -> list[str]:
        return sorted(item.element_id for item in self.open.values())

    @property
    def failed(self) -> list[str]:
        return sorted(self.incidents.values())

    @property
    def visited(self) -> list[str]:
        return [element for step in self.steps for element, _ in step.entered]

    @property
    def finished(self) -> bool:
        return self.last.finished

    def value(self, name: str) -> object:
        return self.environment.store[""].get(name)
