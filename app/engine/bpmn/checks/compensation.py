"""Compensation and transactions: does every handler belong to an activity, and can what is thrown find one?"""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.bpmn.checks.context import Context
from app.engine.bpmn.diagram import Body, Node

THROWS = frozenset({"intermediateThrowEvent", "endEvent"})
COMPENSATE_ALL = frozenset({"", "##Compensate"})


def check(context: Context) -> None:
    owners = {id(body): owner for body, owner in context.bodies()}
    around = {id(node.body): body for body, node in context.nodes() if node.body is not None}
    for body, node in context.nodes():
        owner = owners[id(body)]
        if node.is_handler:
            _handler(context, body, node)
        if node.type == "boundaryEvent":
            _boundary(context, body, node)
        elif node.event.kind == "compensate":
            if node.type in THROWS:
                _throw(context, list(_scopes(body, owners, around)), node)
            elif owner is not None and owner.is_event_subprocess:
                _start(context, around[id(body)], owners[id(around[id(body)])], owner, node)
        elif node.event.kind == "cancel":
            _cancel(context, owner, around.get(id(body)), node)
        elif node.type == "transaction" and node.attributes.get("@method", "") not in COMPENSATE_ALL:
            context.error("transaction_method", node, method=node.attributes["@method"])


def _scopes(body: Body, owners: dict[int, Node | None], around: dict[int, Body]) -> Iterator[Body]:
    """Where a throw event looks for what it compensates: its scope, and what is around an event sub-process."""
    yield body
    while (owner := owners[id(body)]) is not None and owner.is_event_subprocess:
        body = around[id(body)]
        yield body


def _handler(context: Context, body: Body, node: Node) -> None:
    if body.incoming(node.id) or body.outgoing(node.id):
        context.error("compensation_handler_has_flows", node)
    if not any(one.handler == node.id for one in body.nodes.values()):
        context.error("compensation_handler_alone", node)


def _boundary(context: Context, body: Body, node: Node) -> None:
    host = body.nodes.get(node.attached_to)
    if host is None:
        return
    if node.event.kind == "cancel":
        if host.type != "transaction":
            context.error("cancel_place", node)
        if next(one for one in body.nodes.values() if _is_at(one, host, "cancel")) is not node:
            context.error("cancel_twice", node)
    if node.event.kind == "error" and host.body is not None and _is_undone_by(host, host.body, node.event.name):
        context.warn("error_compensates", node)
    if node.event.kind != "compensate":
        return
    handler = body.nodes.get(node.handler)
    if handler is None:
        context.error("compensation_without_handler", node)
    elif not handler.is_handler:
        context.error("compensation_handler_unmarked", handler)
    if body.outgoing(node.id):
        context.error("compensation_leads_on", node)
    first = next(one for one in body.nodes.values() if _compensates(one, host))
    if first is not node or (host.body is not None and _own(host.body)):
        context.error("compensation_twice", node)
    if host.is_handler:
        context.error("compensation_of_handler", node)


def _throw(context: Context, scopes: list[Body], node: Node) -> None:
    wanted = node.event.activity
    if not wanted:
        if not any(is_compensable(scope) for scope in scopes):
            context.warn("compensation_of_nothing", node)
        return
    found = next(((scope, scope.nodes[wanted]) for scope in scopes if wanted in scope.nodes), None)
    if found is None:
        context.error("compensation_target_unknown", node, activity=wanted)
    elif not _has_compensation(*found):
        context.warn("compensation_of_nothing", node)


def _start(context: Context, scope: Body, scope_owner: Node | None, owner: Node, node: Node) -> None:
    """A compensation event sub-process: one in each sub-process, none in the process itself."""
    if scope_owner is None:
        context.error("compensation_start_place", node)
    elif _own(scope)[0] is not owner:
        context.error("compensation_twice", owner)


def _cancel(context: Context, owner: Node | None, around: Body | None, node: Node) -> None:
    if owner is None or owner.type != "transaction":
        context.error("cancel_place", node)
    elif around is not None and not any(
        one.attached_to == owner.id and one.event.kind == "cancel" for one in around.nodes.values()
    ):
        context.error("cancel_without_boundary", owner)


def is_compensable(body: Body) -> bool:
    """Whether something in it can be compensated once it has completed."""
    return any(_has_compensation(body, node) for node in body.nodes.values())


def _has_compensation(body: Body, node: Node) -> bool:
    if node.body is not None and (bool(_own(node.body)) or is_compensable(node.body)):
        return True
    return any(_compensates(one, node) for one in body.nodes.values())


def _compensates(boundary: Node, host: Node) -> bool:
    return _is_at(boundary, host, "compensate")


def _is_at(boundary: Node, host: Node, kind: str) -> bool:
    return boundary.attached_to == host.id and boundary.event.kind == kind


def _own(body: Body) -> list[Node]:
    """The compensation event sub-processes in it."""
    return [
        node
        for node in body.nodes.values()
        if node.is_event_subprocess and node.body is not None
        for start in node.body.nodes.values()
        if start.type == "startEvent" and start.event.kind == "compensate"
    ]


def _is_undone_by(host: Node, body: Body, code: str | None) -> bool:
    return host.type != "transaction" and is_compensable(body) and not _handles(body, code)


def _handles(body: Body, code: str | None) -> bool:
    """Whether an event sub-process in it takes the error before it leaves."""
    return any(
        start.type == "startEvent"
        and start.event.kind == "error"
        and (not start.event.name or start.event.name == code)
        for node in body.nodes.values()
        if node.is_event_subprocess and node.body is not None
        for start in node.body.nodes.values()
    )
