"""How long a message is kept: on an element that catches one, as a duration."""

from app.engine.bpmn.checks.context import Context
from app.engine.bpmn.messages import KEEP, catches_message
from app.engine.bpmn.timers import parse_duration
from app.engine.findings import EngineError


def check(context: Context) -> None:
    for _, node in context.nodes():
        text = node.properties.get(KEEP, "").strip()
        if not text:
            continue
        if not catches_message(node):
            context.warn("keep_without_message", node)
            continue
        try:
            parse_duration(text)
        except EngineError:
            context.error("keep_not_understood", node, text=text)
