// What the modelling pages need besides the prebuilt files; `python -m app.ui.assets` bundles it to one script that
// defines the global `Modelling`.

import tokenSimulationOfModeler from "bpmn-js-token-simulation";
import tokenSimulationOfViewer from "bpmn-js-token-simulation/lib/viewer";
import lintModule from "bpmn-js-bpmnlint";
import StaticResolver from "bpmnlint/lib/resolver/static-resolver";
import endEventRequired from "bpmnlint/rules/end-event-required";
import fakeJoin from "bpmnlint/rules/fake-join";
import labelRequired from "bpmnlint/rules/label-required";
import noDisconnected from "bpmnlint/rules/no-disconnected";
import noImplicitEnd from "bpmnlint/rules/no-implicit-end";
import startEventRequired from "bpmnlint/rules/start-event-required";
import general from "bpmn-js-i18n/translations/zn.js";
import canvasWords from "bpmn-js-i18n-zh/lib/bpmn-js";
import camundaPanelWords from "bpmn-js-i18n-zh/lib/camunda-properties-panel";
import panelWords from "bpmn-js-i18n-zh/lib/properties-panel";

export { BpmnModdle } from "bpmn-moddle";
export { layoutProcess } from "bpmn-auto-layout";
export { diff } from "bpmn-js-differ";
export { lintModule, tokenSimulationOfModeler, tokenSimulationOfViewer };

const rules = {
  "end-event-required": ["error", endEventRequired],
  "fake-join": ["warn", fakeJoin],
  "label-required": ["warn", labelRequired],
  "no-disconnected": ["error", noDisconnected],
  "no-implicit-end": ["warn", noImplicitEnd],
  "start-event-required": ["error", startEventRequired],
};

// The rules of drawing that need no server; what the engine says comes from the server's own check.
export const lintConfig = {
  config: { rules: Object.fromEntries(Object.entries(rules).map(([name, [weight]]) => [name, weight])) },
  resolver: new StaticResolver(
    Object.fromEntries(Object.entries(rules).map(([name, [, rule]]) => [`rule:bpmnlint/${name}`, rule])),
  ),
};

// Chinese words of the libraries' own buttons and panels, by their English ones.
export const chinese = { ...general, ...canvasWords, ...panelWords, ...camundaPanelWords };
