// A page that is open asks whether anything is new: every four seconds, not while it is in the background, less and less
// often while the server is away. `ask` answers false when there is no use in asking soon again.

const POLL = 4000;
const SLOWEST = 60_000;

export function watch(ask) {
  async function poll(delay) {
    let next = POLL;
    if (document.visibilityState === "visible") {
      try {
        if (!(await ask())) next = SLOWEST;
      } catch {
        next = Math.min(delay * 2, SLOWEST);
      }
    }
    setTimeout(poll, next, next);
  }
  setTimeout(poll, POLL, POLL);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") ask().catch(() => {});
  });
}

// The answer with news; null when there is none, undefined when asking again soon is of no use.
export async function newsFrom(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (answer.status === 204) return null;
  if (answer.ok && !answer.redirected) return answer.json();
  return answer.status < 500 && answer.status !== 401 && !answer.redirected ? null : undefined;
}
