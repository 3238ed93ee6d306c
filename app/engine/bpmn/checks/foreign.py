"""What a diagram brings from another system: what becomes of it here."""

from __future__ import annotations

from app.engine.bpmn.checks.context import Context
from app.engine.bpmn.diagram import Diagram, FormField, Node
from app.engine.findings import Finding, Severity

FIELD_TYPES = frozenset({"string", "long", "integer", "int", "double", "float", "number", "boolean", "date", "enum"})
CONSTRAINTS = frozenset({"required", "readonly", "min", "max", "minlength", "maxlength"})
FORM_SCHEMES = ("embedded:", "camunda-forms:", "deployment:", "app:", "http:", "https:", "engine:", "classpath:")
FORM_FILES = (".html", ".htm", ".xhtml", ".jsf", ".jsp", ".form")


def check_file(diagram: Diagram) -> list[Finding]:
    """Remarks about the file as a whole."""
    findings = []
    if diagram.camunda_8:
        findings.append(Finding(Severity.ERROR, "camunda_8_refused", diagram.file))
    findings += [
        Finding(Severity.WARNING, "settings_unread", diagram.file, params={"namespace": one}) for one in diagram.unread
    ]
    return findings


def check(context: Context) -> None:
    for _, node in context.nodes():
        if node.type == "receiveTask" and "@messageRef" not in node.attributes:
            context.warn("receive_by_id", node, message=node.id)
        if node.type in ("userTask", "startEvent"):
            _form(context, node)
        for name in node.ignored:
            context.warn("extension_ignored", node, name=name)
        if node.attributes.get("variableMappingClass") or node.attributes.get("variableMappingDelegateExpression"):
            context.error("variable_mapping_refused", node)


def is_foreign_form(key: str) -> bool:
    """A form key of another scheme than ours, `<package>/<name>`."""
    return key.startswith(FORM_SCHEMES) or key.lower().endswith(FORM_FILES)


def _form(context: Context, node: Node) -> None:
    key = node.attributes.get("formKey", "")
    if is_foreign_form(key):
        context.warn("form_foreign", node, form=key)
    seen: set[str] = set()
    for field in node.form_fields:
        _field(context, node, field)
        if field.id in seen:
            context.error("form_field_twice", node, field=field.id)
        seen.add(field.id)


def _field(context: Context, node: Node, field: FormField) -> None:
    words = field.label or field.id
    if not field.id:
        context.error("form_field_without_id", node, field=words)
    if field.type not in FIELD_TYPES:
        context.warn("form_field_type", node, field=words, type=field.type)
    elif field.type == "enum" and not field.choices:
        context.warn("form_field_no_choices", node, field=words)
    for name in field.constraints:
        if name not in CONSTRAINTS:
            context.warn("form_constraint_ignored", node, field=words, constraint=name)
