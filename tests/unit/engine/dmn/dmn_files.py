"""Builds DMN files for the tests, as Camunda Modeler writes them."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

MODEL_13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"
MODEL_15 = "https://www.omg.org/spec/DMN/20230324/MODEL/"
CAMUNDA = "http://camunda.org/schema/1.0/dmn"


def file(*elements: str, namespace: str = MODEL_13, own: str = "http://camunda.org/schema/1.0/dmn") -> bytes:
    """A whole file around `elements`."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{namespace}" xmlns:camunda="{CAMUNDA}" '
        f'id="file" name="file" namespace="{own}">\n' + "\n".join(elements) + "\n</definitions>"
    ).encode()


def table(
    inputs: Sequence[str],
    outputs: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    policy: str = "",
    aggregation: str = "",
    output_values: Sequence[str] = (),
    defaults: Sequence[str] = (),
    input_values: Sequence[str] = (),
    input_types: Sequence[str] = (),
    output_types: Sequence[str] = (),
    labels: Sequence[str] = (),
    labels_en: Sequence[str] = (),
) -> str:
    """A decision table; a row is its input cells followed by its output cells."""
    attributes = f" hitPolicy={quoteattr(policy)}" if policy else ""
    attributes += f" aggregation={quoteattr(aggregation)}" if aggregation else ""
    parts = [f'<decisionTable id="table"{attributes}>']
    for number, expression in enumerate(inputs):
        type_ref = f" typeRef={quoteattr(input_types[number])}" if input_types else ""
        label = f" label={quoteattr(labels[number])}" if labels else ""
        parts.append(f'<input id="input{number + 1}"{label}>')
        if labels_en:
            parts.append(property_("name.en", labels_en[number]))
        parts.append(f"<inputExpression{type_ref}><text>{escape(expression)}</text></inputExpression>")
        if input_values and input_values[number]:
            parts.append(f"<inputValues><text>{escape(input_values[number])}</text></inputValues>")
        parts.append("</input>")
    for number, name in enumerate(outputs):
        type_ref = f" typeRef={quoteattr(output_types[number])}" if output_types else ""
        parts.append(f'<output id="output{number + 1}" name={quoteattr(name)}{type_ref}>')
        if output_values and output_values[number]:
            parts.append(f"<outputValues><text>{escape(output_values[number])}</text></outputValues>")
        if defaults and defaults[number]:
            parts.append(f"<defaultOutputEntry><text>{escape(defaults[number])}</text></defaultOutputEntry>")
        parts.append("</output>")
    for number, row in enumerate(rows, start=1):
        parts.append(f'<rule id="rule{number}">')
        for position, cell in enumerate(row):
            kind = "inputEntry" if position < len(inputs) else "outputEntry"
            parts.append(f'<{kind} id="cell{number}_{position + 1}"><text>{escape(cell)}</text></{kind}>')
        parts.append("</rule>")
    return "".join([*parts, "</decisionTable>"])


def decision(
    logic: str,
    *,
    id: str = "decision",
    name: str = "",
    name_en: str = "",
    requires: Sequence[str] = (),
    knows: Sequence[str] = (),
    type_ref: str = "",
) -> str:
    """A decision; `requires` are ids of decisions, or of input data with a leading `@`."""
    inner = property_("name.en", name_en) if name_en else ""
    variable = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    inner += f"<variable name={quoteattr(name or id)}{variable}/>"
    for reference in requires:
        kind = "requiredInput" if reference.startswith("@") else "requiredDecision"
        href = "#" + reference.lstrip("@")
        inner += f"<informationRequirement><{kind} href={quoteattr(href)}/></informationRequirement>"
    for reference in knows:
        inner += f'<knowledgeRequirement><requiredKnowledge href="#{reference}"/></knowledgeRequirement>'
    return f"<decision id={quoteattr(id)} name={quoteattr(name or id)}>{inner}{logic}</decision>"


def input_data(name: str, type_ref: str = "", *, id: str = "") -> str:
    variable = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    inner = f"<variable name={quoteattr(name)}{variable}/>"
    return f"<inputData id={quoteattr(id or name)} name={quoteattr(name)}>{inner}</inputData>"


def literal(text: str, type_ref: str = "") -> str:
    type_attribute = f" typeRef={quoteattr(type_ref)}" if type_ref else ""
    return f"<literalExpression{type_attribute}><text>{escape(text)}</text></literalExpression>"


def property_(name: str, value: str) -> str:
    return (
        "<extensionElements><camunda:properties>"
        f"<camunda:property name={quoteattr(name)} value={quoteattr(value)}/>"
        "</camunda:properties></extensionElements>"
    )
