// The inbox: what is new is told, what is typed is kept, and hands may stay on the keyboard. Nothing here is needed to
// work: lists, forms and bulk actions are plain links and forms.

const POLL = 4000;
const SLOWEST = 60_000;
const WAIT = 800;

const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
const typing = (element) =>
  element?.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]");

// Live: ask for the version of one's lists; when it changed, fetch the list and show it where that disturbs nobody.

const inbox = document.querySelector("[data-news]");
const list = document.getElementById("task-list");
const rows = (root) => [...root.querySelectorAll(".row-title[id]")];

function picked() {
  return new Set([...document.querySelectorAll(".row-pick:checked")].map((box) => box.value));
}

function replaceList(fresh, known) {
  const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
  const chosen = picked();
  list.replaceChildren(...fresh.childNodes);
  for (const box of list.querySelectorAll(".row-pick")) box.checked = chosen.has(box.value);
  for (const row of rows(list)) {
    if (!known.has(row.id)) row.closest(".row-item").classList.add("is-new");
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  countPicked();
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

async function refresh() {
  const answer = await fetch(inbox.dataset.list, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.redirected) return;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const known = new Set(rows(list).map((row) => row.id));
  const found = rows(holder.content);
  const fresh = found.filter((row) => !known.has(row.id)).length;
  if (!fresh && found.length === known.size) return;
  if (disturbs()) announce(fresh, () => replaceList(holder.content, known));
  else {
    replaceList(holder.content, known);
    if (fresh) announce(fresh, null);
  }
}

async function news() {
  const answer = await fetch(`${inbox.dataset.news}?version=${inbox.dataset.version}`, {
    headers: { Accept: "application/json" },
  });
  if (answer.status === 204) return true;
  if (!answer.ok || answer.redirected) return answer.status < 500 && answer.status !== 401 && !answer.redirected;
  const told = await answer.json();
  inbox.dataset.version = told.version;
  for (const [name, number] of Object.entries(told.numbers)) {
    const place = document.querySelector(`[data-count="${name}"]:not([data-narrowed])`);
    if (place) place.textContent = number;
  }
  if (inbox.dataset.list) await refresh();
  return true;
}

async function poll(delay) {
  let next = POLL;
  if (document.visibilityState === "visible") {
    try {
      if (!(await news())) next = SLOWEST;
    } catch {
      next = Math.min(delay * 2, SLOWEST);
    }
  }
  setTimeout(poll, next, next);
}

if (inbox && list) {
  setTimeout(poll, POLL, POLL);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") news().catch(() => {});
  });
}

// Bulk: how many are picked.

function countPicked() {
  const place = document.querySelector("[data-picked]");
  if (place) place.textContent = picked().size;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) {
    for (const box of document.querySelectorAll(".row-pick")) box.checked = event.target.checked;
  }
  if (event.target.matches(".row-pick, [data-pick-all]")) countPicked();
});

// Drafts: what is typed goes to the server by itself; what it did not take stays in the page and is sent again.

const form = document.querySelector("form[data-draft]");

function keepsDraft() {
  const status = form.querySelector("[data-draft-status]");
  const conflict = form.querySelector("[data-draft-conflict]");
  const revision = form.querySelector("[name=_draft]");
  let timer = 0;
  let delay = WAIT;
  let dirty = false;
  let running = false;
  let stopped = false;

  const tell = (words, tone) => {
    status.textContent = words;
    status.className = `chip tone-${tone}`;
  };
  const later = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(send, milliseconds);
  };
  const body = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => !(value instanceof File)));

  async function send() {
    if (stopped || running || !dirty) return;
    running = true;
    dirty = false;
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        headers: { Accept: "application/json", "X-CSRFToken": csrf() },
        body: body(),
      });
      const told = await answer.json().catch(() => ({}));
      if (answer.ok && told.revision) {
        revision.value = told.revision;
        delay = WAIT;
        tell(form.dataset.saved, "good");
      } else if (answer.status === 409 && told.revision) {
        dirty = true;
        ask(told);
      } else if (answer.status >= 500) throw new Error(String(answer.status));
      else {
        dirty = true;
        tell(told.detail || form.dataset.unsaved, "warn");
      }
    } catch {
      dirty = true;
      tell(form.dataset.offline, "warn");
      delay = Math.min(delay * 2, 30_000);
      later(delay);
    } finally {
      running = false;
    }
    if (dirty && !stopped && delay === WAIT && conflict.hidden) later(WAIT);
  }

  function ask(told) {
    stopped = true;
    conflict.querySelector("[data-words]").textContent = told.detail;
    conflict.hidden = false;
    tell(form.dataset.unsaved, "warn");
    conflict.querySelector("[data-theirs]").onclick = () => location.reload();
    conflict.querySelector("[data-mine]").onclick = () => {
      revision.value = told.revision;
      conflict.hidden = true;
      stopped = false;
      later(0);
    };
  }

  const changed = () => {
    dirty = true;
    if (!stopped) {
      tell(form.dataset.typing, "calm");
      later(WAIT);
    }
  };
  // A chosen file is sent at once; what is kept stands beside its field and is sent with the form by its id.
  async function sendFile(input, file) {
    const data = new FormData();
    data.append(input.name, file, file.name);
    tell(form.dataset.sending.replace("{name}", file.name), "calm");
    const answer = await fetch(form.dataset.draftFiles, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": csrf() },
      body: data,
    });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok || !told.id) throw new Error(told.detail || form.dataset.unsaved);
    input.before(keptFile(input, told));
  }

  function keptFile(input, { id, name, url }) {
    const line = document.createElement("div");
    line.className = "mb-1";
    line.dataset.keptFile = input.name;
    const label = document.createElement("label");
    label.className = "form-check form-check-inline mb-0";
    const box = document.createElement("input");
    Object.assign(box, { className: "form-check-input", type: "checkbox", name: input.name, value: id, checked: true });
    box.id = `${input.id}-${id}`;
    const word = document.createElement("span");
    word.className = "form-check-label";
    word.textContent = form.dataset.keep;
    label.append(box, word);
    const link = document.createElement("a");
    link.href = url;
    link.textContent = name;
    if (!input.multiple) for (const one of form.querySelectorAll(`[type=checkbox][name="${CSS.escape(input.name)}"]`)) one.checked = false;
    line.append(label, " ", link);
    return line;
  }

  async function sendFiles(input) {
    const files = [...input.files];
    for (const file of files) {
      try {
        await sendFile(input, file);
      } catch (problem) {
        tell(problem instanceof TypeError ? form.dataset.offline : problem.message, "warn");
        return;
      }
    }
    input.value = "";
    changed();
    later(0);
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", (event) => {
    if (event.target.type === "file" && form.dataset.draftFiles) sendFiles(event.target);
    else changed();
  });
  form.addEventListener("submit", () => {
    stopped = true;
    clearTimeout(timer);
  });
  window.addEventListener("online", () => later(0));
  window.addEventListener("pagehide", () => {
    if (!dirty || stopped) return;
    const headers = { "X-CSRFToken": csrf() };
    fetch(form.dataset.draft, { method: "POST", keepalive: true, headers, body: body() }).catch(() => {});
  });
  window.addEventListener("pageshow", () => {
    stopped = !conflict.hidden;
  });
}

if (form) keepsDraft();

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
