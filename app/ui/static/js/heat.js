// Lays the figures of a process over its diagram: how many are where, how long it takes, what is late or stopped.

import { showWhole } from "./diagram-fit.js";
import { inLanguage } from "./diagram-language.js";

/* global BpmnJS, htmx */

const root = document.querySelector("[data-heat]");

function spanOf(seconds, words) {
  if (seconds >= 86_400) return `${(seconds / 86_400).toFixed(1)} ${words.days}`;
  if (seconds >= 3_600) return `${(seconds / 3_600).toFixed(1)} ${words.hours}`;
  if (seconds >= 60) return `${Math.round(seconds / 60)} ${words.minutes}`;
  return `${Math.round(seconds)} ${words.seconds}`;
}

function linkTo(kind, id, number, title, address) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `heat-number heat-${kind}`;
  button.textContent = number;
  button.title = title;
  button.setAttribute("aria-label", `${title}: ${number}`);
  button.onclick = () => {
    htmx.ajax("GET", `${address.replace("ELEMENT", encodeURIComponent(id))}?kind=${kind}`, "#heat-cases");
    document.querySelector("#heat-cases").scrollIntoView({ block: "nearest" });
  };
  return button;
}

// Numbers stay legible and large enough for a finger, however small the diagram is.
const SMALLEST_NOTE = 0.8;
const KINDS = ["now", "late", "incidents"];

async function show() {
  const { figures, words, cases } = JSON.parse(root.querySelector("script").textContent);
  const place = root.querySelector("[data-canvas]");
  const answer = await fetch(root.dataset.url);
  const viewer = new BpmnJS({ container: place });
  try {
    await viewer.importXML(inLanguage(await answer.text(), root.dataset.language));
  } catch {
    place.textContent = words.failed;
    return;
  }
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  showWhole(canvas);
  const most = Math.max(...Object.values(figures).map((one) => (one.median ?? 0) * one.passed), 1);
  const rows = document.querySelector("[data-heat-table] tbody");
  for (const [id, one] of Object.entries(figures)) {
    const element = registry.get(id);
    if (!element || element.type === "bpmn:SequenceFlow") continue;
    const share = ((one.median ?? 0) * one.passed) / most;
    if (one.median !== undefined) canvas.addMarker(id, `heat-${Math.min(4, Math.floor(share * 5))}`);
    const note = document.createElement("div");
    note.className = "heat-note";
    for (const kind of KINDS) if (one[kind]) note.append(linkTo(kind, id, one[kind], words[kind], cases));
    if (one.median !== undefined && element.businessObject.$instanceOf("bpmn:Activity")) {
      const time = Object.assign(document.createElement("div"), { className: "heat-time", textContent: spanOf(one.median, words) });
      viewer.get("overlays").add(id, { position: { top: -16, left: 0 }, html: time });
    }
    if (note.childElementCount) viewer.get("overlays").add(id, { position: { bottom: 4, left: 0 }, html: note, scale: { min: SMALLEST_NOTE } });

    const row = document.createElement("tr");
    const cell = (content) => {
      const made = document.createElement("td");
      made.append(content);
      row.append(made);
    };
    cell(element.businessObject.name || id);
    cell(one.now ? linkTo("now", id, one.now, words.now, cases) : "0");
    cell(String(one.passed));
    cell(one.median === undefined ? "–" : spanOf(one.median, words));
    cell(one.p90 === undefined ? "–" : spanOf(one.p90, words));
    cell(one.late ? linkTo("late", id, one.late, words.late, cases) : "0");
    cell(one.incidents ? linkTo("incidents", id, one.incidents, words.incidents, cases) : "0");
    rows.append(row);
  }
  root.dataset.ready = "true";
}

if (root) show();
