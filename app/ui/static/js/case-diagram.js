// Shows a process diagram with the path behind and the place where the case stands now.
// The figure names the diagram's address; the JSON beside the canvas tells what to mark.

import { showWhole } from "./diagram-fit.js";
import { inLanguage } from "./diagram-language.js";

/* global BpmnJS */

const isFrame = (element) => element.type === "bpmn:SubProcess" && !element.collapsed;

function mark(viewer, facts, open) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const overlays = viewer.get("overlays");
  const passed = new Set([...facts.visited, ...facts.running, ...facts.incidents]);
  const finished = new Set(facts.visited);

  for (const [ids, marker] of [[facts.visited, "is-visited"], [facts.running, "is-running"], [facts.incidents, "is-incident"]]) {
    for (const id of ids) {
      const element = registry.get(id);
      if (!element) continue;
      canvas.addMarker(element, marker);
      if (isFrame(element)) canvas.addMarker(element, "is-frame");
    }
  }
  const taken = facts.taken && new Set(facts.taken);
  const isTaken = (flow) =>
    taken ? taken.has(flow.id) : flow.source && flow.target && finished.has(flow.source.id) && passed.has(flow.target.id);
  for (const flow of registry.filter((element) => element.type === "bpmn:SequenceFlow" && isTaken(element))) {
    canvas.addMarker(flow, "is-visited");
  }
  for (const [id, words] of Object.entries(facts.spent ?? {})) {
    if (!registry.get(id)) continue;
    const note = document.createElement("div");
    note.className = "diagram-note";
    note.textContent = words;
    overlays.add(id, { position: { bottom: -4, left: 0 }, html: note });
  }
  for (const [id, address] of Object.entries(facts.links ?? {})) {
    if (!registry.get(id)) continue;
    const link = document.createElement("a");
    link.className = "diagram-link";
    link.href = address;
    link.title = open;
    link.setAttribute("aria-label", open);
    const icon = document.createElement("i");
    icon.className = "ti ti-arrow-down-right";
    icon.setAttribute("aria-hidden", "true");
    link.append(icon);
    overlays.add(id, { position: { top: -8, right: 16 }, html: link });
  }
}

function goTo(viewer, ids) {
  const canvas = viewer.get("canvas");
  const found = ids.map((id) => viewer.get("elementRegistry").get(id)).filter(Boolean);
  const element = found.find((one) => !isFrame(one)) ?? found[0];
  showWhole(canvas);
  if (!element) return;
  if (canvas.zoom() < 0.7) canvas.zoom(0.9);
  canvas.scrollToElement(element, { top: 60, bottom: 60, left: 60, right: 60 });
}

async function show(figure) {
  const place = figure.querySelector(".diagram-canvas");
  const facts = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  try {
    const answer = await fetch(figure.dataset.url, { headers: { Accept: "application/xml" } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const viewer = new BpmnJS({ container: place });
    await viewer.importXML(inLanguage(await answer.text(), figure.dataset.language));
    mark(viewer, facts, figure.dataset.open);
    const standing = [...facts.incidents, ...facts.running];
    goTo(viewer, standing);

    const tools = figure.querySelector(".diagram-tools");
    tools.hidden = false;
    tools.addEventListener("click", (event) => {
      const wish = event.target.closest("[data-zoom]")?.dataset.zoom;
      if (wish === "in") viewer.get("zoomScroll").stepZoom(1);
      if (wish === "out") viewer.get("zoomScroll").stepZoom(-1);
      if (wish === "fit") showWhole(viewer.get("canvas"));
      if (wish === "running") goTo(viewer, standing);
    });
    figure.dataset.ready = "true";
  } catch (error) {
    place.textContent = figure.dataset.failed;
    figure.dataset.ready = "failed";
    console.warn("case diagram:", error);
  }
}

function start(root) {
  for (const figure of root.querySelectorAll("[data-case-diagram]:not([data-ready])")) show(figure);
}

document.addEventListener("htmx:afterSettle", (event) => start(event.detail.elt));
start(document);
