"""Messages as diagrams define them: whom one starts, and how long one that comes too early is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.engine.bpmn.diagram import Node, Process
from app.engine.bpmn.reader import read
from app.engine.bpmn.starts import starts_in
from app.engine.bpmn.timers import Duration, parse_duration
from app.engine.findings import EngineError

KEEP = "keep"
"""The property of an element that catches a message: how long one that comes too early waits for it."""

CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})


@dataclass(frozen=True, slots=True)
class MessageStart:
    """A process that a message begins, and its start event."""

    process_id: str
    element_id: str


def message_starts(diagrams: Mapping[str, bytes]) -> dict[str, list[MessageStart]]:
    """Message names, with the start events of executable processes that they begin."""
    found: dict[str, list[MessageStart]] = {}
    for process_id, start in starts_in(diagrams, "message"):
        if start.event:
            found.setdefault(start.event, []).append(MessageStart(process_id, start.element_id))
    return found


def message_keeps(diagrams: Mapping[str, bytes]) -> dict[str, tuple[Duration, ...]]:
    """Names of messages that are kept when nobody waits, with what each catching element says."""
    found: dict[str, tuple[Duration, ...]] = {}
    for process in _processes(diagrams):
        for _, node in process.body.walk():
            kept = keep_of(node)
            if kept is not None and node.event.name:
                found[node.event.name] = (*found.get(node.event.name, ()), kept)
    return found


def keep_of(node: Node) -> Duration | None:
    """How long a message waits for this element; None when it says nothing, or nothing that is understood."""
    text = node.properties.get(KEEP, "").strip()
    if not text or not catches_message(node):
        return None
    try:
        return parse_duration(text)
    except EngineError:
        return None


def catches_message(node: Node) -> bool:
    """Whether the element waits for a message."""
    return node.type in CATCHING and node.event.kind == "message"


def _processes(diagrams: Mapping[str, bytes]) -> Iterator[Process]:
    for path, content in diagrams.items():
        yield from read(content, path).processes
