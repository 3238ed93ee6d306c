"""Names for people: every element that appears on a page has one, in both languages."""

from __future__ import annotations

from app.engine.bpmn.checks.context import Context
from app.engine.bpmn.reader import ACTIVITIES


def check(context: Context) -> None:
    if context.process.name and "name.en" not in context.process.properties:
        context.warn("process_name_en_missing")
    for body, node in context.nodes():
        asks = node.type == "exclusiveGateway" and len(body.outgoing(node.id)) > 1
        if not node.name and (asks or node.type in ACTIVITIES):
            context.warn("name_missing", node)
        elif node.name and not node.name_en:
            context.warn("name_en_missing", node)
        if "title" in node.properties and "title.en" not in node.properties:
            context.warn("title_en_missing", node)
