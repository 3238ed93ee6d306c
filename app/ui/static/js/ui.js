// Adds comfort to pages that also work without it: modal dialogs, focus, one submission per click, problems by htmx.

const messages = () => document.getElementById("messages");

function focusWhatMatters(root) {
  const summary = root.querySelector('[role="alert"][tabindex="-1"]');
  if (summary) summary.focus();
}

function say(text) {
  const box = messages();
  if (!box) return;
  const notice = document.createElement("div");
  notice.className = "notice tone-bad";
  notice.setAttribute("role", "alert");
  notice.textContent = text;
  box.replaceChildren(notice);
  box.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  const closer = event.target.closest("[data-dialog-close]");
  if (closer) {
    const dialog = closer.closest("dialog");
    if (dialog.open) {
      event.preventDefault();
      dialog.close();
    }
    return;
  }
  const open = document.querySelector("details.more[open]");
  if (open && !open.contains(event.target)) open.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector("details.more[open]")?.removeAttribute("open");
  if (event.key === " " && event.target.matches('a[role="button"]')) {
    event.preventDefault();
    event.target.click();
  }
});

// Of tabs that do not fit beside each other the chosen one is in sight.
for (const nav of document.querySelectorAll(".tab-links, .rail")) {
  const chosen = nav.querySelector('[aria-current]');
  if (chosen && nav.scrollWidth > nav.clientWidth) {
    nav.scrollLeft = chosen.offsetLeft - nav.offsetLeft - (nav.clientWidth - chosen.offsetWidth) / 2;
  }
}

// A second click while the first one is under way is dropped here; the server refuses it as well.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post" || event.defaultPrevented || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-disabled", "true");
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});

// What is typed while fields are fetched again is put back into the new ones.
const answersSent = new WeakMap();
const answers = (root) =>
  new Map(
    [...root.querySelectorAll("input:not([type=file], [type=hidden]), textarea, select")]
      .filter((input) => input.id)
      .map((input) => [input.id, ["checkbox", "radio"].includes(input.type) ? input.checked : input.value]),
  );

document.addEventListener("htmx:beforeRequest", ({ detail }) => answersSent.set(detail.xhr, answers(detail.target)));
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  for (const [id, answer] of answersSent.get(detail.xhr) ?? []) {
    const input = document.getElementById(id);
    if (!input) continue;
    if (typeof answer === "boolean") input.checked = answer;
    else input.value = answer;
  }
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const before = answersSent.get(xhr) ?? new Map();
  const typed = [...answers(event.detail.target)].filter(([id, answer]) => before.has(id) && before.get(id) !== answer);
  answersSent.set(xhr, new Map(typed));
  if (xhr.getResponseHeader("X-Problem") && messages()) {
    event.detail.shouldSwap = true;
    event.detail.target = messages();
    event.detail.swapOverride = "innerHTML";
  }
});
document.addEventListener("htmx:sendError", () => say(document.body.dataset.offline));
document.addEventListener("htmx:timeout", () => say(document.body.dataset.offline));
document.addEventListener("htmx:afterSettle", (event) => focusWhatMatters(event.detail.elt));

focusWhatMatters(document);
