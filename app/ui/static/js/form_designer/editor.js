// The form designer: fields from the dictionary, English words, live preview by the product's own renderer.

import { openDraft } from "../draft.js";
import { panel } from "../modeller/chinese.js";
import { wordAfterwards } from "../modeller/translate.js";
import { chinese } from "./chinese.js";

const root = document.querySelector("[data-draft]");
const page = JSON.parse(root.querySelector("[data-designer]").textContent);
const { words, names, language } = page;
const canvas = root.querySelector("[data-canvas]");
const notice = root.querySelector("[data-designer-notice]");
const english = root.querySelector("[data-english]");
const list = root.querySelector("[data-names]");

// Types that the product does not render are not offered.
const LEFT_OUT = ["html", "iframe", "button", "documentPreview"];

const editor = new window.FormEditor.FormEditor({ container: canvas });
if (language !== "en") {
  wordAfterwards(canvas, { ...panel, ...chinese, ...wordsOfPalette(chinese) });
  nameInChinese(editor.get("fieldFactory"), editor.get("modeling"));
}
const hideLeftOut = () => {
  for (const type of LEFT_OUT) {
    for (const entry of canvas.querySelectorAll(`.fjs-palette-field[data-field-type="${type}"]`)) entry.hidden = true;
  }
};
new MutationObserver(hideLeftOut).observe(canvas, { childList: true, subtree: true });

// "Create a Text field element", "Remove Text field": one for each type.
function wordsOfPalette(own) {
  const found = {};
  for (const [english, word] of Object.entries(own)) {
    found[`Create a ${english} element`] = found[`Create an ${english} element`] = `添加${word}`;
    found[`Remove ${english}`] = `删除${word}`;
  }
  return found;
}

// A new field, choice or column begins with the Chinese name of its kind.
function nameInChinese(factory, modeling) {
  const chineseOf = (name) => chinese[name] || name?.replace(/^Value (\d+)$/, `${chinese.Value} $1`);
  const named = (part) => {
    for (const name of ["label", "dateLabel", "text"]) if (part[name]) part[name] = chineseOf(part[name]);
    return part;
  };
  const create = factory.create.bind(factory);
  factory.create = (attributes, isNew = true) => {
    const field = create(attributes, isNew);
    if (isNew) [field, ...(field.values || []), ...(field.columns || [])].forEach(named);
    return field;
  };
  const edit = modeling.editFormField.bind(modeling);
  modeling.editFormField = (field, changed, value) => {
    const known = new Set([...(field.values || []), ...(field.columns || [])].map((part) => part.label));
    const fresh = (part) => (part?.label && !known.has(part.label) ? named({ ...part }) : part);
    const lists = (changes) =>
      Object.fromEntries(Object.entries(changes).map(([name, of]) => [name, ["values", "columns"].includes(name) ? of?.map(fresh) : of]));
    return typeof changed === "string" ? edit(field, lists({ [changed]: value })) : edit(field, lists(changed));
  };
}

let imported = null;
const draft = await openDraft(root, {
  show: begin,
  read: () => imported ?? `${JSON.stringify(editor.saveSchema(), null, 2)}\n`,
});

async function begin(text) {
  imported = text;
  try {
    await editor.importSchema(JSON.parse(text));
    notice.hidden = true;
    root.dataset.ready = "true";
  } catch (error) {
    notice.textContent = `${words.unreadable} ${error.message}`;
    notice.hidden = false;
  }
  showNames();
  showEnglish();
}

function changed() {
  imported = null;
  draft.changed();
  showNames();
}
editor.on("commandStack.changed", changed);
editor.on("selection.changed", () => showEnglish());

// Names of the dictionary: a click puts the field on the form.
function showNames() {
  const wanted = root.querySelector("[data-name-search]").value.trim().toLowerCase();
  const used = new Set(editor.get("formFieldRegistry").getAll().map((field) => field.key).filter(Boolean));
  list.replaceChildren(
    ...names
      .filter((one) => `${one.label} ${one.name}`.toLowerCase().includes(wanted))
      .map((one) => {
        const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet" });
        button.textContent = `${one.label} (${one.name})`;
        button.disabled = used.has(one.name);
        if (button.disabled) button.append(Object.assign(document.createElement("span"), { className: "quiet", textContent: ` · ${words.used}` }));
        button.onclick = () => add(one.field);
        const item = document.createElement("li");
        item.append(button);
        return item;
      }),
  );
}
root.querySelector("[data-name-search]").addEventListener("input", showNames);

function add(field) {
  const form = editor.get("formFieldRegistry").getAll().find((one) => one.type === "default");
  editor.get("modeling").addFormField(structuredClone(field), form, form.components.length);
}

// The English words of the chosen field.
function showEnglish() {
  const field = editor.get("selection").get();
  if (!field || field.type === "default") {
    english.replaceChildren(Object.assign(document.createElement("p"), { className: "quiet", textContent: words.none }));
    return;
  }
  const modeling = editor.get("modeling");
  const parts = [];
  for (const name of ["label", "description", "text"]) {
    const own = name === "label" ? field.label || field.dateLabel || field.timeLabel : field[name];
    if (!own) continue;
    parts.push(
      ask(`english-${name}`, `${words[name]}: ${own}`, field.properties?.[`${name}.en`] ?? "", (value) => {
        const properties = { ...field.properties, [`${name}.en`]: value };
        if (!value) delete properties[`${name}.en`];
        modeling.editFormField(editor.get("formFieldRegistry").get(field.id), "properties", properties);
      }),
    );
  }
  (field.values || []).forEach((choice, index) => {
    parts.push(
      ask(`english-choice-${index}`, `${words.option}: ${choice.label}`, choice["label.en"] ?? "", (value) => {
        const present = editor.get("formFieldRegistry").get(field.id);
        const values = present.values.map((one, at) => (at === index ? { ...one, "label.en": value } : one));
        modeling.editFormField(present, "values", values);
      }),
    );
  });
  english.replaceChildren(...parts);
}

function ask(id, label, value, write) {
  const frame = Object.assign(document.createElement("div"), { className: "panel-field" });
  const input = Object.assign(document.createElement("input"), { id, type: "text", className: "form-control", value, lang: "en" });
  input.onchange = () => write(input.value.trim());
  frame.append(Object.assign(document.createElement("label"), { className: "form-label", htmlFor: id, textContent: label }), input);
  return frame;
}

document.addEventListener("authoring:select", ({ detail }) => {
  const fields = editor.get("formFieldRegistry").getAll();
  const field = fields.find((one) => one.id === detail.element || one.key === detail.element);
  if (!field) return;
  editor.get("selection").set(field);
  canvas.querySelector(`[data-id="${CSS.escape(field.id)}"]`)?.scrollIntoView({ block: "center" });
});

root.querySelector("[data-tools]").addEventListener("click", ({ target }) => {
  const tool = target.closest("button[data-tool]")?.dataset.tool;
  if (tool) editor.get("commandStack")[tool]();
});
const frame = root.querySelector("[data-preview-frame]");
for (const button of root.querySelectorAll("[data-width]")) {
  button.addEventListener("click", () => {
    for (const one of root.querySelectorAll("[data-width]")) one.setAttribute("aria-pressed", String(one === button));
    frame.classList.toggle("is-phone", button.dataset.width === "phone");
  });
}

await begin(draft.text);
window.formDesigner = editor;
