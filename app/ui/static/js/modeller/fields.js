// Which questions the panel asks about an element, in business words. A field reads and writes through `Moddle`.

import { businessOf, eventDefinition, is } from "./moddle.js";

const WORKING_DAYS = /^=\s*add working days\(now\(\),\s*(\d+)\)$/;
const DAYS = /^=\s*now\(\)\s*\+\s*duration\("P(\d+)D"\)$/;

// A time limit as people say it; what they do not say so stays an expression.
export const spans = {
  read(text) {
    if (!text) return { unit: "none", value: "" };
    const working = text.match(WORKING_DAYS);
    if (working) return { unit: "working", value: working[1] };
    const days = text.match(DAYS);
    if (days) return { unit: "days", value: days[1] };
    return { unit: "expression", value: text };
  },
  write(unit, value) {
    if (unit === "working") return `= add working days(now(), ${value || 1})`;
    if (unit === "days") return `= now() + duration("P${value || 1}D")`;
    return unit === "expression" ? value : "";
  },
};

const attribute = (name) => ({
  get: (moddle, element) => moddle.attribute(element, name),
  set: (moddle, element, value) => moddle.setAttribute(element, name, value),
});

const property = (name) => ({
  get: (moddle, element) => moddle.property(element, name),
  set: (moddle, element, value) => moddle.setProperty(element, name, value),
});

const loop = (name) => ({
  get: (moddle, element) => businessOf(element).loopCharacteristics.get(name) ?? "",
  set: (moddle, element, value) =>
    moddle.modeling.updateModdleProperties(element, businessOf(element).loopCharacteristics, { [name]: value || undefined }),
});

const reference = (kind) => ({
  get: (moddle, element) => moddle.reference(element, kind).name,
  set: (moddle, element, value) => moddle.setReference(element, kind, value),
});

const named = (pairs) => pairs.map(([value, label]) => ({ value, label }));

export function sectionsOf(element, context) {
  const { words, offered } = context;
  const sections = [];
  const add = (title, fields) => {
    if (fields.length) sections.push({ title, fields });
  };
  add(words.general, is(element, "bpmn:TextAnnotation") ? remarkFields(words) : generalFields(words));
  if (is(element, "bpmn:UserTask", "bpmn:ManualTask")) {
    add(words.who, whoFields(words, offered, context, element));
    add(words.what, formFields(words, offered));
    add(words.howLong, dueFields(words));
  }
  if (is(element, "bpmn:ServiceTask", "bpmn:SendTask")) add(words.work, workFields(words, offered));
  if (is(element, "bpmn:BusinessRuleTask")) add(words.rule, ruleFields(words, offered));
  if (is(element, "bpmn:ScriptTask")) add(words.script, scriptFields(words));
  if (is(element, "bpmn:CallActivity")) add(words.calls, calledFields(words, offered));
  if (is(element, "bpmn:SequenceFlow")) add(words.condition, conditionFields(words, element));
  if (is(element, "bpmn:ExclusiveGateway", "bpmn:InclusiveGateway")) add(words.otherwise, defaultFields(words, context, element));
  if (is(element, "bpmn:Event", "bpmn:ReceiveTask")) add(words.event, eventFields(words, element));
  if (is(businessOf(element).loopCharacteristics, "bpmn:MultiInstanceLoopCharacteristics")) add(words.repeats, repeatFields(words));
  if (is(element, "bpmn:Activity", "bpmn:Event", "bpmn:Process")) add(words.place, placeFields(words, offered, element));
  return sections;
}

const generalFields = (words) => [
  { key: "name", label: words.name, kind: "area", ...attribute("name") },
  { key: "name-en", label: words.nameEn, kind: "text", ...property("name.en") },
  {
    key: "documentation",
    label: words.notes,
    kind: "area",
    get: (moddle, element) => moddle.documentation(element),
    set: (moddle, element, value) => moddle.setDocumentation(element, value),
  },
];

const remarkFields = (words) => [
  { key: "text", label: words.text, kind: "area", ...attribute("text") },
  { key: "text-en", label: words.textEn, kind: "area", ...property("text.en") },
];

const whoFields = (words, offered, context, element) => [
  {
    key: "groups",
    label: words.roles,
    kind: "checks",
    options: offered.groups,
    get: (moddle, one) => moddle.attribute(one, "camunda:candidateGroups").split(",").map((group) => group.trim()).filter(Boolean),
    set: (moddle, one, values) => moddle.setAttribute(one, "camunda:candidateGroups", values.join(",")),
  },
  { key: "assignee", label: words.assignee, help: words.assigneeHelp, kind: "expression", ...attribute("camunda:assignee") },
  {
    key: "other-person",
    label: words.otherPerson,
    kind: "select",
    options: context.userTasks().filter((task) => task.value !== element.id),
    ...property("other_person_than"),
  },
];

const formFields = (words, offered) => [
  { key: "form", label: words.form, kind: "select", options: offered.forms, open: true, ...attribute("camunda:formKey") },
  { key: "title", label: words.title, help: words.titleHelp, kind: "expression", ...property("title") },
];

const dueFields = (words) => [
  { key: "due", label: words.due, kind: "span", ...attribute("camunda:dueDate") },
  { key: "clock", label: words.withLimit, help: words.withLimitHelp, kind: "text", ...property("clock") },
  { key: "follow-up", label: words.followUp, kind: "span", ...attribute("camunda:followUpDate") },
  { key: "late", label: words.remindWhenLate, kind: "button", act: (context, element) => context.addReminder(element) },
];

const workFields = (words, offered) => [
  {
    key: "topic",
    label: words.topic,
    kind: "select",
    options: offered.topics,
    get: (moddle, element) => moddle.attribute(element, "camunda:topic"),
    set: (moddle, element, value, context) => context.applyTopic(element, value),
  },
  { key: "inputs", label: words.inputs, kind: "parameters" },
  {
    key: "beside",
    label: words.beside,
    help: words.besideHelp,
    kind: "check",
    get: (moddle, element) => Boolean(businessOf(element).get("camunda:asyncBefore")),
    set: (moddle, element, value) => moddle.setAttribute(element, "camunda:asyncBefore", value || ""),
  },
];

const ruleFields = (words, offered) => [
  { key: "table", label: words.table, kind: "select", options: offered.tables, open: true, ...attribute("camunda:decisionRef") },
  {
    key: "binding",
    label: words.binding,
    kind: "select",
    required: true,
    options: named([["latest", words.bindingLatest], ["deployment", words.bindingRelease]]),
    get: (moddle, element) => moddle.attribute(element, "camunda:decisionRefBinding") || "latest",
    set: (moddle, element, value) => moddle.setAttribute(element, "camunda:decisionRefBinding", value === "latest" ? "" : value),
  },
  { key: "result", label: words.resultName, help: words.resultNameHelp, kind: "name", ...attribute("camunda:resultVariable") },
  {
    key: "mapping",
    label: words.resultShape,
    kind: "select",
    options: named([
      ["singleEntry", words.shapeEntry],
      ["singleResult", words.shapeRow],
      ["collectEntries", words.shapeEntries],
      ["resultList", words.shapeRows],
    ]),
    ...attribute("camunda:mapDecisionResult"),
  },
];

const scriptFields = (words) => [
  {
    key: "script",
    label: words.script,
    help: words.scriptHelp,
    kind: "code",
    get: (moddle, element) => moddle.attribute(element, "script"),
    set: (moddle, element, value) => moddle.modeling.updateProperties(element, { script: value, scriptFormat: "feel" }),
  },
  { key: "script-result", label: words.resultName, kind: "name", ...attribute("camunda:resultVariable") },
];

const calledFields = (words, offered) => [
  { key: "called", label: words.calledProcess, kind: "select", options: offered.processes, open: true, ...attribute("calledElement") },
];

function conditionFields(words, element) {
  const source = businessOf(element).sourceRef;
  const asks = is(source, "bpmn:ExclusiveGateway", "bpmn:InclusiveGateway", "bpmn:Activity");
  if (!asks || source.default === businessOf(element)) return [];
  return [
    {
      key: "condition",
      label: words.takenWhen,
      help: words.takenWhenHelp,
      kind: "code",
      get: (moddle, one) => moddle.text(one, "conditionExpression"),
      set: (moddle, one, value) => moddle.setExpression(one, "conditionExpression", value),
    },
  ];
}

const defaultFields = (words, context, element) => [
  {
    key: "default",
    label: words.defaultFlow,
    kind: "select",
    options: (element.outgoing || []).map((flow) => ({
      value: flow.id,
      label: context.nameOf(flow) || `→ ${context.nameOf(flow.target) || flow.target.id}`,
    })),
    get: (moddle, one) => businessOf(one).default?.id ?? "",
    set: (moddle, one, value) => moddle.setDefault(one, value),
  },
];

function eventFields(words, element) {
  const business = businessOf(element);
  const definition = eventDefinition(element);
  const fields = [];
  if (is(definition, "bpmn:TimerEventDefinition")) {
    fields.push({
      key: "timer",
      label: words.timer,
      kind: "timer",
      get: (moddle, one) => moddle.timer(one),
      set: (moddle, one, { kind, body }) => moddle.setTimer(one, kind, body),
    });
  }
  for (const kind of ["message", "signal", "error", "escalation"]) {
    const type = `bpmn:${kind[0].toUpperCase()}${kind.slice(1)}EventDefinition`;
    if (is(definition, type) || (kind === "message" && is(element, "bpmn:ReceiveTask"))) {
      fields.push({ key: kind, label: words[kind], kind: "named", of: kind, ...reference(kind) });
      if (kind === "message") fields.push({ key: "correlation", label: words.correlation, help: words.correlationHelp, kind: "expression", ...property("correlationKey") });
    }
  }
  if (is(definition, "bpmn:ConditionalEventDefinition")) {
    fields.push({
      key: "becomes-true",
      label: words.becomesTrue,
      kind: "code",
      get: () => definition.condition?.body ?? "",
      set: (moddle, one, value) => moddle.setExpression(one, "condition", value, definition),
    });
  }
  if (is(definition, "bpmn:LinkEventDefinition")) {
    fields.push({
      key: "link",
      label: words.link,
      kind: "text",
      get: () => definition.name ?? "",
      set: (moddle, one, value) => moddle.modeling.updateModdleProperties(one, definition, { name: value }),
    });
  }
  const interrupting = is(element, "bpmn:BoundaryEvent")
    ? "cancelActivity"
    : business.$parent?.triggeredByEvent && is(element, "bpmn:StartEvent")
      ? "isInterrupting"
      : "";
  if (interrupting && !is(definition, "bpmn:ErrorEventDefinition", "bpmn:CompensateEventDefinition", "bpmn:CancelEventDefinition")) {
    fields.push({
      key: "interrupting",
      label: words.interrupting,
      kind: "check",
      get: () => business.get(interrupting) !== false,
      set: (moddle, one, value) => moddle.modeling.updateProperties(one, { [interrupting]: value }),
    });
  }
  return fields;
}

const repeatFields = (words) => [
  { key: "collection", label: words.forEach, kind: "expression", ...loop("camunda:collection") },
  { key: "item", label: words.itemName, kind: "name", ...loop("camunda:elementVariable") },
  {
    key: "enough",
    label: words.enoughWhen,
    kind: "code",
    get: (moddle, element) => businessOf(element).loopCharacteristics.completionCondition?.body ?? "",
    set: (moddle, element, value) =>
      moddle.setExpression(element, "completionCondition", value, businessOf(element).loopCharacteristics),
  },
  { key: "gather", label: words.gatherIn, kind: "name", ...property("outputCollection") },
  { key: "gathered", label: words.gathered, kind: "expression", ...property("outputElement") },
];

function placeFields(words, offered, element) {
  const fields = [{ key: "stage", label: words.stage, kind: "select", options: offered.stages, ...property("stage") }];
  if (is(businessOf(element).$parent, "bpmn:AdHocSubProcess")) {
    fields.push({ key: "available", label: words.available, kind: "expression", ...property("available") });
  }
  return fields;
}
