// Gives a diagram without positions its positions.

const { BpmnModdle, layoutProcess } = window.Modelling;

export const isDrawn = (text) => /<(\w+:)?BPMNShape\b/.test(text);

// The layout follows what nodes say of their flows; files may leave that to the flows alone.
function connect(holder) {
  for (const element of holder.flowElements || []) {
    if (element.$type === "bpmn:SequenceFlow") {
      const { sourceRef, targetRef } = element;
      if (sourceRef && !sourceRef.get("outgoing").includes(element)) sourceRef.get("outgoing").push(element);
      if (targetRef && !targetRef.get("incoming").includes(element)) targetRef.get("incoming").push(element);
    }
    connect(element);
  }
}

export async function layOut(text) {
  const moddle = new BpmnModdle();
  const { rootElement } = await moddle.fromXML(text);
  rootElement.rootElements.forEach(connect);
  return layoutProcess((await moddle.toXML(rootElement)).xml);
}
