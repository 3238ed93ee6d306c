// Two versions of a path: what was added, changed, moved and taken out, in colours and as a list.

import { showWhole } from "../diagram-fit.js";
import { inLanguage } from "../diagram-language.js";
import { isDrawn, layOut } from "./layout.js";

const root = document.querySelector("[data-comparison]");
const { old: before, new: after, words } = JSON.parse(root.querySelector("script").textContent);
const { BpmnModdle, diff } = window.Modelling;
const list = root.querySelector("[data-list]");

async function drawn(host, text) {
  if (!text) return null;
  const viewer = new window.BpmnJS({ container: host });
  try {
    await viewer.importXML(inLanguage(isDrawn(text) ? text : await layOut(text), root.dataset.language));
    showWhole(viewer.get("canvas"));
    return viewer;
  } catch (error) {
    host.textContent = `${words.unreadable} ${error.message}`;
    return null;
  }
}

const viewers = {
  old: await drawn(root.querySelector("[data-old]"), before),
  new: await drawn(root.querySelector("[data-new]"), after),
};

function mark(viewer, id, kind) {
  if (viewer?.get("elementRegistry").get(id)) viewer.get("canvas").addMarker(id, `difference-${kind}`);
}

function line(kind, id, name, viewer) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-quiet";
  const shown = viewer?.get("elementRegistry").get(id)?.businessObject.name;
  button.textContent = `${words[kind]}: ${shown || name || id}`;
  button.onclick = () => {
    const element = viewer?.get("elementRegistry").get(id);
    if (!element) return;
    viewer.get("canvas").scrollToElement(element);
    viewer.get("canvas").addMarker(element, "is-found");
  };
  const item = document.createElement("li");
  item.className = `key-${kind}`;
  item.append(button);
  list.append(item);
}

if (before && after) {
  const moddle = new BpmnModdle();
  const parsed = await Promise.all([before, after].map((text) => moddle.fromXML(text)));
  const found = diff(parsed[0].rootElement, parsed[1].rootElement);
  const kinds = [
    ["added", found._added, "new"],
    ["removed", found._removed, "old"],
    ["changed", found._changed, "new"],
    ["moved", found._layoutChanged, "new"],
  ];
  for (const [kind, elements, side] of kinds) {
    for (const [id, one] of Object.entries(elements)) {
      mark(viewers[side], id, kind);
      if (kind === "changed") mark(viewers.old, id, kind);
      if (kind !== "moved" || !(id in found._changed)) line(kind, id, (one.model || one).name, viewers[side]);
    }
  }
}
if (!list.childElementCount) list.append(Object.assign(document.createElement("li"), { textContent: words.none }));
root.dataset.ready = "true";
