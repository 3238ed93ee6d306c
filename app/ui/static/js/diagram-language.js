// Words a diagram in the reader's language.

const LABEL_WIDTH = 90;
const MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL";

// Labels in the diagram are Chinese; an element's property "name.en" is its English name, a remark's "text.en" its
// English text. They need more room than was drawn for the Chinese ones.
export function inLanguage(xml, language) {
  if (language === "zh") return xml;
  const model = new DOMParser().parseFromString(xml, "application/xml");
  for (const property of model.querySelectorAll(`property[name="name.${language}"]`)) {
    const element = property.closest("extensionElements")?.parentElement;
    if (element?.namespaceURI === MODEL) element.setAttribute("name", property.getAttribute("value"));
  }
  for (const property of model.querySelectorAll(`property[name="text.${language}"]`)) {
    const text = property.closest("extensionElements")?.parentElement?.querySelector(":scope > text");
    if (text) text.textContent = property.getAttribute("value");
  }
  for (const bounds of model.querySelectorAll("BPMNLabel > Bounds")) {
    const [x, width] = [Number(bounds.getAttribute("x")), Number(bounds.getAttribute("width"))];
    if (width >= LABEL_WIDTH) continue;
    bounds.setAttribute("x", x - (LABEL_WIDTH - width) / 2);
    bounds.setAttribute("width", LABEL_WIDTH);
  }
  return new XMLSerializer().serializeToString(model);
}
