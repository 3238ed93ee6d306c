// The rule editor: tables and requirement graphs, columns from the dictionary, hit rows and findings in the rows.

import { showWhole } from "../diagram-fit.js";
import { openDraft } from "../draft.js";
import { showEnglish } from "../modeller/english.js";
import { wordAfterwards } from "../modeller/translate.js";
import { keepingBytes } from "../modeller/unchanged.js";
import { chinese } from "./chinese.js";

const root = document.querySelector("[data-draft]");
const page = JSON.parse(root.querySelector("[data-tables]").textContent);
const { words, names, titles, language } = page;
const canvas = root.querySelector("[data-canvas]");
const columns = root.querySelector("[data-columns]");
const views = root.querySelector("[data-views]");
const notice = root.querySelector("[data-tables-notice]");

const translate = (template, replacements = {}) =>
  (language === "en" ? template : chinese[template] || template).replace(/{([^}]+)}/g, (whole, name) =>
    name in replacements ? replacements[name] : whole,
  );
const module = { translate: ["value", translate] };
const viewOptions = { additionalModules: [module] };
const inEnglish = (renderer, texts) => language === "en" && showEnglish(renderer, texts, ({ id }) => titles[id] || "");
inEnglish.$inject = ["drdRenderer", "textRenderer"];
const editor = new window.DmnJS({
  container: canvas,
  common: { expressionLanguages: { options: [{ value: "feel", label: "FEEL" }], defaults: { editor: "feel" } } },
  drd: { additionalModules: [module, { __init__: [inEnglish] }] },
  decisionTable: viewOptions,
  literalExpression: viewOptions,
  boxedExpression: viewOptions,
});
if (language !== "en") wordAfterwards(canvas, chinese);

// What is edited here is the Chinese name; on an English page the English one of the saved file leads to it.
const titleOf = ({ id }, own) => (language === "en" && titles[id]) || own || id;

let imported = null;
// The file that was read, and the editor's own text of it before anything was changed.
let source = null;
let hits = [];
const watched = new WeakSet();

const draft = await openDraft(root, {
  show: begin,
  read: async () => imported ?? (await written()),
  saved: () => {
    markFindings();
    document.body.dispatchEvent(new CustomEvent("tables:saved"));
  },
});

async function reread(text) {
  const { rootElement } = await editor._moddle.fromXML(text, "dmn:Definitions");
  return (await editor._moddle.toXML(rootElement, { format: true })).xml;
}

async function written() {
  const { xml } = await editor.saveXML({ format: true });
  return keepingBytes(source.text, source.before, xml, reread);
}

function changed() {
  imported = null;
  draft.changed();
}

async function begin(text) {
  imported = text;
  try {
    await editor.importXML(text);
    source = { text, before: (await editor.saveXML({ format: true })).xml };
    const wanted = editor.getViews().findLast((view) => view.type === "decisionTable") || editor.getViews()[0];
    await editor.open(wanted);
    notice.hidden = true;
    root.dataset.ready = "true";
  } catch (error) {
    notice.textContent = `${words.unreadable} ${error.message}`;
    notice.hidden = false;
  }
}

editor.on("views.changed", ({ views: all, activeView }) => {
  views.replaceChildren(
    ...all.map((view) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm";
      button.textContent = view.type === "drd" ? words.graph : titleOf(view.element, view.element.name);
      button.setAttribute("aria-pressed", String(view === activeView || view.element === activeView?.element && view.type === activeView.type));
      button.onclick = () => editor.open(view);
      return button;
    }),
  );
  const viewer = editor.getActiveViewer();
  if (activeView?.type === "drd") {
    const palette = canvas.querySelector(".djs-palette");
    showWhole(viewer.get("canvas"), { left: palette ? palette.offsetLeft + palette.offsetWidth + 12 : undefined });
  }
  if (viewer && !watched.has(viewer)) {
    watched.add(viewer);
    if (activeView.type === "drd") completeEnds(viewer);
    viewer.on("commandStack.changed", () => {
      changed();
      setTimeout(showColumns);
      setTimeout(light);
    });
  }
  setTimeout(showColumns);
  setTimeout(light);
  setTimeout(markFindings);
});

// The library previews a new connection without one coordinate of its end: the middle of the target stands for it.
function completeEnds(viewer) {
  const layouter = viewer.get("layouter");
  const layout = layouter.layoutConnection.bind(layouter);
  layouter.layoutConnection = (connection, hints = {}) => {
    const { connectionEnd: end, target = connection.target } = hints;
    if (!end || !target) return layout(connection, hints);
    const x = end.x ?? target.x + target.width / 2;
    const y = end.y ?? target.y + target.height / 2;
    return layout(connection, { ...hints, connectionEnd: { ...end, x, y } });
  };
}

// Columns: which name each reads or writes.
function showColumns() {
  wordHeads();
  const active = editor.getActiveView();
  const viewer = editor.getActiveViewer();
  if (active?.type !== "decisionTable") {
    columns.replaceChildren(Object.assign(document.createElement("p"), { className: "quiet", textContent: words.noTable }));
    return;
  }
  const table = viewer.get("sheet").getRoot().businessObject;
  const rows = [
    ...table.input.map((one) => column(words.input, one, one.inputExpression?.text ?? "", (entry) => setInput(viewer, one, entry))),
    ...table.output.map((one) => column(words.output, one, one.name ?? "", (entry) => setOutput(viewer, one, entry))),
  ];
  columns.replaceChildren(...rows);
}

// On an English page the heads of the columns are English; a double click edits the Chinese one.
function wordHeads() {
  if (language !== "en") return;
  for (const head of canvas.querySelectorAll("th[data-col-id]")) {
    const label = head.querySelector(".input-label, .output-label");
    if (label && titles[head.dataset.colId]) label.textContent = titles[head.dataset.colId];
  }
}

function column(kind, clause, value, choose) {
  const frame = document.createElement("div");
  frame.className = "panel-field";
  const id = `column-${clause.id}`;
  const label = Object.assign(document.createElement("label"), { className: "form-label", htmlFor: id });
  label.textContent = `${kind}: ${titleOf(clause, clause.label || value || "–")}`;
  const select = Object.assign(document.createElement("select"), { id, className: "form-select" });
  const known = names.some((entry) => entry.name === value);
  select.append(new Option(known ? words.choose : value || words.choose, ""));
  for (const entry of names) select.append(new Option(`${entry.label} (${entry.name})`, entry.name));
  select.value = known ? value : "";
  select.onchange = () => {
    const entry = names.find((one) => one.name === select.value);
    if (entry) choose(entry);
  };
  frame.append(label, select);
  return frame;
}

const plainType = (type) => (["string", "number", "boolean", "date", "dateTime"].includes(type) ? type : undefined);

function setInput(viewer, clause, entry) {
  const modeling = viewer.get("modeling");
  modeling.editInputExpression(clause.inputExpression, { text: entry.name, typeRef: plainType(entry.type) });
  modeling.updateProperties(clause, { label: entry.label });
  if (entry.values.length && entry.type === "string") modeling.editAllowedValues(clause, entry.values);
}

function setOutput(viewer, clause, entry) {
  const modeling = viewer.get("modeling");
  modeling.updateProperties(clause, { name: entry.name, label: entry.label, typeRef: plainType(entry.type) });
  if (entry.values.length && entry.type === "string") modeling.editAllowedValues(clause, entry.values);
}

// The rows that a trial hit are lit.
function light() {
  for (const cell of canvas.querySelectorAll(".is-hit")) cell.classList.remove("is-hit");
  for (const rule of hits) {
    for (const cell of canvas.querySelectorAll(`[data-row-id="${CSS.escape(rule)}"]`)) cell.classList.add("is-hit");
  }
}
document.body.addEventListener("htmx:afterSwap", () => {
  const outcome = root.querySelector("[data-hits]");
  hits = outcome ? JSON.parse(outcome.dataset.hits) : [];
  light();
  canvas.querySelector(".is-hit")?.scrollIntoView({ block: "nearest" });
});
document.body.addEventListener("htmx:confirm", (event) => {
  if (!event.target.matches("[data-trial]")) return;
  event.preventDefault();
  draft.flush().then(() => event.detail.issueRequest(true));
});

// Findings stand beside their rows.
async function markFindings() {
  const answer = await fetch(page.findings, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  for (const cell of canvas.querySelectorAll(".has-finding")) {
    cell.classList.remove("has-finding", "finding-error", "finding-warning");
    cell.removeAttribute("title");
  }
  for (const { element, severity, sentence } of await answer.json()) {
    if (!element) continue;
    for (const cell of canvas.querySelectorAll(`[data-row-id="${CSS.escape(element)}"], [data-element-id="${CSS.escape(element)}"]`)) {
      cell.classList.add("has-finding", severity === "error" ? "finding-error" : "finding-warning");
      cell.title = sentence;
    }
  }
}

async function select(id) {
  if (!id) return;
  const find = () => canvas.querySelector(`[data-row-id="${CSS.escape(id)}"], [data-element-id="${CSS.escape(id)}"]`);
  if (!find()) {
    for (const view of editor.getViews().filter((one) => one.type !== "drd")) {
      await editor.open(view);
      if (view.element.id === id || find()) break;
    }
  }
  const viewer = editor.getActiveViewer();
  const element = viewer?.get("elementRegistry").get(id);
  if (element) viewer.get("selection").select(element);
  const cell = find();
  cell?.scrollIntoView({ block: "center", inline: "center" });
  cell?.classList.add("is-found");
  setTimeout(() => cell?.classList.remove("is-found"), 2000);
}
document.addEventListener("authoring:select", ({ detail }) => select(detail.element));

const actions = {
  undo: () => editor.getActiveViewer()?.get("commandStack").undo(),
  redo: () => editor.getActiveViewer()?.get("commandStack").redo(),
};
root.querySelector("[data-tools]").addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-tool]");
  if (button) actions[button.dataset.tool]();
});

await begin(draft.text);
window.ruleEditor = editor;
