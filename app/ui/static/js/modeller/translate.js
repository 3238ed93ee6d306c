// The words of the libraries in the page's language; what they leave in English is added here.

export function translator(language, own) {
  const words = language === "en" ? {} : { ...window.Modelling.chinese, ...own };
  return (template, replacements = {}) =>
    (words[template] || template).replace(/{([^}]+)}/g, (whole, name) => (name in replacements ? replacements[name] : whole));
}

// What owners wrote themselves is never reworded.
const USER_TEXT = ".fjs-element, .fjs-form-field, .cm-editor, .djs-label, [contenteditable]";

// Parts that do not ask for translations are worded after they were drawn.
export function wordAfterwards(root, words) {
  const attributes = ["title", "placeholder", "aria-label"];
  const reword = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const word = words[node.data.trim()];
      if (word && node.data.trim() !== word) node.data = node.data.replace(node.data.trim(), word);
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(USER_TEXT)) return;
    for (const name of attributes) {
      const word = words[node.getAttribute(name)];
      if (word) node.setAttribute(name, word);
    }
    node.childNodes.forEach(reword);
  };
  reword(root);
  new MutationObserver((changes) => {
    for (const change of changes) change.addedNodes.forEach(reword);
  }).observe(root, { childList: true, subtree: true });
}
