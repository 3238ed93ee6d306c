"""The way that a process took on its diagram: which of the drawn flows a token has passed. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from app.engine.bpmn.diagram import Body
from app.workflow.visits import COMPLETED, Stay

JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
"""Gateways that wait for several tokens before they go on."""
FORKS = JOINS
"""Gateways that send a token out by several flows at once; any other element feeds one target by each stay."""


_NEVER = datetime.max.replace(tzinfo=UTC)


class _Arrival(NamedTuple):
    """Something began at an element at `at`, after the stays before `place` had ended; a join waits until `until`."""

    element_id: str
    at: datetime
    until: datetime
    place: int


def taken_flows(body: Body, stays: Sequence[Stay], active: Iterable[tuple[str, datetime]]) -> set[str]:
    """The ids of the flows that were taken, in the process and its embedded sub-processes.

    `stays` of this process are in the order in which they ended, `active` are (element, since). A stay is followed
    by what began in the moment at which it ended: a flow whose two ends were visited, but not one after the other, was
    not taken.
    """
    bodies = [body, *(node.body for _, node in body.walk() if node.body is not None)]
    kinds = {node.id: node.type for _, node in body.walk()}
    incoming: dict[str, list[tuple[str, str]]] = {}
    for one in bodies:
        for flow in one.flows:
            incoming.setdefault(flow.target, []).append((flow.id, flow.source))
    arrivals = [_Arrival(stay.element_id, stay.entered, stay.left, place) for place, stay in enumerate(stays)]
    arrivals += [_Arrival(element, since, _NEVER, len(stays)) for element, since in active]
    taken: set[str] = set()
    spent: set[tuple[int, str]] = set()
    for arrival in arrivals:
        ways = incoming.get(arrival.element_id, [])
        joins = kinds.get(arrival.element_id) in JOINS and len(ways) > 1
        found = [
            (place, way)
            for way, source in ways
            if (place := _before(arrival, source, way, stays, spent, kinds, waits=joins)) is not None
        ]
        for place, way in found if joins else sorted(found)[-1:]:
            taken.add(way)
            spent.add((place, way if kinds.get(stays[place].element_id) in FORKS else ""))
    return taken


def _before(
    arrival: _Arrival,
    source: str,
    flow: str,
    stays: Sequence[Stay],
    spent: set[tuple[int, str]],
    kinds: dict[str, str],
    *,
    waits: bool,
) -> int | None:
    """The place of the last stay at `source` from which this arrival may have come by `flow`."""
    mark = flow if kinds.get(source) in FORKS else ""
    for place in range(arrival.place - 1, -1, -1):
        stay = stays[place]
        if stay.left < arrival.at:
            return None
        if stay.element_id != source or stay.how != COMPLETED or (place, mark) in spent:
            continue
        if stay.left == arrival.at or (waits and stay.left <= arrival.until):
            return place
    return None
