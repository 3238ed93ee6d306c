// A diagram in its frame: whole and with a margin; where that would be smaller than `smallest`, from its beginning.

const EDGE = 24;

export function showWhole(canvas, { left = EDGE, smallest = 0 } = {}) {
  canvas.resized();
  const { inner, outer } = canvas.viewbox();
  const width = outer.width - left - EDGE;
  const scale = Math.max(Math.min(1, width / inner.width, (outer.height - 2 * EDGE) / inner.height), smallest);
  canvas.viewbox({
    x: inner.x - left / scale - Math.max(0, width / scale - inner.width) / 2,
    y: inner.y + inner.height / 2 - outer.height / scale / 2,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}
