"""Flows, starts, ends, gateways: does every token have somewhere to come from and to go?"""

from __future__ import annotations

from app.engine.bpmn.checks.context import Context
from app.engine.bpmn.diagram import Body, Flow, Node, called
from app.engine.bpmn.reader import ACTIVITIES, EVENTS

ENDS = frozenset({"endEvent"})
MAX_NAME = 120
"""Characters of an id, or of the name of what is sent and awaited, that are kept."""
CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})


def check(context: Context) -> None:
    for body, owner in context.bodies():
        _body(context, body, owner)
    if len(context.process.id) > MAX_NAME:
        context.error("id_too_long", limit=MAX_NAME)
    for body, node in context.nodes():
        _node(context, body, node)
        if max(len(node.id), len(node.event.name or "")) > MAX_NAME:
            context.error("id_too_long", node, limit=MAX_NAME)


def _body(context: Context, body: Body, owner: Node | None) -> None:
    ad_hoc = owner is not None and owner.type == "adHocSubProcess"
    for flow in body.flows:
        for end in (flow.source, flow.target):
            if end not in body.nodes:
                context.error("flow_loose", owner, flow.line, **called("flow", flow), element=end)
    starts = [node for node in body.nodes.values() if node.type == "startEvent"]
    if not body.nodes:
        context.error("body_empty", owner)
    elif ad_hoc:
        for node in body.nodes.values():
            if node.type in ("startEvent", "endEvent"):
                context.error("ad_hoc_has_events", node)
    elif not starts:
        context.error("start_missing", owner)
    else:
        _reach(context, body, starts)


def _reach(context: Context, body: Body, starts: list[Node]) -> None:
    """What no start event leads to never runs, as in Camunda 7; a join that waits for it would never let anybody on."""
    ahead = [node.id for node in starts]
    ahead += [node.id for node in body.nodes.values() if stands_alone(node, body)]
    seen: set[str] = set()
    links = {node.event.name: node.id for node in body.nodes.values() if _is_link(node, "intermediateCatchEvent")}
    while ahead:
        current = ahead.pop()
        if current in seen or current not in body.nodes:
            continue
        seen.add(current)
        node = body.nodes[current]
        ahead += [flow.target for flow in body.outgoing(current)]
        ahead += [other.id for other in body.nodes.values() if other.attached_to == current]
        if _is_link(node, "intermediateThrowEvent") and node.event.name in links:
            ahead.append(links[node.event.name])
    for node in body.nodes.values():
        if node.id not in seen and not (node.type == "boundaryEvent" and node.attached_to not in body.nodes):
            context.warn("node_unreached", node)
        elif node.type == "parallelGateway" and node.id in seen:
            for flow in body.incoming(node.id):
                if flow.source in body.nodes and flow.source not in seen:
                    source = body.nodes[flow.source]
                    context.error("join_never_full", node, flow.line, **called("element", source))


def stands_alone(node: Node, body: Body) -> bool:
    """Event sub-processes, compensation handlers and ad-hoc menus need no flow."""
    return (
        node.is_event_subprocess or node.is_handler or (node.type == "adHocSubProcess" and not body.incoming(node.id))
    )


def _is_link(node: Node, kind: str) -> bool:
    return node.type == kind and node.event.kind == "link"


def _node(context: Context, body: Body, node: Node) -> None:
    incoming, outgoing = body.incoming(node.id), body.outgoing(node.id)
    if node.type == "startEvent" and incoming:
        context.error("start_has_incoming", node)
    if node.type == "endEvent" and outgoing:
        context.error("end_has_outgoing", node)
    if node.type == "boundaryEvent" and incoming:
        context.error("boundary_has_incoming", node)
    if node.is_event_subprocess and (incoming or outgoing):
        context.error("event_subprocess_has_flows", node)
    if node.type == "complexGateway":
        context.error("complex_gateway", node)
    if node.attributes.get("@instantiate") == "true":
        context.error("instantiate_refused", node)
    if not outgoing and not _may_end(node, body, context):
        if node.type in ACTIVITIES or node.type in EVENTS:
            context.warn("node_without_exit", node)
        else:
            context.error("node_without_exit", node)
    if node.default_flow and node.default_flow not in {flow.id for flow in outgoing}:
        context.error("default_unknown", node, flow=node.default_flow)
    if node.type in CHOOSING:
        _choice(context, node, outgoing)
    elif node.type in ("parallelGateway", "eventBasedGateway"):
        for flow in outgoing:
            if flow.condition is not None:
                context.error("condition_not_asked", node, flow.line, **called("flow", flow))
    if node.type == "eventBasedGateway":
        _race(context, body, node, outgoing)


def _may_end(node: Node, body: Body, context: Context) -> bool:
    if (
        node.type in ENDS
        or node.is_event_subprocess
        or stands_alone(node, body)
        or _is_link(node, "intermediateThrowEvent")
        or (node.type == "boundaryEvent" and node.event.kind == "compensate")
    ):
        return True
    return any(
        owner is not None and owner.type == "adHocSubProcess" and inner is body for inner, owner in context.bodies()
    )


def _choice(context: Context, node: Node, outgoing: list[Flow]) -> None:
    """A flow without a condition holds always. Out of an exclusive gateway that is clear for the last flow alone:
    Camunda 7 takes a single one for the default, but asks it in its turn; several, or one beside a default, it refuses.
    """
    if len(outgoing) < 2:
        return
    bare = []
    for flow in outgoing:
        if flow.id == node.default_flow:
            if flow.condition is not None:
                context.warn("default_has_condition", node, flow.line, **called("flow", flow))
        elif flow.condition is None or not flow.condition.text:
            bare.append(flow)
    if node.type == "inclusiveGateway":
        for flow in bare:
            context.warn("flow_always_taken", node, flow.line, **called("flow", flow))
    elif bare == outgoing[-1:] and not node.default_flow:
        context.warn("flow_is_default", node, bare[0].line, **called("flow", bare[0]))
    else:
        for flow in bare:
            context.error("condition_missing", node, flow.line, **called("flow", flow))
    if not node.default_flow and not bare:
        context.warn("default_missing", node)


def _race(context: Context, body: Body, node: Node, outgoing: list[Flow]) -> None:
    if len(outgoing) < 2:
        context.error("event_gateway_alone", node)
    for flow in outgoing:
        target = body.nodes.get(flow.target)
        if target is None:
            continue
        if target.type not in ("intermediateCatchEvent", "receiveTask") or target.event.kind == "link":
            context.error("event_gateway_target", node, flow.line, **called("element", target))
        elif len(body.incoming(target.id)) > 1:
            context.error("event_gateway_shared", target)
