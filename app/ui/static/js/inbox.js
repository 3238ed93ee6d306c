// The inbox: what is new is told, and hands may stay on the keyboard. Nothing here is needed to work: lists, forms and
// bulk actions are plain links and forms.

import { newsFrom, watch } from "./live.js";

const typing = (element) =>
  element?.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]");

// Live: ask for the version of one's lists; when it changed, fetch the list and show it where that disturbs nobody.

const inbox = document.querySelector("[data-news]");
const list = document.getElementById("task-list");
const rows = (root) => [...root.querySelectorAll(".row-title[id]")];
const stateOf = (root) => root.querySelector("[data-state]")?.dataset.state ?? "";
let state = list ? stateOf(list) : "";

function picked() {
  return new Set([...document.querySelectorAll(".row-pick:checked")].map((box) => box.value));
}

function replaceList(fresh, known) {
  const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
  const current = list.querySelector("[aria-current]")?.id ?? "";
  const chosen = picked();
  state = stateOf(fresh);
  list.replaceChildren(...fresh.childNodes);
  for (const box of list.querySelectorAll(".row-pick")) box.checked = chosen.has(box.value);
  for (const row of rows(list)) {
    const line = row.closest(".row-item");
    if (!known.has(row.id)) line.classList.add("is-new");
    if (row.id === current) {
      row.setAttribute("aria-current", "true");
      line.classList.add("is-current");
    }
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  countPicked();
}

// What a row that stays tells is exchanged where it stands: its link, its box and its place are left alone.
const OWN_COLOUR = /^bar-/;

function renewRows(fresh) {
  for (const told of rows(fresh)) {
    const row = list.querySelector(`#${CSS.escape(told.id)}`);
    if (!row) continue;
    const [line, from] = [row.closest(".row-item"), told.closest(".row-item")];
    if (row.textContent !== told.textContent) row.textContent = told.textContent;
    for (const part of [".row-meta", ".row-side"]) {
      const [here, there] = [line.querySelector(part), from.querySelector(part)];
      if (here.innerHTML !== there.innerHTML && !here.contains(document.activeElement)) here.innerHTML = there.innerHTML;
    }
    const bars = (item) => [...item.classList].filter((name) => OWN_COLOUR.test(name));
    line.classList.remove(...bars(line));
    line.classList.add(...bars(from));
  }
}

function announce(number, show) {
  const box = document.getElementById("task-news");
  const words = number ? inbox.dataset.newWords.replace("{n}", number) : inbox.dataset.changedWords;
  const text = document.createElement("span");
  text.textContent = words;
  box.replaceChildren(text);
  if (show) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = inbox.dataset.showWords;
    button.addEventListener("click", () => {
      box.replaceChildren();
      show();
    });
    box.append(button);
  }
  box.hidden = false;
}

const disturbs = () => list.contains(document.activeElement) || list.matches(":hover") || picked().size > 0;

async function refresh(told) {
  const answer = await fetch(inbox.dataset.list, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.redirected) return;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  state = told;
  const shown = rows(list).map((row) => row.id);
  const known = new Set(shown);
  const found = rows(holder.content).map((row) => row.id);
  const fresh = found.filter((id) => !known.has(id)).length;
  renewRows(holder.content);
  if (found.join() === shown.join()) return;
  if (disturbs()) announce(fresh, () => replaceList(holder.content, known));
  else {
    replaceList(holder.content, known);
    if (fresh) announce(fresh, null);
  }
}

async function news() {
  const asked = new URL(inbox.dataset.news, location);
  asked.searchParams.set("version", inbox.dataset.version);
  asked.searchParams.set("state", state);
  for (const row of rows(list)) asked.searchParams.append("row", row.id.replace("row-", ""));
  const told = await newsFrom(asked);
  if (!told) return told === null;
  inbox.dataset.version = told.version;
  for (const [name, number] of Object.entries(told.numbers)) {
    const place = document.querySelector(`[data-count="${name}"]:not([data-narrowed])`);
    if (place) place.textContent = number;
  }
  state = inbox.dataset.list ? "" : told.state; // known again once the list is here
  if (inbox.dataset.list) await refresh(told.state);
  return true;
}

// The answer to a form that was refused is the page of its task or list: reload and "back" mean that page.
if (inbox?.dataset.address) history.replaceState(history.state, "", inbox.dataset.address);

if (inbox && list) watch(news);

// Bulk: how many are picked.

function countPicked() {
  const place = document.querySelector("[data-picked]");
  if (!place) return;
  const number = picked().size;
  const all = document.querySelector("[data-pick-all]");
  place.textContent = number;
  all.checked = number > 0 && number === document.querySelectorAll(".row-pick").length;
  all.indeterminate = number > 0 && !all.checked;
}

// Whoever comes back to the page finds the rows picked that were.
window.addEventListener("pageshow", countPicked);

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) {
    for (const box of document.querySelectorAll(".row-pick")) box.checked = event.target.checked;
  }
  if (event.target.matches(".row-pick, [data-pick-all]")) countPicked();
});

// Keys: never while somebody types, and not at all for whoever switched them off.

const OFF = "shortcuts-off";
const help = document.getElementById("shortcuts");
const toggle = document.querySelector("[data-shortcuts-on]");
const off = () => {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
};

if (toggle) {
  toggle.checked = !off();
  toggle.addEventListener("change", () => {
    try {
      if (toggle.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    } catch {
      toggle.checked = true;
    }
  });
}

function step(by) {
  const all = rows(document);
  if (!all.length) return;
  const here = all.findIndex((row) => row === document.activeElement);
  const from = here >= 0 ? here : all.findIndex((row) => row.hasAttribute("aria-current"));
  const next = from < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(from + by, 0), all.length - 1);
  all[next].focus();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  x: () => document.activeElement.closest?.(".row-item")?.querySelector(".row-pick")?.click(),
  c: () => document.querySelector("[data-claim]")?.click(),
  f: () => document.querySelector(".task-form :is(input:not([type=hidden]), textarea, select)")?.focus(),
  "/": () => document.getElementById("inbox-search")?.focus(),
  "?": () => help?.showModal(),
};
let going = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off()) return;
  if (typing(event.target)) return;
  if (going && Date.now() - going < 1500) {
    going = 0;
    const place = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (place) {
      event.preventDefault();
      place.click();
    }
    return;
  }
  if (event.key === "g") {
    going = Date.now();
    return;
  }
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
