"""What a person needs to know to repair an incident: what the element reads, where it stands, where one may go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app.engine.bpmn import expressions
from app.engine.bpmn.checks.names import ATTRIBUTES
from app.engine.bpmn.diagram import Body, Node
from app.engine.bpmn.expressions import Expression
from app.engine.bpmn.instance import Instance
from app.engine.bpmn.step import ROOT
from app.engine.findings import EngineError

NO_RESTART = frozenset({"boundaryEvent", "startEvent"})
NO_SKIP = frozenset({"exclusiveGateway", "inclusiveGateway", "eventBasedGateway"})
"""What chooses among flows cannot be left undone: nobody would know where to go."""


@dataclass(frozen=True, slots=True)
class Read:
    """An expression of the element. `place` says where it stands: condition, script, input:…, attribute:…, …"""

    place: str
    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """`scopes` are ids, the innermost first, the root last; `restarts` the elements before which it may begin again."""

    element: Node
    reads: tuple[Read, ...]
    inputs: Mapping[str, object]
    scopes: tuple[str, ...]
    restarts: tuple[Node, ...]
    may_skip: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the element reads, in the order of its expressions."""
        return tuple(dict.fromkeys(name for read in self.reads for name in read.names))


def inspect(instance: Instance, incident_id: str) -> Inspection:
    """Look at an incident without changing anything. Raises EngineError `incident_gone`."""
    token = instance.failed_token(incident_id)
    run = token.execution
    node, body = token.spec.node, token.workflow.spec.body
    inputs = token.internal_data.get("inputs") or {}
    return Inspection(
        element=node,
        reads=tuple(_reads(node, body)),
        inputs=dict(inputs),
        scopes=(*(owner.key for owner in run.scopes.owners(token)), ROOT),
        restarts=tuple(one for one in body.nodes.values() if _may_restart(one)),
        may_skip=node.type not in NO_SKIP,
    )


def _may_restart(node: Node) -> bool:
    return node.type not in NO_RESTART and not node.is_event_subprocess


def _reads(node: Node, body: Body) -> Iterator[Read]:
    for place, text, make in _texts(node, body):
        try:
            compiled = make()
        except EngineError:
            yield Read(place, text, ())
            continue
        if compiled.names or place in ("condition", "script", "timer"):
            yield Read(place, text, tuple(sorted(compiled.names)))


def _texts(node: Node, body: Body) -> Iterator[tuple[str, str, Callable[[], Expression]]]:
    """(place, text, how to compile it) of everything that the element evaluates."""
    for name in ATTRIBUTES:
        if value := node.attributes.get(name):
            yield f"attribute:{name}", value, lambda value=value: expressions.attribute(value)  # type: ignore[misc]
    for name, value in node.properties.items():
        if value.startswith("=") or "${" in value:
            yield f"property:{name}", value, lambda value=value: expressions.attribute(value)  # type: ignore[misc]
    for place, mapping in (("input", node.inputs), ("output", node.outputs)):
        for name, parameter in mapping:
            text = parameter.text if hasattr(parameter, "text") else str(parameter)
            yield f"{place}:{name}", text, lambda parameter=parameter: expressions.parameter(parameter)  # type: ignore[misc]
    for place, code in (("script", node.script), ("completion", node.completion)):
        if code is not None and code.text:
            yield place, code.text, lambda code=code: expressions.logic(code)  # type: ignore[misc]
    event = node.event.code
    if event is not None and event.text:
        if node.event.kind == "conditional":
            yield "condition", event.text, lambda: expressions.logic(event)
        else:
            yield "timer", event.text, lambda: expressions.attribute(event.text)
    if node.called is not None and node.called.text:
        called = node.called.text
        yield "called", called, lambda: expressions.attribute(called)
    for transfer in (*node.ins, *node.outs):
        given = transfer.expression.text if transfer.expression is not None else transfer.source
        if given:
            yield "transfer", given, lambda given=given: expressions.name_or_expression(given)  # type: ignore[misc]
    if node.loop is not None and node.loop.collection is not None:
        source = node.loop.collection.text
        yield "collection", source, lambda: expressions.name_or_expression(source)
    for flow in body.outgoing(node.id):
        if flow.condition is not None and flow.condition.text:
            condition = flow.condition
            place = f"flow:{flow.name or flow.id}"
            yield place, condition.text, lambda condition=condition: expressions.logic(condition)  # type: ignore[misc]
