// The library gives the canvas its focus back by a timer after a menu, the search or a name has closed, so that a click
// under way is not lost. What a key closed goes back as soon as that key is done: the next one, however fast, is heard.

export function keepKeys(modeler) {
  const canvas = modeler.get("canvas");
  const later = canvas.restoreFocus.bind(canvas);
  const focus = () => {
    if (document.activeElement === document.body) canvas.focus();
  };
  canvas.restoreFocus = () => (window.event?.type.startsWith("key") ? queueMicrotask(focus) : later());
}
