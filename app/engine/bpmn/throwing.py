"""Events on their way: what is thrown finds its catcher, what comes from outside finds who waits for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from app.engine.bpmn.diagram import Event
from app.engine.bpmn.recorder import Recorder
from app.engine.bpmn.specs.events import BoundaryEvent, Catching, Trigger
from app.engine.bpmn.specs.frames import EventSubProcess
from app.engine.bpmn.specs.loops import BODY
from app.engine.bpmn.step import Message, Signal
from app.engine.findings import EngineError

if TYPE_CHECKING:
    from app.engine.bpmn.specs.base import FlowNode
    from app.engine.bpmn.tokens import Token


class Throwing:
    """The part of an execution that finds who catches what is thrown."""

    record: Recorder
    later: Callable[[Callable[[], None]], None]
    all_alive: Callable[[], list[Token]]
    host_of: Callable[[Token], Token | None]
    token: Callable[[str], Token | None]
    fire: Callable[[Token, Mapping[str, object]], None]
    caught_at: Callable[[Token, BoundaryEvent, Mapping[str, object]], None]
    caught_in: Callable[[Token, Trigger, Mapping[str, object]], None]

    def receivers(self, kind: str, name: str) -> list[Token]:
        """The tokens that wait for a message or signal, the longest waiting first."""
        return [
            token
            for token in self.all_alive()
            if token.state == TaskState.WAITING
            and isinstance(token.spec, Catching)
            and token.spec.kind == kind
            and token.spec.event_name == name
        ]

    def receiver(self, name: str, key: str | None) -> Token | None:
        """Who takes a message: one subscribed to its key, else one that takes any key. A message has one receiver."""
        open_ = None
        for token in self.receivers("message", name):
            wanted = token.internal_data.get("key")
            if wanted is None:
                open_ = open_ or token
            elif key is not None and wanted == key:
                return token
        return open_

    def throw_message(self, name: str, key: str | None, payload: Mapping[str, object], token: Token) -> None:
        def route() -> None:
            found = self.receiver(name, key)
            if found is None:
                self.record.messages.append(Message(name, key, payload, token.spec.bpmn_id))
            else:
                self.fire(found, payload)

        self.later(route)

    def throw_signal(self, name: str, payload: Mapping[str, object], token: Token) -> None:
        self.record.signals.append(Signal(name, payload, token.spec.bpmn_id))

        def spread() -> None:
            self.spread(name, payload)

        self.later(spread)

    def spread(self, name: str, payload: Mapping[str, object]) -> int:
        """Fire all that wait for the signal; how many there were."""
        found = self.receivers("signal", name)
        for token in found:
            if token.state == TaskState.WAITING:
                self.fire(token, payload)
        return len(found)

    def throw_error(self, code: str, payload: Mapping[str, object], token: Token, message: str = "") -> None:
        """BPMN 2.0.2, 10.5.7: the innermost catcher. Raises EngineError `error_uncaught`."""
        if not self._throw("error", code, payload, token, message):
            raise EngineError("error_uncaught", error_code=code)

    def throw_escalation(self, code: str, payload: Mapping[str, object], token: Token) -> None:
        """An escalation that nobody catches is nothing."""
        self._throw("escalation", code, payload, token)

    def _throw(self, kind: str, code: str, payload: Mapping[str, object], token: Token, message: str = "") -> bool:
        host: Token | None = token
        while host is not None:
            body = self.token(host.internal_data.get(BODY, ""))
            host = body or host
            boundary = _catcher(host.workflow.spec, host.spec.catchers, kind, code)
            if isinstance(boundary, BoundaryEvent):
                self.caught_at(host, boundary, _told(boundary.node.event, code, message, payload))
                return True
            handler = _catcher(host.workflow.spec, host.workflow.spec.handlers, kind, code)
            if isinstance(handler, Trigger) and not _is_handler_of(host.spec, kind):
                self.caught_in(host, handler, _told(handler.node.event, code, message, payload))
                return True
            host = self.host_of(host)
        return False


def _is_handler_of(spec: FlowNode, kind: str) -> bool:
    """What leaves an event sub-process for errors is not caught beside it, nor by itself again, but further out."""
    if not isinstance(spec, EventSubProcess) or spec.node.body is None:
        return False
    return any(node.type == "startEvent" and node.event.kind == kind for node in spec.node.body.nodes.values())


def _told(event: Event, code: str, message: str, payload: Mapping[str, object]) -> dict[str, object]:
    """The payload with the variables that the catcher wants the code and the message in."""
    told = dict(payload)
    if event.code_variable:
        told[event.code_variable] = code
    if event.message_variable:
        told[event.message_variable] = message
    return told


def _catcher(specs: Any, names: tuple[str, ...], kind: str, code: str) -> object:
    """The spec that catches the code by name, else the one that catches all."""
    everything = None
    for name in names:
        spec = specs.task_specs[name]
        if spec.kind == kind:
            if spec.event_name == code:
                return spec
            if not spec.event_name:
                everything = everything or spec
    return everything
