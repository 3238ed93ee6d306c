"""From the read diagram to SpiffWorkflow specs. It is called on what the check has passed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from app.engine.bpmn import expressions
from app.engine.bpmn.diagram import Body, Code, Flow, Node, Process
from app.engine.bpmn.expressions import Expression, Literal
from app.engine.bpmn.specs.base import Activity, FlowNode, Mapped, Outgoing
from app.engine.bpmn.specs.compensation import Transaction, Undo, Undone, undone_name
from app.engine.bpmn.specs.events import (
    BoundaryEvent,
    Catching,
    EndEvent,
    ReceiveTask,
    StartEvent,
    ThrowEvent,
    Trigger,
)
from app.engine.bpmn.specs.frames import AdHoc, CallActivity, EventSubProcess, SubProcess
from app.engine.bpmn.specs.gateways import EventGateway, ExclusiveGateway, InclusiveGateway, ParallelGateway
from app.engine.bpmn.specs.loops import LoopActivity
from app.engine.bpmn.specs.tasks import Assignment, PlainTask, RuleTask, ScriptTask, ServiceTask, UserTask
from app.engine.bpmn.tokens import BodySpec

C = TypeVar("C", bound=Catching)
T = TypeVar("T")

PEOPLE = ("candidateGroups", "candidateUsers", "assignee")
THROWN = frozenset({"error", "escalation", "cancel"})
"""Events that are caught where they are thrown, not waited for."""


def build(process: Process) -> dict[str, BodySpec]:
    """The specs of a process and of all sub-processes in it, by key."""
    bodies: dict[str, BodySpec] = {}
    _Builder(process, bodies).body(process.id, process.body)
    return bodies


class _Builder:
    def __init__(self, process: Process, bodies: dict[str, BodySpec]) -> None:
        self.process = process
        self.bodies = bodies

    def body(self, key: str, body: Body, *, ad_hoc: bool = False) -> BodySpec:
        spec = BodySpec(key, self.process.id, self.process.file, body)
        self.bodies[key] = spec
        Undo(spec)
        triggers: list[str] = []
        handlers: list[str] = []
        for node in body.nodes.values():
            self.node(spec, node)
            if node.is_event_subprocess and node.body is not None:
                for start in node.body.nodes.values():
                    if start.type == "startEvent" and start.event.kind != "compensate":
                        trigger = self.catching(Trigger(spec, start, name=f"{start.id}(trigger)"), start)
                        trigger.subprocess = node.id
                        (handlers if start.event.kind in THROWN else triggers).append(trigger.name)
        flows = [*body.flows, *_links(body)]
        for node in body.nodes.values():
            self.connect(spec, node, flows)
        startable = [
            node.id
            for node in body.nodes.values()
            if node.type not in ("startEvent", "boundaryEvent")
            and not node.is_event_subprocess
            and not node.is_handler
            and not spec.task_specs[node.id].incoming
        ]
        starts = tuple(node.id for node in body.nodes.values() if node.type == "startEvent" and not node.events)
        spec.triggers, spec.handlers, spec.starts = tuple(triggers), tuple(handlers), starts
        if ad_hoc:
            spec.optional = tuple(startable)
            spec.available = {
                name: condition
                for name in startable
                if (condition := _attribute(body.nodes[name].properties, "available")) is not None
            }
        else:
            spec.loose = tuple(name for name in startable if body.nodes[name].type == "adHocSubProcess")
        spec.reach = _reach(spec)
        return spec

    def node(self, spec: BodySpec, node: Node) -> None:
        loop = node.loop
        if loop is None:
            self.plain(spec, node, node.id)
            return
        whole = LoopActivity(spec, node)
        whole.loop = loop
        whole.item_name = f"{node.id}(item)"
        whole.collection = _maybe(loop.collection, lambda code: expressions.name_or_expression(code.text))
        whole.cardinality = _maybe(loop.cardinality, _number)
        whole.completion = _maybe(loop.completion, expressions.logic)
        whole.output_element = _maybe(loop.output_element, lambda code: expressions.attribute(code.text))
        item = self.plain(spec, node, whole.item_name)
        item.item_of = node.id

    def undone(self, spec: BodySpec, node: Node, frame_key: str) -> None:
        """How a completed sub-process is compensated that has no handler of its own."""
        assert node.body is not None  # noqa: S101 - told by the caller
        built = Undone(spec, node, name=undone_name(node.id))
        built.frame_key = frame_key
        for inner in node.body.nodes.values():
            if inner.is_event_subprocess and inner.body is not None:
                for start in inner.body.nodes.values():
                    if start.type == "startEvent" and start.event.kind == "compensate":
                        built.compensating, built.compensating_start = inner.id, start.id

    def plain(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        built = self.kinds[node.type](self, spec, node, name)
        if isinstance(built, Activity):
            built.input_mapping = _mapped(node.inputs)
            built.output_mapping = _mapped(node.outputs)
        return built

    # Kinds

    def task(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        return PlainTask(spec, node, name=name)

    def user_task(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        built = UserTask(spec, node, name=name)
        given = node.attributes
        if node.lane_groups and not any(given.get(name) for name in PEOPLE):
            given = {**given, "candidateGroups": node.lane_groups}
        built.assignment = Assignment(
            form_key=_attribute(given, "formKey"),
            candidate_groups=_attribute(given, "candidateGroups"),
            candidate_users=_attribute(given, "candidateUsers"),
            assignee=_attribute(given, "assignee"),
            due_date=_attribute(given, "dueDate"),
            follow_up_date=_attribute(given, "followUpDate"),
            priority=_attribute(given, "priority"),
            title=_attribute(node.properties, "title"),
            title_en=_attribute(node.properties, "title.en"),
        )
        built.property_values = tuple(
            (name, expressions.attribute(value))
            for name, value in node.properties.items()
            if name not in ("title", "title.en", "available", "outputElement")
        )
        return built

    def script_task(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        built = ScriptTask(spec, node, name=name)
        assert node.script is not None  # noqa: S101 - told by the check
        built.script = expressions.logic(node.script)
        built.result_variable = node.attributes.get("resultVariable", "")
        built.discards = "juel" in node.script.language.lower()
        return built

    def written_task(self, spec: BodySpec, node: Node, name: str, value: Expression) -> FlowNode:
        """A service task whose expression needs no Java: its value is written, or nothing is."""
        built = ScriptTask(spec, node, name=name)
        built.script, built.result_variable = value, node.attributes.get("resultVariable", "")
        built.discards = True
        return built

    def rule_task(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        given = node.attributes
        if "decisionRef" not in given:
            return self.service_task(spec, node, name)
        built = RuleTask(spec, node, name=name)
        built.reference = expressions.attribute(given["decisionRef"])
        built.binding = given.get("decisionRefBinding", "latest")
        built.version = _attribute(given, "decisionRefVersion")
        built.result_variable = given.get("resultVariable", "")
        built.mapping = given.get("mapDecisionResult", "")
        return built

    def service_task(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        if (value := expressions.in_place(node)) is not None:
            return self.written_task(spec, node, name, value)
        built = ServiceTask(spec, node, name=name)
        topic = node.attributes.get("topic") or node.event.topic
        built.topic = expressions.attribute(topic) if topic else Literal(node.behaviour)
        built.job = node.attributes.get("asyncBefore", node.attributes.get("async")) == "true"
        return built

    def send_task(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        if node.attributes.get("topic") or node.behaviour:
            return self.service_task(spec, node, name)
        return self.throw_event(spec, node, name)

    def throw_event(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        if node.event.topic or node.event.behaviour:
            return self.service_task(spec, node, name)
        built = (EndEvent if node.type == "endEvent" else ThrowEvent)(spec, node, name=name)
        built.correlation = _attribute(node.properties, "correlationKey")
        built.ins = tuple(_transfer(one.everything, one.target, one.source, one.expression) for one in node.ins)
        return built

    def start_event(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        built = StartEvent(spec, node, name=name)
        if node.event.kind == "timer":
            built.timer = _maybe(node.event.code, lambda code: expressions.attribute(_feel(code)))
        return built

    def catch_event(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        if node.event.kind == "link":
            return FlowNode(spec, node, name=name)
        return self.catching(Catching(spec, node, name=name), node)

    def receive_task(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        return self.catching(ReceiveTask(spec, node, name=name), node)

    def boundary_event(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        return self.catching(BoundaryEvent(spec, node, name=name), node)

    def catching(self, built: C, node: Node) -> C:
        event = node.event
        if event.kind == "timer":
            built.timer = _maybe(event.code, lambda code: expressions.attribute(_feel(code)))
        elif event.kind == "conditional":
            built.condition = _maybe(event.code, expressions.logic)
        built.correlation = _attribute(node.properties, "correlationKey")
        return built

    def sub_process(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        made = (
            EventSubProcess if node.is_event_subprocess else Transaction if node.type == "transaction" else SubProcess
        )
        built = made(spec, node, name=name)
        built.frame_key = self.inner(spec, node)
        return built

    def ad_hoc(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        built = AdHoc(spec, node, name=name)
        built.completion = _maybe(node.completion, expressions.logic)
        built.cancel_remaining = node.cancel_remaining
        built.frame_key = self.inner(spec, node, ad_hoc=True)
        return built

    def inner(self, spec: BodySpec, node: Node, *, ad_hoc: bool = False) -> str:
        key = f"{self.process.id}/{node.id}"
        assert node.body is not None  # noqa: S101 - told by the type
        if key not in self.bodies:
            self.body(key, node.body, ad_hoc=ad_hoc)
            self.undone(spec, node, key)
        return key

    def call_activity(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        built = CallActivity(spec, node, name=name)
        assert node.called is not None  # noqa: S101 - told by the check
        built.called = expressions.attribute(node.called.text)
        built.ins = tuple(_transfer(one.everything, one.target, one.source, one.expression) for one in node.ins)
        built.outs = tuple(_transfer(one.everything, one.target, one.source, one.expression) for one in node.outs)
        return built

    def gateway(self, spec: BodySpec, node: Node, name: str) -> FlowNode:
        return {
            "exclusiveGateway": ExclusiveGateway,
            "parallelGateway": ParallelGateway,
            "inclusiveGateway": InclusiveGateway,
            "eventBasedGateway": EventGateway,
        }[node.type](spec, node, name=name)

    kinds: Mapping[str, Callable[[_Builder, BodySpec, Node, str], FlowNode]] = {
        "task": task,
        "userTask": user_task,
        "manualTask": user_task,
        "scriptTask": script_task,
        "businessRuleTask": rule_task,
        "serviceTask": service_task,
        "sendTask": send_task,
        "receiveTask": receive_task,
        "intermediateThrowEvent": throw_event,
        "endEvent": throw_event,
        "startEvent": start_event,
        "intermediateCatchEvent": catch_event,
        "boundaryEvent": boundary_event,
        "subProcess": sub_process,
        "transaction": sub_process,
        "adHocSubProcess": ad_hoc,
        "callActivity": call_activity,
        "exclusiveGateway": gateway,
        "parallelGateway": gateway,
        "inclusiveGateway": gateway,
        "eventBasedGateway": gateway,
    }

    # Flows

    def connect(self, spec: BodySpec, node: Node, flows: list[Flow]) -> None:
        built: FlowNode = spec.task_specs[node.id]
        gateway = isinstance(built, ParallelGateway | EventGateway)
        outgoing: list[Outgoing] = []
        for flow in flows:
            if flow.source == node.id:
                condition = None if gateway or flow.id == node.default_flow else flow.condition
                out = Outgoing(flow.id, flow.target, _maybe(condition, expressions.logic))
                outgoing.append(out)
                if flow.id == node.default_flow:
                    built.default = out
                built._outputs.append(flow.target)
                spec.task_specs[flow.target]._inputs.append(node.id)
        built.flows = tuple(outgoing)
        built.incoming = tuple(flow.id for flow in flows if flow.target == node.id)
        attached = [other for other in spec.body.nodes.values() if other.attached_to == node.id]
        built.boundaries = tuple(one.id for one in attached if one.event.kind not in (*THROWN, "compensate"))
        built.handler = next((one.handler for one in attached if one.event.kind == "compensate"), "")
        built.compensates_itself = bool((undone := spec.task_specs.get(undone_name(node.id))) and undone.compensating)
        built.catchers = tuple(other.id for other in attached if other.event.kind in THROWN)


def _maybe(code: Code | None, make: Callable[[Code], T]) -> T | None:
    return None if code is None or not code.text else make(code)


def _attribute(given: Mapping[str, str], name: str) -> Expression | None:
    value = given.get(name, "").strip()
    return expressions.attribute(value) if value else None


def _number(code: Code) -> Expression:
    return expressions.attribute(_feel(code))


def _feel(code: Code) -> str:
    """A timer or cardinality: FEEL by its language needs no `=`, but an ISO text in it stays literal."""
    text = code.text.strip()
    if "feel" in code.language.lower() and not text.startswith("=") and not text[:1].isdigit() and text[:1] not in "PR":
        return f"= {text}"
    return text


def _mapped(given: tuple[tuple[str, object], ...]) -> tuple[Mapped, ...]:
    return tuple(Mapped(name, expressions.parameter(value)) for name, value in given)  # type: ignore[arg-type]


def _transfer(everything: bool, target: str, source: str, expression: Code | None) -> Mapped:
    if everything:
        return Mapped("", None)
    if expression is not None:
        return Mapped(target, expressions.attribute(expression.text))
    return Mapped(target or source, expressions.name_or_expression(source))


def _links(body: Body) -> list[Flow]:
    """A link throw event and its catch event are one flow (BPMN 2.0.2, 10.5.5)."""
    catches = {
        node.event.name: node.id
        for node in body.nodes.values()
        if node.type == "intermediateCatchEvent" and node.event.kind == "link"
    }
    return [
        Flow(f"{node.id}(link)", node.id, catches[node.event.name])
        for node in body.nodes.values()
        if node.type == "intermediateThrowEvent" and node.event.kind == "link" and node.event.name in catches
    ]


def _reach(spec: BodySpec) -> dict[tuple[str, str], frozenset[str]]:
    """For each node and inclusive join: the join's incoming flows that a token at the node can still reach."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    joins = [one for one in spec.task_specs.values() if isinstance(one, InclusiveGateway) and len(one.incoming) > 1]
    for join in joins:
        for start in spec.task_specs.values():
            if start is join or not isinstance(start, FlowNode):
                continue
            seen: set[str] = set()
            flows: set[str] = set()
            ahead = [start.name]
            while ahead:
                name = ahead.pop()
                if name in seen or name == join.name:
                    continue
                seen.add(name)
                node: FlowNode = spec.task_specs[name]
                for flow in node.flows:
                    if flow.target == join.name:
                        flows.add(flow.id)
                    ahead.append(flow.target)
                ahead += [*node.boundaries, *node.catchers]
            if flows:
                found[start.name, join.name] = frozenset(flows)
    return found
