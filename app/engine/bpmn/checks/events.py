"""Events: is their kind run where they stand, and do they say what they wait for?"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.engine.bpmn import expressions, timers
from app.engine.bpmn.checks.context import Context
from app.engine.bpmn.diagram import Body, Event, Node
from app.engine.bpmn.reader import ACTIVITIES
from app.engine.findings import EngineError

CATCHES = frozenset({"timer", "message", "signal", "conditional"})
KINDS = {
    "startEvent": frozenset({"none", "message", "signal", "timer"}),
    "boundaryEvent": CATCHES | {"error", "escalation", "compensate", "cancel"},
    "intermediateCatchEvent": CATCHES | {"link"},
    "intermediateThrowEvent": frozenset({"none", "message", "signal", "escalation", "link", "compensate"}),
    "endEvent": frozenset({"none", "message", "signal", "error", "escalation", "terminate", "compensate", "cancel"}),
}
EVENT_STARTS = CATCHES | {"error", "escalation", "compensate"}
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def check(context: Context) -> None:
    inner = {id(node.body): node for _, node in context.nodes() if node.body is not None}
    for body, node in context.nodes():
        owner = inner.get(id(body))
        if node.type in KINDS:
            _event(context, node, owner)
        elif node.type == "receiveTask":
            _named(context, node, node.event)
        if node.type == "boundaryEvent":
            _boundary(context, body, node)
        if node.is_event_subprocess and node.body is not None:
            starts = [one for one in node.body.nodes.values() if one.type == "startEvent"]
            if len(starts) > 1 or any(not one.events for one in starts):
                context.error("event_subprocess_start", node)
    for body, owner in context.bodies():
        _links(context, body, owner)
        _caught_once(context, body)
        plain = [node for node in body.nodes.values() if node.type == "startEvent" and not node.events]
        if len(plain) > 1:
            context.error("several_plain_starts", plain[1])


def _event(context: Context, node: Node, owner: Node | None) -> None:
    if len(node.events) > 1:
        context.error("several_events", node)
        return
    event = node.event
    allowed = KINDS[node.type]
    if node.type == "startEvent" and owner is not None:
        allowed = EVENT_STARTS if owner.is_event_subprocess else frozenset({"none"})
        if owner.is_event_subprocess and event.kind == "none":
            return
    if event.kind not in allowed:
        if event.kind == "none":
            context.error("event_without_kind", node)
        elif node.type == "startEvent" and owner is None:
            context.error("start_kind_refused", node, kind=event.kind)
        else:
            context.error("event_kind_refused", node, kind=event.kind)
        return
    if event.kind == "error" and node.type != "endEvent" and not node.interrupting:
        context.error("error_interrupts", node)
    if not event.topic and not event.behaviour:
        _named(context, node, event)
    if event.kind == "timer":
        timer(context, node, event)
        if node.type == "startEvent" and owner is None:
            _start_timer(context, node, event)
    if event.kind == "conditional" and (event.code is None or not event.code.text):
        context.error("condition_of_event_missing", node)


def _named(context: Context, node: Node, event: Event) -> None:
    throws = node.type in ("endEvent", "intermediateThrowEvent", "sendTask")
    if event.kind in ("message", "signal") and not event.name:
        context.error("event_without_name", node, event.line, kind=event.kind)
    if event.kind in ("error", "escalation") and throws and not event.name:
        context.error("event_without_code", node, event.line, kind=event.kind)
    if event.kind == "link" and not event.name:
        context.error("event_without_name", node, event.line, kind=event.kind)


def timer(context: Context, node: Node, event: Event) -> None:
    """A literal time must be understood now, not when it is due."""
    code = event.code
    if code is None or not code.text:
        context.error("timer_without_time", node, event.line)
        return
    if code.text.startswith("=") or "${" in code.text or "#{" in code.text or "feel" in code.language.lower():
        return
    try:
        read = timers.cycle if event.timer == "timeCycle" else timers.point
        read(code.text, _ANY_TIME, ZoneInfo("UTC"))
        if event.timer == "timeDuration":
            timers.parse_duration(code.text)
    except EngineError as error:
        context.error(error.code, node, code.line, **error.params)


def _start_timer(context: Context, node: Node, event: Event) -> None:
    """Before a process begins it has no values: its time is made of the date and of numbers alone."""
    try:
        names = expressions.attribute(event.code.text).names if event.code is not None else frozenset()
    except EngineError:
        return
    for name in sorted(names):
        context.error("start_timer_reads", node, event.line, name=name)


def _boundary(context: Context, body: Body, node: Node) -> None:
    host = body.nodes.get(node.attached_to)
    if host is None or host.type not in ACTIVITIES:
        context.error("boundary_without_host", node)
    elif host.is_event_subprocess:
        context.error("boundary_on_event_subprocess", node)


def _caught_once(context: Context, body: Body) -> None:
    """One place catches a code once: which of two would take it?"""
    seen: set[tuple[str, str, str]] = set()
    for node in body.nodes.values():
        catchers = [node] if node.type == "boundaryEvent" else []
        if node.is_event_subprocess and node.body is not None:
            catchers = [one for one in node.body.nodes.values() if one.type == "startEvent"]
        for catcher in catchers:
            if catcher.event.kind in ("error", "escalation"):
                key = (catcher.attached_to, catcher.event.kind, catcher.event.name or "")
                if key in seen:
                    context.error("caught_twice", catcher, name=catcher.event.name or "*")
                seen.add(key)


def _links(context: Context, body: Body, owner: Node | None) -> None:
    catches: dict[str | None, Node] = {}
    for node in body.nodes.values():
        if node.type == "intermediateCatchEvent" and node.event.kind == "link":
            if node.event.name in catches:
                context.error("link_twice", node, link=node.event.name)
            catches[node.event.name] = node
    for node in body.nodes.values():
        if node.type == "intermediateThrowEvent" and node.event.kind == "link" and node.event.name not in catches:
            context.error("link_without_target", node, link=node.event.name)
