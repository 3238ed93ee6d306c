// The words of the libraries in the page's language; what they leave in English is added here.

export function translator(language, own) {
  const words = language === "en" ? {} : { ...window.Modelling.chinese, ...own };
  return (template, replacements = {}) =>
    (words[template] || template).replace(/{([^}]+)}/g, (whole, name) => (name in replacements ? replacements[name] : whole));
}

// What owners wrote themselves is never reworded.
const USER_TEXT =
  ".fjs-element, .fjs-form-field, .cm-editor, .djs-label, [contenteditable], .tjs-table tbody, .input-label, .output-label, .output-name";
// Within it, what is nevertheless the libraries' own.
const LIBRARY_TEXT =
  ".fjs-select-placeholder, .fjs-context-pad-item, .fjs-filepicker-button, .fjs-filepicker-button + *, .fjs-form-field-placeholder, " +
  ".fjs-empty-component, .fjs-empty-editor, .fjs-repeat-render-footer, .fjs-number-arrow-container, .fjs-input, .fjs-powered-by-link";

const isUsers = (node) => Boolean(node?.closest(USER_TEXT)) && !node.closest(LIBRARY_TEXT);

const NUMBER = /\d+/;
const WORDED = ["title", "placeholder", "aria-label"];

// The word for a text; a number in it is a {n} of the catalogue.
function wordFor(text, words) {
  const [number] = text?.match(NUMBER) || [];
  return words[text] ?? (number ? words[text.replace(NUMBER, "{n}")]?.replace("{n}", number) : undefined);
}

// Parts that do not ask for translations are worded after they were drawn.
export function wordAfterwards(root, words) {
  const rewordText = (node) => {
    const text = node.data.trim();
    const word = text && !isUsers(node.parentElement) ? wordFor(text, words) : undefined;
    if (word && word !== text) node.data = node.data.replace(text, word);
  };
  const rewordAttributes = (node) => {
    for (const name of WORDED) {
      const word = wordFor(node.getAttribute(name), words);
      if (word && word !== node.getAttribute(name)) node.setAttribute(name, word);
    }
  };
  const reword = (node) => {
    if (node.nodeType === Node.TEXT_NODE) rewordText(node);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (isUsers(node)) {
      for (const part of node.querySelectorAll(LIBRARY_TEXT)) reword(part);
      return;
    }
    rewordAttributes(node);
    node.childNodes.forEach(reword);
  };
  reword(root);
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "characterData") rewordText(target);
      else if (type === "childList") addedNodes.forEach(reword);
      else if (!isUsers(target)) rewordAttributes(target);
    }
  }).observe(root, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: WORDED });
}
