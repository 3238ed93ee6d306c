// Leaves out of palette and menus what the engine refuses: what cannot run is not offered.

import { businessOf } from "./moddle.js";

const VERB = /^(create|append|replace-with)-/;
const BESIDE_ITS_SCOPE = "conditional-start";

export function limitMenus(modeler, refused) {
  const isLeftOut = (id, target) => {
    const kind = id.replace(VERB, "");
    return refused.includes(kind) && !(kind === BESIDE_ITS_SCOPE && businessOf(target)?.$parent?.triggeredByEvent);
  };
  const allowed = (entries, target) =>
    Object.fromEntries(
      Object.entries(entries)
        .filter(([id]) => !isLeftOut(id, target))
        .map(([id, entry]) => [id, entry.entries ? { ...entry, entries: allowed(entry.entries, target) } : entry]),
    );
  modeler.get("palette").registerProvider(100, {
    getPaletteEntries: () => (entries) => {
      const { "create.data-store": _left, ...kept } = entries;
      return kept;
    },
  });
  const menus = modeler.get("popupMenu");
  for (const menu of ["bpmn-create", "bpmn-append", "bpmn-replace"]) {
    menus.registerProvider(menu, 100, { getPopupMenuEntries: (target) => (entries) => allowed(entries, target) });
  }
}
