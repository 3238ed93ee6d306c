// While a name is typed after @ in a field with data-colleagues, those who may see the matter appear below it as a list:
// arrows choose, Enter or Tab or a tap takes, Escape closes. Without this script the name is typed out.

const CALL = /(?:^|[^0-9A-Za-z_.@-])@([\p{L}\p{N}_.·'’-]{0,60}(?: [\p{Script=Latin}.·'’-]{1,60}){0,3})$/u;
const WAIT = 150;
const ID = "colleagues";

let field = null;
let timer = 0;
let asked = 0;

const list = () => document.getElementById(ID);
const options = () => [...(list()?.querySelectorAll('[role="option"]') ?? [])];
const chosen = () => list()?.querySelector('[aria-selected="true"]');

function typedName(area) {
  if (area.selectionStart !== area.selectionEnd) return null;
  const found = CALL.exec(area.value.slice(0, area.selectionStart));
  return found ? found[1] : null;
}

function close() {
  clearTimeout(timer);
  asked += 1;
  list()?.remove();
  if (!field) return;
  for (const name of ["role", "aria-autocomplete", "aria-expanded", "aria-controls", "aria-activedescendant"]) {
    field.removeAttribute(name);
  }
  field = null;
}

function choose(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function open(area, html) {
  close();
  const box = document.createElement("ul");
  box.id = ID;
  box.className = "colleagues";
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", area.dataset.colleaguesLabel);
  box.innerHTML = html;
  if (!box.querySelector('[role="option"]')) return;
  area.after(box);
  field = area;
  area.setAttribute("role", "combobox");
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-expanded", "true");
  area.setAttribute("aria-controls", ID);
  choose(options()[0]);
}

async function suggest(area, name) {
  const mine = ++asked;
  const answer = await fetch(`${area.dataset.colleagues}?${new URLSearchParams({ q: name })}`);
  if (!answer.ok || answer.redirected) return;
  const html = await answer.text();
  if (mine === asked && typedName(area) === name) open(area, html);
}

function take(option) {
  const area = field;
  const end = area.selectionStart;
  const start = end - typedName(area).length;
  close();
  area.setRangeText(`${option.dataset.call} `, start, end, "end");
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  const area = event.target.closest("textarea[data-colleagues]");
  if (!area) return;
  const name = typedName(area);
  clearTimeout(timer);
  if (name === null) close();
  else timer = setTimeout(() => suggest(area, name).catch(() => {}), WAIT);
});

document.addEventListener("keydown", (event) => {
  if (!field || event.target !== field || event.isComposing) return;
  const all = options();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
  else if (event.key === "Enter" || event.key === "Tab") take(chosen());
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

// A press on the list must not take the focus, and with it the keyboard of a phone, from the field.
document.addEventListener("pointerdown", (event) => {
  if (!field) return;
  if (event.target.closest(`#${ID}`)) event.preventDefault();
  else if (event.target !== field) close();
});
document.addEventListener("mousedown", (event) => {
  if (event.target.closest(`#${ID}`)) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const option = event.target.closest(`#${ID} [role="option"]`);
  if (option) take(option);
});
document.addEventListener("focusout", (event) => {
  if (event.target === field) close();
});
