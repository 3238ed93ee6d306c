// Leaves out of palette and menus what the engine refuses: what cannot run is not offered.

export function limitMenus(modeler, refused) {
  const allowed = (entries) => {
    const kept = { ...entries };
    for (const id of Object.keys(kept)) {
      if (refused.some((part) => id.includes(part))) delete kept[id];
    }
    return kept;
  };
  modeler.get("palette").registerProvider(100, { getPaletteEntries: () => allowed });
  const menus = modeler.get("popupMenu");
  for (const menu of ["bpmn-create", "bpmn-append", "bpmn-replace"]) {
    menus.registerProvider(menu, 100, { getPopupMenuEntries: () => allowed });
  }
}
