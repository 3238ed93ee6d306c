// Keeps what an editor holds: saves by itself, holds back what the server has not taken, asks when two people changed it.

import { Unsent } from "./unsent.js";

const WAIT = 800;
const LONGEST = 30_000;

let token = "";
const csrf = () => {
  if (!token) token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  return token;
};

export async function openDraft(root, editor) {
  const { url, id } = root.dataset;
  const status = root.querySelector("[data-draft-status]");
  const notice = root.querySelector("[data-draft-notice]");
  const dialog = root.querySelector("[data-conflict]");
  const served = JSON.parse(root.querySelector("[data-content]").textContent).content;
  let revision = Number(root.dataset.revision);
  let sent = served;
  let timer = 0;
  let delay = WAIT;
  let running = null;
  let changes = 0;
  let stopped = false;
  // What was found unsent is told until something new is written.
  let found = "";
  let apart = false;

  const unsent = new Unsent(`draft:${id}`);
  const tell = (word, tone) => {
    if (!status) return;
    status.textContent = word;
    status.className = `chip tone-${tone}`;
  };
  const explain = (words) => {
    if (!notice) return;
    notice.textContent = words || "";
    notice.hidden = !words;
  };
  const later = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(flush, milliseconds);
  };

  async function put(content) {
    return fetch(url, {
      method: "PUT",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
      body: JSON.stringify({ content, revision, apart }),
    });
  }

  // Signed in again in another window, the page's token is stale: the draft's own address hands out a fresh one.
  async function renewed() {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return false;
    token = (await answer.json()).csrf;
    return true;
  }

  async function send(content) {
    let answer = await put(content);
    if ((answer.status === 400 || answer.status === 401) && (await renewed())) answer = await put(content);
    return answer;
  }

  async function settle(answer, content) {
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) {
      revision = told.revision;
      sent = content;
      apart = false;
      delay = WAIT;
      unsent.forget(content);
      explain(found);
      tell(root.dataset.saved, "good");
      editor.saved?.(told);
      document.body.dispatchEvent(new CustomEvent("authoring:saved", { bubbles: true, detail: told }));
      return true;
    }
    if (answer.status === 409 && told.revision !== undefined) {
      conflict(content, told);
      return false;
    }
    if (answer.status === 400 || answer.status === 401) {
      tell(root.dataset.unsaved, "warn");
      explain(root.dataset.signedOut);
      later(15_000);
      return false;
    }
    if (answer.status >= 500) throw new Error(String(answer.status));
    stopped = answer.status === 404 || answer.status === 409;
    tell(root.dataset.unsaved, "bad");
    explain(told.detail || told.title || String(answer.status));
    return false;
  }

  async function once() {
    const mark = changes;
    const content = await editor.read();
    if (content === sent) {
      if (mark === changes) tell(root.dataset.saved, "good");
      unsent.forget(content);
      return true;
    }
    unsent.keep(content, revision);
    tell(root.dataset.saving, "info");
    try {
      const done = await settle(await send(content), content);
      if (done && mark !== changes) later(WAIT);
      return done;
    } catch {
      tell(root.dataset.unsaved, "warn");
      explain(root.dataset.offline);
      delay = Math.min(delay * 2, LONGEST);
      later(delay);
      return false;
    }
  }

  function flush() {
    clearTimeout(timer);
    if (stopped) return Promise.resolve(false);
    if (!running) {
      running = once().finally(() => {
        running = null;
      });
      return running;
    }
    return running.then(() => (dialog?.open ? false : flush()));
  }

  function conflict(mine, theirs) {
    stopped = true;
    tell(root.dataset.unsaved, "bad");
    explain(theirs.detail);
    dialog.querySelector("[data-conflict-words]").textContent = theirs.detail;
    const compare = dialog.querySelector("[data-conflict-compare]");
    compare.href = `${compare.dataset.url}?revision=${theirs.aside}`;
    const settled = (content) => {
      dialog.close();
      stopped = false;
      revision = theirs.revision;
      explain("");
      return content;
    };
    dialog.querySelector("[data-take-theirs]").onclick = async () => {
      sent = settled(theirs.content);
      unsent.forgetAll();
      await editor.show(theirs.content);
      tell(root.dataset.saved, "good");
    };
    dialog.querySelector("[data-keep-mine]").onclick = () => {
      sent = settled(theirs.content);
      unsent.keep(mine, revision);
      flush();
    };
    if (!dialog.open) dialog.showModal();
  }

  root.addEventListener("click", (event) => {
    const finding = event.target.closest(".finding");
    if (!finding) return;
    const { element, line } = finding.dataset;
    document.dispatchEvent(new CustomEvent("authoring:select", { detail: { element, line: Number(line) } }));
  });
  window.addEventListener("online", () => later(0));
  window.addEventListener("pagehide", () => {
    if (changes && !stopped) flush();
  });
  window.addEventListener("beforeunload", (event) => {
    if (status && !dialog?.open && changes && unsent.kept() === null && status.textContent === root.dataset.unsaved) {
      event.preventDefault();
    }
  });

  const before = await unsent.found();
  const draft = {
    text: served,
    flush,
    // A change that replaces everything gets a line of the history for itself.
    changed({ whole = false } = {}) {
      changes += 1;
      apart ||= whole;
      if (stopped) return;
      tell(root.dataset.unsaved, "info");
      later(WAIT);
    },
  };
  if (before && before.content !== served) {
    draft.text = before.content;
    revision = before.revision;
    sent = null;
    changes = 1;
    tell(root.dataset.unsaved, "info");
    found = root.dataset.recovered;
    explain(found);
    later(WAIT);
  } else if (before) {
    unsent.forgetAll();
  }
  return draft;
}
