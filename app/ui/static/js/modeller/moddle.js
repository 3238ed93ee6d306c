// Reads and writes what the panel shows: attributes, Camunda's properties, event definitions. Every write can be undone.

export const businessOf = (element) => element?.businessObject || element;

export const is = (element, ...types) => types.some((type) => businessOf(element)?.$instanceOf?.(type));

export const eventDefinition = (element) => businessOf(element).eventDefinitions?.[0];

export class Moddle {
  constructor(modeler) {
    this.modeling = modeler.get("modeling");
    this.factory = modeler.get("bpmnFactory");
    this.canvas = modeler.get("canvas");
    this.registry = modeler.get("elementRegistry");
  }

  attribute(element, name) {
    return businessOf(element).get(name) ?? "";
  }

  setAttribute(element, name, value) {
    this.modeling.updateProperties(element, { [name]: value === "" ? undefined : value });
  }

  #created(type, values, parent) {
    const made = this.factory.create(type, values);
    made.$parent = parent;
    return made;
  }

  #extension(element, type) {
    return businessOf(element).extensionElements?.get("values").find((one) => one.$type === type);
  }

  #addExtension(element, type, values) {
    const business = businessOf(element);
    const extensions = business.extensionElements;
    if (!extensions) {
      const made = this.#created("bpmn:ExtensionElements", { values: [] }, business);
      made.values.push(this.#created(type, values, made));
      this.modeling.updateModdleProperties(element, business, { extensionElements: made });
      return;
    }
    const kept = extensions.get("values");
    this.modeling.updateModdleProperties(element, extensions, {
      values: [...kept, this.#created(type, values, extensions)],
    });
  }

  property(element, name) {
    const holder = this.#extension(element, "camunda:Properties");
    return holder?.get("values").find((one) => one.name === name)?.value ?? "";
  }

  setProperty(element, name, value) {
    const holder = this.#extension(element, "camunda:Properties");
    if (!holder) {
      if (value) this.#addExtension(element, "camunda:Properties", { values: [this.factory.create("camunda:Property", { name, value })] });
      return;
    }
    const kept = holder.get("values");
    const found = kept.find((one) => one.name === name);
    if (found && value) this.modeling.updateModdleProperties(element, found, { value });
    else if (found) this.modeling.updateModdleProperties(element, holder, { values: kept.filter((one) => one !== found) });
    else if (value) {
      const made = this.#created("camunda:Property", { name, value }, holder);
      this.modeling.updateModdleProperties(element, holder, { values: [...kept, made] });
    }
  }

  setInput(element, name, value) {
    const parameter = this.#extension(element, "camunda:InputOutput")?.get("inputParameters").find((one) => one.name === name);
    if (parameter) this.modeling.updateModdleProperties(element, parameter, { value });
  }

  text(element, name) {
    return businessOf(element).get(name)?.body ?? "";
  }

  setExpression(element, name, body, owner = businessOf(element)) {
    const value = body ? this.#created("bpmn:FormalExpression", { body }, owner) : undefined;
    this.modeling.updateModdleProperties(element, owner, { [name]: value });
  }

  documentation(element) {
    return businessOf(element).documentation?.[0]?.text ?? "";
  }

  setDocumentation(element, text) {
    const business = businessOf(element);
    const documentation = text ? [this.#created("bpmn:Documentation", { text }, business)] : [];
    this.modeling.updateModdleProperties(element, business, { documentation });
  }

  // A timer is one of three: at a moment, after a while, again and again.
  timer(element) {
    const definition = eventDefinition(element);
    for (const kind of ["timeDate", "timeDuration", "timeCycle"]) {
      if (definition.get(kind)) return { kind, body: definition.get(kind).body ?? "" };
    }
    return { kind: "timeDuration", body: "" };
  }

  setTimer(element, kind, body) {
    const definition = eventDefinition(element);
    const value = this.#created("bpmn:FormalExpression", { body }, definition);
    const none = { timeDate: undefined, timeDuration: undefined, timeCycle: undefined };
    this.modeling.updateModdleProperties(element, definition, { ...none, [kind]: value });
  }

  #definitions() {
    let parent = businessOf(this.canvas.getRootElement());
    while (parent.$parent) parent = parent.$parent;
    return parent;
  }

  // Messages, signals, errors and escalations are named once in a file and shared by the events that mean them.
  reference(element, kind) {
    const holder = eventDefinition(element) || businessOf(element);
    const found = holder.get(`${kind}Ref`);
    return { name: found?.name ?? "", code: found?.errorCode ?? found?.escalationCode ?? "" };
  }

  referable(kind) {
    const type = `bpmn:${kind[0].toUpperCase()}${kind.slice(1)}`;
    return this.#definitions().get("rootElements").filter((one) => one.$type === type);
  }

  setReference(element, kind, name, code = name) {
    const holder = eventDefinition(element) || businessOf(element);
    if (!name) {
      this.modeling.updateModdleProperties(element, holder, { [`${kind}Ref`]: undefined });
      return;
    }
    const coded = kind === "error" || kind === "escalation";
    let found = this.referable(kind).find((one) => one.name === name);
    if (!found) {
      const definitions = this.#definitions();
      const type = `bpmn:${kind[0].toUpperCase()}${kind.slice(1)}`;
      const id = this.factory._model.ids.nextPrefixed(`${kind}_`, definitions);
      found = this.#created(type, { id, name, ...(coded ? { [`${kind}Code`]: code } : {}) }, definitions);
      this.modeling.updateModdleProperties(element, definitions, {
        rootElements: [...definitions.get("rootElements"), found],
      });
    }
    this.modeling.updateModdleProperties(element, holder, { [`${kind}Ref`]: found });
  }

  setDefault(gateway, flowId) {
    const flow = flowId ? this.registry.get(flowId) : undefined;
    this.modeling.updateProperties(gateway, { default: flow ? businessOf(flow) : undefined });
  }
}
