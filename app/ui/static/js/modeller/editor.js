// The modeller: canvas, panel, checks while drawing, token simulation, files in and out.

import { showWhole } from "../diagram-fit.js";
import { openDraft } from "../draft.js";
import { own, panel, simulation } from "./chinese.js";
import { readInEnglish } from "./english.js";
import { keepKeys } from "./keyboard.js";
import { isDrawn, layOut } from "./layout.js";
import { Moddle, is } from "./moddle.js";
import { limitMenus } from "./palette.js";
import { Properties } from "./properties.js";
import { translator, wordAfterwards } from "./translate.js";
import { keepingBytes } from "./unchanged.js";

const { lintConfig, lintModule, tokenSimulationOfModeler } = window.Modelling;
const root = document.querySelector("[data-draft]");
const page = JSON.parse(root.querySelector("[data-modeller]").textContent);
const { words, offered, language } = page;

const modeler = new window.BpmnModeler({
  container: root.querySelector("[data-canvas]"),
  propertiesPanel: { parent: root.querySelector("[data-advanced]") },
  linting: { bpmnlint: lintConfig, active: false },
  exporter: { name: "Maplebridge", version: "1" },
  additionalModules: [{ translate: ["value", translator(language, own)] }, lintModule, tokenSimulationOfModeler],
});
window.modeler = modeler;
limitMenus(modeler, offered.refused);
keepKeys(modeler);
if (language !== "en") {
  wordAfterwards(root.querySelector("[data-canvas]"), simulation);
  wordAfterwards(root.querySelector("[data-advanced]"), panel);
}

const templates = modeler.get("elementTemplatesLoader", false);
if (templates) templates.setTemplates(offered.templates);

const moddle = new Moddle(modeler);
if (language === "en") readInEnglish(modeler, moddle);

const context = {
  words,
  offered,
  moddle,
  nameOf: (element) => (language === "en" && moddle.property(element, "name.en")) || element.businessObject.name || "",
  userTasks: () =>
    modeler
      .get("elementRegistry")
      .filter((element) => is(element, "bpmn:UserTask") && !element.labelTarget)
      .map((element) => ({ value: element.id, label: context.nameOf(element) || element.id })),
  applyTopic(element, topic) {
    const template = offered.templates.find((one) => one.topic === topic);
    if (template) return modeler.get("elementTemplates").applyTemplate(element, template);
    moddle.modeling.updateProperties(element, { "camunda:type": "external", "camunda:topic": topic || undefined });
    return element;
  },
  parameterLabel(element, kind, parameter) {
    const template = offered.templates.find((one) => one.topic === moddle.attribute(element, "camunda:topic"));
    const bound = template?.properties.find(({ binding }) =>
      kind === "in" ? binding.type === "camunda:inputParameter" && binding.name === parameter.name : binding.type === "camunda:outputParameter" && binding.source === parameter.value,
    );
    return bound?.label || parameter.name;
  },
  // Beside a task: a timer that leaves it open, a notice to whoever may do it, an end.
  addReminder(element) {
    const { modeling } = moddle;
    const named = (shape, { name, nameEn }) => {
      moddle.setAttribute(shape, "name", name);
      moddle.setProperty(shape, "name.en", nameEn);
      return shape;
    };
    const { late, remind, reminded } = offered.reminder;
    const timer = modeler.get("elementFactory").createShape({ type: "bpmn:BoundaryEvent", eventDefinitionType: "bpmn:TimerEventDefinition", cancelActivity: false });
    const at = { x: element.x + element.width - 20, y: element.y + element.height };
    const added = named(modeling.createShape(timer, at, element, { attach: true }), late);
    moddle.setTimer(added, "timeDuration", "P1D");
    if (offered.topics.some((one) => one.value === "notices.send")) {
      const work = modeling.appendShape(added, { type: "bpmn:ServiceTask" }, { x: at.x + 130, y: at.y + 110 });
      const notice = named(context.applyTopic(work, "notices.send"), remind);
      const groups = moddle.attribute(element, "camunda:candidateGroups").trim();
      moddle.setInput(notice, "audience", (groups.startsWith("=") ? groups : groups.split(",")[0].trim()) || "mediator");
      moddle.setInput(notice, "template", "task_late");
      named(modeling.appendShape(notice, { type: "bpmn:EndEvent" }, { x: at.x + 260, y: at.y + 110 }), reminded);
    }
    modeler.get("selection").select(added);
  },
};
new Properties(root.querySelector("[data-panel]"), modeler, context);

const notice = root.querySelector("[data-modeller-notice]");
const explain = (text) => {
  notice.textContent = text || "";
  notice.hidden = !text;
};

const onPhone = matchMedia("(max-width: 40rem)").matches;
const READABLE = onPhone ? 0.8 : 0.45;

// The diagram beside the palette, whole if it can be read then, else from its beginning.
function fit(smallest = 0) {
  const palette = root.querySelector(".djs-palette");
  showWhole(modeler.get("canvas"), { left: palette ? palette.offsetLeft + palette.offsetWidth + 12 : 12, smallest });
}

async function reread(text) {
  const moddle = modeler.get("moddle");
  return (await moddle.toXML((await moddle.fromXML(text)).rootElement, { format: true })).xml;
}

// The file that was read, and the modeller's own text of it before anything was changed.
let source = null;
const written = async () => {
  const { xml } = await modeler.saveXML({ format: true });
  return keepingBytes(source.text, source.before, xml, reread);
};

// A diagram without positions is laid out; what cannot be read is said, and the text stays as it is.
async function show(text) {
  const laidOut = isDrawn(text) ? text : await layOut(text);
  const { warnings } = await modeler.importXML(laidOut);
  source = { text, before: laidOut === text ? (await modeler.saveXML({ format: true })).xml : await reread(text) };
  fit(READABLE);
  explain(warnings.length ? words.importWarnings.replace("%", warnings.length) : "");
  return laidOut !== text;
}

let imported = null;
const draft = await openDraft(root, {
  show: async (text) => {
    await begin(text);
  },
  read: async () => imported ?? (await written()),
  saved: () => markFindings(),
});

async function begin(text) {
  imported = text;
  try {
    if (await show(text)) changed();
    root.dataset.ready = "true";
  } catch (error) {
    explain(`${words.unreadable} ${error.message}`);
  }
}

function changed() {
  imported = null;
  draft.changed();
}

// On a phone the drawing comes first: the palette is opened when it is wanted.
if (onPhone) modeler.get("palette").close();

await begin(draft.text);
modeler.on("commandStack.changed", () => {
  changed();
  const stack = modeler.get("commandStack");
  root.querySelector("[data-undo]").disabled = !stack.canUndo();
  root.querySelector("[data-redo]").disabled = !stack.canRedo();
});

function select(id) {
  const element = modeler.get("elementRegistry").get(id);
  if (!element) return;
  modeler.get("selection").select(element);
  modeler.get("canvas").scrollToElement(element, { top: 120, right: 120, bottom: 120, left: 120 });
}
document.addEventListener("authoring:select", ({ detail }) => select(detail.element));
// A mark of the check while drawing selects the element that it lies on.
root.querySelector("[data-canvas]").addEventListener("click", ({ target }) => {
  if (target.closest(".bjsl-overlay")) select(target.closest("[data-container-id]").dataset.containerId);
});
if (location.hash.length > 1) select(decodeURIComponent(location.hash.slice(1)));

// Elements that the server's check speaks of carry a mark.
async function markFindings() {
  const answer = await fetch(page.findings, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const canvas = modeler.get("canvas");
  const registry = modeler.get("elementRegistry");
  registry.forEach((element) => {
    for (const mark of ["finding-error", "finding-warning"]) {
      if (canvas.hasMarker(element, mark)) canvas.removeMarker(element, mark);
    }
  });
  for (const { element, severity } of await answer.json()) {
    if (registry.get(element)) canvas.addMarker(element, severity === "error" ? "finding-error" : "finding-warning");
  }
}
markFindings();

const saveAs = (name, url) => {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
};
const stem = page.path.split("/").pop().replace(/\.bpmn$/, "");

async function pictureOf() {
  const { svg } = await modeler.saveSVG();
  return svg;
}

async function savePng() {
  const svg = await pictureOf();
  const [, width, height] = svg.match(/width="([\d.]+)" height="([\d.]+)"/) || [0, 800, 600];
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const sheet = document.createElement("canvas");
  sheet.width = Number(width) * 2;
  sheet.height = Number(height) * 2;
  const brush = sheet.getContext("2d");
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, sheet.width, sheet.height);
  brush.drawImage(image, 0, 0, sheet.width, sheet.height);
  saveAs(`${stem}.png`, sheet.toDataURL("image/png"));
}

const actions = {
  undo: () => modeler.get("commandStack").undo(),
  redo: () => modeler.get("commandStack").redo(),
  fit: () => fit(),
  find: () => modeler.get("searchPad").toggle(),
  lint: (button) => {
    modeler.get("linting").toggle();
    button.setAttribute("aria-pressed", String(modeler.get("linting").isActive()));
  },
  simulate: (button) => {
    modeler.get("toggleMode").toggleMode();
    const active = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(active));
    root.classList.toggle("is-simulating", active);
  },
  svg: async () => saveAs(`${stem}.svg`, `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await pictureOf())}`),
  png: savePng,
  layout: async () => {
    const { xml } = await modeler.saveXML();
    const file = source;
    await show(await layOut(xml));
    source = file;
    changed();
  },
};
root.querySelector("[data-tools]").addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-tool]");
  if (button) actions[button.dataset.tool](button);
});

// A file that cannot be drawn is told, and what was here stays.
async function takeIn(file) {
  if (file.size > page.limit) {
    explain(words.tooLarge);
    return;
  }
  const before = imported ?? (await written());
  await draft.flush();
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
    if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new Error(words.entities);
    imported = (await show(text)) ? null : text;
    draft.changed({ whole: true });
  } catch (error) {
    await show(before);
    explain(`${words.notTaken} ${error.message}`);
  }
}
root.querySelector("[data-file]").addEventListener("change", async ({ target }) => {
  if (target.files.length) await takeIn(target.files[0]);
  target.value = "";
});

for (const tab of root.querySelectorAll("[data-panel-tab]")) {
  tab.addEventListener("click", () => {
    for (const one of root.querySelectorAll("[data-panel-tab]")) {
      const chosen = one === tab;
      one.setAttribute("aria-selected", String(chosen));
      root.querySelector(`#${one.getAttribute("aria-controls")}`).hidden = !chosen;
    }
  });
}
