"""What of one version of a process stands for what of another: elements by id, kinds, loops, paths, records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from app.engine.bpmn.diagram import Node
from app.engine.bpmn.records import ELEMENT, INSIDE, Record
from app.engine.bpmn.specs.base import FlowNode
from app.engine.bpmn.specs.compensation import undone_name
from app.engine.bpmn.specs.events import Catching
from app.engine.bpmn.specs.frames import CallActivity, SubProcess
from app.engine.bpmn.specs.gateways import InclusiveGateway, ParallelGateway
from app.engine.bpmn.specs.loops import LoopActivity
from app.engine.bpmn.tokens import BodySpec

Params = dict[str, object]

KINDS = {
    "userTask": "user task",
    "manualTask": "manual task",
    "scriptTask": "script task",
    "businessRuleTask": "business rule task",
    "serviceTask": "service task",
    "sendTask": "send task",
    "receiveTask": "receive task",
    "subProcess": "sub-process",
    "adHocSubProcess": "ad-hoc sub-process",
    "transaction": "transaction",
    "callActivity": "call activity",
    "startEvent": "start event",
    "endEvent": "end event",
    "boundaryEvent": "boundary event",
    "intermediateCatchEvent": "catch event",
    "intermediateThrowEvent": "throw event",
    "exclusiveGateway": "exclusive gateway",
    "parallelGateway": "parallel gateway",
    "inclusiveGateway": "inclusive gateway",
    "eventBasedGateway": "event gateway",
    "task": "task",
}
_PLACE = frozenset({"line", "id", "name", "body", "attached_to", "handler", "default_flow", "documentation", "lane"})
"""Fields of a node that do not say how it works, or that are looked at by themselves."""


@dataclass
class Renaming:
    """Old ids to new ones, of elements (`element` or `process/element`) and of processes; `used` are those followed."""

    given: Mapping[str, str]
    used: set[str] = field(default_factory=set)

    def process(self, process_id: str) -> str:
        return self._follow(process_id) or process_id

    def element(self, process_id: str, element_id: str) -> str:
        return self._follow(f"{process_id}/{element_id}") or self._follow(element_id) or element_id

    def _follow(self, key: str) -> str:
        found = self.given.get(key, "").rpartition("/")[2]
        if found and found != key.rpartition("/")[2]:
            self.used.add(key)
        return found


def told(value: object, without: frozenset[str] = frozenset({"line"})) -> object:
    """A piece of a diagram as plain comparable values, without the lines in which it stands."""
    if is_dataclass(value) and not isinstance(value, type):
        return tuple((one.name, told(getattr(value, one.name))) for one in fields(value) if one.name not in without)
    if isinstance(value, Mapping):
        return tuple(sorted((str(key), told(inner)) for key, inner in value.items()))
    return tuple(told(inner) for inner in value) if isinstance(value, tuple) else value


def works_alike(old: Node, new: Node) -> bool:
    """Whether two elements are drawn alike, apart from their ids and from what lies inside them."""
    return told(old, _PLACE) == told(new, _PLACE) and old.name == new.name


def kind_of(spec: FlowNode) -> str:
    """The element's kind in words."""
    kind = KINDS.get(spec.node.type, spec.node.type)
    if spec.node.is_event_subprocess:
        return "event sub-process"
    return f"{kind} ({spec.node.event.kind})" if isinstance(spec, Catching) and spec.node.events else kind


def misfit(old: FlowNode, new: FlowNode) -> tuple[str, Params] | None:
    """Why a token at `old` cannot stand at `new`: code and parameters of a sentence; None when it can."""
    if isinstance(old, LoopActivity) or isinstance(new, LoopActivity) or bool(old.item_of) != bool(new.item_of):
        alike = told(old.node.loop) == told(new.node.loop) and type(old) is type(new)
        return None if alike else ("move_loop_changed", {})
    same = type(old) is type(new) and (not isinstance(old, Catching) or _event_kind(old) == _event_kind(new))
    if not same:
        code = "move_other_subprocess" if isinstance(old, SubProcess) else "move_other_kind"
        return code, {"was": kind_of(old), "now": kind_of(new)}
    if isinstance(old, CallActivity) and isinstance(new, CallActivity) and _maps(old) != _maps(new):
        return "move_call_scope", {}
    return None


def _maps(spec: CallActivity) -> bool:
    return bool(spec.ins or spec.outs)


def _event_kind(spec: Catching) -> str:
    return spec.kind


def same_paths(old: BodySpec, new: BodySpec, mapping: Renaming) -> bool:
    """Whether elements and flows of the two are the same, whatever their elements say."""
    process = old.process_id

    def name(one: str) -> str:
        return mapping.element(process, one)

    was = {(name(node.id), node.type) for node in old.body.nodes.values()}
    flows = {(flow.id, name(flow.source), name(flow.target)) for flow in old.body.flows}
    return was == {(node.id, node.type) for node in new.body.nodes.values()} and flows == {
        (flow.id, flow.source, flow.target) for flow in new.body.flows
    }


def ahead_of(body: BodySpec, place: str, *, through_joins: bool = True) -> tuple[set[str], set[str]]:
    """What a token at `place` can still reach in its scope: elements, and the flows by which it gets there."""
    seen: set[str] = set()
    flows: set[str] = set()
    ahead = [place]
    while ahead:
        name = ahead.pop()
        spec: FlowNode = body.task_specs[name]
        if name != place and not through_joins and _is_join(spec):
            continue
        following = [*spec.boundaries, *spec.catchers]
        for flow in spec.flows:
            flows.add(flow.id)
            following.append(flow.target)
        for one in following:
            if one not in seen:
                seen.add(one)
                ahead.append(one)
    return seen, flows


def _is_join(spec: FlowNode) -> bool:
    return isinstance(spec, ParallelGateway | InclusiveGateway) and len(spec.incoming) > 1


def starved_joins(body: BodySpec, places: Iterable[str], arrived: Mapping[str, set[str]]) -> set[str]:
    """Parallel joins which some of the tokens can reach, but not all paths into which can be walked any more."""
    reached: set[str] = set()
    for place in set(places):
        reached |= ahead_of(body, place)[1]
    starved = set()
    for spec in body.task_specs.values():
        if isinstance(spec, ParallelGateway) and len(spec.incoming) > 1:
            come = {flow for flow in spec.incoming if flow in reached} | arrived.get(spec.name, set())
            if come and come != set(spec.incoming):
                starved.add(str(spec.name))
    return starved


def behind(body: BodySpec, places: Iterable[str]) -> set[tuple[str, str]]:
    """Pairs of places, the second of which a token at the first comes to without passing a join."""
    stand = set(places)
    return {
        (one, other) for one in stand for other in stand & ahead_of(body, one, through_joins=False)[0] if one != other
    }


def fitted_records(
    records: list[Record], old: BodySpec, new: BodySpec, bodies: tuple[Mapping[str, Any], Mapping[str, Any]],
    mapping: Renaming, lost: set[str],
) -> list[Record]:  # fmt: skip
    """What was completed and may be compensated, under its new names; `lost` gets what can be compensated no more."""
    fitted: list[Record] = []
    for record in records:
        was = str(record[ELEMENT])
        name = mapping.element(old.process_id, was)
        spec = new.task_specs.get(name)
        if spec is None or not (spec.handler or undone_name(name) in new.task_specs):
            lost.add(was)
            continue
        copied = [name, *record[1:]]
        if len(record) > INSIDE and record[INSIDE]:
            within, within_new = _inside(old, was, bodies[0]), _inside(new, name, bodies[1])
            if within is not None and within_new is not None:
                copied[INSIDE] = fitted_records(record[INSIDE], within, within_new, bodies, mapping, lost)
        fitted.append(copied)
    return fitted


def _inside(body: BodySpec, name: str, bodies: Mapping[str, Any]) -> BodySpec | None:
    """What lies in a sub-process; the items of a multi-instance hold it."""
    spec = body.task_specs.get(f"{name}(item)") or body.task_specs.get(name)
    found: BodySpec | None = bodies.get(getattr(spec, "frame_key", ""))
    return found
