"""A file as Camunda Modeler and its users leave it: comments, colours, foreign settings, a template, CDATA."""

CAMUNDA = """<?xml version="1.0" encoding="UTF-8"?>
<!-- kept in our git since 2021 -->
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color/1.0" xmlns:acme="http://acme.example/audit" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn" exporter="Camunda Modeler" exporterVersion="5.19.0" modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.20.0">
  <bpmn:process id="triage" name="分流" isExecutable="true" camunda:historyTimeToLive="180">
    <bpmn:documentation>Agreed with the county's court,
  see the minutes of 3 March.</bpmn:documentation>
    <bpmn:extensionElements>
      <acme:audit level="high"><acme:by>Wang &amp; Li</acme:by></acme:audit>
    </bpmn:extensionElements>
    <!-- the way in -->
    <bpmn:startEvent id="begin"   name="开始">
      <bpmn:outgoing>to_look</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:sequenceFlow id="to_look" sourceRef="begin" targetRef="look" />
    <bpmn:userTask id="look" name="看一看" camunda:formKey="dispute/appointment" camunda:candidateGroups="dispatcher" acme:reviewed='yes'>
      <bpmn:incoming>to_look</bpmn:incoming>
      <bpmn:outgoing>to_tell</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="to_tell" sourceRef="look" targetRef="tell" />
    <bpmn:serviceTask id="tell" name="通知" camunda:modelerTemplate="acme.tell" camunda:modelerTemplateVersion="3" camunda:type="external" camunda:topic="notices.send">
      <bpmn:extensionElements>
        <camunda:inputOutput>
          <camunda:inputParameter name="audience">parties</camunda:inputParameter>
          <camunda:inputParameter name="template">acceptance</camunda:inputParameter>
        </camunda:inputOutput>
      </bpmn:extensionElements>
      <bpmn:incoming>to_tell</bpmn:incoming>
      <bpmn:outgoing>to_sum</bpmn:outgoing>
    </bpmn:serviceTask>
    <bpmn:sequenceFlow id="to_sum" sourceRef="tell" targetRef="sum" />
    <bpmn:scriptTask id="sum" name="计算" scriptFormat="feel">
      <bpmn:incoming>to_sum</bpmn:incoming>
      <bpmn:outgoing>to_end</bpmn:outgoing>
      <bpmn:script><![CDATA[= { note: if 1 < 2 then "a" else "b" }]]></bpmn:script>
    </bpmn:scriptTask>
    <bpmn:sequenceFlow id="to_end" sourceRef="sum" targetRef="end" /> <!-- and out -->
    <bpmn:endEvent id="end" name="结束">
      <bpmn:incoming>to_end</bpmn:incoming>
    </bpmn:endEvent>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="BPMNDiagram_1">
    <bpmndi:BPMNPlane id="BPMNPlane_1" bpmnElement="triage">
      <bpmndi:BPMNShape id="begin_di" bpmnElement="begin">
        <dc:Bounds x="160" y="100" width="36" height="36" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="look_di" bpmnElement="look" bioc:stroke="#0d4372" bioc:fill="#bbdefb" color:background-color="#bbdefb" color:border-color="#0d4372">
        <dc:Bounds x="250" y="78" width="100" height="80" />
        <bpmndi:BPMNLabel />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="tell_di" bpmnElement="tell">
        <dc:Bounds x="400" y="78" width="100" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="sum_di" bpmnElement="sum">
        <dc:Bounds x="550" y="78" width="100" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="end_di" bpmnElement="end">
        <dc:Bounds x="702" y="100" width="36" height="36" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="to_look_di" bpmnElement="to_look">
        <di:waypoint x="196" y="118" />
        <di:waypoint x="250" y="118" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="to_tell_di" bpmnElement="to_tell">
        <di:waypoint x="350" y="118" />
        <di:waypoint x="400" y="118" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="to_sum_di" bpmnElement="to_sum">
        <di:waypoint x="500" y="118" />
        <di:waypoint x="550" y="118" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="to_end_di" bpmnElement="to_end">
        <di:waypoint x="650" y="118" />
        <di:waypoint x="702" y="118" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""  # noqa: E501 - the file's own lines
