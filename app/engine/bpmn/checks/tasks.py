"""Tasks, calls and loops: do they say what to do?"""

from __future__ import annotations

from app.engine.bpmn import expressions
from app.engine.bpmn.checks.context import Context
from app.engine.bpmn.checks.foreign import is_foreign_form
from app.engine.bpmn.diagram import Node, Process
from app.engine.bpmn.reader import ACTIVITIES

BINDINGS = frozenset({"latest", "deployment", "version"})
MAPPINGS = frozenset({"singleEntry", "singleResult", "collectEntries", "resultList"})


def check(context: Context) -> None:
    for body, node in context.nodes():
        match node.type:
            case "userTask" | "manualTask":
                _user(context, node)
            case "serviceTask" | "sendTask":
                _service(context, node)
            case "endEvent" | "intermediateThrowEvent":
                if node.event.behaviour:
                    _behaviour(context, node)
            case "businessRuleTask":
                _rule(context, node)
            case "scriptTask":
                if resource := node.attributes.get("resource"):
                    context.error("script_resource_refused", node, resource=resource)
                elif node.script is None or not node.script.text:
                    context.error("script_missing", node)
            case "callActivity":
                _call(context, node)
            case "adHocSubProcess":
                if body.incoming(node.id) and (node.completion is None or not node.completion.text):
                    context.error("ad_hoc_never_ends", node)
        if node.loop is not None:
            _loop(context, node)
        if node.listeners:
            context.warn("listeners_ignored", node, count=node.listeners)
        if node.attributes.get("connector") == "":
            context.error("connector_refused", node)
        if node.unsupported:
            context.warn("data_association_ignored", node)
        if node.outputs and node.type not in ACTIVITIES:
            context.warn("mapping_ignored", node)


def _user(context: Context, node: Node) -> None:
    given = node.attributes
    if node.type == "userTask":
        key = given.get("formKey", "")
        if not key and not node.form_fields and not given.get("formRef"):
            context.warn("form_missing", node)
        elif (
            key
            and not is_foreign_form(key)
            and context.known.forms is not None
            and _is_literal(key)
            and key not in context.known.forms
        ):
            context.error("form_unknown", node, form=key)
    groups = given.get("candidateGroups", "")
    if not any(given.get(name) for name in ("candidateGroups", "candidateUsers", "assignee")):
        groups = node.lane_groups
        if not groups:
            context.warn("nobody_named", node)
    if context.known.roles is not None and _is_literal(groups):
        for group in groups.split(","):
            if group.strip() and group.strip() not in context.known.roles:
                context.error("role_unknown", node, role=group.strip())


def _service(context: Context, node: Node) -> None:
    given = node.attributes
    topic = given.get("topic", "")
    if given.get("type") == "external" and topic:
        if context.known.topics is not None and _is_literal(topic) and topic not in context.known.topics:
            context.error("topic_not_known", node, topic=topic)
    elif node.behaviour:
        _behaviour(context, node)
    elif node.type == "sendTask" and node.event.kind == "message":
        if not node.event.name:
            context.error("event_without_name", node, kind="message")
    else:
        context.error("topic_missing", node)


def _behaviour(context: Context, node: Node) -> None:
    """What only Camunda 7 can do is a topic, which somebody must serve."""
    if expressions.in_place(node) is not None:
        return
    if context.known.topics is not None and node.behaviour not in context.known.topics:
        context.error("java_refused", node)
    else:
        context.warn("java_becomes_topic", node, topic=node.behaviour)


def _rule(context: Context, node: Node) -> None:
    given = node.attributes
    reference = given.get("decisionRef", "")
    if not reference:
        if node.behaviour or (given.get("type") == "external" and given.get("topic")):
            _service(context, node)
        else:
            context.error("decision_missing", node)
        return
    if context.known.decisions is not None and _is_literal(reference) and reference not in context.known.decisions:
        context.error("decision_not_known", node, decision=reference)
    binding = given.get("decisionRefBinding", "latest")
    if binding not in BINDINGS:
        context.error("binding_unknown", node, binding=binding)
    elif binding == "version" and not given.get("decisionRefVersion"):
        context.error("binding_without_version", node)
    mapping = given.get("mapDecisionResult", "")
    if mapping and mapping not in MAPPINGS:
        context.error("decision_mapping_unknown", node, mapping=mapping)


def _call(context: Context, node: Node) -> None:
    if node.attributes.get("caseRef"):
        context.error("case_refused", node, case=node.attributes["caseRef"])
    elif node.called is None or not node.called.text:
        context.error("called_missing", node)
    elif _is_literal(node.called.text) and not _runs(context, node.called.text):
        context.error("called_unknown", node, process=node.called.text)
    elif _is_literal(node.called.text) and not _begins(context.processes[node.called.text]):
        context.error("called_without_start", node, process=node.called.text)
    for transfer in (*node.ins, *node.outs):
        if not transfer.everything and not (transfer.source or transfer.expression):
            context.error("transfer_without_source", node, transfer.line)
        elif transfer.expression is not None and not transfer.target:
            context.error("transfer_without_target", node, transfer.line)


def _loop(context: Context, node: Node) -> None:
    loop = node.loop
    assert loop is not None  # noqa: S101 - told by the caller
    if node.is_event_subprocess:
        context.error("event_subprocess_loops", node, loop.line)
    if loop.kind == "standard":
        if loop.completion is None and loop.maximum is None:
            context.error("loop_endless", node, loop.line)
        return
    if loop.collection is None and (loop.cardinality is None or not loop.cardinality.text):
        context.error("collection_missing", node, loop.line)
    if bool(loop.output_collection) != (loop.output_element is not None):
        context.error("output_incomplete", node, loop.line)


def _runs(context: Context, process_id: str) -> bool:
    return process_id in context.processes and context.processes[process_id].executable


def _begins(process: Process) -> bool:
    return any(node.type == "startEvent" and not node.events for node in process.body.nodes.values())


def _is_literal(text: str) -> bool:
    return bool(text) and not text.startswith("=") and "${" not in text and "#{" not in text
