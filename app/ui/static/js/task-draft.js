// The draft of a task's form: what is typed goes to the server by itself; what it did not take stays in the page and is
// sent again.

const WAIT = 800;
const LONGEST = 30_000;

const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
const form = document.querySelector("form[data-draft]");

// Signed in again in another window, the page's token is stale: the same page, asked for again, has a fresh one.
async function renewToken() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body.getAttribute("hx-headers");
  if (!fresh) return false;
  document.body.setAttribute("hx-headers", fresh);
  for (const field of document.querySelectorAll("[name=csrf_token]")) field.value = csrf();
  return true;
}

function keepsDraft() {
  const status = form.querySelector("[data-draft-status]");
  const conflict = form.querySelector("[data-draft-conflict]");
  const revision = form.querySelector("[name=_draft]");
  let timer = 0;
  let delay = WAIT;
  let dirty = false;
  let running = false;
  let stopped = false;
  let renewed = false;

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
    let again = 0;
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
        renewed = false;
        again = dirty ? WAIT : 0;
        tell(form.dataset.saved, "good");
      } else if (answer.status === 409 && told.revision) {
        dirty = true;
        ask(told);
      } else if (answer.status >= 500) {
        throw new Error(String(answer.status));
      } else {
        dirty = true;
        const signedOut = answer.status === 400 || answer.status === 401;
        renewed = signedOut && !renewed && (await renewToken());
        if (renewed) again = 1;
        else if (signedOut) again = LONGEST;
        if (!renewed) tell(signedOut ? form.dataset.signedOut : told.detail || form.dataset.unsaved, "warn");
      }
    } catch {
      dirty = true;
      tell(form.dataset.offline, "warn");
      delay = Math.min(delay * 2, LONGEST);
      again = delay;
    } finally {
      running = false;
    }
    if (again && !stopped) later(again);
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
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") later(0);
  });
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
