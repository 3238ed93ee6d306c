// Any file of a package as text.
import { openDraft } from "./draft.js";

const root = document.querySelector("[data-draft]");
const area = root.querySelector("[data-text-editor]");

// A browser shows line ends as \n only: files that came with others keep theirs.
const ends = JSON.parse(root.querySelector("[data-content]").textContent).content.includes("\r\n") ? "\r\n" : "\n";

const rendered = area.value;
const draft = await openDraft(root, {
  show: (text) => {
    area.value = text;
  },
  read: () => (ends === "\n" ? area.value : area.value.replaceAll("\n", ends)),
});

// What was typed while the page was still loading stays.
if (area.value === rendered) area.value = draft.text;
else draft.changed();
area.addEventListener("input", () => draft.changed());
root.dataset.ready = "true";

document.addEventListener("authoring:select", ({ detail }) => {
  const lines = area.value.split("\n");
  let start = detail.line ? lines.slice(0, detail.line - 1).join("\n").length + 1 : area.value.indexOf(detail.element);
  if (start < 0) return;
  if (detail.line === 1) start = 0;
  const length = detail.line ? (lines[detail.line - 1] || "").length : detail.element.length;
  area.focus();
  area.setSelectionRange(start, start + length);
  area.scrollTop = (area.scrollHeight / lines.length) * Math.max(0, (detail.line || 1) - 4);
});

if (location.hash) {
  const element = decodeURIComponent(location.hash.slice(1));
  document.dispatchEvent(new CustomEvent("authoring:select", { detail: { element, line: 0 } }));
}
