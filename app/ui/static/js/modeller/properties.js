// The panel beside the canvas: asks what `fields.js` names, in plain inputs.

import { businessOf, is } from "./moddle.js";
import { sectionsOf, spans } from "./fields.js";

const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in node && name !== "list") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
};

export class Properties {
  constructor(host, modeler, context) {
    this.host = host;
    this.context = context;
    this.moddle = context.moddle;
    this.element = null;
    this.writing = false;
    const bus = modeler.get("eventBus");
    bus.on("selection.changed", ({ newSelection }) => this.show(newSelection.length === 1 ? newSelection[0] : null));
    bus.on("elements.changed", () => {
      if (!this.writing) this.show(this.element, { keepFocus: true });
    });
    bus.on("import.done", () => this.show(null));
    this.modeler = modeler;
  }

  show(element, { keepFocus = false } = {}) {
    const shown = element && !element.labelTarget ? element : element?.labelTarget || this.modeler.get("canvas").getRootElement();
    const focused = keepFocus && this.host.contains(document.activeElement) ? document.activeElement.id : "";
    if (focused && ["INPUT", "TEXTAREA"].includes(document.activeElement.tagName) && document.activeElement.type !== "checkbox") return;
    this.element = shown;
    if (!shown?.businessObject) return;
    const { words } = this.context;
    const kind = words.kinds[businessOf(shown).$type] || businessOf(shown).$type.replace("bpmn:", "");
    const parts = sectionsOf(shown, this.context).map((section, index) => this.#section(shown, section, index));
    this.host.replaceChildren(make("p", { className: "panel-kind" }, kind, make("span", { className: "quiet" }, ` ${shown.id}`)), ...parts);
    if (focused) document.getElementById(focused)?.focus();
  }

  #section(element, { title, fields }, index) {
    return make(
      "fieldset",
      { className: "panel-section" },
      make("legend", {}, title),
      ...fields.map((field) => this.#field(element, field, `panel-${index}-${field.key}`)),
    );
  }

  #write(element, field, value) {
    this.writing = true;
    try {
      field.set(this.moddle, element, value, this.context);
    } finally {
      this.writing = false;
    }
  }

  #field(element, field, id) {
    const frame = make("div", { className: "panel-field" });
    if (field.kind === "button") {
      frame.append(make("button", { type: "button", className: "btn btn-sm", textContent: field.label, onclick: () => field.act(this.context, element) }));
      return frame;
    }
    if (field.kind === "check") return this.#check(element, field, id);
    if (field.kind === "checks") return this.#checks(element, field, id);
    if (field.kind === "parameters") return this.#parameters(element, field);
    frame.append(make("label", { className: "form-label", htmlFor: id, textContent: field.label }));
    frame.append(...this.#inputs(element, field, id));
    if (field.help) {
      frame.append(make("p", { className: "field-help", id: `${id}-help`, textContent: field.help }));
      frame.querySelector(`#${CSS.escape(id)}`)?.setAttribute("aria-describedby", `${id}-help`);
    }
    return frame;
  }

  #inputs(element, field, id) {
    const value = field.get(this.moddle, element);
    const write = (now) => this.#write(element, field, now);
    switch (field.kind) {
      case "select":
        return this.#select(field, id, value, write);
      case "span":
        return this.#span(id, value, write);
      case "timer":
        return this.#timer(id, value, write);
      case "area":
        return [make("textarea", { id, className: "form-control", rows: 2, value, onchange: ({ target }) => write(target.value.trim()) })];
      case "code":
        return [make("textarea", { id, className: "form-control panel-code", rows: 3, value, spellcheck: false, onchange: ({ target }) => write(target.value.trim()) })];
      case "named":
        return this.#named(field, id, value, write);
      default:
        return [
          make("input", {
            id,
            type: "text",
            className: `form-control${field.kind === "expression" ? " panel-code" : ""}`,
            value,
            autocomplete: "off",
            ...(field.kind === "name" ? { list: "panel-names" } : {}),
            onchange: ({ target }) => write(target.value.trim()),
          }),
        ];
    }
  }

  #select(field, id, value, write) {
    const known = field.options.some((option) => option.value === value);
    const options = field.required ? [] : [make("option", { value: "", textContent: this.context.words.nothing })];
    options.push(...field.options.map((option) => make("option", { value: option.value, textContent: option.label })));
    if (value && !known) options.push(make("option", { value, textContent: value }));
    const select = make("select", { id, className: "form-select", onchange: ({ target }) => write(target.value) }, ...options);
    select.value = value;
    const found = field.options.find((option) => option.value === value);
    if (!field.open || !found?.url) return [select];
    return [select, make("a", { className: "panel-open", href: found.url, textContent: this.context.words.open })];
  }

  #span(id, value, write) {
    const { words } = this.context;
    const now = spans.read(value);
    const units = [["none", words.spanNone], ["working", words.spanWorking], ["days", words.spanDays], ["expression", words.spanExpression]];
    const amount = make("input", { className: "form-control", type: now.unit === "expression" ? "text" : "number", min: 1, value: now.value, hidden: now.unit === "none", ariaLabel: words.amount });
    const unit = make("select", { id, className: "form-select" }, ...units.map(([option, label]) => make("option", { value: option, textContent: label })));
    unit.value = now.unit;
    unit.onchange = () => {
      amount.hidden = unit.value === "none";
      amount.type = unit.value === "expression" ? "text" : "number";
      if (unit.value !== "expression" && !/^\d+$/.test(amount.value)) amount.value = "3";
      write(spans.write(unit.value, amount.value));
    };
    amount.onchange = () => write(spans.write(unit.value, amount.value.trim()));
    return [make("div", { className: "panel-pair" }, unit, amount)];
  }

  #timer(id, { kind, body }, write) {
    const { words } = this.context;
    const kinds = [["timeDuration", words.timerAfter], ["timeDate", words.timerAt], ["timeCycle", words.timerCycle]];
    const choice = make("select", { id, className: "form-select" }, ...kinds.map(([value, label]) => make("option", { value, textContent: label })));
    choice.value = kind;
    const text = make("input", { className: "form-control panel-code", type: "text", value: body, ariaLabel: words.timerValue, placeholder: words.timerExample });
    choice.onchange = () => write({ kind: choice.value, body: text.value.trim() });
    text.onchange = () => write({ kind: choice.value, body: text.value.trim() });
    return [choice, text];
  }

  #named(field, id, value, write) {
    const list = make("datalist", { id: `${id}-known` }, ...this.moddle.referable(field.of).map((one) => make("option", { value: one.name || "" })));
    return [make("input", { id, type: "text", className: "form-control", value, list: list.id, autocomplete: "off", onchange: ({ target }) => write(target.value.trim()) }), list];
  }

  #check(element, field, id) {
    const box = make("input", { id, type: "checkbox", className: "form-check-input", checked: field.get(this.moddle, element), onchange: ({ target }) => this.#write(element, field, target.checked) });
    const label = make("label", { className: "form-check" }, box, make("span", { className: "form-check-label", textContent: field.label }));
    return make("div", { className: "panel-field" }, label, ...(field.help ? [make("p", { className: "field-help", textContent: field.help })] : []));
  }

  #checks(element, field, id) {
    const chosen = field.get(this.moddle, element);
    const foreign = chosen.filter((value) => !field.options.some((option) => option.value === value));
    const options = [...field.options, ...foreign.map((value) => ({ value, label: value }))];
    const boxes = options.map((option, index) => {
      const box = make("input", { id: `${id}-${index}`, type: "checkbox", className: "form-check-input", value: option.value, checked: chosen.includes(option.value) });
      return make("label", { className: "form-check" }, box, make("span", { className: "form-check-label", textContent: option.label }));
    });
    const frame = make("div", { className: "panel-field", role: "group", ariaLabel: field.label }, make("div", { className: "form-label", textContent: field.label }), make("div", { className: "panel-checks" }, ...boxes));
    frame.onchange = () => {
      const ticked = [...frame.querySelectorAll("input:checked")].map((box) => box.value);
      this.#write(element, field, ticked);
    };
    return frame;
  }

  // What a service task is given and gives back, as its file says.
  #parameters(element, field) {
    const holder = businessOf(element).extensionElements?.get("values").find((one) => one.$type === "camunda:InputOutput");
    const frame = make("div", { className: "panel-field" });
    for (const [kind, list] of [["in", holder?.get("inputParameters")], ["out", holder?.get("outputParameters")]]) {
      for (const parameter of list || []) {
        if (parameter.definition) continue;
        const id = `panel-${kind}-${parameter.name}`;
        const label = `${kind === "in" ? this.context.words.given : this.context.words.gives} ${this.context.parameterLabel(element, kind, parameter)}`;
        frame.append(
          make("label", { className: "form-label", htmlFor: id, textContent: label }),
          make("input", {
            id,
            type: "text",
            className: "form-control panel-code",
            value: parameter.value ?? "",
            onchange: ({ target }) =>
              this.moddle.modeling.updateModdleProperties(element, parameter, { value: target.value.trim() }),
          }),
        );
      }
    }
    if (!frame.childElementCount) frame.append(make("p", { className: "field-help", textContent: is(element, "bpmn:ServiceTask") ? this.context.words.noInputs : "" }));
    return frame;
  }
}
