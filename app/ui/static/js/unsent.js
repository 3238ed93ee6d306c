// What the server has not taken yet, kept in this browser. The local storage is there at once and is what a page that
// goes away can still write, but reaches the disk only seconds later; the database reaches it at once, for a browser
// that is killed.

const STORE = "drafts";

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function opened() {
  const request = indexedDB.open("unsent", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return settled(request);
}

export class Unsent {
  constructor(key) {
    this.key = key;
    // without a database, as in a private window, the local storage has to do
    this.database = opened().catch(() => null);
  }

  // The newer of what the page that went and the browser that was killed have left.
  async found() {
    const stored = await this.#inDatabase("readonly", (store) => settled(store.get(this.key)));
    const left = [this.kept(), stored].filter(Boolean);
    return left.sort((one, other) => other.at - one.at)[0] ?? null;
  }

  kept() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  keep(content, revision) {
    const value = { content, revision, at: Date.now() };
    this.#inDatabase("readwrite", (store) => settled(store.put(value, this.key)));
    try {
      localStorage.setItem(this.key, JSON.stringify(value));
    } catch {
      // full or forbidden: the database has it
    }
  }

  // The server has this content: what was written after it in another window stays.
  forget(content) {
    if (this.kept()?.content === content) localStorage.removeItem(this.key);
    this.#inDatabase("readwrite", async (store) => {
      if ((await settled(store.get(this.key)))?.content === content) await settled(store.delete(this.key));
    });
  }

  forgetAll() {
    localStorage.removeItem(this.key);
    this.#inDatabase("readwrite", (store) => settled(store.delete(this.key)));
  }

  async #inDatabase(mode, work) {
    const database = await this.database;
    try {
      return database ? await work(database.transaction(STORE, mode).objectStore(STORE)) : undefined;
    } catch {
      return undefined;
    }
  }
}
