// On an English page the drawing shows the English names that the file gives, and naming an element there changes the
// English one. What has none is shown, and named, as it is.

import { is } from "./moddle.js";

const LABEL_WIDTH = 90;

const named = (element) => (is(element, "bpmn:TextAnnotation") ? "text" : "name");

export function readInEnglish(modeler, moddle) {
  const english = (element) => moddle.property(element, `${named(element)}.en`);
  showEnglish(modeler.get("bpmnRenderer"), modeler.get("textRenderer"), english);
  modeler.on("elements.changed", ({ elements }) => {
    const labels = elements.flatMap((element) => element.labels || []).filter((label) => !elements.includes(label));
    if (labels.length) modeler.get("eventBus").fire("elements.changed", { elements: labels });
  });
  nameInEnglish(modeler, moddle, english);
}

// What a renderer writes of an element, in the words that `english` gives for it.
export function showEnglish(renderer, texts, english) {
  let drawn = null;
  for (const draw of ["drawShape", "drawConnection"]) {
    const own = renderer[draw].bind(renderer);
    renderer[draw] = (...given) => {
      drawn = given[1];
      try {
        return own(...given);
      } finally {
        drawn = null;
      }
    };
  }
  const create = texts.createText.bind(texts);
  texts.createText = (text, options) => {
    const own = drawn?.businessObject[named(drawn)];
    const word = own && text === own ? english(drawn) : "";
    if (!word) return create(text, options);
    if (!drawn.labelTarget) return create(word, options);
    // Beside its element an English label has more room, in the middle of where the Chinese one stood.
    const width = Math.max(LABEL_WIDTH, drawn.width);
    const shown = create(word, { ...options, box: { ...options.box, width } });
    shown.setAttribute("transform", `translate(${(drawn.width - width) / 2}, 0)`);
    return shown;
  };
}

function nameInEnglish(modeler, moddle, english) {
  const provider = modeler.get("labelEditingProvider");
  const activate = provider.activate.bind(provider);
  const update = provider.update.bind(provider);
  provider.activate = (element) => {
    const context = activate(element);
    return context && { ...context, text: english(element) || context.text };
  };
  provider.update = (element, text, ...rest) => {
    const target = element.labelTarget || element;
    if (english(target)) moddle.setProperty(target, `${named(target)}.en`, text.trim());
    else update(element, text, ...rest);
  };
}
