"""What a new file begins with."""

import re
from collections.abc import Mapping
from html import escape

import orjson

from app.definitions.models import FileKind
from app.definitions.rules import DICTIONARY_FILE, SETTINGS_FILE

_PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" \
id="{name}_definitions" targetNamespace="https://maplebridge.org/processes/{package}">
  <bpmn:process id="{name}" name="{label}" isExecutable="true">
    <bpmn:extensionElements>
      <camunda:properties>
        <camunda:property name="name.en" value="{english}" />
      </camunda:properties>
    </bpmn:extensionElements>
    <bpmn:startEvent id="start" name="开始">
      <bpmn:extensionElements>
        <camunda:properties>
          <camunda:property name="name.en" value="Start" />
        </camunda:properties>
      </bpmn:extensionElements>
      <bpmn:outgoing>start_to_end</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:endEvent id="end" name="结束">
      <bpmn:extensionElements>
        <camunda:properties>
          <camunda:property name="name.en" value="End" />
        </camunda:properties>
      </bpmn:extensionElements>
      <bpmn:incoming>start_to_end</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="start_to_end" sourceRef="start" targetRef="end" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="{name}_diagram">
    <bpmndi:BPMNPlane id="{name}_plane" bpmnElement="{name}">
      <bpmndi:BPMNShape id="start_shape" bpmnElement="start">
        <dc:Bounds x="160" y="100" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="167" y="143" width="22" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="end_shape" bpmnElement="end">
        <dc:Bounds x="360" y="100" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="367" y="143" width="22" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="start_to_end_edge" bpmnElement="start_to_end">
        <di:waypoint x="196" y="118" />
        <di:waypoint x="360" y="118" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""

_DECISION = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" \
xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" \
xmlns:camunda="http://camunda.org/schema/1.0/dmn" id="{name}_definitions" name="{label}" \
namespace="https://maplebridge.org/processes/{package}">
  <decision id="{name}" name="{label}">
    <extensionElements>
      <camunda:properties>
        <camunda:property name="name.en" value="{english}" />
      </camunda:properties>
    </extensionElements>
    <decisionTable id="{name}_table" hitPolicy="FIRST">
      <input id="{name}_input" label="条件">
        <inputExpression id="{name}_input_expression" typeRef="string"><text></text></inputExpression>
      </input>
      <output id="{name}_output" label="结果" name="result" typeRef="string" />
      <rule id="{name}_rule_1">
        <inputEntry id="{name}_rule_1_in"><text></text></inputEntry>
        <outputEntry id="{name}_rule_1_out"><text></text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram id="{name}_diagram">
      <dmndi:DMNShape id="{name}_shape" dmnElementRef="{name}">
        <dc:Bounds height="80" width="180" x="160" y="100" />
      </dmndi:DMNShape>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
"""

_TEST = """[test]
name = {label}

[start]

[expect]
finished = true
"""

_SETTINGS = """name = "{package}"
main = "{package}"
label = {{ zh = {label}, en = {english} }}

roles = ["clerk", "dispatcher", "mediator", "leader@county"]

topics = []

stages = [
  {{ id = "begin", zh = "登记", en = "Registration" }},
  {{ id = "end", zh = "办结", en = "Done" }},
]
"""

_DICTIONARY = "# Every name that the diagrams, tables and forms of this package may use.\n"


def blank(kind: str, *, package: str, name: str, label: str, english: str = "") -> bytes:
    """A new file of `kind`, ready to be opened in its editor."""
    words = {"package": package, "name": name}
    xml = {**words, "label": escape(label or name), "english": escape(english or label or name)}
    if kind == FileKind.PROCESS:
        return _PROCESS.format(**xml).encode()
    if kind == FileKind.DECISION:
        return _DECISION.format(**xml).encode()
    if kind == FileKind.FORM:
        form = {"type": "default", "id": name, "schemaVersion": 19, "components": []}
        return orjson.dumps(form, option=orjson.OPT_INDENT_2) + b"\n"
    if kind == FileKind.PATH_TEST:
        return _TEST.format(label=_quoted(label or name)).encode()
    return b""


def blank_package(package: str, *, label: str, english: str) -> dict[str, bytes]:
    """The files of an empty package that already runs from its start to its end."""
    toml = {"package": package, "label": _quoted(label), "english": _quoted(english or label)}
    return {
        SETTINGS_FILE: _SETTINGS.format(**toml).encode(),
        DICTIONARY_FILE: _DICTIONARY.encode(),
        f"processes/{package}.bpmn": blank(
            FileKind.PROCESS, package=package, name=package, label=label, english=english
        ),
    }


def copied_package(files: Mapping[str, bytes], source: str, package: str, label: str) -> dict[str, bytes]:
    """The files of `source` for another package: its settings and the keys of its forms speak of the new one."""
    old, new = re.escape(source.encode()), package.encode()
    own_label = f"label = {{ zh = {_quoted(label)}, en = {_quoted(label)} }}".encode()
    copied = {}
    for path, content in files.items():
        if path.endswith(".bpmn"):
            content = re.sub(rb'(camunda:formKey|value)="' + old + rb'/([\w.-]+)"', rb'\1="' + new + rb'/\2"', content)
        elif path == SETTINGS_FILE:
            content = re.sub(rb'(?m)^name = "' + old + rb'"', b'name = "' + new + b'"', content)
            content = re.sub(rb'(?m)^form = "' + old + rb"/", b'form = "' + new + b"/", content)
            content = re.sub(rb"(?m)^label = .*$", lambda _found: own_label, content, count=1)
        copied[path] = content
    return copied


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's is one, but for the delete character."""
    return orjson.dumps(text.replace("\x7f", "")).decode()
